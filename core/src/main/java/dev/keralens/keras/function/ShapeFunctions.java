package dev.keralens.keras.function;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.Axes;
import dev.keralens.network.KerasTensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Functions that change a tensor's axes. */
final class ShapeFunctions {
  private ShapeFunctions() {}

  /** The new shape may have one -1: the batch, or what is left for it. */
  static List<KerasTensor> reshape(Operands operands) {
    Value value = operands.plain(operands.tensor(0, "x", "tensor"));
    int[] target = operands.integers(1, "newshape", "shape");
    int[] from = value.shape().sizes();
    int[] sizes = target.clone();
    if (target.length > 0 && target[0] > 0 && from[0] < 0) {
      throw operands
          .layer()
          .unsupported(
              "shape=%s fixes the batch; let its first size be -1."
                  .formatted(Arrays.toString(target)));
    }
    boolean batchFirst = target.length > 0 && target[0] < 0 && from.length > 0 && from[0] < 0;
    long elements = value.shape().elements();
    for (int i = 0; i < sizes.length; i++) {
      if (target[i] == -1 && (i > 0 || !batchFirst)) {
        sizes[i] = open(target, i, batchFirst ? -from[0] : 1, elements);
      }
    }
    boolean others = IntStream.range(1, sizes.length).anyMatch(i -> target[i] == -1);
    if (batchFirst && target[0] == -1) {
      sizes[0] = others ? from[0] : -open(target, 0, 1, elements);
    }
    return List.of(KerasTensor.plain(operands.graph().reshape(value, Shape.of(sizes))));
  }

  /** The size that is left for an axis. */
  private static int open(int[] target, int axis, int batch, long elements) {
    long known = batch;
    for (int i = 0; i < target.length; i++) {
      boolean isBatch = i == 0 && batch > 1;
      if (i != axis && target[i] > 0 && !isBatch) {
        known = Math.multiplyExact(known, (long) target[i]);
      }
    }
    return Math.toIntExact(elements / Math.max(1, known));
  }

  /** TensorFlow's shape of a tensor: known, but for the batch, which is written as -1. */
  static List<KerasTensor> shape(Operands operands) {
    KerasTensor x = operands.tensor(0, "x", "input");
    int[] sizes = x.shape().sizes();
    KerasTensor shape = KerasTensor.plain(operands.graph().ints(sizes));
    operands.layer().setKnown(shape, sizes);
    return List.of(shape);
  }

  static List<KerasTensor> transpose(Operands operands) {
    Value value = operands.plain(operands.tensor(0, "x", "a"));
    int rank = value.rank();
    int[] axes =
        operands.has(1, "axes", "perm")
            ? operands.axes(rank, 1, "axes", "perm")
            : IntStream.range(0, rank).map(axis -> rank - 1 - axis).toArray();
    return List.of(KerasTensor.plain(operands.graph().transpose(value, axes)));
  }

  static List<KerasTensor> swapAxes(Operands operands) {
    Value value = operands.plain(operands.x());
    int first = Axes.fromZero(operands.integer(1, "axis1"), value.rank());
    int second = Axes.fromZero(operands.integer(2, "axis2"), value.rank());
    int[] order = IntStream.range(0, value.rank()).toArray();
    order[first] = second;
    order[second] = first;
    return List.of(KerasTensor.plain(operands.graph().transpose(value, order)));
  }

  static List<KerasTensor> moveAxis(Operands operands) {
    Value value = operands.plain(operands.x());
    int rank = value.rank();
    int[] sources = operands.axes(rank, 1, "source");
    int[] targets = operands.axes(rank, 2, "destination");
    int[] order = new int[rank];
    Arrays.fill(order, -1);
    for (int i = 0; i < sources.length; i++) {
      order[targets[i]] = sources[i];
    }
    int[] rest =
        IntStream.range(0, rank)
            .filter(axis -> Arrays.stream(sources).noneMatch(source -> source == axis))
            .toArray();
    for (int i = 0, next = 0; i < rank; i++) {
      order[i] = order[i] < 0 ? rest[next++] : order[i];
    }
    return List.of(KerasTensor.plain(operands.graph().transpose(value, order)));
  }

  static List<KerasTensor> expandDims(Operands operands) {
    Value value = operands.plain(operands.tensor(0, "x", "input"));
    int[] given = operands.integers(1, "axis");
    int rank = value.rank() + given.length;
    int[] axes = Arrays.stream(given).map(axis -> Axes.fromZero(axis, rank)).sorted().toArray();
    return List.of(KerasTensor.plain(operands.graph().unsqueeze(value, axes)));
  }

  static List<KerasTensor> squeeze(Operands operands) {
    Value value = operands.plain(operands.tensor(0, "x", "input"));
    int[] axes =
        operands.has(1, "axis") && operands.integers(1, "axis").length > 0
            ? operands.axes(value.rank(), 1, "axis")
            : IntStream.range(0, value.rank())
                .filter(axis -> value.shape().size(axis) == 1)
                .toArray();
    return List.of(KerasTensor.plain(operands.graph().squeeze(value, axes)));
  }

  static List<KerasTensor> broadcastTo(Operands operands) {
    Value value = operands.plain(operands.tensor(0, "x", "input"));
    int[] target = operands.integers(1, "shape");
    int[] sizes = target.clone();
    if (sizes.length == value.rank() && value.shape().size(0) < 0) {
      // The batch that the shape fixes is the batch of the value.
      sizes[0] = 1;
    }
    return List.of(
        KerasTensor.plain(operands.graph().node(Op.EXPAND, value, operands.graph().ints(sizes))));
  }

  /** Differences of neighbours, n times. */
  static List<KerasTensor> diff(Operands operands) {
    KerasTensor x = operands.tensor(0, "a", "x");
    int axis = Axes.fromZero(operands.integer(-1, 2, "axis"), x.value().rank());
    int[] inGraph = {Axes.inGraph(axis, x.value().rank(), x.layout())};
    GraphBuilder graph = operands.graph();
    Value value = x.value();
    for (int i = operands.integer(1, 1, "n"); i > 0; i--) {
      int size = value.shape().size(inGraph[0]);
      value =
          graph.sub(
              graph.slice(value, inGraph, new int[] {1}, new int[] {size}),
              graph.slice(value, inGraph, new int[] {0}, new int[] {size - 1}));
    }
    return List.of(Operands.like(x, value));
  }

  static List<KerasTensor> spaceToDepth(Operands operands) {
    return blocks(operands, true);
  }

  static List<KerasTensor> depthToSpace(Operands operands) {
    return blocks(operands, false);
  }

  /** TensorFlow's order: the place in the block first, then the channel. */
  private static List<KerasTensor> blocks(Operands operands, boolean gather) {
    GraphBuilder graph = operands.graph();
    KerasTensor x = operands.tensor(0, "x", "input");
    if (operands
        .text("channels_last", Operands.NAMED, "data_format")
        .matches("channels_first|NCHW")) {
      throw operands.layer().unsupported("data_format must be channels last.");
    }
    int block = operands.integer(1, "block_size");
    int[] s = operands.plain(x).shape().sizes();
    Value value = operands.plain(x);
    if (gather) {
      int h = s[1] / block;
      int w = s[2] / block;
      Value split = graph.reshape(value, Shape.of(s[0], h, block, w, block, s[3]));
      Value moved = graph.transpose(split, 0, 1, 3, 2, 4, 5);
      return List.of(
          KerasTensor.plain(graph.reshape(moved, Shape.of(s[0], h, w, block * block * s[3]))));
    }
    int channels = s[3] / (block * block);
    Value split = graph.reshape(value, Shape.of(s[0], s[1], s[2], block, block, channels));
    Value moved = graph.transpose(split, 0, 1, 3, 2, 4, 5);
    return List.of(
        KerasTensor.plain(
            graph.reshape(moved, Shape.of(s[0], s[1] * block, s[2] * block, channels))));
  }
}
