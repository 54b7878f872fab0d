package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.explain.Method;
import dev.keralens.filter.Filters;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.inspect.ActivationChoice;
import dev.keralens.method.GradCam;
import dev.keralens.method.Gradients;
import dev.keralens.method.ScoreCam;
import dev.keralens.method.Smooth;
import dev.keralens.method.Tta;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models with several inputs, by parity/inputs/make_inputs.py. */
class InputsTest {
  private static final Path FOLDER = Path.of("src/test/resources/golden/inputs");
  private static final ExplainOptions RAW =
      ExplainOptions.defaults().withFilter(Filters::none).withResize(Resize.none());

  private static Model model(String name) throws IOException {
    return Model.load(FOLDER.resolve(name).resolve("model.keras"));
  }

  private static List<Tensor> x(String name) throws IOException {
    List<Tensor> inputs = new ArrayList<>();
    for (int i = 0; Files.exists(FOLDER.resolve(name).resolve("x" + i + ".npy")); i++) {
      inputs.add(Npy.read(FOLDER.resolve(name).resolve("x" + i + ".npy")));
    }
    return inputs;
  }

  private static List<Explanation> explain(
      Model model, ExplainOptions options, List<Tensor> x, Method... methods) {
    try (Explainer explainer = Explainer.of(model, options, methods)) {
      return explainer.explainAll(x, Units.of(0));
    }
  }

  private static void assertMap(String name, int input, Tensor map) throws IOException {
    Tensor expected = Npy.read(FOLDER.resolve(name).resolve("map" + input + ".npy"));
    assertArrayEquals(expected.shape(), map.shape());
    ExplainerParityTest.assertMaps(expected, map, 2e-5, name + " " + input);
  }

  @ParameterizedTest
  @CsvSource({
    "siamese,backbone/cb@0;backbone/cb@1",
    "towers,l2;r1",
    "nested,encoder/backbone/conv@0;encoder/backbone/conv@1;encoder/backbone/conv@2",
    "ranks,c2;c1",
    "fused,s0;s1"
  })
  void eachInput_hasTheMapOfItsOwnActivation(String name, String explained) throws IOException {
    List<Tensor> x = x(name);
    List<String> names = List.of(explained.split(";", -1));
    try (Model model = model(name)) {
      List<Explanation> all = explain(model, RAW.withAllInputs(), x, GradCam.create());
      assertEquals(names, all.stream().map(Explanation::explained).toList());
      ExplainOptions sized = RAW.withAllInputs().withResize(Resize.toInput());
      List<Explanation> laid = explain(model, sized, x, GradCam.create());
      for (int i = 0; i < x.size(); i++) {
        assertMap(name, i, all.get(i).maps());
        Explanation one = explain(model, RAW.withInputs(i), x, GradCam.create()).get(0);
        assertMap(name, i, one.maps());
        Explanation named =
            explain(model, RAW.withInputs(i).withLayers(names.get(i)), x, GradCam.create()).get(0);
        assertMap(name, i, named.maps());
        assertEquals(names.get(i), named.explained());
        int[] places = x.get(i).shape();
        assertArrayEquals(
            Arrays.copyOfRange(places, 1, places.length - 1),
            Arrays.copyOfRange(laid.get(i).maps().shape(), 1, places.length - 1));
      }
    }
  }

  @Test
  void sharedLayer_ofOneInput_isTheCallOnItsPath() throws IOException {
    try (Model model = model("siamese")) {
      List<Tensor> x = x("siamese");
      for (int i = 0; i < 2; i++) {
        ExplainOptions options = RAW.withInputs(i).withLayers("cb", "backbone", "input:gap");
        for (Explanation why : explain(model, options, x, GradCam.create())) {
          assertMap("siamese", i, why.maps());
        }
      }
      ExplainOptions both = RAW.withAllInputs().withLayers("cb@1", "cb@0");
      List<Explanation> swapped = explain(model, both, x, GradCam.create());
      assertMap("siamese", 1, swapped.get(0).maps());
      assertMap("siamese", 0, swapped.get(1).maps());
    }
  }

  @Test
  void layerOfAnotherInput_isRefused() throws IOException {
    try (Model model = model("towers")) {
      List<Tensor> x = x("towers");
      Exception e =
          assertThrows(
              IllegalArgumentException.class,
              () -> explain(model, RAW.withLayers("r1"), x, GradCam.create()));
      String message = String.valueOf(e.getMessage());
      assertTrue(message.contains("'left'") && message.contains("withInputs(1)"), message);
    }
    try (Model model = model("siamese")) {
      List<Tensor> x = x("siamese");
      Exception e =
          assertThrows(
              IllegalArgumentException.class,
              () -> explain(model, RAW.withLayers("cb@2"), x, GradCam.create()));
      assertTrue(String.valueOf(e.getMessage()).contains("backbone/cb@1"), e.getMessage());
    }
  }

  @Test
  void table_hasNoActivation_thePictureHas() throws IOException {
    try (Model model = model("table")) {
      List<Tensor> x = x("table");
      assertMap("table", 0, explain(model, RAW, x, GradCam.create()).get(0).maps());
      Exception e =
          assertThrows(
              UnsupportedModelException.class,
              () -> explain(model, RAW.withInputs(1), x, GradCam.create()));
      assertTrue(String.valueOf(e.getMessage()).contains("'table'"), e.getMessage());
      List<Explanation> gradients = explain(model, RAW.withAllInputs(), x, Gradients.create());
      assertArrayEquals(new int[] {2, 5, 1}, gradients.get(1).maps().shape());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"siamese", "towers", "nested", "ranks", "fused"})
  void methodsAround_giveEachInputItsMap(String name) throws IOException {
    List<Tensor> x = x(name);
    Method same = Smooth.of(GradCam.create()).repetitions(2).relativeNoise(0);
    Method augmented = Tta.of(GradCam.create());
    try (Model model = model(name)) {
      List<Explanation> all = explain(model, RAW.withAllInputs(), x, same);
      for (int i = 0; i < x.size(); i++) {
        assertMap(name, i, all.get(i).maps());
      }
      assertThrows(
          UnsupportedModelException.class, () -> explain(model, RAW.withAllInputs(), x, augmented));
      List<Explanation> masked = explain(model, RAW.withAllInputs(), x, ScoreCam.create());
      for (int i = 0; i < x.size(); i++) {
        int[] places = x.get(i).shape();
        places[places.length - 1] = 1;
        assertArrayEquals(places, masked.get(i).maps().shape());
      }
    }
  }

  @Test
  void summary_saysWhatIsExplainedOfEachInput() throws IOException {
    try (Model model = model("towers");
        Model fused = model("fused")) {
      String text = model.summary().toString();
      assertTrue(text.contains("explained of left: l2, the last"), text);
      assertTrue(text.contains("explained of right: r1, the last"), text);
      for (ActivationChoice choice : fused.summary().choices()) {
        assertFalse(choice.reason().contains("other inputs"), choice.reason());
      }
    }
  }
}
