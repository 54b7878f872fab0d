package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.explain.Method;
import dev.keralens.filter.Filter;
import dev.keralens.filter.Filters;
import dev.keralens.filter.Resizing;
import dev.keralens.inspect.LayerSelector;
import dev.keralens.method.Cam;
import dev.keralens.method.FullGradients;
import dev.keralens.method.GradCam;
import dev.keralens.method.GradCamPlusPlus;
import dev.keralens.method.Gradients;
import dev.keralens.method.ScoreCam;
import dev.keralens.method.Smooth;
import dev.keralens.method.Tta;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The loop around the methods: units, layers, outputs, inputs, batches. */
class ExplainerTest {
  private static final Path FOLDER = Path.of("src/test/resources/parity");

  private static Model model(String name) throws IOException {
    return Model.load(FOLDER.resolve(name).resolve("model.keras"));
  }

  private static Tensor golden(String model, String array) throws IOException {
    return Npy.read(FOLDER.resolve(model).resolve(array + ".npy"));
  }

  private static ExplainOptions raw() {
    return ExplainOptions.defaults().withFilter(Filters::none).withResize(Resize.none());
  }

  private static void assertClose(Tensor expected, Tensor actual, double tolerance) {
    assertArrayEquals(expected.shape(), actual.shape());
    float[] e = expected.toFloatArray();
    float[] a = actual.toFloatArray();
    double largest = 1e-12;
    for (float value : e) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < e.length; i++) {
      assertEquals(e[i], a[i], tolerance * largest, "element " + i);
    }
  }

  @Test
  void units_oneList_isTheSameForEveryImage() throws IOException {
    Tensor x = golden("residual", "x");
    try (Model model = model("residual");
        Explainer explainer = Explainer.of(model, raw(), GradCam.create())) {
      Explanation list = explainer.explain(x, Units.of(7, 2));
      Tensor each = Tensor.of(new long[] {7, 2, 7, 2, 7, 2}, 3, 2);
      assertClose(explainer.explain(x, Units.each(each)).maps(), list.maps(), 1e-6);
      assertEquals(2, list.unit(1, 1));
    }
  }

  @Test
  void outputs_areWhatTheModelPredictsForTheUnits() throws IOException {
    for (String name : List.of("residual", "nested", "flatten", "conv_mix")) {
      Tensor x = golden(name, "x");
      try (Model model = model(name)) {
        Tensor all = model.predict(x);
        for (Method method :
            List.of(GradCam.create(), ScoreCam.create(), Smooth.of(GradCam.create()))) {
          Explanation why = explain(model, method, x);
          for (int image = 0; image < why.images(); image++) {
            for (int k = 0; k < 2; k++) {
              float predicted = all.get(image, why.unit(image, k));
              assertEquals(predicted, why.outputs().get(image, k), 1e-6, name + method.name());
            }
          }
        }
      }
    }
  }

  private static Explanation explain(Model model, Method method, Tensor x) {
    try (Explainer explainer = Explainer.of(model, method)) {
      return explainer.explain(x, Units.top(2));
    }
  }

  @Test
  void units_moreThanRunAtOnce_areExplainedInSeveralRuns() throws IOException {
    Tensor three = golden("residual", "x");
    Tensor x = Tensor.concat(List.of(three, three, three));
    try (Model model = model("residual");
        Explainer together = Explainer.of(model, raw(), GradCam.create());
        Explainer apart = Explainer.of(model, raw().withBatchSize(1), GradCam.create())) {
      Explanation many = together.explain(x, Units.top(10));
      Explanation few = apart.explain(x, Units.top(10));
      assertArrayEquals(few.units().toLongArray(), many.units().toLongArray());
      assertClose(few.maps(), many.maps(), 1e-5);
      assertClose(few.scores(), many.scores(), 1e-5);
    }
  }

  @Test
  void units_unknown_sayWhichThereAre() throws IOException {
    try (Model model = model("residual");
        Explainer explainer = Explainer.of(model, GradCam.create())) {
      Tensor x = golden("residual", "x");
      Exception e =
          assertThrows(IllegalArgumentException.class, () -> explainer.explain(x, Units.of(10)));
      assertTrue(String.valueOf(e.getMessage()).contains("units 0 to 9"), e.getMessage());
    }
  }

  @Test
  void layers_severalAtOnce_giveAnExplanationEach() throws IOException {
    Tensor x = golden("nested", "x");
    ExplainOptions two = raw().withLayers("backbone/conv2d", "input:global_average_pooling2d");
    try (Model model = model("nested");
        Explainer both = Explainer.of(model, two, GradCam.create(), Gradients.create());
        Explainer first =
            Explainer.of(model, raw().withLayers("backbone/conv2d"), GradCam.create());
        Explainer usual = Explainer.of(model, raw(), GradCam.create())) {
      List<Explanation> maps = both.explainAll(List.of(x), Units.top(1));
      assertEquals(
          List.of("gradcam", "gradcam", "gradients"),
          maps.stream().map(Explanation::method).toList());
      assertEquals("backbone/conv2d", maps.get(0).explained());
      assertEquals("input:global_average_pooling2d", maps.get(1).explained());
      assertEquals(model.inputs().get(0).name(), maps.get(2).explained());
      assertClose(first.explain(x).maps(), maps.get(0).maps(), 1e-6);
      Explanation last = usual.explain(x);
      assertEquals("backbone/activation", last.explained());
      assertClose(last.maps(), maps.get(1).maps(), 1e-6);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "backbone/conv2d, backbone/conv2d",
    "conv2d, backbone/conv2d",
    "3, backbone/conv2d",
    "-3, backbone/activation",
    "Conv2D, backbone/conv2d",
    "input:separable_conv2d, input:backbone/separable_conv2d",
    "input of SeparableConv2D, input:backbone/separable_conv2d",
    "output of backbone, backbone",
    "input:global_average_pooling2d, input:global_average_pooling2d",
  })
  void layers_areFoundByNameIndexKindAndSide(String text, String expected) throws IOException {
    try (Model model = model("nested");
        Explainer explainer = Explainer.of(model, raw().withLayers(text), GradCam.create())) {
      assertEquals(expected, explainer.explain(golden("nested", "x")).explained());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "conv3d, did you mean 'conv2d'",
    "17, layers 0 to 8",
    "dense, has no spatial axes",
    "input:dense, has no spatial axes",
    "MaxPooling2D, no layer 'MaxPooling2D'",
  })
  void layers_thatCannotBeExplained_sayWhy(String text, String message) throws IOException {
    try (Model model = model("nested");
        Explainer explainer = Explainer.of(model, raw().withLayers(text), GradCam.create())) {
      Tensor x = golden("nested", "x");
      Exception e = assertThrows(IllegalArgumentException.class, () -> explainer.explain(x));
      assertTrue(String.valueOf(e.getMessage()).contains(message), e.getMessage());
    }
  }

  @Test
  void layers_matchingACondition_areTheLastThatTheOutputDependsOn() throws IOException {
    LayerSelector named = LayerSelector.matching("with weights", layer -> layer.parameters() > 100);
    try (Model model = model("nested");
        Explainer explainer =
            Explainer.of(model, raw().withLayers(List.of(named)), GradCam.create())) {
      assertEquals(
          "backbone/separable_conv2d", explainer.explain(golden("nested", "x")).explained());
    }
  }

  private static Method[] everyMethod() {
    return new Method[] {
      Gradients.create(),
      FullGradients.create(),
      Cam.create(),
      GradCam.create(),
      GradCamPlusPlus.create(),
      GradCamPlusPlus.exact(),
      ScoreCam.create(),
      ScoreCam.paper(),
      Smooth.of(GradCam.create()).repetitions(2)
    };
  }

  @Test
  void inputs_ofOneTwoAndThreeSpatialAxes_giveTheSameMaps() {
    float[] values = SmallNetwork.random(9, 2, 8, 2);
    try (Model one =
            SmallNetwork.model(
                (n, in) -> SmallNetwork.classifier(n, in.get(0), 3), new int[] {8, 2});
        Model two =
            SmallNetwork.model(
                (n, in) -> SmallNetwork.classifier(n, in.get(0), 3, 1), new int[] {8, 1, 2});
        Model three =
            SmallNetwork.model(
                (n, in) -> SmallNetwork.classifier(n, in.get(0), 3, 1, 1), new int[] {8, 1, 1, 2});
        Explainer lines = Explainer.of(one, everyMethod());
        Explainer images = Explainer.of(two, everyMethod());
        Explainer volumes = Explainer.of(three, everyMethod())) {
      Tensor x = Tensor.of(values, 2, 8, 2);
      List<Explanation> a = lines.explainAll(List.of(x), Units.top(2));
      List<Explanation> b = images.explainAll(List.of(x.reshape(2, 8, 1, 2)), Units.top(2));
      List<Explanation> c = volumes.explainAll(List.of(x.reshape(2, 8, 1, 1, 2)), Units.top(2));
      for (int i = 0; i < a.size(); i++) {
        assertArrayEquals(new int[] {2, 8, 2}, a.get(i).maps().shape());
        assertClose(a.get(i).maps(), b.get(i).maps().reshape(2, 8, 2), 1e-5);
        assertClose(a.get(i).maps(), c.get(i).maps().reshape(2, 8, 2), 1e-5);
      }
    }
  }

  @Test
  void inputs_severalAreExplainedOneOrAll() {
    SmallNetwork.Body sum =
        (n, in) -> {
          KerasTensor a =
              n.globalAverage(
                  "gapA", n.convolution("a", in.get(0), new float[] {2, 4}, new float[1], 1, 1));
          KerasTensor c =
              n.globalAverage(
                  "gapB", n.convolution("b", in.get(1), new float[] {6}, new float[1], 1, 1));
          return List.of(KerasTensor.plain(n.b.add(a.value(), c.value())));
        };
    Tensor a = Tensor.of(SmallNetwork.random(1, 8), 1, 2, 2, 2);
    Tensor b = Tensor.of(SmallNetwork.random(2, 3), 1, 3, 1, 1);
    try (Model model = SmallNetwork.model(sum, new int[] {2, 2, 2}, new int[] {3, 1, 1});
        Explainer all = Explainer.of(model, raw().withAllInputs(), Gradients.create());
        Explainer second = Explainer.of(model, raw().withInputs(1), Gradients.create())) {
      List<Explanation> both = all.explainAll(List.of(a, b), Units.of(0));
      assertEquals(List.of("input0", "input1"), both.stream().map(Explanation::explained).toList());
      assertArrayEquals(new int[] {1, 2, 2, 1}, both.get(0).maps().shape());
      assertEquals(3.0 / 4, both.get(0).maps().get(0, 1, 0, 0), 1e-6);
      assertEquals(2.0, both.get(1).maps().get(0, 2, 0, 0), 1e-6);
      assertClose(
          both.get(1).maps(), second.explainAll(List.of(a, b), Units.of(0)).get(0).maps(), 1e-6);
      assertThrows(
          IllegalArgumentException.class,
          () -> Explainer.of(model, raw().withInputs(2), Gradients.create()));
    }
  }

  @Test
  void inputs_scoreCamMasksTheExplainedOne() {
    Tensor x = Tensor.of(SmallNetwork.random(1, 64), 2, 4, 4, 2);
    Tensor shift = Tensor.of(new float[] {0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f}, 2, 3);
    SmallNetwork.Body alone =
        (n, in) -> {
          KerasTensor logits = SmallNetwork.classifier(n, in.get(0), 3, 3).get(0);
          Tensor constant = Tensor.of(new float[] {0.5f, 0.5f, 0.5f}, 1, 3);
          return List.of(KerasTensor.plain(n.b.add(logits.value(), n.b.constant(constant))));
        };
    SmallNetwork.Body second =
        (n, in) -> {
          KerasTensor logits = SmallNetwork.classifier(n, in.get(1), 3, 3).get(0);
          return List.of(KerasTensor.plain(n.b.add(logits.value(), in.get(0).value())));
        };
    try (Model one = SmallNetwork.model(alone, new int[] {4, 4, 2});
        Model two = SmallNetwork.model(second, new int[] {3}, new int[] {4, 4, 2});
        Explainer plain = Explainer.of(one, raw(), ScoreCam.create());
        Explainer masking = Explainer.of(two, raw().withInputs(1), ScoreCam.create())) {
      assertClose(
          plain.explain(x, Units.all()).maps(),
          masking.explainAll(List.of(shift, x), Units.all()).get(0).maps(),
          1e-5);
    }
  }

  @Test
  void tta_resizingModes_agreeWhereNothingIsResized() {
    Tensor x = Tensor.of(SmallNetwork.random(3, 128), 1, 8, 8, 2);
    try (Model model =
        SmallNetwork.model(
            (n, in) -> SmallNetwork.classifier(n, in.get(0), 3, 3), new int[] {8, 8, 2})) {
      Explanation plain = Explain.gradcam(model, x, Units.of(1));
      for (Resizing.Mode mode : Resizing.Mode.values()) {
        Tta still = Tta.of(GradCam.create()).scales().flip(false).resize(mode);
        Tta scaled = Tta.of(GradCam.create()).scales(0.5, 2).resize(mode);
        ExplainOptions options = ExplainOptions.defaults();
        assertClose(
            plain.maps(), Explain.explain(still, model, x, Units.of(1), options).maps(), 1e-5);
        Explanation mean = Explain.explain(scaled, model, x, Units.of(1), options);
        assertEquals(Explanation.Finding.EVIDENCE, mean.finding(0, 0));
      }
    }
  }

  @Test
  void batches_oneByOne_areThoseOfTheWholeRun() throws IOException {
    Tensor x = golden("conv_mix", "x");
    Units units = Units.each(golden("conv_mix", "y"));
    try (Model model = model("conv_mix");
        Explainer explainer = Explainer.of(model, GradCam.create(), Gradients.create())) {
      List<Explanation> whole = explainer.explainAll(List.of(x), units);
      Iterator<List<Explanation>> parts =
          explainer.explainEach(
              List.of(List.of(x.rows(0, 2)), List.of(x.rows(2, 3))).iterator(), units);
      List<Explanation> first = parts.next();
      List<Explanation> second = parts.next();
      for (int i = 0; i < whole.size(); i++) {
        Tensor joined = Tensor.concat(List.of(first.get(i).maps(), second.get(i).maps()));
        assertClose(whole.get(i).maps(), joined, 1e-5);
      }
      assertTrue(!parts.hasNext());
    }
  }

  @Test
  void batches_explainedAhead_areThoseOneByOne() throws IOException {
    Tensor x = golden("conv_mix", "x");
    Units units = Units.each(golden("conv_mix", "y"));
    List<Integer> done = Collections.synchronizedList(new ArrayList<>());
    ExplainOptions options =
        ExplainOptions.defaults().withProgress((images, all) -> done.add((int) images));
    try (Model model = model("conv_mix");
        Explainer explainer = Explainer.of(model, options, GradCam.create(), Gradients.create())) {
      List<List<Tensor>> batches =
          IntStream.range(0, 3).mapToObj(i -> List.of(x.rows(i, i + 1))).toList();
      Iterator<List<Explanation>> each = explainer.explainEach(batches.iterator(), units);
      List<List<Explanation>> expected = new ArrayList<>();
      each.forEachRemaining(expected::add);
      done.clear();
      try (Prefetch<List<Explanation>> ahead = explainer.explainAhead(batches.iterator(), units)) {
        for (List<Explanation> explanations : expected) {
          List<Explanation> actual = ahead.next();
          for (int i = 0; i < actual.size(); i++) {
            assertClose(explanations.get(i).maps(), actual.get(i).maps(), 1e-5);
            assertClose(explanations.get(i).units(), actual.get(i).units(), 0);
          }
        }
        assertTrue(!ahead.hasNext());
      }
      assertEquals(List.of(1, 2, 3), done.stream().sorted().toList());
    }
  }

  @Test
  void batches_explainedAhead_failAsTheyDo() throws IOException {
    Tensor x = golden("conv_mix", "x");
    Tensor wrong = Tensor.of(new float[12], 1, 2, 2, 3);
    try (Model model = model("conv_mix");
        Explainer explainer = Explainer.of(model, GradCam.create());
        Prefetch<List<Explanation>> ahead =
            explainer.explainAhead(List.of(List.of(x), List.of(wrong)).iterator(), Units.top(1))) {
      assertEquals(3, ahead.next().get(0).images());
      assertThrows(IllegalArgumentException.class, ahead::next);
    }
  }

  @Test
  void work_ofAnInterruptedThread_isCancelled() throws IOException {
    Tensor x = golden("conv_mix", "x");
    try (Model model = model("conv_mix");
        Explainer explainer =
            Explainer.of(
                model,
                ExplainOptions.defaults()
                    .withBatchSize(1)
                    .withProgress((done, total) -> Thread.currentThread().interrupt()),
                GradCam.create())) {
      assertThrows(CancellationException.class, () -> explainer.explain(x));
      assertTrue(Thread.interrupted());
      assertEquals(1, explainer.explain(x.rows(0, 1)).images());
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void filter_ofJava_givesWhatItsOperatorsGive() throws IOException {
    Filter function =
        Filter.of(
            map -> {
              float[] values = map.toFloatArray();
              for (int i = 0; i < values.length; i++) {
                values[i] = Math.max(0, values[i]) * 3;
              }
              return Tensor.of(values, map.shape());
            });
    Filter operators = (b, maps, axes) -> b.mul(b.relu(maps), 3);
    Tensor x = golden("residual", "x");
    ExplainOptions options = ExplainOptions.defaults();
    try (Model model = model("residual")) {
      Explanation expected =
          Explain.explain(GradCam.create(), model, x, Units.top(2), options.withFilter(operators));
      Explanation actual =
          Explain.explain(GradCam.create(), model, x, Units.top(2), options.withFilter(function));
      assertClose(expected.maps(), actual.maps(), 1e-5);
      assertClose(expected.lowest(), actual.lowest(), 1e-5);
      Filter both = Filter.of(map -> map).then(Filters::positiveNormalize);
      assertClose(
          Explain.gradcam(model, x, Units.top(2)).maps(),
          Explain.explain(GradCam.create(), model, x, Units.top(2), options.withFilter(both))
              .maps(),
          1e-5);
    }
  }

  @Test
  void explain_shortcuts_giveTheMapsOfThePythonLibrary() throws IOException {
    Tensor x = golden("residual", "x");
    Units units = Units.each(golden("residual", "y"));
    try (Model model = model("residual")) {
      List<Explanation> why =
          List.of(
              Explain.gradients(model, x, units),
              Explain.cam(model, x, units),
              Explain.gradcam(model, x, units),
              Explain.gradcampp(model, x, units),
              Explain.scorecam(model, x, units));
      for (Explanation one : why) {
        ExplainerParityTest.assertMaps(
            golden("residual", one.method()), one.maps(), 1e-3, one.method());
      }
      Explanation full = Explain.fullGradients(model, x, units);
      assertArrayEquals(new int[] {3, 40, 40, 2}, full.maps().shape());
    }
  }

  @Test
  void tta_ofOneSpatialAxis_works() {
    Tensor x = Tensor.of(SmallNetwork.random(3, 16), 1, 8, 2);
    try (Model model =
            SmallNetwork.model(
                (n, in) -> SmallNetwork.classifier(n, in.get(0), 3), new int[] {8, 2});
        Explainer explainer = Explainer.of(model, Tta.of(Gradients.create()))) {
      Tensor map = explainer.explain(x).map(0, 0);
      assertArrayEquals(new int[] {8}, map.shape());
      assertTrue(IntStream.range(0, 8).anyMatch(i -> map.get(i) == 1));
    }
  }

  @Test
  void map_constantOrNegative_isZeroAndSaysSo() {
    // The one channel of the activation is x; unit 0 has the weight 1, unit 1 the weight -1.
    SmallNetwork.Body body =
        (n, in) ->
            List.of(
                n.dense(
                    "dense",
                    n.globalAverage(
                        "gap",
                        n.convolution("conv", in.get(0), new float[] {1}, new float[1], 1, 1)),
                    new float[] {1, -1},
                    2));
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 5, 5, 5}, 2, 2, 2, 1);
    List<Method> methods =
        List.of(GradCam.create(), Cam.create(), GradCamPlusPlus.create(), ScoreCam.create());
    try (Model model = SmallNetwork.model(body, new int[] {2, 2, 1})) {
      List<Explanation.Finding> findings = new ArrayList<>();
      for (Method method : methods) {
        Explanation why =
            Explain.explain(method, model, x, Units.of(0, 1), ExplainOptions.defaults());
        for (float value : why.maps().toFloatArray()) {
          assertTrue(value >= 0 && value <= 1, method.name() + " gives " + value);
        }
        assertTrue(why.isEmpty(1, 0) && why.isEmpty(1, 1), method.name());
        assertTrue(!why.isEmpty(0, 0) && why.isEmpty(0, 1), method.name());
        assertEquals(Explanation.Finding.EVIDENCE, why.finding(0, 0));
        assertEquals(Explanation.Finding.CONSTANT, why.finding(1, 0));
        findings.add(why.finding(0, 1));
      }
      assertEquals(Explanation.Finding.NEGATIVE, findings.get(0));
      assertEquals(Explanation.Finding.NEGATIVE, findings.get(1));
    }
  }

  @Test
  void map_ofAnOverflow_saysSo() {
    Tensor x = Tensor.of(new float[] {1, 2, Float.NaN, 4}, 1, 2, 2, 1);
    SmallNetwork.Body body =
        (n, in) ->
            List.of(
                n.dense(
                    "dense",
                    n.globalAverage(
                        "gap",
                        n.convolution("conv", in.get(0), new float[] {1}, new float[1], 1, 1)),
                    new float[] {1},
                    1));
    try (Model model = SmallNetwork.model(body, new int[] {2, 2, 1})) {
      Explanation why = Explain.gradcam(model, x, Units.of(0));
      assertEquals(Explanation.Finding.NOT_FINITE, why.finding(0, 0));
    }
  }
}
