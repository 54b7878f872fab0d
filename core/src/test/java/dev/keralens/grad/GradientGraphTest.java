package dev.keralens.grad;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the differentiator does with whole graphs, in literal numbers. */
class GradientGraphTest {
  private static final Shape ROWS = Shape.of(Shape.BATCH, 2);

  private final GraphBuilder b = new GraphBuilder();
  private final Value x = b.input("x", ElementType.FLOAT32, ROWS);
  private final Differentiator differentiator = Differentiator.of(b);

  @Test
  void gradients_ofSeveralUsesAreSummed() {
    Value y = b.add(b.mul(x, x), b.add(b.mul(x, 3), x));
    assertArrayEquals(new float[] {6, 8}, run(gradientOf(y), 1, 2));
  }

  @Test
  void gradients_ofSeveralSeedsAreSummed() {
    Value twice = b.mul(x, 2);
    Value square = b.mul(twice, twice);
    Map<Value, Value> seeds = new LinkedHashMap<>();
    seeds.put(twice, ones(twice));
    seeds.put(square, ones(square));
    Value gradient = differentiator.gradients(seeds, List.of(x)).get(x);
    assertArrayEquals(new float[] {2 + 8, 2 + 16}, run(gradient, 1, 2));
  }

  @Test
  void gradients_ofValuesBetween() {
    Value middle = b.mul(x, 2);
    Value y = b.mul(middle, middle);
    Value seed = ones(y);
    Map<Value, Value> gradients = differentiator.gradients(Map.of(y, seed), List.of(x, middle, y));
    assertEquals(List.of(x, middle, y), List.copyOf(gradients.keySet()));
    assertSame(seed, gradients.get(y));
    assertArrayEquals(new float[] {4, 8}, run(gradients.get(middle), 1, 2));
    assertArrayEquals(new float[] {8, 16}, run(gradients.get(x), 1, 2));
  }

  @Test
  void gradients_whereNothingFlows() {
    Value other = b.input("other", ElementType.FLOAT32, ROWS);
    Value y = b.mul(x, 2);
    Value after = b.node(Op.EXP, y);
    Value step = b.node(Op.FLOOR, x);
    assertEquals(Map.of(), differentiator.gradients(Map.of(y, ones(y)), List.of(other, after)));
    assertEquals(Map.of(), differentiator.gradients(Map.of(step, ones(step)), List.of(x)));
    assertEquals(Map.of(), differentiator.gradients(Map.of(), List.of(x)));
  }

  @Test
  void gradients_ofUnitsLieBesideOneAnother() {
    Value y = b.mul(x, x);
    Value seed = b.input("seed", ElementType.FLOAT32, Shape.of(-2, 2));
    Value gradient =
        Objects.requireNonNull(
            differentiator.repeats(2).gradients(Map.of(y, seed), List.of(x)).get(x));
    assertEquals(Shape.of(-2, 2), gradient.shape());
    Tensor images = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    Tensor seeds = Tensor.of(new float[] {1, 0, 0, 1, 10, 0, 0, 10}, 4, 2);
    assertArrayEquals(
        new float[] {2, 0, 0, 4, 60, 0, 0, 80}, run(b.build(List.of(gradient)), images, seeds));
  }

  @Test
  void gradients_leaveOutWhatNobodyNeeds() {
    Value expensive = b.node(Op.TANH, x);
    Value middle = b.node(Op.SOFTPLUS, expensive);
    Value y = b.mul(middle, b.constant(Tensor.of(new float[] {3, 4}, 2)));
    Value seed = b.input("seed", ElementType.FLOAT32, ROWS);
    Value gradient = differentiator.gradients(Map.of(y, seed), List.of(middle)).get(middle);
    Graph graph = b.build(List.of(Objects.requireNonNull(gradient)));
    assertEquals(List.of(Op.MUL), graph.nodes().stream().map(Node::op).toList());
  }

  @Test
  void gradients_passByOperatorsThatNobodyNeeds() {
    Value diagonal =
        b.node(
            Op.EINSUM,
            Attributes.NONE.with("equation", "bii->bi"),
            b.input("square", ElementType.FLOAT32, Shape.of(Shape.BATCH, 2, 2)));
    Value y = b.add(diagonal, b.mul(x, 2));
    assertArrayEquals(new float[] {2, 2}, run(gradientOf(y), 1, 2));
  }

  @Test
  void gradients_throughOperatorWithoutOne() {
    Value square = b.input("square", ElementType.FLOAT32, Shape.of(Shape.BATCH, 2, 2));
    Value y = b.node(Op.EINSUM, Attributes.NONE.with("equation", "bii->bi"), square);
    assertRefused(
        "No gradient passes through Einsum 'Einsum': its equation takes a diagonal. "
            + "Methods that need no gradient there still work.",
        y,
        square);
  }

  @Test
  void gradients_ofAValueThatTheImagesShare() {
    Value shared = b.input("shared", ElementType.FLOAT32, Shape.of(2));
    assertRefused(
        "No gradient passes through Mul 'Mul': one of its inputs is shared by the images of a"
            + " batch. Methods that need no gradient there still work.",
        b.mul(x, shared),
        shared);
  }

  @Test
  void gradients_ofAnOperandThatTheRuleIgnores() {
    Value bound = b.input("bound", ElementType.FLOAT32, Shape.of());
    Value fixed = b.input("fixed", ElementType.FLOAT32, Shape.of(2));
    assertRefused(
        "No gradient passes through Clip 'Clip': its input 1 depends on the model's input. "
            + "Methods that need no gradient there still work.",
        b.node(Op.CLIP, fixed, bound),
        bound);
  }

  @Test
  void seed_ofAnotherShape() {
    Value y = b.mul(x, 2);
    Value seed = b.input("seed", ElementType.FLOAT32, Shape.of(-2, 2));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> differentiator.gradients(Map.of(y, seed), List.of(x)));
    assertEquals(
        "The seed of Mul: FLOAT32(batch, 2) has the shape (2*batch, 2), expected (batch, 2).",
        e.getMessage());
  }

  @Test
  void repeats_none() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> differentiator.repeats(0));
    assertEquals("Repeats must be at least 1, got 0.", e.getMessage());
  }

  /** Guided back-propagation lets only positive gradients pass where the activation is positive. */
  @Test
  void overriding_guidedBackpropagation() {
    Rule guided =
        n -> {
          GraphBuilder g = n.builder();
          Value positive = g.cast(g.node(Op.GREATER, n.x(), g.scalar(0)), n.x().type());
          return Backward.gradients(n.times(g.relu(n.dy()), positive));
        };
    Value y = b.mul(b.relu(x), b.constant(Tensor.of(new float[] {-3, 4}, 2)));
    Value seed = ones(y);
    Value plain = differentiator.gradients(Map.of(y, seed), List.of(x)).get(x);
    Value other =
        differentiator.overriding(relu(guided)).gradients(Map.of(y, seed), List.of(x)).get(x);
    Value again = differentiator.gradients(Map.of(y, seed), List.of(x)).get(x);
    assertArrayEquals(new float[] {-3, 4}, run(plain, 1, 2));
    assertArrayEquals(new float[] {0, 4}, run(other, 1, 2));
    assertSame(plain, again);
  }

  @Test
  void overriding_mayStopTheGradient() {
    Value y = b.add(b.relu(x), x);
    Value seed = ones(y);
    Value gradient =
        differentiator
            .overriding(relu(n -> Backward.gradients((Value) null)))
            .gradients(Map.of(y, seed), List.of(x))
            .get(x);
    assertArrayEquals(new float[] {1, 1}, run(gradient, 1, 2));
  }

  /** Windows (-1, -2), (3, 2), (0, -4), (5, 5) with gradients 10, 20, 30, 40. */
  @Test
  void maxPooling_ofARelu() {
    float[] row = {-1, -2, 3, 2, 0, -4, 5, 5};
    float[] expected = {0, 0, 20, 0, 0, 0, 40, 0};
    Value image = b.input("image", ElementType.FLOAT32, Shape.of(Shape.BATCH, 1, 1, 8));
    Value relu = b.relu(image);
    Value pooled = pooled(relu);
    Value y = b.mul(pooled, b.constant(Tensor.of(new float[] {10, 20, 30, 40}, 4)));
    Map<Value, Value> seeds = Map.of(y, ones(y));
    Value alone = differentiator.gradients(seeds, List.of(image)).get(image);
    assertEquals(List.of(pooled.shape()), shapesOf(Op.GREATER, alone));
    assertArrayEquals(expected, run(alone, row));
    Map<Value, Value> both = differentiator.gradients(seeds, List.of(image, relu));
    assertArrayEquals(expected, run(both.get(image), row));
    assertArrayEquals(new float[] {10, 0, 20, 0, 30, 0, 40, 0}, run(both.get(relu), row));
    Value more = b.add(y, b.mul(pooled(b.neg(relu)), 7));
    assertArrayEquals(
        new float[] {0, 0, 20, -7, 0, 0, 33, 0},
        run(differentiator.gradients(Map.of(more, ones(more)), List.of(image)).get(image), row));
    Value seeded =
        differentiator.gradients(Map.of(y, ones(y), relu, ones(relu)), List.of(image)).get(image);
    assertArrayEquals(new float[] {0, 0, 21, 1, 0, 0, 41, 1}, run(seeded, row));
    Rule twice = n -> Backward.gradients(n.builder().mul(n.dy(), 2));
    Value other =
        differentiator.overriding(relu(twice)).gradients(seeds, List.of(image)).get(image);
    assertArrayEquals(new float[] {20, 0, 40, 0, 60, 0, 80, 0}, run(other, row));
  }

  private Value pooled(Value value) {
    return b.node(Op.MAX_POOL, Attributes.of("kernel_shape", 1, 2).with("strides", 1, 2), value);
  }

  private List<Shape> shapesOf(Op op, @Nullable Value value) {
    return b.build(List.of(Objects.requireNonNull(value))).nodes().stream()
        .filter(node -> node.op() == op)
        .map(node -> node.output().shape())
        .toList();
  }

  private void assertRefused(String message, Value y, Value with) {
    Value seed = ones(y);
    UnsupportedModelException e =
        assertThrows(
            UnsupportedModelException.class,
            () -> differentiator.gradients(Map.of(y, seed), List.of(with)));
    assertEquals(message, e.getMessage());
  }

  private Value gradientOf(Value y) {
    return Objects.requireNonNull(differentiator.gradients(Map.of(y, ones(y)), List.of(x)).get(x));
  }

  /** Ones for every row of the batch, computed from a value of that shape. */
  private Value ones(Value y) {
    return b.cast(b.node(Op.EQUAL, y, y), y.type());
  }

  private float[] run(@Nullable Value y, float... row) {
    Graph graph = b.build(List.of(Objects.requireNonNull(y)));
    Tensor[] tensors =
        graph.inputs().stream()
            .map(input -> filled(row, input.shape().forBatch(1)))
            .toArray(Tensor[]::new);
    return run(graph, tensors);
  }

  private static float[] run(Graph graph, Tensor... tensors) {
    try (CompiledGraph compiled = CompiledGraph.compile(graph)) {
      return compiled.run(List.of(tensors)).get(0).toFloatArray();
    }
  }

  private static Tensor filled(float[] row, int... shape) {
    return Tensor.of(Arrays.copyOf(row, (int) Tensor.elements(shape)), shape);
  }

  private static RuleOverride relu(Rule rule) {
    return (node, graph) -> node.op() == Op.RELU ? rule : null;
  }
}
