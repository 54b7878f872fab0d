package dev.keralens.onnx.operator;

import dev.keralens.graph.Constant;
import dev.keralens.graph.Shape;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/**
 * A small tensor of numbers that may depend on the batch.
 *
 * @param type the type of the elements
 * @param shape the size of each axis
 * @param elements the elements in row-major order
 */
@SuppressWarnings("ArrayRecordComponent") // compared by its elements below
public record Numbers(ElementType type, int[] shape, List<Linear> elements) {
  /** More elements than shapes and what is computed from them ever have. */
  static final int MOST = 1 << 16;

  public Numbers {
    if (Tensor.elements(shape) != elements.size()) {
      throw new IllegalArgumentException(
          "%d numbers do not have the shape %s".formatted(elements.size(), Tensor.describe(shape)));
    }
    elements = List.copyOf(elements);
  }

  /** {@return a list, of rank 1} */
  static Numbers list(ElementType type, List<Linear> elements) {
    return new Numbers(type, new int[] {elements.size()}, elements);
  }

  public static Numbers scalar(ElementType type, Linear element) {
    return new Numbers(type, new int[0], List.of(element));
  }

  /** {@return the sizes of a shape, as INT64} */
  static Numbers of(Shape shape) {
    return list(ElementType.INT64, Arrays.stream(shape.sizes()).mapToObj(Linear::ofSize).toList());
  }

  /** {@return the elements of a constant} */
  static Numbers of(Constant constant) {
    Tensor tensor = constant.tensor();
    List<Linear> elements =
        tensor.type().isFloating()
            ? floats(tensor)
            : Arrays.stream(tensor.toLongArray()).mapToObj(Linear::of).toList();
    return new Numbers(tensor.type(), tensor.shape(), elements);
  }

  private static List<Linear> floats(Tensor tensor) {
    ByteBuffer bytes = tensor.bytes();
    boolean wide = tensor.type() == ElementType.FLOAT64;
    Linear[] out = new Linear[tensor.elements()];
    for (int i = 0; i < out.length; i++) {
      out[i] = Linear.of(wide ? bytes.getDouble() : bytes.getFloat());
    }
    return List.of(out);
  }

  boolean isFixed() {
    return elements.stream().allMatch(Linear::isFixed);
  }

  int size() {
    return elements.size();
  }

  /** {@return the elements as integers; those beyond a long are the largest or smallest one} */
  long[] longs() {
    return elements.stream().mapToLong(element -> (long) element.number()).toArray();
  }

  /** {@return the elements as ints} */
  int[] ints() {
    return Arrays.stream(longs()).mapToInt(Math::toIntExact).toArray();
  }

  /** {@return the only element} */
  Linear single() {
    if (elements.size() != 1) {
      throw new IllegalArgumentException(
          "one number is expected, got " + Tensor.describe(shape) + " of them");
    }
    return elements.get(0);
  }

  Numbers reshaped(int... sizes) {
    return new Numbers(type, sizes, elements);
  }

  Numbers map(ElementType result, UnaryOperator<Linear> function) {
    return new Numbers(
        result, shape, elements.stream().map(e -> function.apply(e).as(result)).toList());
  }

  /** {@return a function of two tensors' elements, broadcast} */
  static Numbers combine(
      Numbers a, Numbers b, ElementType result, BinaryOperator<Linear> function) {
    int rank = Math.max(a.shape.length, b.shape.length);
    int[] out = new int[rank];
    for (int i = 1; i <= rank; i++) {
      int left = i <= a.shape.length ? a.shape[a.shape.length - i] : 1;
      int right = i <= b.shape.length ? b.shape[b.shape.length - i] : 1;
      if (left != right && left != 1 && right != 1) {
        throw new IllegalArgumentException(
            "shapes %s and %s do not broadcast"
                .formatted(Tensor.describe(a.shape), Tensor.describe(b.shape)));
      }
      out[rank - i] = left == 1 ? right : left;
    }
    Numbers left = a.expanded(out);
    Numbers right = b.expanded(out);
    Linear[] elements = new Linear[left.size()];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = function.apply(left.elements.get(i), right.elements.get(i)).as(result);
    }
    return new Numbers(result, out, List.of(elements));
  }

  /** {@return the elements repeated along axes of size one} */
  Numbers expanded(int... sizes) {
    if (Arrays.equals(sizes, shape)) {
      return this;
    }
    int count = checkedSize(sizes);
    Linear[] out = new Linear[count];
    for (int i = 0; i < count; i++) {
      int rest = i;
      int from = 0;
      int stride = 1;
      for (int axis = 1; axis <= sizes.length; axis++) {
        int position = rest % sizes[sizes.length - axis];
        rest /= sizes[sizes.length - axis];
        if (axis <= shape.length) {
          int size = shape[shape.length - axis];
          from += size == 1 ? 0 : position * stride;
          stride *= size;
        }
      }
      out[i] = elements.get(from);
    }
    return new Numbers(type, sizes, List.of(out));
  }

  /** {@return the number of elements of a shape, which must not be too many} */
  static int checkedSize(int... sizes) {
    long count = Tensor.elements(sizes);
    if (count > MOST) {
      throw new Refusal(count + " numbers are too many to compute beforehand");
    }
    return (int) count;
  }

  /** {@return the elements as a tensor; none may depend on the batch} */
  public Tensor tensor() {
    ByteBuffer bytes =
        ByteBuffer.allocate(elements.size() * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (Linear element : elements) {
      double number = element.number();
      switch (type) {
        case FLOAT32 -> bytes.putFloat((float) number);
        case FLOAT64 -> bytes.putDouble(number);
        case INT32 -> bytes.putInt((int) number);
        case INT64 -> bytes.putLong((long) number);
        case INT8, UINT8, BOOL -> bytes.put((byte) (long) number);
      }
    }
    return Tensor.wrap(type, bytes.flip(), shape);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Numbers numbers
        && type == numbers.type
        && Arrays.equals(shape, numbers.shape)
        && elements.equals(numbers.elements);
  }

  @Override
  public int hashCode() {
    return elements.hashCode() * 31 + Arrays.hashCode(shape);
  }

  @Override
  public String toString() {
    return type + Tensor.describe(shape);
  }
}
