package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.keralens.explain.Method;
import dev.keralens.method.GradCam;
import dev.keralens.method.Gradients;
import dev.keralens.method.ScoreCam;
import dev.keralens.method.Smooth;
import dev.keralens.picture.Picture;
import dev.keralens.runtime.Device;
import dev.keralens.runtime.GraphExecutionException;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.runtime.engine.Devices;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Explanations are the same on any number of devices; the example of docs/devices.md. */
class SeveralDevicesTest {
  private static final Path FOLDER = Path.of("../models/shapes");
  private static final Method[] METHODS = {
    GradCam.create(),
    Gradients.create(),
    Smooth.of(Gradients.create()).repetitions(3).seed(7),
    ScoreCam.create().maxChannels(5)
  };

  private static Tensor scenes(int images) throws IOException {
    List<Tensor> scenes = new ArrayList<>();
    for (int i : List.of(0, 2, 4, 5, 6).subList(0, images)) {
      Path file = FOLDER.resolve("samples/scene-%03d.png".formatted(i));
      scenes.add(Picture.read(file).toTensor().reshape(1, 96, 96, 3));
    }
    return Tensor.concat(scenes);
  }

  private static Model model() throws IOException {
    return Model.load(FOLDER.resolve("shapes.keras"));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void maps_areThoseOfOneDevice(int devices) throws IOException {
    Tensor x = scenes(5); // two batches of which the last is uneven
    ExplainOptions options = ExplainOptions.defaults().withBatchSize(3);
    Device[] cpus = Collections.nCopies(devices, Device.cpu()).toArray(new Device[0]);
    RuntimeOptions several = RuntimeOptions.defaults().withThreads(2).withDevices(cpus);
    try (Model model = model();
        Model onSeveral = model().withRuntime(several);
        Explainer one = Explainer.of(model, options, METHODS);
        Explainer shared = Explainer.of(onSeveral, options, METHODS)) {
      List<Explanation> expected = one.explainAll(List.of(x), Units.top(2));
      for (int run = 0; run < 2; run++) {
        List<Explanation> found = shared.explainAll(List.of(x), Units.top(2));
        for (int m = 0; m < METHODS.length; m++) {
          assertArrayEquals(
              expected.get(m).scores().toFloatArray(), found.get(m).scores().toFloatArray(), 1e-4f);
          assertArrayEquals(
              expected.get(m).maps().toFloatArray(), found.get(m).maps().toFloatArray(), 1e-4f);
        }
      }
      assertArrayEquals(
          model.predict(x).toFloatArray(), onSeveral.predict(x).toFloatArray(), 1e-6f);
    }
  }

  @Test
  void missingDevice_isRefusedBeforeAnythingRuns() throws IOException {
    assumeFalse(Devices.state(Device.cuda(0)).isReady(), "there is a GPU");
    RuntimeOptions gpu = RuntimeOptions.defaults().withDevices(Device.cuda(0));
    try (Model model = model()) {
      assertThrows(GraphExecutionException.class, () -> model.withRuntime(gpu));
      ExplainOptions options = ExplainOptions.defaults().withRuntime(gpu);
      assertThrows(
          GraphExecutionException.class, () -> Explainer.of(model, options, GradCam.create()));
    }
  }

  @Test
  void devices_ofTheGuide() throws IOException {
    Tensor x = scenes(4);
    List<String> log = new ArrayList<>();
    try (Model model = model()) {
      RuntimeOptions options =
          RuntimeOptions.defaults()
              .withDevices(Device.cpu(), Device.cpu()) // or Device.cuda(0), Device.cuda(1)
              .withNotices(log::add);
      Model spread = model.withRuntime(options);
      Explanation why = Explain.gradcam(spread, x, Units.top(1));
      assertEquals(4, why.maps().size(0));
    }
    assertEquals(List.of(), log);
  }
}
