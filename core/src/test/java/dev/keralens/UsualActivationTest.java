package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.keralens.filter.Filters;
import dev.keralens.inspect.ActivationChoice;
import dev.keralens.inspect.Logits;
import dev.keralens.method.GradCam;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import dev.keralens.objective.Objective;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is explained where no layer is named, and its map, by parity/activations/make_activations.py
 * and make_torch_activations.py.
 */
class UsualActivationTest {
  private static final Path FOLDER = Path.of("src/test/resources/golden/activations");
  private static final ExplainOptions RAW =
      ExplainOptions.defaults().withFilter(Filters::none).withResize(Resize.none());

  /** A network of the folder. */
  record Row(String name, String explained) {
    Model load() throws IOException {
      Path keras = FOLDER.resolve(name + ".keras");
      return Model.load(Files.exists(keras) ? keras : FOLDER.resolve(name + ".onnx"));
    }

    boolean isTorch() {
      return name.startsWith("torch_");
    }

    Tensor array(String what) throws IOException {
      return Npy.read(FOLDER.resolve(name + "-" + what + ".npy"));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static List<Row> rows() throws IOException {
    return Files.readAllLines(FOLDER.resolve("names.txt")).stream()
        .map(line -> line.split(" ", 2))
        .map(words -> new Row(words[0], words[1]))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void activation_isTheOneThatAPersonWouldName(Row row) throws IOException {
    try (Model model = row.load()) {
      Network network = model.network();
      Logits logits = Logits.of(network, 0);
      ActivationChoice choice = ActivationChoice.of(logits.network(), logits.tensor(), 0);
      ActivationChoice.Found found =
          assertInstanceOf(ActivationChoice.Found.class, choice, choice.reason());
      assertEquals(row.explained(), found.name(), found.reason());
      assertEquals(found.layer(), model.summary().activation());
      assertEquals(
          Optional.ofNullable(found.pooling()).map(Layer::name),
          model.poolingLayer().map(Layer::name));
      Tensor x = row.array("x");
      boolean unitsSecond = network.outputs().get(0).shape().rank() > 2 && row.isTorch();
      // A detector's numbers are explained where their axis is named.
      boolean named = unitsSecond || row.name().equals("detection");
      int axis = unitsSecond ? 1 : 2;
      ExplainOptions options =
          named ? RAW.withObjective(Objective.logits().withUnitAxis(axis)) : RAW;
      try (Explainer explainer = Explainer.of(model, options, GradCam.create())) {
        Explanation why = explainer.explain(x, Units.of(0));
        assertEquals(row.explained(), why.explained());
        Tensor expected = row.array("map");
        if (why.maps().rank() > expected.rank()) { // Tokens that are known to lie over the picture.
          expected = expected.reshape(why.maps().shape());
        }
        ExplainerParityTest.assertMaps(expected, why.maps(), 5e-5, row.name());
      }
    }
  }
}
