package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.picture.Picture;
import dev.keralens.tensor.Npy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands with a network of PyTorch, whose input is (batch, channel, height, width). */
class OnnxCommandTest {
  private static final Path ARCHIVE = Cli.CORE.resolve("golden/onnx/torch_residual.zip");
  private static final Path PHOTO = Cli.IMAGES.resolve("444.jpg");

  @TempDir private Path folder;

  @BeforeEach
  void unpack() throws IOException {
    try (InputStream file = Files.newInputStream(ARCHIVE);
        ZipInputStream zip = new ZipInputStream(file)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Files.copy(zip, folder.resolve(entry.getName()));
      }
    }
  }

  private Path file(String name) {
    return folder.resolve(name);
  }

  @Test
  void predict_array() throws IOException {
    Cli.done("predict", file("in0.npy"), "-m", file("model.onnx"), "-o", file("scores.npy"));
    float[] expected = Npy.read(file("out0.npy")).toFloatArray();
    assertArrayEquals(expected, Npy.read(file("scores.npy")).toFloatArray(), 1e-5f);
  }

  @Test
  void explain_picture() throws IOException {
    Path maps = file("maps.npy");
    Cli.done("explain", PHOTO, "-m", file("model.onnx"), "--preprocess", "torch", "-o", maps);
    assertArrayEquals(new int[] {1, 24, 20, 1}, Npy.read(maps).shape());
    Cli.done("explain", PHOTO, "-m", file("model.onnx"), "-o", file("why.png"));
    assertTrue(Picture.read(file("why.png")).width() > 20);
  }

  /** The value that is pooled, by its name in the file, is what is explained anyway. */
  @Test
  void explain_layerByTheNameOfAValue() throws IOException {
    Path usual = file("usual.npy");
    Path named = file("named.npy");
    List<Object> common = List.of("explain", file("in0.npy"), "-m", file("model.onnx"));
    Cli.done(joined(common, "-o", usual));
    Cli.done(joined(common, "--layer", "relu_2", "-o", named));
    assertArrayEquals(Npy.read(usual).toFloatArray(), Npy.read(named).toFloatArray());
    Cli.done(joined(common, "--layer", "relu", "-o", named));
    assertFalse(Arrays.equals(Npy.read(usual).toFloatArray(), Npy.read(named).toFloatArray()));
  }

  private static Object[] joined(List<Object> common, Object... rest) {
    Object[] all = new Object[common.size() + rest.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = i < common.size() ? common.get(i) : rest[i - common.size()];
    }
    return all;
  }

  @Test
  void inspect_nodes() {
    Cli inspected = Cli.done("inspect", file("model.onnx"));
    String text = String.join("\n", inspected.out());
    assertTrue(text.contains("Conv"), text);
    assertTrue(text.contains("Gemm"), text);
  }
}
