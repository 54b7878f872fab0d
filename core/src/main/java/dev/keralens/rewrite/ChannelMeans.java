package dev.keralens.rewrite;

import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The mean over the channels of images is a product with a row of equal numbers: the engine's mean
 * over an axis that is not the last takes five to ten times as long.
 */
final class ChannelMeans {
  private ChannelMeans() {}

  static Graph rewrite(Graph graph) {
    return Pass.run(
        graph, (node, pass) -> node.op() == Op.REDUCE_MEAN ? product(node, pass) : null);
  }

  private static @Nullable Value product(Node mean, Pass pass) {
    Value x = mean.input(0);
    Constant axes = pass.constant(mean.optionalInput(1));
    if (axes == null
        || x.type() != ElementType.FLOAT32
        || x.rank() < 3
        || x.shape().batchAxis() != 0
        || !Arrays.equals(axes.tensor().toIntArray(), new int[] {1})) {
      return null;
    }
    GraphBuilder b = pass.builder();
    int[] sizes = x.shape().sizes();
    int pixels = Arrays.stream(sizes).skip(2).reduce(1, Math::multiplyExact);
    float[] weights = new float[sizes[1]];
    Arrays.fill(weights, 1f / weights.length);
    Value row = b.constant(Tensor.of(weights, 1, weights.length));
    Value columns = b.reshape(pass.copy(x), Shape.of(sizes[0], sizes[1], pixels));
    return b.reshape(b.matMul(row, columns), mean.output().shape());
  }
}
