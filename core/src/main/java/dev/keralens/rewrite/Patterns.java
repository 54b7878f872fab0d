package dev.keralens.rewrite;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Constant;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Constants that have one number for each pixel, such as a mask that leaves zeros between pixels,
 * in the engine's blocks. It multiplies in blocks only what has the same batch and channels, and
 * keeps only what it computes there; so the pattern is given a batch, and a convolution of its one
 * channel repeats it for all channels.
 */
final class Patterns {
  private final Map<List<Object>, Value> known = new HashMap<>();

  /**
   * {@return a value of the shape of the images that repeats a pattern; null where a value is none}
   *
   * @param value a value of the old graph
   * @param images a value of the old graph, (batch, channels, height, width)
   */
  @Nullable Value inBlocks(Value value, Value images, Pass pass) {
    Constant constant = pass.constant(value);
    Shape shape = images.shape();
    if (constant == null
        || constant.type() != ElementType.FLOAT32
        || shape.size(0) != Shape.BATCH
        || !Arrays.equals(constant.shape(), new int[] {1, 1, shape.size(2), shape.size(3)})) {
      return null;
    }
    Value zero = zero(pass);
    return zero == null
        ? null
        : known.computeIfAbsent(
            List.of(value, shape.size(1)), key -> repeated(value, shape, zero, pass));
  }

  private static Value repeated(Value pattern, Shape shape, Value zero, Pass pass) {
    GraphBuilder b = pass.builder();
    int channels = shape.size(1);
    float[] ones = new float[channels];
    Arrays.fill(ones, 1);
    Attributes attributes = Attributes.of("kernel_shape", 1, 1);
    Value kernel = b.constant(Tensor.of(ones, channels, 1, 1, 1));
    return b.node(Op.CONV, attributes, b.add(pass.copy(pattern), zero), kernel);
  }

  /**
   * Zero for each image, (batch, 1, 1, 1), whatever the images hold; null where there is no batch.
   */
  private static @Nullable Value zero(Pass pass) {
    GraphBuilder b = pass.builder();
    for (Value input : pass.inputs()) {
      if (input.shape().batchAxis() == 0
          && input.shape().size(0) == Shape.BATCH
          && input.type() != ElementType.BOOL) {
        Value first = input;
        int rank = input.rank();
        if (rank > 1) {
          int[] axes = new int[rank - 1];
          int[] ends = new int[rank - 1];
          for (int i = 0; i < axes.length; i++) {
            axes[i] = i + 1;
            ends[i] = 1;
          }
          first = b.slice(input, axes, new int[rank - 1], ends);
        }
        Value one = b.reshape(b.cast(first, ElementType.FLOAT32), Shape.of(Shape.BATCH, 1, 1, 1));
        return b.cast(b.node(Op.GREATER, one, one), ElementType.FLOAT32);
      }
    }
    return null;
  }
}
