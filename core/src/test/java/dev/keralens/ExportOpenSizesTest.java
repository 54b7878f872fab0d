package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.explain.Method;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.method.GradCam;
import dev.keralens.method.Gradients;
import dev.keralens.method.Methods;
import dev.keralens.method.Occlusion;
import dev.keralens.method.Smooth;
import dev.keralens.network.InputSpec;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.network.Network;
import dev.keralens.network.NetworkSource;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exported files whose sizes stay open, beside what is computed here at each size. */
class ExportOpenSizesTest {
  private static final int[][] SIZES = {{8, 12}, {20, 8}, {12, 12}};

  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("open.onnx");
  }

  /** A network for each size, with the same weights. */
  private static Model open(SmallNetwork.Body body) {
    return Model.of(
        "open",
        new NetworkSource() {
          @Override
          public List<InputSpec> inputs() {
            List<@Nullable Integer> sizes = Arrays.asList(null, null, 2);
            return List.of(new InputSpec("input0", ElementType.FLOAT32, sizes));
          }

          @Override
          public Network network(List<Shape> shapes) {
            int[] sizes = Arrays.copyOfRange(shapes.get(0).sizes(), 1, 4);
            return SmallNetwork.model(body, sizes).network(shapes);
          }
        });
  }

  private static KerasTensor convolution(SmallNetwork n, String name, KerasTensor in, int from) {
    float[] kernel = SmallNetwork.random(from, 4 * from * 9);
    return n.relu(name + "_relu", n.convolution(name, in, kernel, new float[4], 3, 3));
  }

  private static KerasTensor halved(SmallNetwork n, KerasTensor in) {
    Attributes attributes =
        Attributes.of("kernel_shape", new int[] {2, 2}).with("strides", new int[] {2, 2});
    Value pooled = n.b.node(Op.MAX_POOL, attributes.with("pads", new int[4]), in.value());
    return n.layer("pool", "MaxPooling2D", in, pooled, Layout.CHANNELS_MOVED);
  }

  /** Convolutions, a pooling between them, a global pooling, three units. */
  private static List<KerasTensor> classifier(SmallNetwork n, List<KerasTensor> in) {
    KerasTensor half = halved(n, convolution(n, "conv1", in.get(0), 2));
    KerasTensor last = convolution(n, "conv2", half, 4);
    return List.of(
        n.dense("dense", n.globalAverage("gap", last), SmallNetwork.random(7, 4 * 3), 3));
  }

  private static Tensor x(int height, int width) {
    return Tensor.of(
        SmallNetwork.random(height * 31 + width, 2 * height * width * 2), 2, height, width, 2);
  }

  private static void assertClose(Tensor expected, Tensor actual, String what) {
    assertArrayEquals(expected.shape(), actual.shape(), what);
    float[] values = expected.toFloatArray();
    float largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertTrue(largest > 0, what);
    assertArrayEquals(values, actual.toFloatArray(), 1e-5f * largest, what);
  }

  private static Tensor of(Map<String, Tensor> outputs, String name) {
    return Objects.requireNonNull(outputs.get(name), name);
  }

  @ParameterizedTest
  @ValueSource(ints = {18, 20, 24})
  void maps_areThoseOfEachSize(int opset) throws IOException {
    List<Method> methods = new ArrayList<>();
    for (String name : List.of("gradcam", "gradcampp", "layercam", "gradients", "full_gradients")) {
      methods.add(Objects.requireNonNull(Methods.byNames().get(name), name).create());
    }
    ExportOptions options =
        ExportOptions.defaults().withOpenSizes(true).withHighestUnits(2).withOpset(opset);
    try (Model model = open(ExportOpenSizesTest::classifier)) {
      for (Method method : methods) {
        try (Explainer explainer = Explainer.of(model, method)) {
          explainer.export(file(), options);
          for (int[] size : SIZES) {
            Tensor x = x(size[0], size[1]);
            Map<String, Tensor> outputs = CompiledGraph.runFile(file(), Map.of("input0", x));
            String what = method.name() + " at " + Arrays.toString(size);
            Explanation why = explainer.explain(x, Units.top(2));
            assertClose(why.maps(), of(outputs, "saliency_map"), what);
            assertClose(model.predict(x), of(outputs, "dense"), what);
            assertArrayEquals(
                why.units().toLongArray(), of(outputs, "saliency_units").toLongArray(), what);
          }
        }
      }
    }
  }

  @Test
  void otherSizes_failTheRun() throws IOException {
    try (Model model = open(ExportOpenSizesTest::classifier);
        Explainer explainer = Explainer.of(model, Gradients.create())) {
      explainer.export(file(), ExportOptions.defaults().withOpenSizes(true).withHighestUnits(1));
    }
    try (Model exported = Model.load(file())) {
      assertEquals("2", exported.metadata().get("keralens.open_sizes.step"));
    }
    for (int[] size : new int[][] {{9, 8}, {8, 13}}) {
      Tensor x = x(size[0], size[1]);
      RuntimeException failed =
          assertThrows(
              RuntimeException.class, () -> CompiledGraph.runFile(file(), Map.of("input0", x)));
      assertTrue(String.valueOf(failed).contains("multiple_of_2_from_"), () -> "" + failed);
    }
  }

  @Test
  void file_isReadAgain() throws IOException {
    Tensor x = x(12, 20);
    try (Model model = open(ExportOpenSizesTest::classifier);
        Explainer explainer = Explainer.of(model, GradCam.create())) {
      explainer.export(file(), ExportOptions.defaults().withOpenSizes(true).withHighestUnits(1));
      try (ExportedExplainer read = ExportedExplainer.of(Model.load(file()))) {
        Explanation why = explainer.explain(x, Units.top(1));
        assertClose(
            why.maps(), read.explainAll(List.of(x), Units.top(1)).get(0).maps(), "read again");
        assertClose(model.predict(x), read.model().predict(x), "model");
      }
    }
  }

  @Test
  void whatASizeDecides_isRefusedByName() throws IOException {
    ExportOptions options = ExportOptions.defaults().withOpenSizes(true);
    SmallNetwork.Body placed =
        (n, in) -> {
          int[] sizes = in.get(0).value().shape().sizes();
          float[] table = SmallNetwork.random(3, sizes[1] * sizes[2] * 2);
          Value each = n.b.constant(Tensor.of(table, 1, sizes[1], sizes[2], 2));
          Value sum = n.b.add(in.get(0).value(), each);
          return classifier(n, List.of(n.layer("places", "Add", in.get(0), sum, Layout.PLAIN)));
        };
    try (Model model = open(placed)) {
      UnsupportedModelException refused =
          assertThrows(UnsupportedModelException.class, () -> model.export(file(), options));
      assertTrue(String.valueOf(refused.getMessage()).contains("Add '"), refused::toString);
      assertTrue(String.valueOf(refused.getMessage()).contains("--size"), refused::toString);
    }
    try (Model model = open(ExportOpenSizesTest::classifier)) {
      for (Method method :
          List.of(Occlusion.create(), Smooth.of(Gradients.create()).repetitions(3))) {
        try (Explainer explainer = Explainer.of(model, method)) {
          UnsupportedModelException refused =
              assertThrows(
                  UnsupportedModelException.class, () -> explainer.export(file(), options));
          assertTrue(String.valueOf(refused.getMessage()).length() > 20, refused::toString);
        }
      }
    }
    try (Model fixed = SmallNetwork.model(ExportOpenSizesTest::classifier, new int[] {8, 8, 2})) {
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> fixed.export(file(), options));
      assertTrue(String.valueOf(refused.getMessage()).contains("none is left open"));
    }
  }
}
