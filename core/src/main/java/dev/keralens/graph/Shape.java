package dev.keralens.graph;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The sizes of a value's axes. At most one axis depends on the batch: its size is a negative
 * number, where {@code -1} is the batch and {@code -m} is m times the batch.
 *
 * <p>Sizes that are a multiple of the batch arise where units are explained together (m gradients
 * an image) and where a layer folds time steps into the batch.
 */
public final class Shape {
  /** The size of the axis that is the batch. */
  public static final int BATCH = -1;

  private final int[] sizes;

  private Shape(int[] sizes) {
    this.sizes = sizes;
  }

  /**
   * {@return a shape}
   *
   * @param sizes the size of each axis, negative where it is a multiple of the batch
   * @throws IllegalArgumentException if two axes depend on the batch
   */
  public static Shape of(int... sizes) {
    if (Arrays.stream(sizes).filter(size -> size < 0).count() > 1) {
      throw new IllegalArgumentException(
          "Two axes depend on the batch in " + new Shape(sizes.clone()) + ".");
    }
    return new Shape(sizes.clone());
  }

  /** {@return the number of axes} */
  public int rank() {
    return sizes.length;
  }

  /**
   * {@return the size of an axis}
   *
   * @param axis the axis, from 0; negative counts from the end
   */
  public int size(int axis) {
    return sizes[axis < 0 ? axis + sizes.length : axis];
  }

  /** {@return the size of each axis} */
  public int[] sizes() {
    return sizes.clone();
  }

  /** {@return the axis that depends on the batch, or -1 where there is none} */
  public int batchAxis() {
    return IntStream.range(0, sizes.length).filter(axis -> sizes[axis] < 0).findFirst().orElse(-1);
  }

  /** {@return whether an axis depends on the batch} */
  public boolean hasBatch() {
    return batchAxis() >= 0;
  }

  /** {@return the number of elements; with a batch axis, for a batch of one} */
  public long elements() {
    long product = 1;
    for (int size : sizes) {
      product = Math.multiplyExact(product, (long) Math.abs(size));
    }
    return product;
  }

  /**
   * {@return this shape with one size replaced}
   *
   * @param axis the axis, from 0; negative counts from the end
   * @param size the new size
   */
  public Shape with(int axis, int size) {
    int[] copy = sizes.clone();
    copy[axis < 0 ? axis + sizes.length : axis] = size;
    return of(copy);
  }

  /**
   * {@return this shape with an axis put in}
   *
   * @param axis where the new axis lies in the result
   * @param size its size
   */
  public Shape insert(int axis, int size) {
    int[] out = new int[sizes.length + 1];
    System.arraycopy(sizes, 0, out, 0, axis);
    out[axis] = size;
    System.arraycopy(sizes, axis, out, axis + 1, sizes.length - axis);
    return of(out);
  }

  /**
   * {@return this shape without one axis}
   *
   * @param axis the axis, from 0
   */
  public Shape remove(int axis) {
    return of(IntStream.range(0, sizes.length).filter(i -> i != axis).map(i -> sizes[i]).toArray());
  }

  /**
   * {@return this shape with its axes in another order}
   *
   * @param axes the axis of this shape that each axis of the result is
   */
  public Shape permute(int... axes) {
    return of(Arrays.stream(axes).map(axis -> sizes[axis]).toArray());
  }

  /**
   * {@return this shape with the batch's multiple multiplied}
   *
   * @param times how many rows each row of the batch becomes; shapes without a batch stay as they
   *     are
   */
  public Shape repeat(int times) {
    int axis = batchAxis();
    return axis < 0 || times == 1 ? this : with(axis, Math.multiplyExact(sizes[axis], times));
  }

  /**
   * {@return the sizes for a batch of a given size}
   *
   * @param batch the number of rows
   */
  public int[] forBatch(int batch) {
    return Arrays.stream(sizes)
        .map(size -> size < 0 ? Math.multiplyExact(-size, batch) : size)
        .toArray();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(sizes, shape.sizes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sizes);
  }

  /** {@return the shape in words, such as {@code (batch, 33, 29, 3)}} */
  @Override
  public String toString() {
    String text =
        Arrays.stream(sizes)
            .mapToObj(size -> size == BATCH ? "batch" : size < 0 ? -size + "*batch" : "" + size)
            .collect(Collectors.joining(", "));
    return sizes.length == 1 ? "(" + text + ",)" : "(" + text + ")";
  }
}
