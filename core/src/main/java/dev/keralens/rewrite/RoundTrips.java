package dev.keralens.rewrite;

import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reshapes and transpositions that together lead back to the shape that they began with, and move
 * no element, are left out. So squeeze-and-excitation makes of the mean of each channel a vector,
 * of that an image of one pixel with its channels last, and puts them first again.
 */
final class RoundTrips {
  private static final Op[] STEPS = {Op.RESHAPE, Op.TRANSPOSE};

  private RoundTrips() {}

  static Graph rewrite(Graph graph) {
    return Pass.run(
        graph,
        (node, pass) -> {
          Value start = start(node, pass);
          return start == null ? null : pass.copy(start);
        });
  }

  /** A value of the shape of the node's, with the same elements; null where there is none. */
  private static @Nullable Value start(Node last, Pass pass) {
    if (pass.readers(last.output()).stream().anyMatch(reader -> reader.op() == Op.RESIZE)) {
      return null; // as for Reshapes
    }
    Shape shape = last.output().shape();
    boolean transposed = false;
    for (Node node = last; node != null; node = pass.producer(node.input(0), STEPS)) {
      if (!keepsOrder(node)) {
        return null;
      }
      transposed |= node.op() == Op.TRANSPOSE;
      if (transposed && node.input(0).shape().equals(shape)) {
        return node.input(0);
      }
    }
    return null;
  }

  /** Whether elements stay in their order: only axes of size one change places with others. */
  private static boolean keepsOrder(Node node) {
    if (node.op() == Op.RESHAPE) {
      return true;
    }
    int[] order = node.op() == Op.TRANSPOSE ? node.attributes().getInts("perm") : null;
    if (order == null) {
      return false;
    }
    Shape shape = node.input(0).shape();
    int[] moved = IntStream.of(order).filter(axis -> shape.size(axis) != 1).toArray();
    return IntStream.range(1, moved.length).allMatch(i -> moved[i - 1] < moved[i]);
  }
}
