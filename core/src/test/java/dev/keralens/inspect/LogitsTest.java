package dev.keralens.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.inspect.Logits.Ending;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.network.Network;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Forms of a softmax and a sigmoid in operators, and what only looks like one. */
class LogitsTest {
  /** Makes an output of z, float (batch, 2, 3). */
  private interface Form extends BiFunction<GraphBuilder, Value, Value> {}

  private static final Map<String, Form> SOFTMAX = new TreeMap<>();
  private static final Map<String, Form> SIGMOID = new TreeMap<>();
  private static final Map<String, Form> NEITHER = new TreeMap<>();

  private static Value soft(GraphBuilder b, Value z) {
    return b.node(Op.SOFTMAX, Attributes.of("axis", -1), z);
  }

  private static Value sig(GraphBuilder b, Value z) {
    return b.node(Op.SIGMOID, z);
  }

  private static Value exp(GraphBuilder b, Value z) {
    return b.node(Op.EXP, z);
  }

  private static Value sum(GraphBuilder b, Value z) {
    return b.reduceSum(z, true, 2);
  }

  private static Value highest(GraphBuilder b, Value z) {
    return b.reduce(Op.REDUCE_MAX, z, true, 2);
  }

  private static Value log(GraphBuilder b, Value z) {
    return b.node(Op.LOG, z);
  }

  private static Value plus(GraphBuilder b, Value z, double number) {
    return b.add(z, b.scalar((float) number));
  }

  static {
    SOFTMAX.put("softmax", LogitsTest::soft);
    SOFTMAX.put("log_softmax", (b, z) -> b.node(Op.LOG_SOFTMAX, Attributes.of("axis", 2), z));
    SOFTMAX.put("less maximum", (b, z) -> soft(b, b.sub(z, highest(b, z))));
    SOFTMAX.put("plus minus maximum", (b, z) -> soft(b, b.add(b.neg(highest(b, z)), z)));
    SOFTMAX.put("quotient", (b, z) -> b.div(exp(b, z), sum(b, exp(b, z))));
    SOFTMAX.put(
        "quotient less maximum",
        (b, z) -> {
          Value e = exp(b, b.sub(z, highest(b, z)));
          return b.div(e, sum(b, e));
        });
    SOFTMAX.put(
        "product with the reciprocal",
        (b, z) -> b.mul(b.node(Op.RECIPROCAL, plus(b, sum(b, exp(b, z)), 1e-7)), exp(b, z)));
    SOFTMAX.put(
        "product with a power",
        (b, z) -> b.mul(exp(b, z), b.node(Op.POW, sum(b, exp(b, z)), b.scalar(-1))));
    SOFTMAX.put(
        "sum without its axis",
        (b, z) -> b.div(exp(b, z), b.unsqueeze(b.reduceSum(exp(b, z), false, 2), 2)));
    SOFTMAX.put("sum laid out", (b, z) -> b.div(exp(b, z), b.expand(sum(b, exp(b, z)), z.shape())));
    SOFTMAX.put(
        "sum kept from zero",
        (b, z) -> b.div(exp(b, z), b.max(sum(b, exp(b, z)), b.scalar(1e-6f))));
    SOFTMAX.put("less logarithm", (b, z) -> b.sub(z, log(b, sum(b, exp(b, z)))));
    SOFTMAX.put("less logsumexp", (b, z) -> b.sub(z, b.reduce(Op.REDUCE_LOG_SUM_EXP, z, true, 2)));
    SOFTMAX.put(
        "less maximum and logarithm",
        (b, z) -> {
          Value shifted = b.sub(z, highest(b, z));
          return b.sub(shifted, log(b, sum(b, exp(b, shifted))));
        });
    SOFTMAX.put(
        "less maximum plus logarithm",
        (b, z) -> {
          Value m = highest(b, z);
          return b.sub(z, b.add(m, log(b, sum(b, exp(b, b.sub(z, m))))));
        });
    SOFTMAX.put(
        "power of the logarithm",
        (b, z) -> exp(b, b.sub(z, b.reduce(Op.REDUCE_LOG_SUM_EXP, z, true, 2))));
    SOFTMAX.put("logarithm", (b, z) -> log(b, b.max(soft(b, z), b.scalar(1e-9f))));
    SOFTMAX.put(
        "over two axes",
        (b, z) -> {
          Value e = exp(b, b.sub(z, b.reduce(Op.REDUCE_MAX, z, true, 1, 2)));
          return b.div(e, b.reduceSum(e, true, 1, 2));
        });
    SOFTMAX.put(
        "over the first of two axes", (b, z) -> b.div(exp(b, z), b.reduceSum(exp(b, z), true, 1)));
    SOFTMAX.put("smoothed", (b, z) -> plus(b, b.mul(soft(b, z), 0.97), 0.01));
    SOFTMAX.put(
        "shared choice",
        (b, z) -> b.where(b.node(Op.GREATER, z, b.scalar(0)), soft(b, z), soft(b, z)));

    SIGMOID.put("sigmoid", LogitsTest::sig);
    SIGMOID.put("reciprocal", (b, z) -> b.node(Op.RECIPROCAL, plus(b, exp(b, b.neg(z)), 1)));
    SIGMOID.put("quotient", (b, z) -> b.div(b.scalar(1), plus(b, exp(b, b.mul(z, -1)), 1)));
    SIGMOID.put(
        "power", (b, z) -> b.node(Op.POW, plus(b, exp(b, b.sub(b.scalar(0), z)), 1), b.scalar(-1)));
    SIGMOID.put("quotient of powers", (b, z) -> b.div(exp(b, z), plus(b, exp(b, z), 1)));
    SIGMOID.put("tanh", (b, z) -> plus(b, b.mul(b.node(Op.TANH, b.mul(z, 0.5)), 0.5), 0.5));
    SIGMOID.put(
        "tanh halved",
        (b, z) -> b.div(plus(b, b.node(Op.TANH, b.div(z, b.scalar(2))), 1), b.scalar(2)));
    SIGMOID.put("minus softplus", (b, z) -> b.neg(b.node(Op.SOFTPLUS, b.neg(z))));
    SIGMOID.put("minus logarithm", (b, z) -> b.neg(log(b, plus(b, exp(b, b.neg(z)), 1))));
    SIGMOID.put("logarithm", (b, z) -> log(b, sig(b, z)));
    SIGMOID.put("hard sigmoid", (b, z) -> b.node(Op.HARD_SIGMOID, z));
    SIGMOID.put(
        "hard sigmoid of a cut",
        (b, z) -> b.div(b.node(Op.CLIP, plus(b, z, 3), b.scalar(0), b.scalar(6)), b.scalar(6)));
    SIGMOID.put(
        "hard sigmoid of two cuts",
        (b, z) -> b.max(b.min(plus(b, b.mul(z, 0.2), 0.5), b.scalar(1)), b.scalar(0)));
    SIGMOID.put("absence of the absence", (b, z) -> b.sub(b.scalar(1), sig(b, b.neg(z))));
    SIGMOID.put(
        "kept from 0 and 1",
        (b, z) -> b.min(b.max(sig(b, z), b.scalar(1e-7f)), b.scalar(1 - 1e-7f)));
    SIGMOID.put("cut below", (b, z) -> b.relu(sig(b, z)));
    SIGMOID.put(
        "in two ways",
        (b, z) ->
            b.where(
                b.node(Op.GREATER, z, b.scalar(0)),
                b.node(Op.RECIPROCAL, plus(b, exp(b, b.neg(z)), 1)),
                b.div(exp(b, z), plus(b, exp(b, z), 1))));

    NEITHER.put("scores", (b, z) -> z);
    NEITHER.put("swish", (b, z) -> b.mul(z, sig(b, z)));
    NEITHER.put("tanh", (b, z) -> b.node(Op.TANH, z));
    NEITHER.put("tanh of a half", (b, z) -> plus(b, b.mul(b.node(Op.TANH, z), 0.25), 0.5));
    NEITHER.put("other sum", (b, z) -> b.div(exp(b, z), sum(b, exp(b, b.mul(z, 2)))));
    NEITHER.put("other base", (b, z) -> b.div(exp(b, z), sum(b, z)));
    NEITHER.put("two added", (b, z) -> plus(b, exp(b, b.neg(z)), 2));
    NEITHER.put(
        "reciprocal of two and more",
        (b, z) -> b.node(Op.RECIPROCAL, plus(b, exp(b, b.neg(z)), 2)));
    NEITHER.put("cut score", (b, z) -> b.node(Op.CLIP, z, b.scalar(0), b.scalar(1)));
    NEITHER.put("two softmaxes", (b, z) -> b.add(soft(b, z), soft(b, b.mul(z, 2))));
    NEITHER.put("product", (b, z) -> b.mul(soft(b, z), sig(b, z)));
    NEITHER.put(
        "less another logsumexp",
        (b, z) -> b.sub(z, b.reduce(Op.REDUCE_LOG_SUM_EXP, b.mul(z, 3), true, 2)));
  }

  private static Network network(Form form) {
    GraphBuilder b = new GraphBuilder();
    Value z = b.input("z", ElementType.FLOAT32, Shape.of(Shape.BATCH, 2, 3));
    Value output = form.apply(b, z);
    KerasTensor in = KerasTensor.plain(z);
    return new Network(
        b.build(List.of(output)), List.of(in), List.of(KerasTensor.plain(output)), List.of());
  }

  static List<String> softmaxes() {
    return List.copyOf(SOFTMAX.keySet());
  }

  static List<String> sigmoids() {
    return List.copyOf(SIGMOID.keySet());
  }

  static List<String> neither() {
    return List.copyOf(NEITHER.keySet());
  }

  private static Form form(Map<String, Form> forms, String name) {
    Form form = forms.get(name);
    if (form == null) {
      throw new IllegalArgumentException(name);
    }
    return form;
  }

  @ParameterizedTest
  @MethodSource("softmaxes")
  void softmax_isKnownInEveryForm(String name) {
    Network network = network(form(SOFTMAX, name));
    Logits logits = Logits.of(network, 0);
    assertEquals(network.inputs().get(0).value(), logits.tensor().value(), logits.ground());
    assertTrue(logits.ground().contains("the softmax"), logits.ground());
  }

  @ParameterizedTest
  @MethodSource("sigmoids")
  void sigmoid_isKnownInEveryForm(String name) {
    Network network = network(form(SIGMOID, name));
    Logits logits = Logits.of(network, 0);
    assertEquals(network.inputs().get(0).value(), logits.tensor().value(), logits.ground());
    assertTrue(logits.ground().contains("the sigmoid"), logits.ground());
  }

  @ParameterizedTest
  @MethodSource("neither")
  void other_isNoSoftmaxOrSigmoid(String name) {
    Network network = network(form(NEITHER, name));
    Logits logits = Logits.of(network, 0);
    assertFalse(logits.isFound(), logits.ground());
    assertSame(network, logits.network());
  }

  /** Where the output may well be probabilities, that is said. */
  @Test
  void unknown_isWhatLiesBetween0And1OrHoldsASoftmax() {
    for (String name : List.of("cut score", "two softmaxes", "product", "swish")) {
      Logits logits = Logits.of(network(form(NEITHER, name)), 0);
      assertEquals(Ending.UNKNOWN, logits.ending(), name);
      assertTrue(logits.note().isPresent(), name);
    }
    for (String name : List.of("tanh", "other base")) {
      Logits logits = Logits.of(network(form(NEITHER, name)), 0);
      assertEquals(Ending.OTHER, logits.ending(), name);
      assertFalse(logits.note().isPresent(), name);
    }
  }

  private static Tensor run(Network network, Value value, Tensor z) {
    GraphBuilder b = GraphBuilder.from(network.graph());
    try (CompiledGraph graph =
        CompiledGraph.compile(b.build(List.of(value)), RuntimeOptions.defaults())) {
      return graph.run(List.of(z)).get(0);
    }
  }

  /** What is rearranged, element by element: each output is the sigmoid of its own logit. */
  @Test
  void rearranged_eachElementKeepsItsPlace() {
    Map<String, Form> forms = new TreeMap<>();
    forms.put("transposed", (b, p) -> b.transpose(p, 0, 2, 1));
    forms.put("reshaped", (b, p) -> b.reshape(p, Shape.of(Shape.BATCH, 3, 2)));
    forms.put("flattened", (b, p) -> b.node(Op.FLATTEN, Attributes.of("axis", 1), p));
    forms.put("cut", (b, p) -> b.slice(p, new int[] {2}, new int[] {1}, new int[] {3}));
    forms.put(
        "gathered",
        (b, p) ->
            b.node(
                Op.GATHER,
                Attributes.of("axis", 2),
                p,
                b.constant(Tensor.of(new long[] {2, 0, 1, 1}, 4))));
    forms.put("batch last", (b, p) -> b.transpose(p, 1, 2, 0));
    forms.put("joined", (b, p) -> b.concat(1, List.of(b.sub(b.scalar(1), p), p)));
    forms.put(
        "split and joined in turn",
        (b, p) -> {
          List<Value> parts =
              b.nodes(Op.SPLIT, Attributes.of("axis", 2), 3, Arrays.asList(p, b.ints(1, 1, 1)));
          return b.concat(2, List.of(parts.get(2), parts.get(0), parts.get(1)));
        });
    float[] numbers = {-2, 0.5f, 1, 3, -0.25f, 0.75f, 2, -1, 0.1f, 1.5f, -3, 0.3f};
    Tensor z = Tensor.of(numbers, 2, 2, 3);
    forms.forEach(
        (name, form) -> {
          Logits logits = Logits.of(network((b, x) -> form.apply(b, sig(b, x))), 0);
          assertTrue(logits.isFound(), name);
          Tensor given = run(logits.network(), logits.tensor().value(), z);
          boolean moved = logits.tensor().layout() == Layout.CHANNELS_MOVED;
          Tensor shown = moved ? given.transpose(KerasTensor.channelsLast(given.rank())) : given;
          float[] scores = shown.toFloatArray();
          float[] outputs = run(logits.network(), logits.output().value(), z).toFloatArray();
          assertEquals(outputs.length, scores.length, name);
          for (int i = 0; i < scores.length; i++) {
            assertEquals(1 / (1 + Math.exp(-scores[i])), outputs[i], 1e-6, name + " " + i);
          }
          assertEquals(Shape.BATCH, logits.tensor().shape().size(0), name);
        });
  }

  /** Also of outputs that are maps, with their channels moved to the end. */
  @Test
  void twoClasses_ofAMapLieOnTheAxisOfTheUnit() {
    Form map =
        (b, z) -> {
          Value one = b.slice(z, new int[] {1}, new int[] {0}, new int[] {1});
          return b.transpose(sig(b, one), 0, 2, 1);
        };
    Logits logits = Logits.of(network(map), 0).asTwoClasses(-1);
    assertEquals(Shape.of(Shape.BATCH, 3, 2), logits.tensor().shape());
    assertEquals(Shape.of(Shape.BATCH, 3, 2), logits.output().shape());
    Tensor z = Tensor.of(new float[] {-2, 0.5f, 1, 3, -0.25f, 0.75f}, 1, 2, 3);
    Tensor scores = run(logits.network(), logits.tensor().value(), z).transpose(0, 2, 1);
    Tensor outputs = run(logits.network(), logits.output().value(), z);
    for (int place = 0; place < 3; place++) {
      float logit = z.get(0, 0, place);
      assertEquals(-logit, scores.get(0, place, 0), 1e-6);
      assertEquals(logit, scores.get(0, place, 1), 1e-6);
      assertEquals(1 / (1 + Math.exp(logit)), outputs.get(0, place, 0), 1e-6);
      assertEquals(1 / (1 + Math.exp(-logit)), outputs.get(0, place, 1), 1e-6);
    }
    Logits itself = Logits.ofOutput(network(map), 0).asTwoClasses(2);
    assertEquals(itself.output(), itself.tensor());
    float[] both = run(itself.network(), itself.tensor().value(), z).toFloatArray();
    assertEquals(1, both[0] + both[1], 1e-6);
  }

  @Test
  void rows_severalOfAnImageAreRefused() {
    Network network = network((b, z) -> b.reshape(z, Shape.of(2 * Shape.BATCH, 3)));
    Logits logits = Logits.of(network, 0);
    Exception e = assertThrows(UnsupportedModelException.class, logits::ofImages);
    assertTrue(
        String.valueOf(e.getMessage()).contains("(2*batch, 3) has 2 rows for each image"),
        e.getMessage());
  }

  @Test
  void twoClasses_areMadeOfOneUnitOnly() {
    Logits several = Logits.of(network(LogitsTest::sig), 0);
    Exception e = assertThrows(IllegalArgumentException.class, () -> several.asTwoClasses(-1));
    assertTrue(
        String.valueOf(e.getMessage()).contains("Two classes are made of one unit"),
        e.getMessage());
    Form one = (b, z) -> soft(b, b.slice(z, new int[] {2}, new int[] {0}, new int[] {1}));
    Logits always = Logits.of(network(one), 0);
    Exception softmax = assertThrows(IllegalArgumentException.class, () -> always.asTwoClasses(-1));
    assertTrue(String.valueOf(softmax.getMessage()).contains("always 1"), softmax.getMessage());
  }
}
