package dev.keralens.inspect;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.inspect.Scalars.Affine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds what enters the softmax or sigmoid that a value comes from by rearranging, by joining, or
 * by arithmetic that keeps the order of each element, such as 1 - p or a clip of probabilities.
 * What was found is rearranged as the value is, so that each element keeps its place.
 */
final class FinalActivation {
  /** Operators whose outputs are elements of their first input. */
  static final Set<Op> REARRANGING =
      Set.of(
          Op.IDENTITY,
          Op.CAST,
          Op.RESHAPE,
          Op.FLATTEN,
          Op.SQUEEZE,
          Op.UNSQUEEZE,
          Op.TRANSPOSE,
          Op.SLICE,
          Op.GATHER,
          Op.SPLIT,
          Op.EXPAND,
          Op.TILE,
          Op.DEPTH_TO_SPACE,
          Op.SPACE_TO_DEPTH);

  /** Operators that give on a single element as it is. */
  private static final Set<Op> REDUCING =
      Set.of(
          Op.REDUCE_SUM,
          Op.REDUCE_MEAN,
          Op.REDUCE_MAX,
          Op.REDUCE_MIN,
          Op.REDUCE_PROD,
          Op.GLOBAL_AVERAGE_POOL,
          Op.GLOBAL_MAX_POOL);

  private final GraphBuilder b;
  private final WrittenOut written;
  private final Map<Value, Found> known = new HashMap<>();
  private final Set<Value> none = new LinkedHashSet<>();

  FinalActivation(GraphBuilder builder) {
    b = builder;
    written = new WrittenOut(builder);
  }

  /** What an element may be. */
  enum Kind {
    /** An element of a softmax. */
    SOFTMAX,
    /** An element of a sigmoid. */
    SIGMOID,
    /** Neither: the element itself is taken. */
    ITSELF
  }

  /**
   * Some of the elements.
   *
   * @param logits what enters the activation, before it is rearranged
   * @param minus whether minus the logits are taken, as for 1 - p
   * @param writtenOut whether the activation is several operators
   * @param groups how many elements of an image each sum to 1 with others of their own; for a
   *     softmax of all of them, 1
   */
  record Part(Kind kind, Value logits, boolean minus, boolean writtenOut, long groups) {}

  /**
   * What was found.
   *
   * @param logits what enters the activation, arranged as the value is
   * @param parts where the elements come from
   * @param after the operators between the activation and the value, the first of them first
   * @param low the smallest number that the value can be
   * @param high the largest number that the value can be
   * @param log whether the value is the logarithm of a probability
   */
  record Found(
      Value logits, List<Part> parts, List<Op> after, double low, double high, boolean log) {
    private static Found sigmoid(Value logits, boolean writtenOut, boolean log) {
      long groups = logits.shape().elements();
      return of(new Part(Kind.SIGMOID, logits, false, writtenOut, groups), log);
    }

    private static Found softmax(
        Value logits, List<Integer> axes, boolean writtenOut, boolean log) {
      long groups = logits.shape().elements();
      for (int axis : axes) {
        groups /= Math.max(1, logits.shape().size(axis));
      }
      return of(new Part(Kind.SOFTMAX, logits, false, writtenOut, groups), log);
    }

    private static Found of(Part part, boolean log) {
      Value logits = part.logits();
      double low = log ? Double.NEGATIVE_INFINITY : 0;
      return new Found(logits, List.of(part), List.of(), low, log ? 0 : 1, log);
    }

    private Found with(Value arranged, Op op) {
      return new Found(arranged, parts, appended(op), low, high, log);
    }

    private Found within(double from, double to, Op op) {
      return new Found(logits, parts, appended(op), Math.max(low, from), Math.min(high, to), log);
    }

    private Found transformed(double from, double to, boolean asLog, Op op) {
      return new Found(logits, parts, appended(op), from, to, asLog);
    }

    private List<Op> appended(Op op) {
      return op == Op.IDENTITY || op == Op.CAST
          ? after
          : Stream.concat(after.stream(), Stream.of(op)).toList();
    }
  }

  /** What a value comes from; null where that is no softmax or sigmoid. */
  @Nullable Found find(Value value) {
    Found before = known.get(value);
    if (before != null || none.contains(value)) {
      return before;
    }
    Found found = activation(value);
    Node node = b.producerOf(value);
    if (found == null && node != null) {
      found = behind(node, value);
    }
    if (found == null) {
      none.add(value);
    } else {
      known.put(value, found);
    }
    return found;
  }

  /** The activation that a value is itself. */
  private @Nullable Found activation(Value value) {
    Node node = b.producerOf(value);
    if (node == null) {
      return null;
    }
    return switch (node.op()) {
      case SIGMOID, HARD_SIGMOID -> Found.sigmoid(node.input(0), false, false);
      case SOFTMAX, LOG_SOFTMAX -> {
        int given = node.attributes().getInt("axis", -1);
        int axis = given < 0 ? given + value.rank() : given;
        Value logits = written.lessRows(node.input(0), axis);
        boolean log = node.op() == Op.LOG_SOFTMAX;
        yield Found.softmax(logits, List.of(axis), false, log);
      }
      default -> writtenOut(value);
    };
  }

  private @Nullable Found writtenOut(Value value) {
    WrittenOut.Softmax softmax = written.softmax(value);
    if (softmax != null) {
      return Found.softmax(softmax.logits(), softmax.axes(), true, false);
    }
    Value sigmoid = written.sigmoid(value);
    sigmoid = sigmoid == null ? written.hardSigmoid(value) : sigmoid;
    if (sigmoid != null) {
      return Found.sigmoid(sigmoid, true, false);
    }
    softmax = written.logSoftmax(value);
    if (softmax != null) {
      return Found.softmax(softmax.logits(), softmax.axes(), true, true);
    }
    sigmoid = written.logSigmoid(value);
    return sigmoid == null ? null : Found.sigmoid(sigmoid, true, true);
  }

  /** The activation that lies before a node. */
  private @Nullable Found behind(Node node, Value value) {
    if (node.inputs().isEmpty() || node.inputs().get(0) == null) {
      return null;
    }
    if (REARRANGING.contains(node.op()) || takesAxesAway(node)) {
      return rearranged(node, value);
    }
    return switch (node.op()) {
      case CONCAT -> joined(node);
      case LOG -> logarithm(node);
      case EXP -> power(node);
      case WHERE -> either(node);
      case CLIP, RELU, MIN, MAX -> cut(node, value);
      case NEG, ADD, SUB, MUL, DIV -> scaled(node, value);
      default -> null;
    };
  }

  private @Nullable Found rearranged(Node node, Value value) {
    boolean fixed =
        node.inputs().stream().skip(1).allMatch(v -> v == null || b.constantOf(v) != null);
    Found inner = fixed ? find(node.input(0)) : null;
    if (inner == null || !value.type().isFloating()) {
      return null;
    }
    List<@Nullable Value> operands = new ArrayList<>(node.inputs());
    operands.set(0, inner.logits());
    List<Value> outputs = b.nodes(node.op(), node.attributes(), node.outputs().size(), operands);
    Value arranged = outputs.get(node.outputs().indexOf(value));
    return inner.with(arranged, sameShape(node) ? Op.IDENTITY : node.op());
  }

  /** Whether a node reduces axes of size one only, so that the elements stay as they are. */
  private static boolean takesAxesAway(Node node) {
    return REDUCING.contains(node.op())
        && node.output().shape().elements() == node.input(0).shape().elements()
        && node.output().shape().batchAxis() == node.input(0).shape().batchAxis();
  }

  private static boolean sameShape(Node node) {
    return node.op() != Op.TRANSPOSE && node.output().shape().equals(node.input(0).shape());
  }

  /**
   * Joined values, of which at least one comes from an activation; the others are as they are.
   * Where only some are logarithms, all are taken for such: none is a probability to be shown.
   */
  private @Nullable Found joined(Node node) {
    List<Value> logits = new ArrayList<>();
    Set<Part> parts = new LinkedHashSet<>();
    Set<Op> after = new LinkedHashSet<>();
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    int logs = 0;
    for (int i = 0; i < node.inputs().size(); i++) {
      Found found = find(node.input(i));
      if (found == null) {
        Value itself = node.input(i);
        Bounds bounds = Bounds.of(b, itself);
        Part part = new Part(Kind.ITSELF, itself, false, false, 1);
        found = new Found(itself, List.of(part), List.of(), bounds.low(), bounds.high(), false);
      }
      logits.add(found.logits());
      parts.addAll(found.parts());
      after.addAll(found.after());
      low = Math.min(low, found.low());
      high = Math.max(high, found.high());
      logs += found.log() ? 1 : 0;
    }
    if (parts.stream().allMatch(part -> part.kind() == Kind.ITSELF)) {
      return null;
    }
    after.add(Op.CONCAT);
    int axis = node.attributes().getInt("axis", 0);
    Value joined = b.concat(axis, logits);
    return new Found(joined, List.copyOf(parts), List.copyOf(after), low, high, logs > 0);
  }

  private @Nullable Found logarithm(Node node) {
    Found inner = find(node.input(0));
    return inner == null || inner.log() || inner.low() < 0
        ? null
        : inner.transformed(Double.NEGATIVE_INFINITY, Math.log(inner.high()), true, node.op());
  }

  private @Nullable Found power(Node node) {
    Found inner = find(node.input(0));
    return inner == null || !inner.log() || inner.high() > 1e-3
        ? null
        : inner.transformed(0, 1, false, node.op());
  }

  /** Both choices come from the same, as a sigmoid that is computed in two ways does. */
  private @Nullable Found either(Node node) {
    Found left = find(node.input(1));
    Found right = find(node.input(2));
    return left != null && right != null && left.logits().equals(right.logits()) ? left : null;
  }

  private @Nullable Found cut(Node node, Value value) {
    WrittenOut.Cut cut = written.cut(value);
    Found inner = cut == null ? null : find(cut.value());
    return inner == null || cut == null ? null : inner.within(cut.low(), cut.high(), node.op());
  }

  private @Nullable Found scaled(Node node, Value value) {
    Affine step = Scalars.step(b, value);
    Found inner = step == null ? null : find(step.base());
    if (inner == null || step == null) {
      return null;
    }
    double from = step.factor() * inner.low() + step.offset();
    double to = step.factor() * inner.high() + step.offset();
    boolean unchanged = step.factor() == 1;
    boolean log = inner.log() && unchanged;
    if (step.factor() > 0) {
      return inner.transformed(from, to, log, node.op());
    }
    List<Part> parts =
        inner.parts().stream()
            .map(p -> new Part(p.kind(), p.logits(), !p.minus(), p.writtenOut(), p.groups()))
            .toList();
    Value negated = Scalars.minus(b, inner.logits());
    return new Found(negated, parts, inner.appended(node.op()), to, from, log);
  }
}
