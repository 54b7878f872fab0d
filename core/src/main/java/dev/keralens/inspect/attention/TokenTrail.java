package dev.keralens.inspect.attention;

import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.network.Network;
import dev.keralens.network.search.AxisMove;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Where the tokens of a value lie in those that are computed from it, and which of them are read by
 * what joins tokens.
 */
final class TokenTrail {
  /**
   * Where tokens lie in a value.
   *
   * @param axis along which axis
   * @param before how many others lie before the first of them; negative where the first are gone
   */
  record Track(int axis, int before) {}

  private final Graph graph;
  private final int tokens;
  private final Map<Value, Track> tracks = new HashMap<>();
  private final TreeSet<Integer> read = new TreeSet<>();

  private TokenTrail(Graph graph, int tokens) {
    this.graph = graph;
    this.tokens = tokens;
  }

  /**
   * Follows the tokens of a value.
   *
   * @param start the value
   * @param axis its axis of tokens
   * @param needed what the target depends on; other values are not looked at
   */
  static TokenTrail of(Network network, Value start, int axis, Set<Value> needed) {
    TokenTrail trail = new TokenTrail(network.graph(), start.shape().size(axis));
    trail.tracks.put(start, new Track(axis, 0));
    for (Node node : network.graph().nodes()) {
      if (node.outputs().stream().anyMatch(needed::contains)) {
        trail.follow(node, needed);
      }
    }
    return trail;
  }

  /** {@return where the tokens lie in a value; null where they are not followed to} */
  @Nullable Track at(Value value) {
    return tracks.get(value);
  }

  /** {@return which tokens are read by operators that join them, ascending; often none} */
  List<Integer> read() {
    return List.copyOf(read);
  }

  private void follow(Node node, Set<Value> needed) {
    for (int i = 0; i < node.inputs().size(); i++) {
      Value input = node.optionalInput(i);
      Track track = input == null ? null : tracks.get(input);
      if (input == null || track == null || isLess(node, i, track)) {
        continue;
      }
      int moved = isWindow(node) ? AxisMove.NOWHERE : AxisMove.of(graph, node, i, track.axis());
      Integer added = moved == AxisMove.NOWHERE ? null : added(node, i, track);
      if (added == null) {
        join(node, input, track);
      } else if (node.op() == Op.SPLIT && own(node) == track.axis()) {
        split(node, track);
      } else {
        node.outputs().stream()
            .filter(needed::contains)
            .forEach(out -> tracks.putIfAbsent(out, new Track(moved, track.before() + added)));
      }
    }
  }

  /** Whether an operand puts fewer tokens than another one beside them, as a class token does. */
  private boolean isLess(Node node, int operand, Track track) {
    return node.op() == Op.CONCAT
        && node.inputs().stream()
            .anyMatch(
                other ->
                    other != null
                        && tracks.containsKey(other)
                        && other.shape().size(track.axis())
                            > node.input(operand).shape().size(track.axis()));
  }

  /** Behind rows that are multiplied with weights, tokens lie apart again; else they are read. */
  private void join(Node node, Value input, Track track) {
    List<Value> behind = AxisMove.behindRows(graph, node, track.axis());
    boolean apart = !behind.isEmpty();
    for (Value value : behind) {
      int axis = AxisMove.reshaped(input, value, track.axis(), 1);
      apart &= axis != AxisMove.NOWHERE;
      if (axis != AxisMove.NOWHERE) {
        tracks.putIfAbsent(value, new Track(axis, track.before()));
      }
    }
    if (!apart) {
      read(node, input, track);
    }
  }

  private static boolean isWindow(Node node) {
    return switch (node.op()) {
      case CONV, CONV_TRANSPOSE, AVERAGE_POOL, MAX_POOL, LP_POOL, DEPTH_TO_SPACE, SPACE_TO_DEPTH ->
          true;
      default -> false;
    };
  }

  private static int own(Node node) {
    return Math.floorMod(node.attributes().getInt("axis", 0), node.input(0).rank());
  }

  /** How many an operator puts before the tokens; null where it takes single ones. */
  private @Nullable Integer added(Node node, int operand, Track track) {
    return switch (node.op()) {
      case CONCAT ->
          own(node) != track.axis()
              ? 0
              : node.inputs().subList(0, operand).stream()
                  .mapToInt(value -> value == null ? 0 : value.shape().size(track.axis()))
                  .sum();
      case PAD -> number(node, 1, track.axis());
      case SLICE -> cut(node, track.axis());
      case GATHER -> own(node) == track.axis() ? taken(node) : Integer.valueOf(0);
      default -> 0;
    };
  }

  private @Nullable Integer number(Node node, int operand, int at) {
    long[] numbers = numbers(node, operand);
    return numbers.length > at && node.inputs().size() < 4 ? Math.toIntExact(numbers[at]) : null;
  }

  private long[] numbers(Node node, int operand) {
    Value value = node.optionalInput(operand);
    Constant constant = value == null ? null : graph.constant(value);
    return constant == null ? new long[0] : constant.tensor().toLongArray();
  }

  /** Minus the first place that is kept; null where places are left out between others. */
  private @Nullable Integer cut(Node node, int axis) {
    long[] starts = numbers(node, 1);
    long[] axes = numbers(node, 3);
    long[] steps = numbers(node, 4);
    int rank = node.input(0).rank();
    int size = node.input(0).shape().size(axis);
    for (int i = 0; i < axes.length; i++) {
      if (Math.floorMod(axes[i], rank) == axis) {
        if (steps.length > i && steps[i] != 1) {
          return null;
        }
        long start = starts[i] < 0 ? Math.max(0, starts[i] + size) : starts[i];
        return -Math.toIntExact(Math.min(start, size));
      }
    }
    return axes.length == 0 ? null : Integer.valueOf(0);
  }

  /** As {@link #cut}, of places that are taken by their numbers. */
  private @Nullable Integer taken(Node node) {
    long[] places = numbers(node, 1);
    boolean beside =
        IntStream.range(1, places.length).allMatch(i -> places[i] == places[i - 1] + 1);
    return beside && places.length > 0 ? -Math.toIntExact(places[0]) : null;
  }

  private void split(Node node, Track track) {
    int from = 0;
    for (Value out : node.outputs()) {
      tracks.putIfAbsent(out, new Track(track.axis(), track.before() - from));
      from += out.shape().size(track.axis());
    }
  }

  private void read(Node node, Value input, Track track) {
    int size = input.shape().size(track.axis());
    int[] places = IntStream.range(0, size).toArray();
    if (node.op() == Op.GATHER && own(node) == track.axis()) {
      long[] taken = numbers(node, 1);
      if (taken.length > 0) {
        places = Arrays.stream(taken).mapToInt(i -> (int) Math.floorMod(i, (long) size)).toArray();
      }
    }
    for (int place : places) {
      int token = place - track.before();
      if (token >= 0 && token < tokens) {
        read.add(token);
      }
    }
  }
}
