package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.keralens.filter.Filters;
import dev.keralens.inspect.LayerSelector;
import dev.keralens.method.GradCam;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Layers that only reorder axes, and layers inside {@code TimeDistributed}, by
 * parity/inside/make_inside.py.
 */
class InsideTest {
  private static final Path FOLDER = Path.of("src/test/resources/golden/inside");

  @TestFactory
  Stream<DynamicTest> layers_haveTheMapsOfGradientTape() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path folder : list(FOLDER)) {
      for (Path file : list(folder)) {
        String layer = file.getFileName().toString().replace(".npy", "").replace('.', '/');
        if (file.toString().endsWith(".npy") && !layer.equals("x")) {
          tests.add(
              DynamicTest.dynamicTest(
                  folder.getFileName() + " " + layer, () -> check(folder, layer, Npy.read(file))));
        }
      }
    }
    return tests.stream();
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  private static void check(Path folder, String layer, Tensor expected) throws IOException {
    ExplainOptions options =
        ExplainOptions.defaults().withFilter(Filters::none).withResize(Resize.none());
    try (Model model = Model.load(folder.resolve("model.keras"));
        Explainer explainer =
            Explainer.of(
                model, options.withLayers(List.of(LayerSelector.named(layer))), GradCam.create())) {
      Tensor maps = explainer.explain(Npy.read(folder.resolve("x.npy")), Units.of(1)).maps();
      int[] shape = IntStream.concat(IntStream.of(expected.shape()), IntStream.of(1)).toArray();
      ExplainerParityTest.assertMaps(expected.reshape(shape), maps, 1e-5, layer);
    }
  }

  @Test
  void usual_isTheInputOfThePoolingThatReadsWhatWasTurned() throws IOException {
    for (String name : List.of("permute", "permute_then_dropout", "permute_sequence")) {
      ExplainOptions options =
          ExplainOptions.defaults().withFilter(Filters::none).withResize(Resize.none());
      try (Model model = Model.load(FOLDER.resolve(name).resolve("model.keras"));
          Explainer explainer = Explainer.of(model, options, GradCam.create())) {
        Tensor x = Npy.read(FOLDER.resolve(name).resolve("x.npy"));
        Tensor expected = Npy.read(FOLDER.resolve(name).resolve("turned.npy"));
        Explanation explanation = explainer.explain(x, Units.of(1));
        assertEquals(expected.rank() + 1, explanation.maps().rank());
        assertEquals(expected.shape()[1], explanation.maps().shape()[1]);
      }
    }
  }
}
