package dev.keralens.graph;

import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A method for each operator that is used often, so that graphs are written as formulas are. */
abstract class Operators {
  /**
   * Adds a node.
   *
   * @param op the operator
   * @param attributes its attributes
   * @param outputCount the number of outputs that are wanted
   * @param operands its inputs in ONNX's order; null where an optional one is left out
   * @return its outputs
   * @throws IllegalArgumentException if the operator cannot take these inputs; the message names
   *     the operator, the inputs and what is expected
   */
  public abstract List<Value> nodes(
      Op op, Attributes attributes, int outputCount, List<@Nullable Value> operands);

  /**
   * {@return a constant; small equal ones are the same value}
   *
   * @param tensor its elements
   */
  public abstract Value constant(Tensor tensor);

  /**
   * Adds a node with one output.
   *
   * @param op the operator
   * @param attributes its attributes
   * @param operands its inputs in ONNX's order; null where an optional one is left out
   * @return its output
   * @throws IllegalArgumentException as {@link #nodes} does
   */
  public Value node(Op op, Attributes attributes, @Nullable Value... operands) {
    return nodes(op, attributes, 1, Arrays.asList(operands)).get(0);
  }

  /**
   * Adds a node with one output and no attributes.
   *
   * @param op the operator
   * @param operands its inputs in ONNX's order; null where an optional one is left out
   * @return its output
   * @throws IllegalArgumentException as {@link #nodes} does
   */
  public Value node(Op op, @Nullable Value... operands) {
    return node(op, Attributes.NONE, operands);
  }

  /** {@return a constant of rank 0} */
  public Value scalar(float value) {
    return constant(Tensor.scalar(value));
  }

  /** {@return a constant of rank 0, of a type} */
  public Value scalar(double value, ElementType type) {
    ByteBuffer bytes = ByteBuffer.allocate(type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    switch (type) {
      case FLOAT32 -> bytes.putFloat((float) value);
      case FLOAT64 -> bytes.putDouble(value);
      case INT32 -> bytes.putInt((int) value);
      case INT64 -> bytes.putLong((long) value);
      case INT8, UINT8 -> bytes.put((byte) value);
      case BOOL -> bytes.put((byte) (value == 0 ? 0 : 1));
    }
    return constant(Tensor.wrap(type, bytes.flip()));
  }

  /** {@return a constant list of integers, such as axes or sizes} */
  public Value ints(int... values) {
    return constant(Tensor.of(Arrays.stream(values).asLongStream().toArray(), values.length));
  }

  /** {@return a + b, broadcast} */
  public Value add(Value a, Value b) {
    return node(Op.ADD, a, b);
  }

  /** {@return a - b, broadcast} */
  public Value sub(Value a, Value b) {
    return node(Op.SUB, a, b);
  }

  /** {@return a * b, broadcast} */
  public Value mul(Value a, Value b) {
    return node(Op.MUL, a, b);
  }

  /** {@return x times a number} */
  public Value mul(Value x, double factor) {
    return factor == 1 ? x : mul(x, scalar(factor, x.type()));
  }

  /** {@return a / b, broadcast} */
  public Value div(Value a, Value b) {
    return node(Op.DIV, a, b);
  }

  /** {@return the smaller of a and b, broadcast} */
  public Value min(Value a, Value b) {
    return node(Op.MIN, a, b);
  }

  /** {@return the larger of a and b, broadcast} */
  public Value max(Value a, Value b) {
    return node(Op.MAX, a, b);
  }

  /** {@return -x} */
  public Value neg(Value x) {
    return node(Op.NEG, x);
  }

  /** {@return max(x, 0)} */
  public Value relu(Value x) {
    return node(Op.RELU, x);
  }

  /** {@return |x|} */
  public Value abs(Value x) {
    return node(Op.ABS, x);
  }

  /** {@return the elements of a where the condition holds, else those of b, broadcast} */
  public Value where(Value condition, Value a, Value b) {
    return node(Op.WHERE, condition, a, b);
  }

  /** {@return x converted to another type} */
  public Value cast(Value x, ElementType type) {
    return x.type() == type ? x : node(Op.CAST, Attributes.of("to", OnnxTypes.code(type)), x);
  }

  /** {@return the product of matrices, as NumPy's matmul} */
  public Value matMul(Value a, Value b) {
    return node(Op.MAT_MUL, a, b);
  }

  /** {@return the sum over axes} */
  public Value reduceSum(Value x, boolean keepDims, int... axes) {
    return reduce(Op.REDUCE_SUM, x, keepDims, axes);
  }

  /** {@return the mean over axes} */
  public Value reduceMean(Value x, boolean keepDims, int... axes) {
    return reduce(Op.REDUCE_MEAN, x, keepDims, axes);
  }

  /** {@return a reduction over axes} */
  public Value reduce(Op op, Value x, boolean keepDims, int... axes) {
    return axes.length == 0
        ? x
        : node(op, Attributes.of("keepdims", keepDims ? 1L : 0L), x, ints(axes));
  }

  /**
   * {@return the same elements in another shape}
   *
   * @param x a value
   * @param shape the shape; where x depends on the batch, one axis must too
   */
  public Value reshape(Value x, Shape shape) {
    if (x.shape().equals(shape)) {
      return x;
    }
    int[] sizes = Arrays.stream(shape.sizes()).map(size -> size < 0 ? -1 : size).toArray();
    Value out = node(Op.RESHAPE, x, ints(sizes));
    if (!out.shape().equals(shape)) {
      throw new IllegalArgumentException(
          "Reshape of %s gives %s, expected %s.".formatted(x, out.shape(), shape));
    }
    return out;
  }

  /**
   * {@return x with its axes in another order; two transpositions in a row become one or none,
   * unless the first one is kept}
   *
   * @param x a value
   * @param axes the axis of x that each axis of the result is
   */
  public Value transpose(Value x, int... axes) {
    Node before = producerOf(x);
    if (before != null && before.op() == Op.TRANSPOSE && !isKept(x)) {
      int[] first = before.attributes().getInts("perm");
      if (first != null) {
        return transpose(before.input(0), Arrays.stream(axes).map(a -> first[a]).toArray());
      }
    }
    boolean identity = IntStream.range(0, axes.length).allMatch(axis -> axes[axis] == axis);
    return identity ? x : node(Op.TRANSPOSE, Attributes.of("perm", axes), x);
  }

  /**
   * {@return the node that computes a value, or null for inputs and constants}
   *
   * @param value a value of this graph
   */
  public abstract @Nullable Node producerOf(Value value);

  /** {@return whether a value stays on the way of what is computed from it} */
  abstract boolean isKept(Value value);

  /** {@return x with axes of size one put in, at their places in the result} */
  public Value unsqueeze(Value x, int... axes) {
    return node(Op.UNSQUEEZE, x, ints(axes));
  }

  /** {@return x without axes of size one} */
  public Value squeeze(Value x, int... axes) {
    return node(Op.SQUEEZE, x, ints(axes));
  }

  /** {@return values joined along an axis} */
  public Value concat(int axis, List<Value> values) {
    return values.size() == 1
        ? values.get(0)
        : nodes(Op.CONCAT, Attributes.of("axis", axis), 1, new ArrayList<@Nullable Value>(values))
            .get(0);
  }

  /**
   * {@return a part of x}
   *
   * @param x a value
   * @param axes the axes that are cut
   * @param starts the first position of each
   * @param ends the position after the last of each
   */
  public Value slice(Value x, int[] axes, int[] starts, int[] ends) {
    return node(Op.SLICE, x, ints(starts), ints(ends), ints(axes));
  }

  /**
   * {@return x with zeros around it}
   *
   * @param x a value
   * @param before zeros before each axis; negative numbers cut off
   * @param after zeros after each axis; negative numbers cut off
   */
  public Value pad(Value x, int[] before, int[] after) {
    int[] pads = IntStream.concat(Arrays.stream(before), Arrays.stream(after)).toArray();
    return Arrays.stream(pads).allMatch(pad -> pad == 0) ? x : node(Op.PAD, x, ints(pads));
  }

  /**
   * {@return x with a number around it}
   *
   * @param x a value
   * @param before how many before each axis; negative numbers cut off
   * @param after how many after each axis; negative numbers cut off
   * @param fill the number; the elements of x stay as they are, whatever it is
   */
  public Value pad(Value x, int[] before, int[] after, double fill) {
    int[] pads = IntStream.concat(Arrays.stream(before), Arrays.stream(after)).toArray();
    return fill == 0 || Arrays.stream(pads).allMatch(pad -> pad <= 0)
        ? pad(x, before, after)
        : node(Op.PAD, x, ints(pads), scalar(fill, x.type()));
  }

  /** {@return x repeated to a shape, by broadcasting} */
  public Value expand(Value x, Shape shape) {
    int[] sizes = Arrays.stream(shape.sizes()).map(size -> size < 0 ? 1 : size).toArray();
    return x.shape().equals(shape) ? x : node(Op.EXPAND, x, ints(sizes));
  }
}
