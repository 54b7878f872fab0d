package dev.keralens.inspect.attention;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.network.search.AxisMove;
import dev.keralens.network.search.Dependencies;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How the tokens of a transformer lie over the picture. The axes of the input's places are followed
 * through convolutions, or through reshapes that cut them into pieces, to where they become one
 * axis, row by row; from there that axis is followed to the tokens in question.
 *
 * @param sizes the size of each axis, the last varying fastest; empty where the input's places are
 *     not followed to the tokens
 * @param before how many other tokens stand before those of the picture
 */
public record PatchGrid(List<Integer> sizes, int before) {
  private static final PatchGrid NONE = new PatchGrid(List.of(), 0);

  /**
   * {@return how the tokens of a value lie}
   *
   * @param network the network
   * @param input the explained input
   * @param value what has the tokens
   * @param axis its axis of tokens
   */
  public static PatchGrid find(Network network, KerasTensor input, Value value, int axis) {
    int[] axes = Arrays.stream(input.placeAxes()).map(input::axisInGraph).sorted().toArray();
    if (axes.length < 2) {
      return NONE;
    }
    Set<Value> needed = Dependencies.of(network, KerasTensor.plain(value));
    Map<Value, int[]> places = new HashMap<>();
    places.put(input.value(), axes);
    for (Node node : network.graph().nodes()) {
      for (int i = 0; i < node.inputs().size(); i++) {
        Value operand = node.optionalInput(i);
        int[] from = operand == null ? null : places.get(operand);
        if (operand == null || from == null || !needed.contains(node.output())) {
          continue;
        }
        List<Value> behind = AxisMove.behindRows(network.graph(), node, from[from.length - 1]);
        for (Value out : behind.isEmpty() ? node.outputs() : behind) {
          int joined = joined(node, operand, out, from);
          if (joined != AxisMove.NOWHERE) {
            int[] sizes = Arrays.stream(from).map(operand.shape()::size).toArray();
            int before = before(network, out, joined, value, axis, needed);
            return before < 0 ? NONE : new PatchGrid(Arrays.stream(sizes).boxed().toList(), before);
          }
          int[] moved = moved(network, node, i, out, from);
          if (moved != null) {
            places.putIfAbsent(out, moved);
          }
        }
      }
    }
    return NONE;
  }

  /** {@return how many tokens are of the picture; 0 where that is not known} */
  public int places() {
    return sizes.isEmpty() ? 0 : sizes.stream().reduce(1, Math::multiplyExact);
  }

  /**
   * {@return the size of each axis, as was asked for or as it is found; empty for tokens in a row}
   *
   * @param asked the sizes that were asked for; empty where none were
   * @param value what has the tokens, for the message
   * @param tokens how many it has
   * @throws UnsupportedModelException if tokens stand behind those of the picture
   */
  public List<Integer> checked(List<Integer> asked, Value value, int tokens) {
    if (!sizes.isEmpty() && before + places() != tokens) {
      throw new UnsupportedModelException(
          "Of the %d tokens of '%s', the %d of the picture (%s) stand behind %d and before %d others; only those that stand last are laid over it. Leave maps as they are (resize none), or use a method that explains the input, such as gradients."
              .formatted(
                  tokens, value.name(), places(), sizes, before, tokens - before - places()));
    }
    return asked.isEmpty() ? sizes : asked;
  }

  /** The axis that holds all places row by row behind a reshape. */
  private static int joined(Node node, Value from, Value to, int[] axes) {
    boolean reshapes = node.op() == Op.RESHAPE || node.op() == Op.FLATTEN;
    boolean beside = IntStream.range(1, axes.length).allMatch(i -> axes[i] == axes[i - 1] + 1);
    return reshapes && beside
        ? AxisMove.reshaped(from, to, axes[0], axes.length)
        : AxisMove.NOWHERE;
  }

  /** Where the axes of places go, in the order of the picture's; null where one goes nowhere. */
  private static int @Nullable [] moved(
      Network network, Node node, int operand, Value out, int[] axes) {
    int[] moved = new int[axes.length];
    Value from = node.input(operand);
    for (int i = 0; i < axes.length; i++) {
      boolean rows = !node.outputs().contains(out);
      moved[i] =
          rows
              ? AxisMove.reshaped(from, out, axes[i], 1)
              : AxisMove.of(network.graph(), node, operand, axes[i]);
      if (moved[i] == AxisMove.NOWHERE && node.op() == Op.RESHAPE) {
        moved[i] = AxisMove.cut(from, out, axes[i]);
      }
      if (moved[i] == AxisMove.NOWHERE || (node.op() == Op.SLICE && isCut(node, axes[i]))) {
        return null;
      }
    }
    return moved;
  }

  private static boolean isCut(Node node, int axis) {
    return node.input(0).shape().size(axis) != node.output().shape().size(axis);
  }

  /** Where the first of the picture's tokens lies among those of a value; -1 where none does. */
  private static int before(
      Network network, Value start, int from, Value value, int axis, Set<Value> needed) {
    TokenTrail.Track track = TokenTrail.of(network, start, from, needed).at(value);
    int count = start.shape().size(from);
    return track != null
            && track.axis() == axis
            && track.before() + count <= value.shape().size(axis)
        ? track.before()
        : -1;
  }

  /**
   * {@return tokens over the picture that they were cut from: (rows, channels, grid...). Tokens
   * before those of the picture, such as a class token, have no place, and are left out}
   *
   * @param b the graph
   * @param value (rows, channels, tokens); a value of more axes stays as it is
   * @param grid the size of each axis, such as height and width; empty where tokens are in a row
   * @throws UnsupportedModelException if there are fewer tokens than places
   */
  public static Value laid(GraphBuilder b, Value value, List<Integer> grid) {
    if (grid.isEmpty() || value.rank() != 3) {
      return value;
    }
    int[] sizes = grid.stream().mapToInt(Integer::intValue).toArray();
    int places = Arrays.stream(sizes).reduce(1, Math::multiplyExact);
    int tokens = value.shape().size(2);
    if (tokens < places) {
      throw new UnsupportedModelException(
          "The explained activation has %d tokens, but %s are %d places."
              .formatted(tokens, grid, places));
    }
    Value laid =
        tokens == places
            ? value
            : b.slice(value, new int[] {2}, new int[] {tokens - places}, new int[] {tokens});
    int[] shape = new int[sizes.length + 2];
    shape[0] = value.shape().size(0);
    shape[1] = value.shape().size(1);
    System.arraycopy(sizes, 0, shape, 2, sizes.length);
    return b.reshape(laid, Shape.of(shape));
  }
}
