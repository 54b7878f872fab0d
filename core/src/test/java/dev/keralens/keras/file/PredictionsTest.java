package dev.keralens.keras.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.ExplainOptions;
import dev.keralens.LoadOptions;
import dev.keralens.Model;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every file of every version of Keras predicts what that Keras predicted. */
class PredictionsTest {
  /** Absolute, relative above 1. */
  private static final float TOLERANCE = 1e-5f;

  @TempDir Path folder;

  /** The archives but those of the model "shared", which Keras itself cannot load again. */
  static Stream<String> archives() {
    return GoldenFilesTest.archives().filter(name -> !name.contains("shared"));
  }

  @ParameterizedTest
  @MethodSource("archives")
  void predict_wholeModel(String archive) throws IOException {
    Golden.unpack(Golden.resource("golden/" + archive), folder);
    for (Path path : Golden.wholeModels(folder)) {
      check(path, LoadOptions.defaults());
    }
  }

  @ParameterizedTest
  @MethodSource("archives")
  void predict_architectureAndWeights(String archive) throws IOException {
    Golden.unpack(Golden.resource("golden/" + archive), folder);
    Path json = Golden.architecture(folder);
    for (Path weights : Golden.weights(folder)) {
      check(json, LoadOptions.defaults().withWeights(weights));
      check(json, LoadOptions.defaults().withWeightsByName(weights));
    }
  }

  @Test
  void predict_architectureOfAWholeModel() throws IOException {
    Golden.unpack(Golden.resource("golden/keras-2.12.0-nested.zip"), folder);
    for (Path model : Golden.wholeModels(folder)) {
      for (Path weights : Golden.wholeModels(folder)) {
        check(model, LoadOptions.defaults().withWeights(weights));
      }
    }
  }

  @Test
  void predict_fileInASavedModel() throws IOException {
    Golden.unpack(Golden.resource("golden/keras-2.4.0-nested.zip"), folder);
    check(folder.resolve("nested_saved_model/saved_model.pb"), LoadOptions.defaults());
  }

  @Test
  void format_saysVersion() throws IOException {
    Golden.unpack(Golden.resource("golden/keras-2.12.0-nested.zip"), folder);
    assertEquals("Keras archive by Keras 2.12.0", format("nested.keras"));
    assertEquals("HDF5 by Keras 2.12.0", format("nested.h5"));
    assertEquals("TensorFlow SavedModel by Keras 2.12.0", format("nested_saved_model"));
    try (Model model =
        Model.load(folder.resolve("nested.json"), folder.resolve("nested_weights.h5"))) {
      assertEquals("architecture and weights by Keras 2.12.0", model.format());
    }
  }

  private String format(String name) throws IOException {
    try (Model model = Model.load(folder.resolve(name))) {
      return model.format();
    }
  }

  private void check(Path path, LoadOptions options) throws IOException {
    List<Tensor> inputs = new ArrayList<>();
    for (int i = 0; Files.exists(folder.resolve("x" + i + ".npy")); i++) {
      inputs.add(Npy.read(folder.resolve("x" + i + ".npy")));
    }
    Tensor right = Npy.read(folder.resolve("y.npy"));
    String where = path + " " + options;
    try (Model model = Model.load(path, options)) {
      Tensor y = model.predict(inputs, ExplainOptions.defaults()).get(0);
      assertArrayEquals(right.shape(), y.shape(), where);
      float[] expected = right.toFloatArray();
      float[] actual = y.toFloatArray();
      for (int i = 0; i < expected.length; i++) {
        float limit = TOLERANCE * Math.max(1, Math.abs(expected[i]));
        assertTrue(
            Math.abs(actual[i] - expected[i]) <= limit,
            where + ": expected " + expected[i] + ", got " + actual[i]);
      }
    }
  }
}
