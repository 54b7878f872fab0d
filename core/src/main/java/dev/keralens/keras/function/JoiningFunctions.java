package dev.keralens.keras.function;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.Argument;
import dev.keralens.keras.call.Axes;
import dev.keralens.keras.call.Broadcasting;
import dev.keralens.network.KerasTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Functions that join tensors, or take one apart. */
final class JoiningFunctions {
  private JoiningFunctions() {}

  static List<KerasTensor> concatenate(Operands operands) {
    List<KerasTensor> tensors = operands.tensors(0, "xs", "values", "x");
    return join(operands, tensors, operands.integer(0, 1, "axis"));
  }

  /** Along the second axis. */
  static List<KerasTensor> hstack(Operands operands) {
    return join(operands, operands.tensors(0, "xs"), 1);
  }

  static List<KerasTensor> append(Operands operands) {
    List<KerasTensor> both = List.of(operands.tensor(0, "x1"), operands.tensor(1, "x2"));
    return join(operands, both, operands.integer(2, "axis"));
  }

  private static List<KerasTensor> join(Operands operands, List<KerasTensor> tensors, int axis) {
    Broadcasting all = Broadcasting.of(operands.layer(), tensors);
    int rank = all.values().get(0).rank();
    int inGraph = Axes.inGraph(axis, rank, all.layout());
    return List.of(new KerasTensor(operands.graph().concat(inGraph, all.values()), all.layout()));
  }

  /** Along a new axis. A list of numbers that are known stays known. */
  static List<KerasTensor> stack(Operands operands) {
    GraphBuilder graph = operands.graph();
    Argument list = operands.find(0, "x", "xs", "values");
    if (list != null && isKnown(operands, list)) {
      int[] numbers = operands.integers(0, "x", "xs", "values");
      KerasTensor stacked = KerasTensor.plain(graph.ints(numbers));
      operands.layer().setKnown(stacked, numbers);
      return List.of(stacked);
    }
    List<KerasTensor> tensors = operands.tensors(0, "x", "xs", "values");
    int rank = tensors.get(0).value().rank() + 1;
    int axis = Axes.fromZero(operands.integer(0, 1, "axis"), rank);
    List<Value> values = new ArrayList<>();
    tensors.forEach(x -> values.add(graph.unsqueeze(operands.plain(x), axis)));
    return List.of(KerasTensor.plain(graph.concat(axis, values)));
  }

  private static boolean isKnown(Operands operands, Argument list) {
    return list.tensors().findAny().isPresent()
        && list.tensors().allMatch(x -> operands.layer().known(x) != null);
  }

  /** A number of equal parts; else in Keras where to cut, in TensorFlow the sizes of the parts. */
  static List<KerasTensor> split(Operands operands) {
    KerasTensor x = operands.tensor(0, "x", "value");
    String[] names = {"indices_or_sections", "num_or_size_splits"};
    int[] given = operands.integers(1, names);
    return split(operands, x, given, operands.integer(0, 2, "axis"));
  }

  /** Along an axis that the function's name says; as {@code split}. */
  static FunctionBuilder splitAlong(int axis) {
    return operands ->
        split(operands, operands.tensor(0, "x"), operands.integers(1, "indices_or_sections"), axis);
  }

  private static List<KerasTensor> split(
      Operands operands, KerasTensor x, int[] given, int wantedAxis) {
    String[] names = {"indices_or_sections", "num_or_size_splits"};
    int axis = Axes.fromZero(wantedAxis, x.value().rank());
    int size = x.shape().size(axis);
    if (!(operands.find(1, names) instanceof Argument.Items)) {
      int part = size / given[0];
      return cut(
          operands, x, axis, IntStream.rangeClosed(1, given[0]).map(i -> i * part).toArray());
    }
    if (operands.has(1, "indices_or_sections")) {
      int[] ends = IntStream.concat(Arrays.stream(given), IntStream.of(size)).toArray();
      return cut(operands, x, axis, ends);
    }
    int rest = size - Arrays.stream(given).filter(part -> part > 0).sum();
    int[] ends = new int[given.length];
    int end = 0;
    for (int i = 0; i < given.length; i++) {
      end += given[i] < 0 ? rest : given[i];
      ends[i] = end;
    }
    return cut(operands, x, axis, ends);
  }

  /** Parts of nearly equal size, the larger ones first. */
  static List<KerasTensor> arraySplit(Operands operands) {
    KerasTensor x = operands.tensor(0, "x");
    int parts = operands.integer(1, "indices_or_sections");
    int axis = Axes.fromZero(operands.integer(0, 2, "axis"), x.value().rank());
    int size = x.shape().size(axis);
    int[] ends =
        IntStream.rangeClosed(1, parts)
            .map(i -> i * (size / parts) + Math.min(i, size % parts))
            .toArray();
    return cut(operands, x, axis, ends);
  }

  private static List<KerasTensor> cut(Operands operands, KerasTensor x, int axis, int[] ends) {
    int[] inGraph = {Axes.inGraph(axis, x.value().rank(), x.layout())};
    List<KerasTensor> parts = new ArrayList<>();
    int start = 0;
    for (int end : ends) {
      Value part = operands.graph().slice(x.value(), inGraph, new int[] {start}, new int[] {end});
      parts.add(Operands.like(x, part));
      start = end;
    }
    return parts;
  }

  static List<KerasTensor> unstack(Operands operands) {
    GraphBuilder graph = operands.graph();
    Value value = operands.plain(operands.tensor(0, "x", "value"));
    int axis = Axes.fromZero(operands.integer(0, 2, "axis"), value.rank());
    List<KerasTensor> parts = new ArrayList<>();
    for (int i = 0; i < value.shape().size(axis); i++) {
      Value part = graph.slice(value, new int[] {axis}, new int[] {i}, new int[] {i + 1});
      parts.add(KerasTensor.plain(graph.squeeze(part, axis)));
    }
    return parts;
  }
}
