package dev.keralens;

import static dev.keralens.FourByFour.PIXELS;
import static dev.keralens.FourByFour.X;
import static dev.keralens.FourByFour.assertMap;
import static dev.keralens.FourByFour.map;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.explain.Baseline;
import dev.keralens.filter.Filters;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.Activations;
import dev.keralens.method.Deconvnet;
import dev.keralens.method.DeepLift;
import dev.keralens.method.Gradients;
import dev.keralens.method.GuidedBackprop;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** ReLU as files write it: whatever operators it is made of, the rules for ReLU are applied. */
class RectifierFormsTest {
  /** A function of single elements. */
  private interface Form {
    Value of(GraphBuilder b, Value x);
  }

  private record Named(String name, Form form) {}

  private static Value zero(GraphBuilder b) {
    return b.scalar(0);
  }

  /** What {@code torch.zeros_like} becomes: zeros for each row of the batch. */
  private static Value zerosLike(GraphBuilder b, Value x) {
    Value none = b.cast(b.node(Op.LESS, x, x), ElementType.FLOAT32);
    return b.add(b.expand(b.scalar(0), x.shape().with(0, 1)), none);
  }

  private static Value compare(GraphBuilder b, Op op, Value x, Value y) {
    return b.node(op, x, y);
  }

  private static final List<Named> FORMS =
      List.of(
          new Named("Relu", (b, x) -> b.relu(x)),
          new Named("Clip", (b, x) -> b.node(Op.CLIP, x, zero(b), b.scalar(50))),
          new Named("Max(x, 0)", (b, x) -> b.max(x, zero(b))),
          new Named("Max(0, x)", (b, x) -> b.max(zero(b), x)),
          new Named(
              "Max(x, zeros of channels)",
              (b, x) -> b.max(x, b.constant(Tensor.of(new float[2], 1, 2, 1, 1)))),
          new Named("Max(x, zeros_like)", (b, x) -> b.max(x, zerosLike(b, x))),
          new Named("Max(zeros_like, x)", (b, x) -> b.max(zerosLike(b, x), x)),
          new Named("Max of Min", (b, x) -> b.max(b.min(x, b.scalar(50)), zero(b))),
          new Named("Min of Max", (b, x) -> b.min(b.max(x, zero(b)), b.scalar(50))),
          new Named(
              "Where(x > 0, x, 0)",
              (b, x) -> b.where(compare(b, Op.GREATER, x, zero(b)), x, zero(b))),
          new Named(
              "Where(x > 0, x, zeros_like)",
              (b, x) -> b.where(compare(b, Op.GREATER, x, zero(b)), x, zerosLike(b, x))),
          new Named(
              "Where(x < 0, 0, x)", (b, x) -> b.where(compare(b, Op.LESS, x, zero(b)), zero(b), x)),
          new Named(
              "Where(0 < x, x, 0)", (b, x) -> b.where(compare(b, Op.LESS, zero(b), x), x, zero(b))),
          new Named(
              "Where(0 >= x, 0, x)",
              (b, x) -> b.where(compare(b, Op.GREATER_OR_EQUAL, zero(b), x), zero(b), x)),
          new Named(
              "Where(not x <= 0, x, 0)",
              (b, x) ->
                  b.where(b.node(Op.NOT, compare(b, Op.LESS_OR_EQUAL, x, zero(b))), x, zero(b))),
          new Named(
              "x * (x > 0)",
              (b, x) -> b.mul(x, b.cast(compare(b, Op.GREATER, x, zero(b)), ElementType.FLOAT32))),
          new Named(
              "(x > 0) * x",
              (b, x) -> b.mul(b.cast(compare(b, Op.GREATER, x, zero(b)), ElementType.FLOAT32), x)),
          new Named("keras relu, at most 50", (b, x) -> Activations.relu(b, x, 0, 50, 0)));

  /** y = 2 mean(f(x)) - 3 mean(f(-x)), as {@link FourByFour#twoSided} is of ReLU. */
  private static Model twoSided(Form form) {
    return FourByFour.model(
        (n, in) -> {
          KerasTensor both =
              n.convolution("conv", in.get(0), new float[] {1, -1}, new float[2], 1, 1);
          KerasTensor f = new KerasTensor(form.of(n.b, both.value()), both.layout());
          KerasTensor mean = n.globalAverage("gap", f);
          return List.of(n.dense("dense", mean, new float[] {2, -3}, 1));
        });
  }

  private static Stream<DynamicTest> each(Consumer<Form> test) {
    return FORMS.stream()
        .map(named -> DynamicTest.dynamicTest(named.name(), () -> test.accept(named.form())));
  }

  @TestFactory
  Stream<DynamicTest> guidedBackprop_ofEachForm() {
    GuidedBackprop signed = GuidedBackprop.create().gradientFilter(Filters::none);
    return each(form -> assertMap(i -> X[i] > 0 ? 2.0 / 16 : 0, map(twoSided(form), signed), 1e-6));
  }

  @TestFactory
  Stream<DynamicTest> deconvnet_ofEachForm() {
    Deconvnet signed = Deconvnet.create().gradientFilter(Filters::none);
    return each(form -> assertMap(i -> 2.0 / 16, map(twoSided(form), signed), 1e-6));
  }

  @TestFactory
  Stream<DynamicTest> deepLift_ofEachForm() {
    float[] other = SmallNetwork.random(8, PIXELS);
    DeepLift method = DeepLift.create().baseline(Baseline.of(Tensor.of(other, 1, 4, 4, 1)));
    BinaryOperator<Double> rise = (to, from) -> Math.max(0, to) - Math.max(0, from);
    return each(
        form ->
            assertMap(
                i ->
                    (2 * rise.apply((double) X[i], (double) other[i])
                            - 3 * rise.apply((double) -X[i], (double) -other[i]))
                        / PIXELS,
                map(twoSided(form), method),
                1e-5));
  }

  /** What lets something through below its threshold is no ReLU, whatever it is made of. */
  @Test
  void leakyForms_keepTheirGradient() {
    Gradients plain = Gradients.create().gradientFilter(Filters::none);
    GuidedBackprop guided = GuidedBackprop.create().gradientFilter(Filters::none);
    Deconvnet deconvnet = Deconvnet.create().gradientFilter(Filters::none);
    List<Form> forms =
        List.of(
            (b, x) -> Activations.relu(b, x, 0.5, 1, 0),
            (b, x) -> Activations.relu(b, x, 0.5, 1, 0.3),
            (b, x) -> Activations.relu(b, x, 0.5, Double.POSITIVE_INFINITY, 0.3),
            (b, x) -> b.where(b.node(Op.GREATER, x, b.scalar(0)), x, b.mul(x, 0.5)),
            (b, x) -> b.max(x, b.mul(x, 0.5)));
    for (Form form : forms) {
      float[] expected = map(twoSided(form), plain);
      assertMap(i -> expected[i], map(twoSided(form), guided), 0);
      assertMap(i -> expected[i], map(twoSided(form), deconvnet), 0);
      assertTrue(expected[0] > 0 && expected[PIXELS - 1] > 0);
    }
  }

  /** A change that goes through a condition is missing from a sum of slopes. */
  @Test
  void deepLift_refusesNumbersThatJump() {
    List<Form> forms =
        List.of(
            (b, x) ->
                b.add(x, b.cast(b.node(Op.GREATER, b.mul(x, x), b.scalar(1)), ElementType.FLOAT32)),
            (b, x) ->
                b.mul(
                    x, b.cast(b.node(Op.GREATER, b.mul(x, x), b.scalar(1)), ElementType.FLOAT32)));
    for (Form form : forms) {
      assertThrows(UnsupportedModelException.class, () -> map(twoSided(form), DeepLift.create()));
    }
  }
}
