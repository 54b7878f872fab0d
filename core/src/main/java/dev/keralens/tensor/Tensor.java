package dev.keralens.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An immutable array of numbers of any rank, in row-major order.
 *
 * <p>The elements lie in a little-endian {@link ByteBuffer}, which may be a slice of a mapped file;
 * a tensor over such a slice costs no memory of its own. A tensor holds at most 2<sup>31</sup> - 1
 * bytes.
 */
public final class Tensor {
  private final ElementType type;
  private final int[] shape;
  private final ByteBuffer data;

  private Tensor(ElementType type, int[] shape, ByteBuffer data) {
    this.type = type;
    this.shape = shape;
    this.data = data;
  }

  /**
   * Returns a tensor over the remaining bytes of a buffer, without copying them. The caller must
   * not change them afterwards.
   *
   * @param type the type of the elements
   * @param data the elements, little-endian, row-major
   * @param shape the size of each axis; empty for a scalar
   * @return the tensor
   * @throws IllegalArgumentException if the buffer has not exactly the bytes that the shape needs
   */
  public static Tensor wrap(ElementType type, ByteBuffer data, int... shape) {
    long expected = elements(shape) * type.bytes();
    if (data.remaining() != expected) {
      throw new IllegalArgumentException(
          "A tensor of type %s and shape %s needs %d bytes, got %d."
              .formatted(type, describe(shape), expected, data.remaining()));
    }
    return new Tensor(type, shape.clone(), data.slice().order(ByteOrder.LITTLE_ENDIAN));
  }

  /**
   * Returns a float tensor with a copy of the values.
   *
   * @param values the elements in row-major order
   * @param shape the size of each axis; empty for a scalar
   * @return the tensor
   * @throws IllegalArgumentException if the number of values is not the product of the shape
   */
  public static Tensor of(float[] values, int... shape) {
    ByteBuffer data = allocate(ElementType.FLOAT32, values.length, shape);
    data.asFloatBuffer().put(values);
    return new Tensor(ElementType.FLOAT32, shape.clone(), data);
  }

  /**
   * Returns an integer tensor ({@link ElementType#INT64}) with a copy of the values.
   *
   * @param values the elements in row-major order
   * @param shape the size of each axis; empty for a scalar
   * @return the tensor
   * @throws IllegalArgumentException if the number of values is not the product of the shape
   */
  public static Tensor of(long[] values, int... shape) {
    ByteBuffer data = allocate(ElementType.INT64, values.length, shape);
    data.asLongBuffer().put(values);
    return new Tensor(ElementType.INT64, shape.clone(), data);
  }

  /**
   * Returns a double tensor ({@link ElementType#FLOAT64}) with a copy of the values.
   *
   * @param values the elements in row-major order
   * @param shape the size of each axis; empty for a scalar
   * @return the tensor
   * @throws IllegalArgumentException if the number of values is not the product of the shape
   */
  public static Tensor of(double[] values, int... shape) {
    ByteBuffer data = allocate(ElementType.FLOAT64, values.length, shape);
    data.asDoubleBuffer().put(values);
    return new Tensor(ElementType.FLOAT64, shape.clone(), data);
  }

  /**
   * {@return a float tensor of rank 0}
   *
   * @param value its one element
   */
  public static Tensor scalar(float value) {
    return of(new float[] {value});
  }

  /**
   * Joins tensors along the first axis.
   *
   * @param parts tensors of one type whose shapes agree in all axes but the first; at least one
   * @return their elements one after another
   * @throws IllegalArgumentException if there is no part, or types or shapes differ
   */
  public static Tensor concat(List<Tensor> parts) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("There is no tensor to join.");
    }
    Tensor first = parts.get(0);
    if (parts.size() == 1) {
      return first;
    }
    int[] shape = first.shape.clone();
    shape[0] = 0;
    for (Tensor part : parts) {
      if (part.type != first.type || !sameRows(part, first)) {
        throw new IllegalArgumentException(
            "Tensors %s and %s cannot be joined along their first axis."
                .formatted(first.typeAndShape(), part.typeAndShape()));
      }
      shape[0] = Math.addExact(shape[0], part.shape[0]);
    }
    ByteBuffer data = ByteBuffer.allocate(bytes(first.type, shape)).order(ByteOrder.LITTLE_ENDIAN);
    for (Tensor part : parts) {
      data.put(part.data.duplicate());
    }
    data.flip();
    return new Tensor(first.type, shape, data);
  }

  /**
   * Joins tensors along a new first axis: images (height, width, channels) become a batch.
   *
   * @param parts tensors of one type and one shape, at least one
   * @return a tensor of one axis more, whose rows they are
   * @throws IllegalArgumentException if there is no part, or types or shapes differ
   */
  public static Tensor stack(List<Tensor> parts) {
    for (Tensor part : parts) {
      Tensor first = parts.get(0);
      if (part.type != first.type || !Arrays.equals(part.shape, first.shape)) {
        throw new IllegalArgumentException(
            "Tensors %s and %s cannot be stacked; type and shape must be the same."
                .formatted(first.typeAndShape(), part.typeAndShape()));
      }
    }
    return concat(parts.stream().map(Tensor::batch).toList());
  }

  private static boolean sameRows(Tensor a, Tensor b) {
    int rank = a.shape.length;
    return rank > 0 && rank == b.shape.length && Arrays.equals(a.shape, 1, rank, b.shape, 1, rank);
  }

  private static ByteBuffer allocate(ElementType type, int count, int[] shape) {
    if (elements(shape) != count) {
      throw new IllegalArgumentException(
          "A tensor of shape %s has %d elements, got %d."
              .formatted(describe(shape), elements(shape), count));
    }
    return ByteBuffer.allocate(bytes(type, shape)).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int bytes(ElementType type, int[] shape) {
    long elements = elements(shape);
    if (elements > Integer.MAX_VALUE / type.bytes()) {
      throw new IllegalArgumentException(
          "A tensor of shape %s and type %s has %d elements; at most %d fit."
              .formatted(describe(shape), type, elements, Integer.MAX_VALUE / type.bytes()));
    }
    return (int) elements * type.bytes();
  }

  /**
   * {@return the product of the sizes}
   *
   * @param shape the size of each axis
   * @throws IllegalArgumentException if a size is negative or the product overflows
   */
  public static long elements(int... shape) {
    long product = 1;
    for (int size : shape) {
      if (size < 0) {
        throw new IllegalArgumentException("A size is negative in " + describe(shape) + ".");
      }
      if (product > 0 && size > Long.MAX_VALUE / product) {
        throw new IllegalArgumentException(
            "A tensor of shape %s has more elements than can be counted."
                .formatted(describe(shape)));
      }
      product *= size;
    }
    return product;
  }

  /** {@return the type of the elements} */
  public ElementType type() {
    return type;
  }

  /** {@return the size of each axis} */
  public int[] shape() {
    return shape.clone();
  }

  /** {@return the number of axes} */
  public int rank() {
    return shape.length;
  }

  /**
   * {@return the size of one axis}
   *
   * @param axis the axis, from 0; negative counts from the end
   * @throws IndexOutOfBoundsException if there is no such axis
   */
  public int size(int axis) {
    return shape[axis < 0 ? axis + shape.length : axis];
  }

  /** {@return the number of elements} */
  public int elements() {
    return data.limit() / type.bytes();
  }

  /** {@return the elements as bytes, read-only and little-endian} */
  public ByteBuffer bytes() {
    return data.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * {@return the elements of a float tensor, read-only}
   *
   * @throws IllegalStateException if the type is not {@link ElementType#FLOAT32}
   */
  public FloatBuffer floats() {
    if (type != ElementType.FLOAT32) {
      throw new IllegalStateException("The elements are of type " + type + ", not FLOAT32.");
    }
    return bytes().asFloatBuffer();
  }

  /** {@return a copy of the elements, each converted to float} */
  public float[] toFloatArray() {
    float[] out = new float[elements()];
    if (type == ElementType.FLOAT32) {
      data.asFloatBuffer().get(out);
      return out;
    }
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) at(i);
    }
    return out;
  }

  /** {@return a copy of the elements, each converted to double} */
  public double[] toDoubleArray() {
    double[] out = new double[elements()];
    for (int i = 0; i < out.length; i++) {
      out[i] = at(i);
    }
    return out;
  }

  /** {@return a copy of the elements, each converted to long; fractions are cut off} */
  public long[] toLongArray() {
    long[] out = new long[elements()];
    for (int i = 0; i < out.length; i++) {
      out[i] = type == ElementType.INT64 ? data.getLong(i * 8) : (long) at(i);
    }
    return out;
  }

  /**
   * {@return a copy of the elements, each converted to int}
   *
   * @throws ArithmeticException if an element does not fit
   */
  public int[] toIntArray() {
    return Arrays.stream(toLongArray()).mapToInt(Math::toIntExact).toArray();
  }

  /**
   * {@return the element at an index, as a float} Integers above 2^24 are rounded; {@link #getLong}
   * does not round them.
   *
   * @param index one position per axis
   * @throws IndexOutOfBoundsException if the index does not lie inside the shape
   */
  public float get(int... index) {
    return (float) at(offset(index));
  }

  /**
   * {@return the element at an index, converted to long; fractions are cut off}
   *
   * @param index one position per axis
   * @throws IndexOutOfBoundsException if the index does not lie inside the shape
   */
  public long getLong(int... index) {
    int offset = offset(index);
    return type == ElementType.INT64 ? data.getLong(offset * 8) : (long) at(offset);
  }

  private int offset(int... index) {
    if (index.length != shape.length) {
      throw new IndexOutOfBoundsException(
          "An index into %s has %d axes, got %d."
              .formatted(describe(shape), shape.length, index.length));
    }
    int offset = 0;
    for (int axis = 0; axis < shape.length; axis++) {
      if (index[axis] < 0 || index[axis] >= shape[axis]) {
        throw new IndexOutOfBoundsException(
            "Index %s lies outside %s.".formatted(Arrays.toString(index), describe(shape)));
      }
      offset = offset * shape[axis] + index[axis];
    }
    return offset;
  }

  private double at(int offset) {
    return Elements.at(type, data, offset);
  }

  /**
   * {@return the elements in another type}
   *
   * @param other the type: fractions become the nearest whole number, of two the higher one; as
   *     {@link ElementType#BOOL}, all but zero is true
   * @throws IllegalArgumentException if an element does not fit into it
   */
  public Tensor to(ElementType other) {
    return other == type ? this : wrap(other, Elements.convert(this, data, other), shape);
  }

  /**
   * Returns the same elements in another shape, without copying them.
   *
   * @param newShape the size of each axis; one of them may be -1 and is computed
   * @return the tensor
   * @throws IllegalArgumentException if the number of elements differs
   */
  public Tensor reshape(int... newShape) {
    int[] sizes = newShape.clone();
    long known = 1;
    int open = -1;
    for (int axis = 0; axis < sizes.length; axis++) {
      if (sizes[axis] == -1 && open < 0) {
        open = axis;
      } else {
        known = Math.multiplyExact(known, (long) sizes[axis]);
      }
    }
    if (open >= 0) {
      sizes[open] = known == 0 ? 0 : (int) (elements() / known);
    }
    if (elements(sizes) != elements()) {
      throw new IllegalArgumentException(
          "A tensor of shape %s cannot take the shape %s."
              .formatted(describe(shape), describe(newShape)));
    }
    return new Tensor(type, sizes, data);
  }

  /**
   * {@return a batch of one: the same elements with a first axis of size 1, without copying them}
   */
  public Tensor batch() {
    return expandDims(0);
  }

  /**
   * Returns the same elements with one more axis, of size 1, without copying them.
   *
   * @param axis the place of the new axis in the result; negative counts from the end
   * @return the tensor
   * @throws IndexOutOfBoundsException if there is no such place
   */
  public Tensor expandDims(int axis) {
    int place = axis < 0 ? axis + shape.length + 1 : axis;
    if (place < 0 || place > shape.length) {
      throw new IndexOutOfBoundsException(
          "%s has no place %d for an axis.".formatted(describe(shape), axis));
    }
    int[] sizes = new int[shape.length + 1];
    System.arraycopy(shape, 0, sizes, 0, place);
    sizes[place] = 1;
    System.arraycopy(shape, place, sizes, place + 1, shape.length - place);
    return new Tensor(type, sizes, data);
  }

  /**
   * Finds the largest element along an axis, as {@code np.argmax} does: of equal ones the first.
   *
   * @param axis the axis; negative counts from the end
   * @return integers ({@link ElementType#INT64}), a tensor without that axis: of scores (batch,
   *     units) the highest unit of each image, of a segmentation (batch, height, width, classes)
   *     the class of each place
   * @throws IndexOutOfBoundsException if there is no such axis
   * @throws IllegalArgumentException if the axis is empty, or an element is NaN
   */
  public Tensor argmax(int axis) {
    int place = axis < 0 ? axis + shape.length : axis;
    if (place < 0 || place >= shape.length) {
      throw new IndexOutOfBoundsException("%s has no axis %d.".formatted(describe(shape), axis));
    }
    return Highest.along(this, place);
  }

  /**
   * Returns consecutive rows of the first axis, without copying them.
   *
   * @param from the first row
   * @param to the row after the last
   * @return a tensor whose first axis has the size {@code to - from}
   * @throws IndexOutOfBoundsException if the rows do not lie inside the tensor
   */
  public Tensor rows(int from, int to) {
    if (shape.length == 0 || from < 0 || to < from || to > shape[0]) {
      throw new IndexOutOfBoundsException(
          "Rows %d to %d lie outside %s.".formatted(from, to, describe(shape)));
    }
    int row = shape[0] == 0 ? 0 : data.limit() / shape[0];
    int[] sizes = shape.clone();
    sizes[0] = to - from;
    ByteBuffer part = data.slice(from * row, (to - from) * row).order(ByteOrder.LITTLE_ENDIAN);
    return new Tensor(type, sizes, part);
  }

  /**
   * Returns one row of the first axis, without copying it.
   *
   * @param index the row
   * @return a tensor of one axis less
   * @throws IndexOutOfBoundsException if there is no such row
   */
  public Tensor row(int index) {
    Tensor rows = rows(index, index + 1);
    return new Tensor(type, Arrays.copyOfRange(shape, 1, shape.length), rows.data);
  }

  /**
   * Returns the tensor with its axes in another order.
   *
   * @param axes the axis of this tensor that each axis of the result is
   * @return a new tensor; elements are copied
   * @throws IllegalArgumentException if {@code axes} is not a permutation
   */
  public Tensor transpose(int... axes) {
    int rank = shape.length;
    int[] sorted = axes.clone();
    Arrays.sort(sorted);
    for (int axis = 0; axis < Math.max(rank, sorted.length); axis++) {
      if (sorted.length != rank || sorted[axis] != axis) {
        throw new IllegalArgumentException(
            "%s is no order of the axes of %s.".formatted(Arrays.toString(axes), describe(shape)));
      }
    }
    int[] sizes = Arrays.stream(axes).map(axis -> shape[axis]).toArray();
    return new Tensor(type, sizes, new Transposition(type.bytes(), shape, axes).apply(data));
  }

  /** {@return the type and the shape, such as {@code FLOAT32(1, 2)}, for messages} */
  public String typeAndShape() {
    return type + describe(shape);
  }

  /**
   * {@return the type and the shape, and up to 20 elements as well, such as {@code FLOAT32(1, 2)
   * [[5.5, -0.25]]}}
   */
  @Override
  public String toString() {
    String text = typeAndShape();
    return elements() > TensorText.MOST
        ? text
        : text + " " + TensorText.of(shape, i -> Elements.text(type, data, i));
  }

  /**
   * {@return a shape as Keras prints it, such as {@code (2, 33, 29, 3)} or {@code (5,)}}
   *
   * @param shape the size of each axis
   */
  public static String describe(int... shape) {
    String sizes = Arrays.stream(shape).mapToObj(String::valueOf).collect(Collectors.joining(", "));
    return shape.length == 1 ? "(" + sizes + ",)" : "(" + sizes + ")";
  }
}
