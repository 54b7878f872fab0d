package dev.keralens.grad;

import dev.keralens.element.Elementwise;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * DeepLIFT's multipliers in place of gradients (Shrikumar et al., 2017, <a
 * href="https://arxiv.org/abs/1704.02685">arXiv:1704.02685</a>): with the values x and y of a node
 * and x0 and y0 that it has for a reference, dy = sum over its inputs of m (x - x0).
 *
 * <p>Nodes are looked at, not layers: one that is used at several places has its own values at
 * each.
 */
public final class Rescale implements RuleOverride {
  /*
   * A linear operator keeps its gradient. An operator of one number has the slope of the line through both
   * points (the rescale rule). The product of two values that both change has the gradient at the middle of
   * the two points, for which the change of the product is exact; so has a quotient, as a product with the
   * reciprocal. Where x equals x0, the gradient stands for the slope.
   */
  private static final float SMALL = 1e-7f;

  private final Map<Value, Value> references;

  /**
   * Rules for a reference.
   *
   * @param references for values of the graph, those that they have for the reference; a value that
   *     is not among them does not change
   */
  public Rescale(Map<Value, Value> references) {
    this.references = Map.copyOf(references);
  }

  /**
   * {@return what a value is for the reference}
   *
   * @param value a value of the graph
   */
  public Value reference(Value value) {
    return references.getOrDefault(value, value);
  }

  private boolean changes(@Nullable Value value) {
    return value != null && !reference(value).equals(value);
  }

  /**
   * Whether a change reaches a node by whole numbers or conditions, which have no slope: by an
   * index, or by a condition that is taken as a number. What they change would be missing from the
   * sum.
   */
  private boolean jumps(Node node, GraphBuilder graph) {
    return node.inputs().stream().anyMatch(x -> changes(x) && jumps(x, graph));
  }

  private boolean jumps(Value value, GraphBuilder graph) {
    if (RectifiedInput.isSteady(value, graph)) {
      return false;
    } else if (!value.type().isFloating()) {
      return true;
    }
    Node node = graph.producerOf(value);
    return node != null
        && node.inputs().stream().filter(this::changes).noneMatch(x -> x.type().isFloating())
        && node.inputs().stream().anyMatch(x -> changes(x) && jumps(x, graph));
  }

  @Override
  public @Nullable Rule of(Node node, GraphBuilder graph) {
    if (node.inputs().stream().noneMatch(this::changes)) {
      return null;
    }
    int rectified = RectifiedInput.of(node, graph);
    if (rectified >= 0) {
      return changes(node.input(rectified)) ? n -> slope(n, rectified) : null;
    } else if (jumps(node, graph)) {
      return refused();
    }
    boolean one = node.inputs().stream().filter(this::changes).distinct().count() == 1;
    boolean first = changes(node.optionalInput(0)) && onlyInput(node, 0);
    return switch (node.op()) {
      case ADD,
          AVERAGE_POOL,
          CAST,
          CONCAT,
          CUM_SUM,
          DEPTH_TO_SPACE,
          EXPAND,
          FLATTEN,
          GATHER,
          GATHER_ELEMENTS,
          GATHER_ND,
          GLOBAL_AVERAGE_POOL,
          IDENTITY,
          MEAN,
          NEG,
          PAD,
          REDUCE_MEAN,
          REDUCE_SUM,
          RESHAPE,
          RESIZE,
          SLICE,
          SPACE_TO_DEPTH,
          SPLIT,
          SQUEEZE,
          SUB,
          SUM,
          TILE,
          TRANSPOSE,
          TRILU,
          UNSQUEEZE ->
          null;
      case MUL, MAT_MUL, EINSUM, CONV, CONV_TRANSPOSE, GEMM ->
          one && times(node) == 1 ? null : this::middle;
      case DIV -> changes(node.input(1)) ? this::quotient : null;
      case WHERE -> changes(node.input(0)) ? refused() : null;
      case BATCH_NORMALIZATION -> first ? null : refused();
      case SOFTMAX -> n -> new RescaleJoined(n, reference(n.x())).softmax();
      case LOG_SOFTMAX -> n -> new RescaleJoined(n, reference(n.x())).logSoftmax();
      case LAYER_NORMALIZATION ->
          first ? n -> new RescaleJoined(n, reference(n.x())).layer() : refused();
      case MAX, MIN, POW -> first ? this::slope : refused();
      case MAX_POOL, GLOBAL_MAX_POOL, REDUCE_MAX, REDUCE_MIN -> first ? this::extremum : refused();
      case PRELU, CLIP -> first ? this::slope : refused();
      default -> Elementwise.has(node.op()) ? this::slope : refused();
    };
  }

  /** How often a node reads what changes. */
  private long times(Node node) {
    return node.inputs().stream().filter(this::changes).count();
  }

  private boolean onlyInput(Node node, int input) {
    for (int i = 0; i < node.inputs().size(); i++) {
      if (i != input && changes(node.optionalInput(i))) {
        return false;
      }
    }
    return true;
  }

  private static Rule refused() {
    return n -> {
      throw n.unsupported("DeepLIFT has no rule for it");
    };
  }

  /** Where the input is its reference, but for rounding. */
  private static Value same(Backward n, Value change) {
    GraphBuilder b = n.builder();
    return b.node(Op.LESS, b.abs(change), b.scalar(SMALL, change.type()));
  }

  private static Value over(Backward n, Value change, Value same) {
    GraphBuilder b = n.builder();
    Value one = b.scalar(1, change.type());
    return b.div(one, b.where(same, one, change));
  }

  /** The slope of the line through both points; where they are one, the gradient. */
  private List<@Nullable Value> slope(Backward n) {
    return slope(n, 0);
  }

  private List<@Nullable Value> slope(Backward n, int input) {
    GraphBuilder b = n.builder();
    Value x = n.x(input);
    Value change = b.sub(x, reference(x));
    Value same = same(n, change);
    Value ones = b.add(b.mul(n.y(), 0), b.scalar(1, n.y().type()));
    Value gradient =
        Objects.requireNonNull(
            Rules.of(new Backward(b, n.node(), List.of(ones), 1, x::equals)).get(input));
    Value rise = b.sub(n.y(), reference(n.y()));
    Value slope = b.where(same, gradient, b.mul(rise, over(n, change, same)));
    @Nullable Value[] gradients = new @Nullable Value[n.node().inputs().size()];
    gradients[input] = n.times(n.dy(), slope);
    return Backward.gradients(gradients);
  }

  /** The gradient at the middle of both points, of an operator that is linear in each input. */
  private List<@Nullable Value> middle(Backward n) {
    List<@Nullable Value> inputs = new ArrayList<>();
    Set<Value> wanted = new HashSet<>();
    for (int i = 0; i < n.node().inputs().size(); i++) {
      Value input = n.node().optionalInput(i);
      Value middle =
          input == null || !changes(input)
              ? input
              : n.builder().mul(n.builder().add(input, reference(input)), 0.5);
      inputs.add(middle);
      if (middle != null && n.needs(i)) {
        wanted.add(middle);
      }
    }
    int outputs = n.node().outputs().size();
    Node middle =
        new Node(
            n.node().op(),
            n.attributes(),
            inputs,
            n.builder().nodes(n.node().op(), n.attributes(), outputs, inputs));
    return Rules.of(
        new Backward(
            n.builder(), middle, Backward.gradients(n.dy()), n.repeats(), wanted::contains));
  }

  /** A quotient as the product with the reciprocal, whose slope is -1 / (b b0). */
  private List<@Nullable Value> quotient(Backward n) {
    GraphBuilder b = n.builder();
    Value numerator = n.x(0);
    Value denominator = n.x(1);
    Value one = b.scalar(1, denominator.type());
    Value reciprocal =
        b.mul(b.add(b.div(one, denominator), b.div(one, reference(denominator))), 0.5);
    Value middle = b.mul(b.add(numerator, reference(numerator)), 0.5);
    Value slope = b.neg(b.div(middle, b.mul(denominator, reference(denominator))));
    return Backward.gradients(
        n.needs(0) ? n.times(n.dy(), reciprocal) : null,
        n.needs(1) ? n.times(n.dy(), slope) : null);
  }

  /**
   * A maximum over a window: a rise is given to where the maximum is, a fall to where that of the
   * reference was; both have changed.
   */
  private List<@Nullable Value> extremum(Backward n) {
    GraphBuilder b = n.builder();
    Node reference = Objects.requireNonNull(b.producerOf(reference(n.y())));
    Value rise = b.sub(n.y(), reference(n.y()));
    boolean lowest = n.node().op() == Op.REDUCE_MIN;
    Value up = b.relu(rise);
    Value down = b.sub(rise, up);
    Value ofMaximum = n.times(n.dy(), lowest ? down : up);
    Value ofReference = n.times(n.dy(), lowest ? up : down);
    Value routed =
        b.add(
            gradient(n, n.node(), ofMaximum, n.x()),
            gradient(n, reference, ofReference, reference(n.x())));
    Value change = b.sub(n.x(), reference(n.x()));
    Value same = same(n, change);
    Value multiplier = n.times(routed, over(n, change, same));
    Value usual = gradient(n, n.node(), n.dy(), n.x());
    Value repeated = n.saved(b.cast(same, ElementType.FLOAT32));
    Value isSame = b.node(Op.GREATER, repeated, b.scalar(0.5f));
    return Backward.gradients(b.where(isSame, usual, multiplier));
  }

  private static Value gradient(Backward n, Node node, Value dy, Value with) {
    Backward backward =
        new Backward(n.builder(), node, Backward.gradients(dy), n.repeats(), with::equals);
    Value gradient = Objects.requireNonNull(Rules.of(backward).get(0));
    return n.builder().expand(gradient, n.gradientShape(0));
  }
}
