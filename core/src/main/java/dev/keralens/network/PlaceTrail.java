package dev.keralens.network;

import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Value;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Where the places of an input lie in what is computed of them: along which axes, and in which
 * order. A map can be laid over the input only where its places lie as the input's do.
 *
 * <p>Convolutions, poolings and resizing keep an axis, whatever becomes of its size. Transposes
 * move axes, reshapes join and cut them ({@link PlaceRun}), gathers and slices may turn them
 * around. What is not known is not contradicted.
 */
public final class PlaceTrail {
  private final Graph graph;
  private final KerasTensor input;
  private final Map<Value, PlaceRun[]> runs = new HashMap<>();

  /**
   * Follows the places of an input through a graph.
   *
   * @param graph the graph
   * @param input one of its inputs
   */
  public PlaceTrail(Graph graph, KerasTensor input) {
    this.graph = graph;
    this.input = input;
    PlaceRun[] own = none(input.value());
    for (int axis : input.placeAxes()) {
      int at = input.axisInGraph(axis);
      own[at] = PlaceRun.along(at, input.value().shape().size(at));
    }
    runs.put(input.value(), own);
    graph.nodes().forEach(this::follow);
  }

  /**
   * {@return why a map of an activation cannot be laid over the input, such as "its axis 1 runs
   * along axis 2 of the input"; nothing where all that is known of its places agrees with the
   * input}
   *
   * @param activation a tensor of the graph
   */
  public Optional<String> contradiction(KerasTensor activation) {
    PlaceRun[] found = runs(activation.value());
    int before = -1;
    for (int axis : activation.placeAxes()) {
      PlaceRun run = found[activation.axisInGraph(axis)];
      if (run.isBackward()) {
        return Optional.of("its axis %d runs backward".formatted(axis));
      } else if (run.isMixed()) {
        return Optional.of(
            "its axis %d holds places of the input in another order".formatted(axis));
      }
      int[] along = run.axes();
      if (along.length > 0 && along[0] <= before) {
        return Optional.of(
            "its axis %d runs along axis %d of the input".formatted(axis, shown(along[0])));
      }
      before = along.length == 0 ? before : along[along.length - 1];
    }
    return channels(activation, found);
  }

  /**
   * {@return layers of a network whose maps can be laid over the input, the last ones of the model
   * last}
   *
   * @param network the network of the graph
   */
  public List<String> candidates(Network network) {
    return network.layers().stream()
        .filter(layer -> layer.calls().stream().allMatch(call -> liesAlike(call.outputs().get(0))))
        .map(Layer::name)
        .toList();
  }

  private boolean liesAlike(KerasTensor tensor) {
    boolean places =
        tensor.value().rank() == input.value().rank()
            && !tensor.value().equals(input.value())
            && Arrays.stream(tensor.placeAxes())
                .allMatch(axis -> runs(tensor.value())[tensor.axisInGraph(axis)].axes().length > 0);
    return places && contradiction(tensor).isEmpty();
  }

  private Optional<String> channels(KerasTensor activation, PlaceRun[] found) {
    int channels = activation.value().rank() < 3 ? -1 : activation.channelAxis();
    if (channels < 0) {
      return Optional.empty();
    }
    int at = activation.axisInGraph(channels);
    OptionalInt place = found[at].wholeAxis();
    return place.isPresent() && activation.value().shape().size(at) > 1
        ? Optional.of(
            "its channels, axis %d, are the places along axis %d of the input"
                .formatted(channels, shown(place.getAsInt())))
        : Optional.empty();
  }

  private int shown(int inGraph) {
    return IntStream.range(0, input.value().rank())
        .filter(axis -> input.axisInGraph(axis) == inGraph)
        .findFirst()
        .orElse(inGraph);
  }

  private static PlaceRun[] none(Value value) {
    PlaceRun[] none = new PlaceRun[value.rank()];
    Arrays.fill(none, PlaceRun.UNKNOWN);
    return none;
  }

  private PlaceRun[] runs(Value value) {
    PlaceRun[] known = runs.get(value);
    return known == null ? none(value) : known;
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
      case TRANSPOSE -> transposed(node, out);
      case RESHAPE, FLATTEN, SQUEEZE, UNSQUEEZE -> reshaped(node.input(0), out);
      case MAT_MUL -> product(node, out);
      case EINSUM -> einsum(node, out);
      case GATHER -> gathered(node, out);
      case SLICE -> sliced(node, out);
      case CONV, CONV_TRANSPOSE, AVERAGE_POOL, MAX_POOL, LP_POOL, DEPTH_TO_SPACE, SPACE_TO_DEPTH ->
          spatial(node.input(0), out);
      case GEMM -> rows(node, out);
      case GLOBAL_AVERAGE_POOL,
          GLOBAL_MAX_POOL,
          ONE_HOT,
          GATHER_ND,
          GATHER_ELEMENTS,
          SCATTER_ELEMENTS,
          TOP_K ->
          none(out);
      case SCATTER_ND -> kept(List.of(node.input(0)), out);
      default -> AxisLinks.isReduction(node) ? reduced(node, out) : kept(node.inputs(), out);
    };
  }

  private PlaceRun[] transposed(Node node, Value out) {
    PlaceRun[] from = runs(node.input(0));
    int[] order = node.attributes().getInts("perm");
    PlaceRun[] to = none(out);
    for (int axis = 0; axis < to.length; axis++) {
      to[axis] = from[order == null ? to.length - 1 - axis : order[axis]];
    }
    return to;
  }

  /** All but the channels, axis 1, which are summed. */
  private PlaceRun[] spatial(Value x, Value out) {
    PlaceRun[] to = kept(List.of(x), out);
    to[1] = PlaceRun.UNKNOWN;
    return to;
  }

  private PlaceRun[] rows(Node node, Value out) {
    PlaceRun[] to = none(out);
    to[0] = node.attributes().getInt("transA", 0) == 0 ? runs(node.input(0))[0] : PlaceRun.UNKNOWN;
    return to;
  }

  /** Operands that broadcast to the result, axes counted from the last. */
  private PlaceRun[] kept(List<@Nullable Value> operands, Value out) {
    PlaceRun[] to = none(out);
    for (Value operand : operands) {
      if (operand == null || !runs.containsKey(operand) || operand.rank() > to.length) {
        continue;
      }
      PlaceRun[] from = runs(operand);
      int missing = to.length - from.length;
      for (int axis = 0; axis < from.length; axis++) {
        int size = operand.shape().size(axis);
        int result = out.shape().size(axis + missing);
        PlaceRun run = size == result ? from[axis] : from[axis].resized();
        if (size != 1 || result == 1) {
          to[axis + missing] = to[axis + missing].with(run);
        }
      }
    }
    return to;
  }

  private PlaceRun[] reduced(Node node, Value out) {
    Value x = node.input(0);
    PlaceRun[] from = runs(x);
    boolean[] gone = new boolean[from.length];
    for (int axis : AxisLinks.axes(graph, node, from.length)) {
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

  private PlaceRun[] product(Node node, Value out) {
    Value left = node.input(0);
    Value right = node.input(1);
    PlaceRun[] to = none(out);
    if (left.rank() < 2 || right.rank() < 2) {
      return to;
    }
    int last = to.length - 1;
    for (Value operand : List.of(left, right)) {
      PlaceRun[] from = runs(operand);
      for (int axis = 0; axis < from.length - 2; axis++) {
        int at = axis + to.length - from.length;
        to[at] = to[at].with(from[axis]);
      }
    }
    to[last - 1] = runs(left)[left.rank() - 2];
    to[last] = runs(right)[right.rank() - 1];
    return to;
  }

  private PlaceRun[] einsum(Node node, Value out) {
    PlaceRun[] to = none(out);
    String[] sides = AxisLinks.equation(node);
    for (int i = 0; i + 1 < sides.length; i++) {
      PlaceRun[] from = runs(node.input(i));
      for (int axis = 0; axis < from.length; axis++) {
        int at = sides[sides.length - 1].indexOf(sides[i].charAt(axis));
        if (at >= 0) {
          to[at] = to[at].with(from[axis]);
        }
      }
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
    PlaceRun[] to = kept(List.of(node.input(0)), out);
    long[] steps = constant(node, 4);
    long[] axes = constant(node, 3);
    for (int i = 0; steps != null && i < steps.length; i++) {
      if (steps[i] < 0) {
        int axis = axes == null ? i : Math.floorMod((int) axes[i], to.length);
        to[axis] = to[axis].backward(out.shape().size(axis));
      }
    }
    return to;
  }

  private long @Nullable [] constant(Node node, int input) {
    Value value = node.inputs().size() > input ? node.optionalInput(input) : null;
    Constant constant = value == null ? null : graph.constant(value);
    return constant == null ? null : constant.tensor().toLongArray();
  }

  /*
   * Axes before and after a reshape fall into the smallest groups of the same product. Within a group,
   * what runs along the axes before is dealt out to those after.
   */
  private PlaceRun[] reshaped(Value x, Value out) {
    int[] before = Arrays.stream(x.shape().sizes()).map(Math::abs).toArray();
    int[] after = Arrays.stream(out.shape().sizes()).map(Math::abs).toArray();
    PlaceRun[] from = runs(x);
    PlaceRun[] to = none(out);
    int i = 0;
    int j = 0;
    while (i < before.length && j < after.length) {
      int left = i;
      int right = j;
      long sizeLeft = before[i++];
      long sizeRight = after[j++];
      while (sizeLeft != sizeRight) {
        if (sizeLeft < sizeRight && i < before.length) {
          sizeLeft *= before[i++];
        } else if (sizeRight < sizeLeft && j < after.length) {
          sizeRight *= after[j++];
        } else {
          return none(out);
        }
      }
      PlaceRun[] dealt =
          PlaceRun.dealt(
              Arrays.copyOfRange(from, left, i),
              Arrays.copyOfRange(before, left, i),
              Arrays.copyOfRange(after, right, j));
      System.arraycopy(dealt, 0, to, right, dealt.length);
    }
    return to;
  }

  /** {@return what is known of each axis, for messages} */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    runs.forEach(
        (value, run) ->
            text.append(value.name()).append(' ').append(Arrays.toString(run)).append('\n'));
    return text.toString();
  }
}
