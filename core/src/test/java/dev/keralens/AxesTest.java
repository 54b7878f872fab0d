package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.explain.Method;
import dev.keralens.filter.Filters;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.inspect.UnitAxis;
import dev.keralens.method.GradCam;
import dev.keralens.method.GradCamPlusPlus;
import dev.keralens.method.Gradients;
import dev.keralens.method.IntegratedGradients;
import dev.keralens.method.KernelShap;
import dev.keralens.method.Lime;
import dev.keralens.method.Methods;
import dev.keralens.method.Rise;
import dev.keralens.method.Smooth;
import dev.keralens.method.Tta;
import dev.keralens.method.Xrai;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.objective.Objective;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models that differ in the order of their axes only give the same maps. */
class AxesTest {
  private static final Path FOLDER = Path.of("src/test/resources/golden/axes");

  /** Those whose input is (batch, time, height, width, channels). */
  private static final Set<String> FRAMES = Set.of("conv_lstm", "time_distributed");

  private static Model last(String name) throws IOException {
    return Model.load(FOLDER.resolve(name + "-last.keras"));
  }

  private static Model first(String name) throws IOException {
    return Model.load(FOLDER.resolve(name + "-first.json"), FOLDER.resolve(name + "-last.keras"));
  }

  /** An array with its last axis moved to the place where the twin has its channels. */
  private static Tensor moved(String name, Tensor x) {
    int channels = FRAMES.contains(name) && x.rank() == 5 ? 2 : 1;
    int[] order =
        IntStream.range(0, x.rank())
            .map(i -> i < channels ? i : i == channels ? x.rank() - 1 : i - 1)
            .toArray();
    return x.transpose(order);
  }

  private static void assertClose(String what, Tensor expected, Tensor actual, double tolerance) {
    assertArrayEquals(expected.shape(), actual.shape(), what);
    float[] e = expected.toFloatArray();
    float[] a = actual.toFloatArray();
    double largest = 1e-9;
    for (float value : e) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < e.length; i++) {
      assertEquals(e[i], a[i], tolerance * largest, what + ", element " + i);
    }
  }

  /** Axes are the same in each pass. */
  private static Method fewPasses(Method method) {
    if (method instanceof Rise rise) {
      return rise.masks(64);
    } else if (method instanceof Lime lime) {
      return lime.samples(64);
    } else if (method instanceof KernelShap shap) {
      return shap.samples(64);
    } else if (method instanceof IntegratedGradients path) {
      return path.steps(8);
    } else if (method instanceof Xrai xrai) {
      return xrai.steps(8);
    }
    return method;
  }

  private static List<Method> methods(String name) {
    List<Method> methods = new ArrayList<>();
    Methods.byNames().values().stream()
        .filter(row -> !row.info().isOfAttention() && !row.info().isOfBoxes())
        .forEach(row -> methods.add(row.create()));
    methods.replaceAll(AxesTest::fewPasses);
    methods.add(Smooth.of(Gradients.create()).repetitions(3));
    boolean pooled = Set.of("rank1", "rank3", "attention").contains(name);
    methods.removeIf(method -> method.name().equals("cam") && !pooled);
    if (!Set.of("flattened", "conv_lstm").contains(name)) {
      methods.add(Tta.of(Gradients.create()).scales(0.5));
    }
    return methods;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rank1",
        "rank2",
        "flattened",
        "rank3",
        "conv_lstm",
        "time_distributed",
        "segmentation",
        "attention",
        "permuted",
        "mixed"
      })
  void channelsFirst_mapsAreThoseOfChannelsLast(String name) throws IOException {
    Tensor x = Npy.read(FOLDER.resolve(name + "-x.npy"));
    Tensor y = Npy.read(FOLDER.resolve(name + "-y.npy"));
    ExplainOptions options = ExplainOptions.defaults().withFilter(Filters::none);
    try (Model last = last(name);
        Model first = first(name)) {
      assertClose("prediction", y, last.predict(x), 1e-5);
      Tensor twin = y.rank() > 2 ? moved(name, y) : y;
      assertClose("prediction", twin, first.predict(moved(name, x)), 1e-5);
      assertArrayEquals(
          last.network().inputs().get(0).places(), first.network().inputs().get(0).places());
      Method[] all = methods(name).toArray(Method[]::new);
      assertEquals(fitting(first, moved(name, x), all), fitting(last, x, all));
      Method[] methods = fitting(last, x, all).toArray(Method[]::new);
      try (Explainer expected = Explainer.of(last, options, methods);
          Explainer actual = Explainer.of(first, options, methods)) {
        List<Explanation> right = expected.explainAll(List.of(x), Units.all());
        List<Explanation> why = actual.explainAll(List.of(moved(name, x)), Units.all());
        for (int i = 0; i < methods.length; i++) {
          String method = methods[i].name();
          assertClose(method + " scores", right.get(i).scores(), why.get(i).scores(), 1e-5);
          assertClose(method, right.get(i).maps(), why.get(i).maps(), 1e-4);
        }
      }
    }
  }

  /** All but XRAI, whose regions are of pictures. */
  private static List<Method> fitting(Model model, Tensor x, Method... methods) {
    try (Explainer explainer =
        Explainer.of(model, ExplainOptions.defaults().withFilter(Filters::none), methods)) {
      List<Method> fitting = new ArrayList<>();
      List<Fit> found = explainer.applies(model.predictor().shapes(List.of(x)));
      for (int i = 0; i < methods.length; i++) {
        Fit why = found.get(i);
        assertTrue(why.fits() || methods[i].name().equals("xrai"), why::toString);
        if (why.fits()) {
          fitting.add(methods[i]);
        }
      }
      return fitting;
    }
  }

  /** Every layer whose output is spatial, by name: Keras names them alike in both. */
  @ParameterizedTest
  @ValueSource(strings = {"rank1", "rank2", "rank3", "segmentation", "attention"})
  void channelsFirst_everyLayerIsExplainedAlike(String name) throws IOException {
    Tensor x = Npy.read(FOLDER.resolve(name + "-x.npy")).rows(0, 1);
    try (Model last = last(name);
        Model first = first(name)) {
      int compared = 0;
      for (var layer : last.layers()) {
        var call = layer.calls().get(0);
        boolean spatial = call.outputs().get(0).shape().rank() == x.rank();
        if (call.inputs().isEmpty() || !spatial || layer.className().equals("Softmax")) {
          continue;
        }
        ExplainOptions options =
            ExplainOptions.defaults().withFilter(Filters::none).withLayers(layer.name());
        Method[] methods = {GradCam.create(), GradCamPlusPlus.create()};
        try (Explainer expected = Explainer.of(last, options, methods);
            Explainer actual = Explainer.of(first, options, methods)) {
          List<Explanation> right = expected.explainAll(List.of(x), Units.all());
          List<Explanation> why = actual.explainAll(List.of(moved(name, x)), Units.all());
          for (int i = 0; i < right.size(); i++) {
            assertClose(layer.name(), right.get(i).maps(), why.get(i).maps(), 1e-4);
          }
          compared++;
        }
      }
      assertTrue(compared > 1, "layers compared: " + compared);
    }
  }

  /** The classes of (batch, classes, height, width), which PyTorch gives. */
  @Test
  void unitAxis_isThatOfTheChannels() throws IOException {
    float[] pixels = SmallNetwork.random(3, 3 * 24 * 32);
    Tensor x = Tensor.of(pixels, 1, 3, 24, 32);
    try (Model model = Model.load(FOLDER.resolve("seg.onnx"));
        Explainer usual = Explainer.of(model, Gradients.create());
        Explainer named =
            Explainer.of(
                model,
                ExplainOptions.defaults().withObjective(Objective.logits().withUnitAxis(1)),
                Gradients.create())) {
      Explanation why = usual.explain(x, Units.all());
      assertArrayEquals(new int[] {1, 24, 32, 3}, why.maps().shape());
      assertArrayEquals(
          named.explain(x, Units.all()).maps().toFloatArray(), why.maps().toFloatArray());
    }
  }

  @Test
  void channelsFirst_segmentationHasItsUnitsOnAxis1() throws IOException {
    Tensor x = Npy.read(FOLDER.resolve("segmentation-x.npy"));
    float[] weights = new float[8 * 12];
    Arrays.fill(weights, 12, 40, 1);
    ExplainOptions options =
        ExplainOptions.defaults()
            .withObjective(Objective.logits().withRegion(Tensor.of(weights, 8, 12)))
            .withFilter(Filters::none);
    try (Model last = last("segmentation");
        Model first = first("segmentation");
        Explainer expected = Explainer.of(last, options, Gradients.create());
        Explainer actual = Explainer.of(first, options, Gradients.create())) {
      Explanation right = expected.explain(x, Units.all());
      assertEquals(4, right.unitsPerImage());
      Explanation why = actual.explain(moved("segmentation", x), Units.all());
      assertClose("region", right.maps(), why.maps(), 1e-4);
      Tensor each = units(2, 8, 12);
      Explanation rightEach = expected.explain(x, Units.each(each));
      Explanation whyEach = actual.explain(moved("segmentation", x), Units.each(each));
      assertClose("by place", rightEach.maps(), whyEach.maps(), 1e-4);
    }
  }

  /** A picture without a channel axis has a gradient at each pixel. */
  @ParameterizedTest
  @ValueSource(strings = {"flattens", "scales", "reshapes", "expands", "stacks"})
  void picture_withoutChannelAxis(String name) throws IOException {
    Tensor x = Npy.read(FOLDER.resolve("picture-x.npy"));
    Tensor gradient = Npy.read(FOLDER.resolve("picture-" + name + "-gradient.npy"));
    Method gradients = Gradients.create().gradientFilter(Filters::none);
    ExplainOptions options = ExplainOptions.defaults().withFilter(Filters::none);
    try (Model model = Model.load(FOLDER.resolve("picture-" + name + ".keras"));
        Explainer explainer = Explainer.of(model, options, gradients)) {
      Explanation why = explainer.explain(x, Units.of(1));
      assertClose(name, gradient.reshape(2, 8, 10, 1), why.maps(), 1e-5);
      if (!Set.of("flattens", "scales").contains(name)) {
        for (Method method : methods("attention")) {
          if (method.name().startsWith("tta") || method.name().equals("cam")) {
            continue;
          }
          for (Method form : List.of(method, Tta.of(method).scales())) {
            try (Explainer explaining = Explainer.of(model, options, form)) {
              int[] shape = explaining.explain(x, Units.all()).maps().shape();
              assertArrayEquals(new int[] {2, 8, 10, 3}, shape, form.name());
            }
          }
        }
      }
    }
  }

  /** What convolutions and recurrent layers read step by step is a sequence of vectors. */
  @ParameterizedTest
  @ValueSource(strings = {"sequence", "rows"})
  void sequence_isNoPicture(String name) throws IOException {
    Tensor x = Npy.read(FOLDER.resolve("picture-x.npy"));
    float[] gradient = Npy.read(FOLDER.resolve("picture-" + name + "-gradient.npy")).toFloatArray();
    float[] means = new float[2 * 8];
    for (int i = 0; i < gradient.length; i++) {
      means[i / 10] += gradient[i] / 10;
    }
    Method gradients = Gradients.create().gradientFilter(Filters::none);
    ExplainOptions options = ExplainOptions.defaults().withFilter(Filters::none);
    try (Model model = Model.load(FOLDER.resolve("picture-" + name + ".keras"));
        Explainer explainer = Explainer.of(model, options, gradients)) {
      Explanation why = explainer.explain(x, Units.of(1));
      assertClose(name, Tensor.of(means, 2, 8, 1), why.maps(), 1e-5);
    }
  }

  /** Of an ONNX file nobody knows; Keras has its units last. */
  @Test
  void unitAxis_isAskedForWhereNothingTells() {
    GraphBuilder b = new GraphBuilder();
    Value x = b.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 20));
    KerasTensor y = KerasTensor.plain(b.reshape(x, Shape.of(Shape.BATCH, 5, 4)));
    Graph graph = b.build(List.of(y.value()));
    List<KerasTensor> inputs = List.of(KerasTensor.plain(x));
    Network keras = new Network(graph, inputs, List.of(y), List.of());
    Network onnx = new Network(graph, inputs, List.of(y), List.of(), Map.of("y", y), List.of());
    UnsupportedModelException refused =
        assertThrows(UnsupportedModelException.class, () -> UnitAxis.of(onnx, y, null));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("axis 1 (of size 5) or axis 2 (of size 4)"));
    assertEquals(1, UnitAxis.of(onnx, y, -2).axis());
    assertEquals(2, UnitAxis.of(keras, y, null).axis());
    assertFalse(UnitAxis.of(keras, y, null).isUsual());
    assertThrows(IllegalArgumentException.class, () -> UnitAxis.of(keras, y, 3));
    assertThrows(IllegalArgumentException.class, () -> UnitAxis.of(keras, y, 0));
  }

  /** The softmax of a model says along which axis its classes lie. */
  @Test
  void unitAxis_isThatOfTheSoftmax() {
    GraphBuilder b = new GraphBuilder();
    Value x = b.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 20));
    KerasTensor y = KerasTensor.plain(b.reshape(x, Shape.of(Shape.BATCH, 5, 4)));
    Value softmax = b.node(Op.SOFTMAX, Attributes.of("axis", 1), y.value());
    Graph graph = b.build(List.of(softmax));
    List<KerasTensor> outputs = List.of(KerasTensor.plain(softmax));
    List<KerasTensor> inputs = List.of(KerasTensor.plain(x));
    Network onnx = new Network(graph, inputs, outputs, List.of(), Map.of("y", y), List.of());
    assertEquals(1, UnitAxis.of(onnx, y, null).axis());
    assertEquals(1, UnitAxis.of(onnx, outputs.get(0), null).axis());
  }

  /** The output is (16, batch, 5): its classes are on the last axis, where a product has them. */
  @Test
  void unitAxis_ofTimeFirstIsThatOfTheClasses() throws IOException {
    Tensor x = Tensor.of(SmallNetwork.random(4, 3 * 16 * 16), 1, 3, 16, 16);
    try (Model model = Model.load(FOLDER.resolve("timefirst.onnx"));
        Explainer explainer = Explainer.of(model, Gradients.create())) {
      Explanation all = explainer.explain(x, Units.all());
      Tensor y = model.predict(x);
      assertArrayEquals(new int[] {16, 1, 5}, y.shape());
      for (int unit = 0; unit < 5; unit++) {
        double sum = 0;
        for (int step = 0; step < 16; step++) {
          sum += y.get(step, 0, unit);
        }
        assertEquals(sum, all.scores().get(0, unit), 1e-4 * Math.abs(sum) + 1e-5);
      }
    }
  }

  private static Tensor units(int images, int height, int width) {
    long[] units = new long[images * height * width];
    Arrays.setAll(units, i -> (i * 7L / 3) % 4);
    return Tensor.of(units, images, height, width, 1);
  }
}
