package dev.keralens.keras.function;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.Axes;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Triangles and diagonals of matrices. */
final class MatrixFunctions {
  private MatrixFunctions() {}

  /** The elements on one side of a diagonal, the others 0. */
  static FunctionBuilder triangle(boolean upper) {
    return operands -> {
      GraphBuilder graph = operands.graph();
      Value value = operands.plain(operands.tensor(0, "x", "input"));
      Value diagonal = graph.constant(Tensor.of(new long[] {operands.integer(0, 1, "k")}));
      Attributes attributes = Attributes.of("upper", upper ? 1 : 0);
      return List.of(KerasTensor.plain(graph.node(Op.TRILU, attributes, value, diagonal)));
    };
  }

  /** The diagonal of the matrices of two axes, as a last axis. */
  static List<KerasTensor> diagonal(Operands operands) {
    return List.of(KerasTensor.plain(diagonalOf(operands)));
  }

  static List<KerasTensor> trace(Operands operands) {
    Value diagonal = diagonalOf(operands);
    return List.of(
        KerasTensor.plain(operands.graph().reduceSum(diagonal, false, diagonal.rank() - 1)));
  }

  private static Value diagonalOf(Operands operands) {
    GraphBuilder graph = operands.graph();
    Value value = operands.plain(operands.tensor(0, "x"));
    int rank = value.rank();
    int offset = operands.integer(0, 1, "offset");
    int first = Axes.fromZero(operands.integer(0, 2, "axis1"), rank);
    int second = Axes.fromZero(operands.integer(1, 3, "axis2"), rank);
    int[] others = IntStream.range(0, rank).filter(a -> a != first && a != second).toArray();
    int[] order = IntStream.concat(Arrays.stream(others), IntStream.of(first, second)).toArray();
    int rows = value.shape().size(first);
    int columns = value.shape().size(second);
    int skipped = Math.max(0, -offset);
    int length = Math.min(rows - skipped, columns - Math.max(0, offset));
    int[] index =
        IntStream.range(skipped, skipped + length).map(i -> i * columns + i + offset).toArray();
    Value moved = graph.transpose(value, order);
    int[] flat = Arrays.copyOf(moved.shape().sizes(), rank - 1);
    flat[rank - 2] = Math.multiplyExact(rows, columns);
    Value line = graph.reshape(moved, Shape.of(flat));
    return graph.node(Op.GATHER, Attributes.of("axis", rank - 2), line, graph.ints(index));
  }
}
