package dev.keralens.keras.function;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.Argument;
import dev.keralens.keras.call.AttentionScores;
import dev.keralens.keras.call.Axes;
import dev.keralens.keras.call.Broadcasting;
import dev.keralens.keras.call.Einsum;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Products of matrices and other sums of products. */
final class ProductFunctions {
  private ProductFunctions() {}

  static List<KerasTensor> matmul(Operands operands) {
    GraphBuilder graph = operands.graph();
    Value a = floats(operands, 0, "x1", "x", "a");
    Value b = floats(operands, 1, "x2", "y", "b");
    if (operands.flag(false, Operands.NAMED, "transpose_a")) {
      a = swapped(graph, a);
    }
    if (operands.flag(false, Operands.NAMED, "transpose_b")) {
      b = swapped(graph, b);
    }
    return List.of(KerasTensor.plain(graph.matMul(a, b)));
  }

  private static Value floats(Operands operands, int position, String... names) {
    KerasTensor x = operands.tensor(position, names);
    return operands.graph().cast(operands.plain(x), ElementType.FLOAT32);
  }

  private static Value swapped(GraphBuilder graph, Value x) {
    int[] order = IntStream.range(0, x.rank()).toArray();
    order[x.rank() - 1] = x.rank() - 2;
    order[x.rank() - 2] = x.rank() - 1;
    return graph.transpose(x, order);
  }

  /** NumPy's dot: over the last axis of the first and the one before the last of the second. */
  static List<KerasTensor> dot(Operands operands) {
    Value a = floats(operands, 0, "x1", "x", "a");
    Value b = floats(operands, 1, "x2", "y", "b");
    if (b.rank() > 2) {
      return List.of(
          tensordot(operands.graph(), a, b, new int[] {a.rank() - 1}, new int[] {b.rank() - 2}));
    }
    return List.of(KerasTensor.plain(operands.graph().matMul(a, b)));
  }

  static List<KerasTensor> tensordot(Operands operands) {
    Value a = floats(operands, 0, "x1", "a");
    Value b = floats(operands, 1, "x2", "b");
    int[] axes = operands.integers(2, "axes");
    boolean pairs = operands.find(2, "axes") instanceof Argument.Items;
    int count = pairs ? axes.length / 2 : axes[0];
    int[] left =
        pairs
            ? fromZero(Arrays.copyOf(axes, count), a.rank())
            : IntStream.range(a.rank() - count, a.rank()).toArray();
    int[] right =
        pairs
            ? fromZero(Arrays.copyOfRange(axes, count, axes.length), b.rank())
            : IntStream.range(0, count).toArray();
    return List.of(tensordot(operands.graph(), a, b, left, right));
  }

  private static int[] fromZero(int[] axes, int rank) {
    return Arrays.stream(axes).map(axis -> Axes.fromZero(axis, rank)).toArray();
  }

  private static KerasTensor tensordot(
      GraphBuilder graph, Value a, Value b, int[] left, int[] right) {
    char[] first = letters(a.rank(), 'a');
    char[] second = letters(b.rank(), 'A');
    for (int i = 0; i < left.length; i++) {
      second[right[i]] = first[left[i]];
    }
    StringBuilder output = new StringBuilder();
    for (int i = 0; i < first.length; i++) {
      int axis = i;
      if (Arrays.stream(left).noneMatch(l -> l == axis)) {
        output.append(first[i]);
      }
    }
    for (int i = 0; i < second.length; i++) {
      int axis = i;
      if (Arrays.stream(right).noneMatch(r -> r == axis)) {
        output.append(second[i]);
      }
    }
    List<String> terms = List.of(new String(first), new String(second));
    return KerasTensor.plain(new Einsum(terms, output.toString()).apply(graph, a, b));
  }

  private static char[] letters(int count, char from) {
    char[] letters = new char[count];
    for (int i = 0; i < count; i++) {
      letters[i] = (char) (from + i);
    }
    return letters;
  }

  static List<KerasTensor> einsum(Operands operands) {
    String equation = operands.text("", Operands.NAMED, "subscripts", "equation");
    List<Value> values = new ArrayList<>();
    for (Argument argument : operands.layer().arguments().positional()) {
      argument.tensors().forEach(x -> values.add(operands.plain(x)));
    }
    if (equation.isEmpty() || values.isEmpty()) {
      throw operands.layer().unsupported("its equation or its operands are not known.");
    }
    int[] ranks = values.stream().mapToInt(Value::rank).toArray();
    Einsum einsum = Einsum.parse(equation, ranks);
    return List.of(KerasTensor.plain(einsum.apply(operands.graph(), values.toArray(new Value[0]))));
  }

  /** The cross product of the vectors of the last axis. */
  static List<KerasTensor> cross(Operands operands) {
    GraphBuilder graph = operands.graph();
    Value a = floats(operands, 0, "x1");
    Value b = floats(operands, 1, "x2");
    if (a.shape().size(-1) != 3 || b.shape().size(-1) != 3) {
      throw operands.layer().unsupported("only vectors of 3 numbers are supported.");
    }
    int[] next = {1, 2, 0};
    int[] after = {2, 0, 1};
    Value first = graph.mul(turned(graph, a, next), turned(graph, b, after));
    Value second = graph.mul(turned(graph, a, after), turned(graph, b, next));
    return List.of(KerasTensor.plain(graph.sub(first, second)));
  }

  private static Value turned(GraphBuilder graph, Value x, int[] index) {
    return graph.node(Op.GATHER, Attributes.of("axis", x.rank() - 1), x, graph.ints(index));
  }

  /** softmax(query * key / sqrt(size)) * value, for (batch, time, heads, size). */
  static List<KerasTensor> attention(Operands operands) {
    GraphBuilder graph = operands.graph();
    Value query = graph.transpose(floats(operands, 0, "query"), 0, 2, 1, 3);
    Value key = graph.transpose(floats(operands, 1, "key"), 0, 2, 3, 1);
    Value value = graph.transpose(floats(operands, 2, "value"), 0, 2, 1, 3);
    double scale = operands.number(1 / Math.sqrt(query.shape().size(-1)), 5, "scale");
    Value scores = graph.mul(graph.matMul(query, key), scale);
    if (operands.has(3, "bias")) {
      scores = graph.add(scores, floats(operands, 3, "bias"));
    }
    Value mask =
        operands.has(4, "mask")
            ? graph.cast(operands.plain(operands.tensor(4, "mask")), ElementType.BOOL)
            : null;
    if (operands.flag(false, Operands.NAMED, "is_causal")) {
      Value past =
          AttentionScores.causalMask(graph, scores.shape().size(-2), scores.shape().size(-1));
      mask = mask == null ? past : graph.node(Op.AND, mask, past);
    }
    if (mask != null) {
      scores = graph.where(mask, scores, graph.scalar(-1e9f));
    }
    Value mixed = graph.matMul(AttentionScores.softmax(graph, scores), value);
    return List.of(KerasTensor.plain(graph.transpose(mixed, 0, 2, 1, 3)));
  }

  /** x plus one number for each channel. */
  static List<KerasTensor> biasAdd(Operands operands) {
    if (operands.text("NHWC", 2, "data_format").startsWith("NC")) {
      throw operands.layer().unsupported("data_format must be channels last.");
    }
    KerasTensor x = operands.tensor(0, "value", "x");
    KerasTensor bias = operands.tensor(1, "bias");
    Broadcasting both = Broadcasting.of(operands.layer(), List.of(x, bias));
    Value sum = operands.graph().add(both.values().get(0), both.values().get(1));
    return List.of(new KerasTensor(sum, both.layout()));
  }
}
