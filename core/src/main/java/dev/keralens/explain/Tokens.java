package dev.keralens.explain;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import java.util.Arrays;
import java.util.List;

/**
 * The tokens of a transformer as the places of a picture, row by row. Tokens before those of the
 * picture, such as a class token, have no place, and are left out.
 */
final class Tokens {
  private Tokens() {}

  /**
   * Lays tokens over the picture that they were cut from.
   *
   * @param value (rows, channels, tokens); a value of more axes stays as it is
   * @param grid the size of each axis, such as height and width; empty where tokens are in a row
   * @return (rows, channels, grid...)
   * @throws UnsupportedModelException if there are fewer tokens than places
   */
  static Value lay(GraphBuilder b, Value value, List<Integer> grid) {
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
