package dev.keralens.keras.function;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.Axes;
import dev.keralens.keras.call.Image;
import dev.keralens.keras.call.WindowPadding;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** Convolutions, poolings and normalizations that are called as functions, their weights given. */
final class NetworkFunctions {
  private NetworkFunctions() {}

  static List<KerasTensor> convolution(Operands operands) {
    Image image = operands.image();
    Value kernel = outputsFirst(operands, 1, "kernel", "filters", "filter");
    int groups = image.channels() / kernel.shape().size(1);
    return List.of(image.like(convolve(operands, image, kernel, groups)));
  }

  static List<KerasTensor> depthwise(Operands operands) {
    Image image = operands.image();
    Value kernel = depthwiseKernel(operands, 1, "kernel", "filter");
    return List.of(image.like(convolve(operands, image, kernel, image.channels())));
  }

  static List<KerasTensor> separable(Operands operands) {
    Image image = operands.image();
    Value first = depthwiseKernel(operands, 1, "depthwise_kernel");
    Value middle = convolve(operands, image, first, image.channels());
    Value second = outputsFirst(operands, 2, "pointwise_kernel");
    return List.of(image.like(operands.graph().node(Op.CONV, middle, second)));
  }

  private static Value kernel(Operands operands, int position, String... names) {
    return operands.plain(operands.tensor(position, names));
  }

  /** (spatial.., inputs, outputs) as (outputs, inputs, spatial..). */
  private static Value outputsFirst(Operands operands, int position, String... names) {
    return rearranged(
        operands,
        shape -> {
          int rank = shape.length;
          return IntStream.range(0, rank)
              .map(axis -> axis == 0 ? rank - 1 : axis == 1 ? rank - 2 : axis - 2)
              .toArray();
        },
        UnaryOperator.identity(),
        position,
        names);
  }

  /** (spatial.., channels, multiplier) as (channels * multiplier, 1, spatial..). */
  private static Value depthwiseKernel(Operands operands, int position, String... names) {
    return rearranged(
        operands,
        shape -> {
          int rank = shape.length;
          return IntStream.range(0, rank)
              .map(axis -> axis < 2 ? rank - 2 + axis : axis - 2)
              .toArray();
        },
        sizes -> {
          int[] merged = sizes.clone();
          merged[0] *= merged[1];
          merged[1] = 1;
          return merged;
        },
        position,
        names);
  }

  /** A kernel with its axes in another order, then in another shape; at once where it is known. */
  private static Value rearranged(
      Operands operands,
      UnaryOperator<int[]> order,
      UnaryOperator<int[]> reshape,
      int position,
      String... names) {
    GraphBuilder graph = operands.graph();
    Tensor known = operands.literal(position, names);
    if (known != null) {
      Tensor moved = known.transpose(order.apply(known.shape()));
      return graph.constant(moved.reshape(reshape.apply(moved.shape())));
    }
    Value kernel = kernel(operands, position, names);
    Value moved = graph.transpose(kernel, order.apply(kernel.shape().sizes()));
    return graph.reshape(moved, Shape.of(reshape.apply(moved.shape().sizes())));
  }

  private static Value convolve(Operands operands, Image image, Value kernel, int groups) {
    int[] size = Arrays.copyOfRange(kernel.shape().sizes(), 2, kernel.rank());
    int[] ones = ones(size.length);
    int[] strides = spatial(operands, ones, 2, "strides");
    int[] dilations = spatial(operands, ones, 4, "dilation_rate", "dilations");
    WindowPadding window = window(operands, image, size, strides, dilations);
    return operands
        .graph()
        .node(Op.CONV, window.attributes().with("group", groups), image.value(), kernel);
  }

  private static WindowPadding window(
      Operands operands, Image image, int[] size, int[] strides, int[] dilations) {
    String padding = operands.text("valid", 3, "padding");
    WindowPadding window = WindowPadding.of(padding, image.sizes(), size, strides, dilations);
    if (window == null) {
      throw operands.layer().unsupported("padding='%s' is not known.".formatted(padding));
    }
    return window;
  }

  /** One number for each spatial axis; TensorFlow's may lie between those of batch and channels. */
  private static int[] spatial(Operands operands, int[] otherwise, int position, String... names) {
    if (!operands.has(position, names)) {
      return otherwise;
    }
    int rank = otherwise.length;
    int[] given = operands.integers(position, names);
    if (given.length == 1) {
      int[] same = new int[rank];
      Arrays.fill(same, given[0]);
      return same;
    }
    if (given.length == rank + 2) {
      return Arrays.copyOfRange(given, 1, rank + 1);
    }
    if (given.length != rank) {
      throw operands
          .layer()
          .invalid("%s must be %d numbers, got %d.".formatted(names[0], rank, given.length));
    }
    return given;
  }

  private static int[] ones(int count) {
    int[] ones = new int[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  static FunctionBuilder pool(Op op) {
    return operands -> {
      Image image = operands.image();
      int[] ones = ones(image.spatialRank());
      int[] size = spatial(operands, ones, 1, "pool_size", "ksize");
      int[] strides = spatial(operands, size, 2, "strides");
      Attributes attributes =
          window(operands, image, size, strides, ones).attributes().without("dilations");
      return List.of(image.like(operands.graph().node(op, attributes, image.value())));
    };
  }

  /** (x - mean) / sqrt(variance + epsilon) * scale + offset. */
  static List<KerasTensor> batchNormalization(Operands operands) {
    GraphBuilder graph = operands.graph();
    Value x = operands.plain(operands.tensor(0, "x"));
    int axis = Axes.fromZero(operands.integer(-1, Operands.NAMED, "axis"), x.rank());
    int[] sizes = ones(x.rank());
    sizes[axis] = x.shape().size(axis);
    Shape shape = Shape.of(sizes);
    Value mean = graph.reshape(kernel(operands, 1, "mean"), shape);
    Value variance = graph.reshape(kernel(operands, 2, "variance"), shape);
    double epsilon = operands.number(1e-3, Operands.NAMED, "epsilon", "variance_epsilon");
    Value deviation = graph.node(Op.SQRT, graph.add(variance, graph.scalar((float) epsilon)));
    Value out = graph.div(graph.sub(x, mean), deviation);
    if (operands.has(4, "scale")) {
      out = graph.mul(out, graph.reshape(kernel(operands, 4, "scale"), shape));
    }
    if (operands.has(3, "offset")) {
      out = graph.add(out, graph.reshape(kernel(operands, 3, "offset"), shape));
    }
    return List.of(KerasTensor.plain(out));
  }

  static List<KerasTensor> layerNormalization(Operands operands) {
    GraphBuilder graph = operands.graph();
    Value x = operands.plain(operands.tensor(0, "x"));
    int[] axes = normalized(operands, x);
    Value centred = graph.sub(x, graph.reduceMean(x, true, axes));
    Value out = graph.div(centred, root(operands, centred, axes));
    return List.of(KerasTensor.plain(scaled(operands, out, axes, "gamma", "beta")));
  }

  static List<KerasTensor> rmsNormalization(Operands operands) {
    Value x = operands.plain(operands.tensor(0, "x"));
    int[] axes = normalized(operands, x);
    Value out = operands.graph().div(x, root(operands, x, axes));
    return List.of(KerasTensor.plain(scaled(operands, out, axes, "scale", "")));
  }

  private static int[] normalized(Operands operands, Value x) {
    int[] axes =
        operands.has(Operands.NAMED, "axis")
            ? operands.integers(Operands.NAMED, "axis")
            : new int[] {-1};
    return Arrays.stream(axes).map(axis -> Axes.fromZero(axis, x.rank())).sorted().toArray();
  }

  /** The root of the mean square plus epsilon, which is 1e-7 unless told otherwise. */
  private static Value root(Operands operands, Value x, int[] axes) {
    GraphBuilder graph = operands.graph();
    float epsilon = (float) operands.number(1e-7, Operands.NAMED, "epsilon");
    Value square = graph.reduceMean(graph.mul(x, x), true, axes);
    return graph.node(Op.SQRT, graph.add(square, graph.scalar(epsilon)));
  }

  private static Value scaled(Operands operands, Value x, int[] axes, String scale, String offset) {
    GraphBuilder graph = operands.graph();
    int[] sizes = ones(x.rank());
    Arrays.stream(axes).forEach(axis -> sizes[axis] = x.shape().size(axis));
    Value out = x;
    if (operands.has(1, scale)) {
      out = graph.mul(out, graph.reshape(kernel(operands, 1, scale), Shape.of(sizes)));
    }
    if (!offset.isEmpty() && operands.has(2, offset)) {
      out = graph.add(out, graph.reshape(kernel(operands, 2, offset), Shape.of(sizes)));
    }
    return out;
  }
}
