package dev.keralens.explain.patch;

import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.graph.Window;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which operators give a part of their output from a part of their input, and which part. What is
 * not among them is computed whole.
 */
final class PatchRules {
  /** Each place from the same place, whatever else is read. */
  private static final Set<Op> POINTWISE =
      Set.of(
          Op.ABS,
          Op.CELU,
          Op.CLIP,
          Op.ELU,
          Op.ERF,
          Op.EXP,
          Op.GELU,
          Op.HARD_SIGMOID,
          Op.HARD_SWISH,
          Op.IDENTITY,
          Op.LEAKY_RELU,
          Op.MISH,
          Op.NEG,
          Op.RELU,
          Op.SELU,
          Op.SIGMOID,
          Op.SOFTPLUS,
          Op.SOFTSIGN,
          Op.SQRT,
          Op.TANH,
          Op.THRESHOLDED_RELU,
          Op.ADD,
          Op.DIV,
          Op.MAX,
          Op.MEAN,
          Op.MIN,
          Op.MUL,
          Op.POW,
          Op.PRELU,
          Op.SUB,
          Op.SUM);

  private final Graph graph;

  PatchRules(Graph graph) {
    this.graph = graph;
  }

  /** How a node is computed in parts. */
  enum Kind {
    /** Place by place. */
    POINTWISE,
    /** From the places that a window reads. */
    WINDOW,
    /** With places of zeros around. */
    PAD,
    /** With its axes in another order. */
    TRANSPOSE
  }

  /**
   * How a node is computed in parts; null where it has to be whole.
   *
   * @param areas of each value that changes, what is reached of it
   */
  @Nullable Kind kind(Node node, Map<Value, Area> areas) {
    Value output = node.output();
    if (node.outputs().size() != 1 || !output.type().isFloating() || output.rank() != 4) {
      return null;
    }
    Area first = node.inputs().isEmpty() ? null : areas.get(node.optionalInput(0));
    return switch (node.op()) {
      case CONV -> first == null ? null : convolution(node, first);
      case MAX_POOL, AVERAGE_POOL -> first != null && isPlainPool(node, first) ? Kind.WINDOW : null;
      case PAD -> first != null && isPlainPad(node, first) ? Kind.PAD : null;
      case TRANSPOSE -> first != null && isPlainTranspose(node, first) ? Kind.TRANSPOSE : null;
      case BATCH_NORMALIZATION -> first != null && first.isChannelsFirst() ? Kind.POINTWISE : null;
      case CONCAT -> isPointwise(node, areas) && joinsChannels(node, areas) ? Kind.POINTWISE : null;
      default -> POINTWISE.contains(node.op()) && isPointwise(node, areas) ? Kind.POINTWISE : null;
    };
  }

  private @Nullable Kind convolution(Node node, Area in) {
    boolean fixed = graph.constant(node.input(1)) != null;
    if (!fixed || !in.isChannelsFirst() || Window.of(node).rank() != 2) {
      return null;
    }
    return isPointwise(Window.of(node)) ? Kind.POINTWISE : Kind.WINDOW;
  }

  /** A window of one place, place by place. */
  private static boolean isPointwise(Window w) {
    return w.reach(0) == 1
        && w.reach(1) == 1
        && Arrays.equals(w.strides(), new int[] {1, 1})
        && Arrays.stream(w.before()).sum() + Arrays.stream(w.after()).sum() == 0;
  }

  private static boolean isPlainPool(Node node, Area in) {
    Window w = Window.of(node);
    if (!in.isChannelsFirst() || w.rank() != 2) {
      return false;
    }
    boolean padded = Arrays.stream(w.before()).sum() + Arrays.stream(w.after()).sum() > 0;
    boolean average = node.op() == Op.AVERAGE_POOL;
    if (average && padded && node.attributes().getInt("count_include_pad", 0) == 0) {
      return false;
    }
    return isWhole(w, 0, in.y().size()) && isWhole(w, 1, in.x().size());
  }

  /** Whether no window hangs over the end. */
  private static boolean isWhole(Window w, int axis, int size) {
    int last = (w.outputSize(axis, size) - 1) * w.strides()[axis] + w.reach(axis);
    return !w.ceil() || last <= size + w.before()[axis] + w.after()[axis];
  }

  /** The places that padding adds before and behind each axis; null where that is not known. */
  static long @Nullable [] pads(Graph graph, Node node) {
    Constant pads = graph.constant(node.input(1));
    return pads == null || node.optionalInput(3) != null ? null : pads.tensor().toLongArray();
  }

  private boolean isPlainPad(Node node, Area in) {
    long[] pads = pads(graph, node);
    Value fill = node.optionalInput(2);
    Constant filled = fill == null ? null : graph.constant(fill);
    boolean zeros = fill == null || (filled != null && filled.tensor().toFloatArray()[0] == 0);
    if (pads == null
        || !zeros
        || !node.attributes().getString("mode", "constant").equals("constant")) {
      return false;
    }
    for (int axis = 0; axis < 4; axis++) {
      boolean place = axis == in.down() || axis == in.across();
      boolean none = pads[axis] == 0 && pads[4 + axis] == 0;
      if (pads[axis] < 0 || pads[4 + axis] < 0 || (!place && !none)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isPlainTranspose(Node node, Area in) {
    int[] order = node.attributes().getInts("perm");
    return Arrays.equals(
        order, in.isChannelsFirst() ? new int[] {0, 2, 3, 1} : new int[] {0, 3, 1, 2});
  }

  /** Whether what is read has the same places, or the same value at all of them. */
  private boolean isPointwise(Node node, Map<Value, Area> areas) {
    Area known = null;
    for (Value value : node.inputs()) {
      Area area = value == null ? null : areas.get(value);
      if (area != null) {
        if (known != null && !known.sameAxes(area)) {
          return false;
        }
        known = area;
      }
    }
    if (known == null || !known.fits(node.output())) {
      return false;
    }
    for (Value value : node.inputs()) {
      if (value != null && !areas.containsKey(value) && !isEverywhereSame(value, known)) {
        return false;
      }
    }
    return true;
  }

  private boolean isEverywhereSame(Value value, Area area) {
    if (graph.constant(value) == null) {
      return false;
    }
    int shift = 4 - value.rank();
    for (int axis : new int[] {area.down(), area.across()}) {
      if (axis - shift >= 0 && value.shape().size(axis - shift) != 1) {
        return false;
      }
    }
    return shift >= 0;
  }

  private static boolean joinsChannels(Node node, Map<Value, Area> areas) {
    int axis = Math.floorMod(node.attributes().getInt("axis", 0), 4);
    Area area = areas.get(node.input(0));
    return area != null
        && axis == (area.isChannelsFirst() ? 1 : 3)
        && node.inputs().stream().allMatch(areas::containsKey);
  }

  /** What is reached of the output of a node. */
  Area area(Kind kind, Node node, Map<Value, Area> areas) {
    Area in =
        node.inputs().stream()
            .filter(areas::containsKey)
            .map(areas::get)
            .reduce(
                (a, b) -> new Area(a.down(), a.across(), a.y().union(b.y()), a.x().union(b.x())))
            .orElseThrow();
    Value out = node.output();
    return switch (kind) {
      case POINTWISE -> in;
      case TRANSPOSE ->
          in.isChannelsFirst() ? new Area(1, 2, in.y(), in.x()) : new Area(2, 3, in.y(), in.x());
      case WINDOW -> {
        Window w = Window.of(node);
        yield new Area(
            2,
            3,
            in.y().through(w, 0, out.shape().size(2)),
            in.x().through(w, 1, out.shape().size(3)));
      }
      case PAD -> {
        long[] pads = Objects.requireNonNull(pads(graph, node));
        yield new Area(
            in.down(),
            in.across(),
            in.y().shifted((int) pads[in.down()], out.shape().size(in.down())),
            in.x().shifted((int) pads[in.across()], out.shape().size(in.across())));
      }
    };
  }
}
