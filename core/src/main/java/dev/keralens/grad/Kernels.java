package dev.keralens.grad;

import dev.keralens.graph.Constant;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Kernels as the backward pass needs them, derived from a network's when a graph is compiled. */
final class Kernels {
  private Kernels() {}

  /**
   * The kernel of the convolution that is the transpose of a convolution of stride 1: inputs and
   * outputs exchanged within each group, every spatial axis reversed.
   */
  static Value flipped(Backward n, int group) {
    Value kernel = n.x(1);
    GraphBuilder b = n.builder();
    Constant constant = b.constantOf(kernel);
    if (constant == null) {
      return flippedInGraph(b, kernel, group);
    }
    int[] shape = flippedShape(constant.shape(), group);
    return b.constant(
        kernel.name() + "/flipped",
        Constant.deferred(
            ElementType.FLOAT32, shape, () -> flipped(constant.tensor(), shape, group)));
  }

  private static Value flippedInGraph(GraphBuilder b, Value kernel, int group) {
    Shape shape = Shape.of(flippedShape(kernel.shape().sizes(), group));
    int rank = shape.rank();
    Shape groups = kernel.shape().with(0, kernel.shape().size(0) / group).insert(0, group);
    int[] exchanged = IntStream.rangeClosed(0, rank).toArray();
    exchanged[1] = 2;
    exchanged[2] = 1;
    Value moved = b.reshape(b.transpose(b.reshape(kernel, groups), exchanged), shape);
    int[] ends = new int[rank - 2];
    Arrays.fill(ends, Integer.MIN_VALUE);
    int[] backward = new int[rank - 2];
    Arrays.fill(backward, -1);
    Value axes = b.ints(IntStream.range(2, rank).toArray());
    return b.node(Op.SLICE, moved, b.ints(backward), b.ints(ends), axes, b.ints(backward));
  }

  private static int[] flippedShape(int[] kernel, int group) {
    int[] shape = kernel.clone();
    shape[0] = kernel[1] * group;
    shape[1] = kernel[0] / group;
    return shape;
  }

  /** From (outputs, inputs of a group, ...) to (inputs, outputs of a group, ... reversed). */
  static Tensor flipped(Tensor kernel, int[] shape, int group) {
    int inputs = kernel.size(1);
    int outputs = kernel.size(0) / group;
    int area = inputs == 0 ? 0 : kernel.elements() / (inputs * kernel.size(0));
    float[] plane = new float[area];
    FloatBuffer from = kernel.floats();
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(kernel.elements() * 4).order(ByteOrder.LITTLE_ENDIAN);
    FloatBuffer to = bytes.asFloatBuffer();
    for (int g = 0; g < group; g++) {
      for (int i = 0; i < inputs; i++) {
        for (int o = 0; o < outputs; o++) {
          from.get(((g * outputs + o) * inputs + i) * area, plane);
          reverse(plane);
          to.put(((g * inputs + i) * outputs + o) * area, plane);
        }
      }
    }
    return Tensor.wrap(ElementType.FLOAT32, bytes, shape);
  }

  /**
   * The kernel whose convolution of stride 1 gives, as channels, the pixels of a block that a
   * convolution with strides skips over: from (outputs, inputs, height, width) to (inputs * stride
   * * stride, outputs, height / stride, width / stride), both rounded up, reversed.
   */
  static Value phases(Backward n, Constant kernel, int stride) {
    int[] from = kernel.shape();
    int[] shape = {
      from[1] * stride * stride,
      from[0],
      -Math.floorDiv(-from[2], stride),
      -Math.floorDiv(-from[3], stride)
    };
    Constant derived =
        Constant.deferred(ElementType.FLOAT32, shape, () -> phases(kernel.tensor(), shape, stride));
    return n.builder().constant(n.x(1).name() + "/phases", derived);
  }

  private static Tensor phases(Tensor kernel, int[] shape, int stride) {
    float[] out = new float[Math.toIntExact(Tensor.elements(shape))];
    for (int at = 0; at < out.length; at++) {
      int column = at % shape[3];
      int row = at / shape[3] % shape[2];
      int output = at / (shape[3] * shape[2]) % shape[1];
      int channel = at / (shape[3] * shape[2] * shape[1]);
      int block = channel % (stride * stride);
      int y = stride * (shape[2] - 1 - row) + block / stride;
      int x = stride * (shape[3] - 1 - column) + block % stride;
      if (y < kernel.size(2) && x < kernel.size(3)) {
        out[at] = kernel.get(output, channel / (stride * stride), y, x);
      }
    }
    return Tensor.of(out, shape);
  }

  private static void reverse(float[] values) {
    for (int i = 0, j = values.length - 1; i < j; i++, j--) {
      float swap = values[i];
      values[i] = values[j];
      values[j] = swap;
    }
  }
}
