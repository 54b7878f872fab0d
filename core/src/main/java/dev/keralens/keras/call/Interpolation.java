package dev.keralens.keras.call;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Resizes images as TensorFlow does, with pixels' centres at halves. */
public final class Interpolation {
  private Interpolation() {}

  /**
   * {@return an image of another size}
   *
   * @param layer the layer, for messages
   * @param image a value with channels first
   * @param sizes the new size of each spatial axis
   * @param method how to interpolate
   * @param antialias whether a shrinking image is smoothed first
   */
  public static Value resize(
      LayerCall layer, Value image, int[] sizes, String method, boolean antialias) {
    int[] before = Arrays.copyOfRange(image.shape().sizes(), 2, image.rank());
    if (Arrays.equals(before, sizes)) {
      return image;
    }
    GraphBuilder graph = layer.graph();
    if (method.equals("nearest")) {
      return nearest(graph, image, before, sizes);
    }
    if (method.equals("bilinear") && !antialias) {
      return resize(graph, image, sizes, "linear", "half_pixel");
    }
    Value out = image;
    for (int i = 0; i < sizes.length; i++) {
      int from = before[i];
      int to = sizes[i];
      Tensor weights =
          ResamplingMatrix.of(method, from, to, antialias)
              .orElseThrow(
                  () -> layer.unsupported("interpolation='%s' is not known.".formatted(method)));
      out = alongAxis(graph, out, i + 2, weights);
    }
    return out;
  }

  /** {@return x multiplied along an axis by a matrix (output, input)} */
  static Value alongAxis(GraphBuilder graph, Value x, int axis, Tensor matrix) {
    int last = x.rank() - 1;
    if (axis == last) {
      return graph.matMul(x, graph.fixed(matrix.transpose(1, 0)));
    }
    if (axis == last - 1) {
      return graph.matMul(graph.fixed(matrix), x);
    }
    int[] order = IntStream.rangeClosed(0, last).toArray();
    order[axis] = last;
    order[last] = axis;
    Value moved = graph.transpose(x, order);
    return graph.transpose(graph.matMul(moved, graph.fixed(matrix.transpose(1, 0))), order);
  }

  /** Output pixel i is input pixel floor((i + 1/2) * from / to). */
  private static Value nearest(GraphBuilder graph, Value image, int[] from, int[] to) {
    boolean multiples = IntStream.range(0, to.length).allMatch(i -> to[i] % from[i] == 0);
    if (multiples) {
      return resize(graph, image, to, "nearest", "asymmetric");
    }
    Value out = image;
    for (int i = 0; i < to.length; i++) {
      float scale = (float) from[i] / (float) to[i];
      int limit = from[i] - 1;
      int[] index =
          IntStream.range(0, to[i])
              .map(p -> Math.min(limit, (int) Math.floor((p + 0.5f) * scale)))
              .toArray();
      if (from[i] != to[i]) {
        out = graph.node(Op.GATHER, Attributes.of("axis", i + 2), out, graph.ints(index));
      }
    }
    return out;
  }

  /*
   * By scales, not by sizes: sizes would need the batch's, and ONNX Runtime 1.29 fails where it moves a
   * transposition past a Resize that names its axes.
   */
  private static Value resize(
      GraphBuilder graph, Value image, int[] sizes, String mode, String coordinates) {
    float[] scales = new float[image.rank()];
    Arrays.fill(scales, 1);
    for (int i = 0; i < sizes.length; i++) {
      scales[i + 2] = scale(image.shape().size(i + 2), sizes[i]);
    }
    Attributes attributes =
        Attributes.NONE
            .with("mode", mode)
            .with("coordinate_transformation_mode", coordinates)
            .with("nearest_mode", "floor");
    Value factors = graph.constant(Tensor.of(scales, scales.length));
    return graph.node(Op.RESIZE, attributes, image, null, factors);
  }

  /** The ratio, rounded so that the product with the old size is not below the new size. */
  private static float scale(int from, int to) {
    float scale = (float) to / (float) from;
    while ((int) (scale * from) < to || (int) ((double) scale * from) < to) {
      scale = Math.nextUp(scale);
    }
    return scale;
  }
}
