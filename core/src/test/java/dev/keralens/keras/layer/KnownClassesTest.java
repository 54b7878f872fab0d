package dev.keralens.keras.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.LoadOptions;
import dev.keralens.Model;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layers of published packages. */
class KnownClassesTest {
  private static final Path WEIGHTS = Path.of("src/test/resources/golden/known/empty.weights.h5");

  @TempDir Path folder;

  /** A model of an input of (2, 3), a layer, and a factor of 2. */
  private Model model(String className, String arguments) throws IOException {
    String json =
        """
        {"class_name": "Functional", "keras_version": "2.12.0", "config": {"name": "m", "layers": [
          {"class_name": "InputLayer", "name": "x", "inbound_nodes": [],
           "config": {"batch_input_shape": [null, 2, 3], "dtype": "float32", "name": "x"}},
          {"class_name": "%s", "name": "known", "inbound_nodes": [[["x", 0, 0, {}]]],
           "config": {"name": "known", "trainable": true, "dtype": "float32"%s}},
          {"class_name": "Rescaling", "name": "r", "inbound_nodes": [[["known", 0, 0, {}]]],
           "config": {"name": "r", "dtype": "float32", "scale": 2.0, "offset": 0.0}}],
         "input_layers": [["x", 0, 0]], "output_layers": [["r", 0, 0]]}}
        """
            .formatted(className, arguments);
    Path architecture = Files.writeString(folder.resolve("model.json"), json);
    return Model.load(architecture, LoadOptions.defaults().withWeights(WEIGHTS));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "Custom>CastToFloat32 | ``",
        "Custom>ExpandLastDim | ``",
        "FixedDropout | , \"rate\": 0.2, \"noise_shape\": null, \"seed\": null",
        "DropConnect | , \"drop_connect_rate\": 0.2",
        "tfimm>DropPath | , \"drop_prob\": 0.1"
      })
  void load_keepsTheNumbers(String className, String arguments) throws IOException {
    try (Model model = model(className, arguments)) {
      Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 1, 2, 3);
      Tensor y = model.predict(x);
      assertArrayEquals(new float[] {2, 4, 6, 8, 10, 12}, y.toFloatArray());
      int rank = className.endsWith("Dim") ? 4 : 3;
      assertTrue(y.rank() == rank, y::toString);
    }
  }

  @ParameterizedTest
  @CsvSource({"DropPath", "FixedDropout", "MyLayer"})
  void load_othersOfTheNameAreUnknown(String className) {
    String message =
        String.valueOf(
            assertThrows(
                    UnsupportedModelException.class,
                    () -> model(className, ", \"power\": 2").network())
                .getMessage());
    assertTrue(message.contains("there is no builder for this class"), message);
    assertTrue(message.contains("export the model to ONNX"), message);
  }

  /** Both files as the packages write them. */
  @Test
  void load_wholeFiles() throws IOException {
    for (String name : List.of("autokeras.keras", "fixed_dropout.h5")) {
      try (Model model = Model.load(WEIGHTS.resolveSibling(name))) {
        float[] expected = Npy.read(WEIGHTS.resolveSibling(name + ".npy")).toFloatArray();
        Tensor x = Npy.read(WEIGHTS.resolveSibling(name + ".in.npy"));
        assertArrayEquals(expected, model.predict(x).toFloatArray(), 1e-5f);
      }
    }
  }
}
