package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.keralens.runtime.Device;
import dev.keralens.runtime.engine.Devices;
import dev.keralens.tensor.Npy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --device} and {@code keralens devices}. */
class DeviceOptionsTest {
  private static final Path MODEL = Path.of("../models/shapes/shapes.keras");
  private static final Path SCENES = Path.of("../models/shapes/samples");

  @TempDir private Path folder;

  private Cli explain(String device, Path output) {
    List<Object> line = new ArrayList<>(List.of("explain"));
    for (int i : List.of(0, 2, 4, 5, 6)) {
      line.add(SCENES.resolve("scene-%03d.png".formatted(i)));
    }
    line.addAll(List.of("-m", MODEL, "--method", "gradcam", "--batch-size", 3));
    line.addAll(List.of("-o", output, "--device", device));
    return Cli.run(line.toArray());
  }

  @Test
  void severalDevices_giveTheSameMaps() throws IOException {
    Path one = folder.resolve("one.npy");
    Path two = folder.resolve("two.npy");
    assertEquals(0, explain("cpu", one).code());
    assertEquals(0, explain("cpu,cpu", two).code());
    assertArrayEquals(Npy.read(one).toFloatArray(), Npy.read(two).toFloatArray(), 1e-4f);
  }

  @Test
  void unknownDevice_isWrongUsage() {
    Cli run = explain("gpu", folder.resolve("a.npy"));
    assertEquals(2, run.code(), run::toString);
    assertTrue(run.err().get(0).contains("--device: There is no device 'gpu'."), run::toString);
  }

  @Test
  void missingDevice_fails() {
    assumeFalse(Devices.state(Device.cuda(0)).isReady(), "there is a GPU");
    Cli run = explain("cuda:0", folder.resolve("a.npy"));
    assertEquals(1, run.code(), run::toString);
    assertEquals(1, run.err().size(), run::toString);
    assertTrue(run.err().get(0).contains("There is no cuda:0 here: "), run::toString);
  }

  @Test
  void devices_areListed() {
    Cli run = Cli.done("devices");
    String all = String.join("\n", run.out());
    assertTrue(all.matches("(?s).*cpu +ready.*"), all);
    assertTrue(all.contains("cuda:0"), all);
    assertTrue(all.contains("coreml"), all);
    assertTrue(all.contains("ONNX Runtime "), all);
    if (!Devices.state(Device.cuda(0)).isReady()) {
      assertTrue(all.contains("cuda:0 is missing: "), all);
      assertTrue(all.contains("CUDA 12 and cuDNN 9"), all);
    }
  }
}
