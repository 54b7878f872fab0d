package dev.keralens.network.search;

import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Value;
import dev.keralens.graph.Window;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where operators put what runs along the axes of their operands ({@link PlaceTrail}). */
final class PlaceRules {
  private final Graph graph;
  private final Map<Value, PlaceRun[]> runs = new HashMap<>();

  PlaceRules(Graph graph) {
    this.graph = graph;
  }

  static PlaceRun[] none(Value value) {
    PlaceRun[] none = new PlaceRun[value.rank()];
    Arrays.fill(none, PlaceRun.UNKNOWN);
    return none;
  }

  PlaceRun[] runs(Value value) {
    PlaceRun[] known = runs.get(value);
    return known == null ? none(value) : known;
  }

  /** Says what runs along the axes of an input, and follows it through the graph. */
  void follow(Value input, PlaceRun[] own) {
    runs.put(input, own);
    graph.nodes().forEach(this::follow);
  }

  private void follow(Node node) {
    for (Value out : node.outputs()) {
      PlaceRun[] found = outputs(node, out);
      if (Arrays.stream(found).anyMatch(run -> !run.equals(PlaceRun.UNKNOWN))) {
        runs.put(out, found);
      }
    }
  }

  private PlaceRun[] outputs(Node node, Value out) {
    return switch (node.op()) {
      case GATHER -> gathered(node, out);
      case SLICE -> sliced(node, out);
      case PAD -> padded(node, out);
      case SPLIT -> split(node, out);
      case CONCAT -> joined(node, out);
      case TILE -> tiled(node.input(0), out);
      case CONV, AVERAGE_POOL, MAX_POOL, LP_POOL -> windowed(node, out);
      case CONV_TRANSPOSE, DEPTH_TO_SPACE, SPACE_TO_DEPTH -> spatial(node.input(0), out);
      case GEMM -> rows(node, out);
      case GLOBAL_AVERAGE_POOL,
          GLOBAL_MAX_POOL,
          ONE_HOT,
          GATHER_ND,
          GATHER_ELEMENTS,
          SCATTER_ELEMENTS,
          TOP_K ->
          none(out);
      default -> AxisLinks.isReduction(node) ? reduced(node, out) : linked(node, out);
    };
  }

  /** What the axes of the operands lead to, where nothing is cut off or mixed. */
  private PlaceRun[] linked(Node node, Value out) {
    PlaceRun[] to = none(out);
    AxisLinks links =
        new AxisLinks(
            graph,
            (x, axis, result, at) -> {
              if (result.equals(out)) {
                join(x, axis, to, at, out);
              }
            },
            (x, before, result, after) -> deal(x, before, to, after, out));
    links.add(node);
    return to;
  }

  private void join(Value x, int axis, PlaceRun[] to, int at, Value out) {
    int size = x.shape().size(axis);
    int result = out.shape().size(at);
    PlaceRun run = runs(x)[axis];
    if (size != 1 || result == 1) {
      to[at] = to[at].with(size == result ? run : run.resized());
    }
  }

  /** Within a group, what runs along the axes before is dealt out to those after. */
  private void deal(Value x, List<Integer> before, PlaceRun[] to, List<Integer> after, Value out) {
    PlaceRun[] from = before.stream().map(axis -> runs(x)[axis]).toArray(PlaceRun[]::new);
    PlaceRun[] dealt = PlaceRun.dealt(from, sizes(x, before), sizes(out, after));
    System.arraycopy(dealt, 0, to, after.get(0), dealt.length);
  }

  private static int[] sizes(Value value, List<Integer> axes) {
    return axes.stream().mapToInt(axis -> Math.abs(value.shape().size(axis))).toArray();
  }

  /** One behind another: together they cover what each does, which is in no order if it repeats. */
  private PlaceRun[] joined(Node node, Value out) {
    PlaceRun[] to = none(out);
    int along = Math.floorMod(node.attributes().getInt("axis", 0), to.length);
    double length = 0;
    for (Value operand : node.inputs()) {
      PlaceRun[] from = operand == null ? to : runs(operand);
      for (int axis = 0; axis < to.length; axis++) {
        to[axis] = to[axis].with(from[axis].resized());
      }
      length += from[along].reach().map(Reach::length).orElse(0.0);
    }
    to[along] = to[along].unlessRepeated(length);
    return to;
  }

  private PlaceRun[] tiled(Value x, Value out) {
    PlaceRun[] to = kept(x, out);
    for (int axis = 0; axis < to.length; axis++) {
      double times = out.shape().size(axis) / (double) x.shape().size(axis);
      double length = times * to[axis].reach().map(Reach::length).orElse(0.0);
      to[axis] = to[axis].unlessRepeated(length);
    }
    return to;
  }

  /** All but the channels, axis 1, which are summed. */
  private PlaceRun[] spatial(Value x, Value out) {
    PlaceRun[] to = kept(x, out);
    to[1] = PlaceRun.UNKNOWN;
    return to;
  }

  /** What a window leaves out at the ends is what was padded there. */
  private PlaceRun[] windowed(Node node, Value out) {
    Value x = node.input(0);
    PlaceRun[] to = spatial(x, out);
    Window window = Window.of(node);
    for (int i = 0; i < window.rank(); i++) {
      double half = (window.kernel()[i] - 1) * window.dilations()[i] / 2.0;
      double before = half - window.before()[i];
      double after = half - window.after()[i];
      int places = x.shape().size(i + 2);
      to[i + 2] = to[i + 2].reaching(reach -> reach.windowed(before, after, places));
    }
    return to;
  }

  private PlaceRun[] rows(Node node, Value out) {
    PlaceRun[] to = none(out);
    to[0] = node.attributes().getInt("transA", 0) == 0 ? runs(node.input(0))[0] : PlaceRun.UNKNOWN;
    return to;
  }

  /** An operand whose axes are those of the result. */
  private PlaceRun[] kept(Value x, Value out) {
    PlaceRun[] to = none(out);
    for (int axis = 0; axis < to.length; axis++) {
      join(x, axis, to, axis, out);
    }
    return to;
  }

  private PlaceRun[] reduced(Node node, Value out) {
    Value x = node.input(0);
    PlaceRun[] from = runs(x);
    boolean[] gone = new boolean[from.length];
    for (int axis : graph.reducedAxes(node)) {
      gone[axis] = true;
    }
    boolean kept = out.rank() == from.length;
    PlaceRun[] to = none(out);
    int next = 0;
    for (int axis = 0; axis < from.length && next < to.length; axis++) {
      if (!gone[axis]) {
        to[next] = from[axis];
      }
      next += kept || !gone[axis] ? 1 : 0;
    }
    return to;
  }

  private PlaceRun[] gathered(Node node, Value out) {
    Value x = node.input(0);
    Value index = node.input(1);
    PlaceRun[] from = runs(x);
    PlaceRun[] to = none(out);
    int along = Math.floorMod(node.attributes().getInt("axis", 0), from.length);
    for (int axis = 0; axis < from.length; axis++) {
      if (axis != along) {
        to[axis < along ? axis : axis + index.rank() - 1] = from[axis];
      }
    }
    Constant constant = graph.constant(index);
    if (constant == null) {
      System.arraycopy(runs(index), 0, to, along, index.rank());
    } else if (index.rank() == 1) {
      to[along] = from[along].taken(constant.tensor().toLongArray());
    }
    return to;
  }

  private PlaceRun[] sliced(Node node, Value out) {
    Value x = node.input(0);
    PlaceRun[] to = kept(x, out);
    long[] starts = constant(node, 1);
    long[] axes = constant(node, 3);
    long[] steps = constant(node, 4);
    for (int i = 0; starts != null && i < starts.length; i++) {
      int axis = axes == null ? i : Math.floorMod((int) axes[i], to.length);
      long step = steps == null ? 1 : steps[i];
      int count = out.shape().size(axis);
      int size = x.shape().size(axis);
      if (step < 0) {
        to[axis] = to[axis].backward(count);
      } else {
        double start = Math.min(size, starts[i] < 0 ? Math.max(0, size + starts[i]) : starts[i]);
        to[axis] = to[axis].reaching(reach -> reach.cut(start, count * (double) step, size));
      }
    }
    return to;
  }

  /** Negative pads cut off. */
  private PlaceRun[] padded(Node node, Value out) {
    Value x = node.input(0);
    PlaceRun[] to = kept(x, out);
    long[] pads = constant(node, 1);
    long[] axes = constant(node, 3);
    for (int i = 0; pads != null && i < pads.length / 2; i++) {
      int axis = axes == null ? i : Math.floorMod((int) axes[i], to.length);
      double start = -pads[i];
      to[axis] =
          to[axis].reaching(
              reach -> reach.cut(start, out.shape().size(axis), x.shape().size(axis)));
    }
    return to;
  }

  private PlaceRun[] split(Node node, Value out) {
    Value x = node.input(0);
    PlaceRun[] to = kept(x, out);
    int axis = Math.floorMod(node.attributes().getInt("axis", 0), to.length);
    double start = 0;
    for (Value part : node.outputs()) {
      if (part.equals(out)) {
        break;
      }
      start += part.shape().size(axis);
    }
    double from = start;
    to[axis] =
        to[axis].reaching(reach -> reach.cut(from, out.shape().size(axis), x.shape().size(axis)));
    return to;
  }

  private long @Nullable [] constant(Node node, int input) {
    Value value = node.inputs().size() > input ? node.optionalInput(input) : null;
    Constant constant = value == null ? null : graph.constant(value);
    return constant == null ? null : constant.tensor().toLongArray();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    runs.forEach(
        (value, run) ->
            text.append(value.name()).append(' ').append(Arrays.toString(run)).append('\n'));
    return text.toString();
  }
}
