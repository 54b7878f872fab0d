package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.method.GradCam;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models from bytes and streams: as from the file, with the same limits and messages. */
class ModelFromMemoryTest {
  private static final Path PARITY = Path.of("src/test/resources/parity/residual");

  @TempDir private Path folder;

  private Path file(String name) throws IOException {
    if (!name.endsWith(".onnx")) {
      return PARITY.resolve(name);
    }
    Path file = folder.resolve(name);
    if (!Files.exists(file)) {
      try (Model model = Model.load(PARITY.resolve("model.keras"))) {
        model.export(file);
      }
    }
    return file;
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.keras", "model.h5", "model.onnx"})
  void bytesAndStreams_areReadAsTheFile(String name) throws IOException {
    Path file = file(name);
    Tensor x = Npy.read(PARITY.resolve("x.npy"));
    byte[] bytes = Files.readAllBytes(file);
    try (Model expected = Model.load(file);
        InputStream stream = Files.newInputStream(file);
        Model ofStream = Model.load(name, stream);
        Model ofBytes = Model.load(name, bytes)) {
      Arrays.fill(bytes, (byte) 7); // it has its own
      float[] scores = expected.predict(x).toFloatArray();
      float[] maps =
          Explain.explain(GradCam.create(), expected, x, Units.top(1), ExplainOptions.defaults())
              .maps()
              .toFloatArray();
      for (Model model : List.of(ofStream, ofBytes)) {
        assertEquals(name, model.name());
        assertEquals(expected.format(), model.format());
        assertArrayEquals(scores, model.predict(x).toFloatArray());
        assertArrayEquals(maps, Explain.gradcam(model, x, Units.top(1)).maps().toFloatArray());
      }
      Path exported = folder.resolve("again.onnx");
      ofBytes.export(exported);
      try (Model again = Model.load(exported)) {
        assertArrayEquals(scores, again.predict(x).toFloatArray(), 1e-5f);
      }
    }
  }

  private static String failure(Executable load) {
    return String.valueOf(
        assertThrows(
                RuntimeException.class,
                () -> {
                  try (Model model = load.load()) {
                    model.network();
                  }
                })
            .getMessage());
  }

  private interface Executable {
    Model load() throws IOException;
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.keras", "model.h5", "model.onnx"})
  void damage_isToldAsOfTheFile(String name) throws IOException {
    byte[] whole = Files.readAllBytes(file(name));
    byte[] flipped = whole.clone();
    for (int i = 0; i < flipped.length / 2; i += 5) {
      flipped[i + 4] ^= 0x5a;
    }
    for (byte[] bytes :
        List.of(
            new byte[0],
            new byte[] {1, 2, 3},
            Arrays.copyOf(whole, whole.length / 3),
            "{\"class_name\": \"Functional\"}".getBytes(StandardCharsets.UTF_8),
            flipped)) {
      Path file = folder.resolve("damaged-" + name);
      Files.write(file, bytes);
      String expected = failure(() -> Model.load(file)).replace(folder + "/", "");
      assertEquals(expected, failure(() -> Model.load("damaged-" + name, bytes)));
      assertEquals(
          expected, failure(() -> Model.load("damaged-" + name, new ByteArrayInputStream(bytes))));
    }
  }

  @Test
  void weightsBesideTheModel_areRefused() throws IOException {
    Path file = folder.resolve("apart.onnx");
    try (Model model = Model.load(PARITY.resolve("model.keras"))) {
      model.export(file, ExportOptions.defaults().withExternalData(true));
    }
    byte[] bytes = Files.readAllBytes(file);
    Exception e =
        assertThrows(
            UnsupportedModelException.class,
            () -> {
              try (Model model = Model.load("apart.onnx", bytes)) {
                model.predict(Npy.read(PARITY.resolve("x.npy")));
              }
            });
    assertTrue(
        String.valueOf(e.getMessage()).contains("load the model from its file"), e::toString);
    LoadOptions weights = LoadOptions.defaults().withWeights(PARITY.resolve("model.h5"));
    assertThrows(
        IllegalArgumentException.class,
        () -> Model.load("a.json", new ByteArrayInputStream(bytes), weights));
  }
}
