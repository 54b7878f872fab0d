package dev.keralens.keras.storage;

import dev.keralens.graph.Constant;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One array of weights in a file. Name, shape and type are known; the elements are read when asked
 * for.
 */
public final class WeightArray implements Constant.Source {
  /** Where the elements lie, as the file stores them. */
  @FunctionalInterface
  public interface Data {
    /** {@return the bytes, from the buffer's position to its limit} */
    ByteBuffer read();

    /** {@return the part of a file that has just these bytes; null where they are put together} */
    default @Nullable FileRegion region() {
      return null;
    }
  }

  private final String name;
  private final int[] shape;
  private final StoredType type;
  private final Data data;
  private final boolean turned;

  public WeightArray(String name, int[] shape, StoredType type, Data data) {
    this(name, shape, type, data, false);
  }

  private WeightArray(String name, int[] shape, StoredType type, Data data, boolean turned) {
    this.name = name;
    this.shape = shape.clone();
    this.type = type;
    this.data = data;
    this.turned = turned;
  }

  /**
   * {@return this convolution kernel with all its spatial axes reversed, those before the last two}
   */
  public WeightArray turnedAround() {
    return new WeightArray(name, shape, type, data, !turned);
  }

  /**
   * {@return where the array lies in its file, such as {@code layers/dense/vars/0} or {@code
   * conv1/kernel:0}}
   */
  public String name() {
    return name;
  }

  /** {@return the size of each axis, in Keras' order; empty for a scalar} */
  public int[] shape() {
    return shape.clone();
  }

  /**
   * {@return the type that {@link #read} gives: {@link ElementType#FLOAT32} for all floating-point
   * numbers, an integer type wide enough, or {@link ElementType#BOOL}}
   */
  public ElementType type() {
    return type.readAs();
  }

  /**
   * {@return the type in the file as NumPy calls it, such as {@code float16} or {@code bfloat16}}
   */
  public String storedType() {
    return type.toString();
  }

  /**
   * Reads the elements. Where the file stores them plainly in the type asked for, little-endian and
   * uncompressed, a tensor of a small file lies over the file's bytes in memory; else they are read
   * or converted into a new buffer. Nothing is kept: reading twice copies twice.
   *
   * @return the elements
   * @throws dev.keralens.graph.InvalidModelException if the file is damaged, or has changed since
   *     it was opened
   * @throws java.io.UncheckedIOException if the file cannot be read any more
   */
  @Override
  public Tensor read() {
    Tensor tensor = type.read(data.read(), shape);
    return turned ? reversed(tensor) : tensor;
  }

  /**
   * Puts the elements where they are wanted if the file stores them plainly, in one piece.
   *
   * @param to takes them, and has room for exactly them
   * @return whether it does
   * @throws dev.keralens.graph.InvalidModelException if the file is damaged, or has changed since
   *     it was opened
   * @throws java.io.UncheckedIOException if the file cannot be read any more
   */
  @Override
  public boolean readInto(ByteBuffer to) {
    FileRegion region = plain();
    if (region != null) {
      region.readInto(0, to);
    }
    return region != null;
  }

  @Override
  public boolean visitRows(int rows, Constant.RowVisitor visitor) {
    FileRegion region = plain();
    if (region == null) {
      return false;
    }
    int[] part = shape.clone();
    long row = region.size() / Math.max(1, shape[0]);
    for (int first = 0; first < shape[0]; first += rows) {
      part[0] = Math.min(rows, shape[0] - first);
      visitor.visit(first, type.read(region.bytes(row * first, row * part[0]), part));
    }
    return true;
  }

  /** Where the file has the elements as they are read, in one piece; null where it has not. */
  private @Nullable FileRegion plain() {
    return turned || shape.length == 0 || !type.isReadAsItIs() ? null : data.region();
  }

  /** Reversing all spatial axes reverses the order of the matrices that the last two make. */
  private static Tensor reversed(Tensor kernel) {
    int rank = kernel.shape().length;
    int matrix = kernel.size(rank - 2) * kernel.size(rank - 1);
    float[] from = kernel.toFloatArray();
    float[] to = new float[from.length];
    for (int at = 0; at < from.length; at += matrix) {
      System.arraycopy(from, at, to, from.length - matrix - at, matrix);
    }
    return Tensor.of(to, kernel.shape());
  }

  /** {@return the name, the stored type and the shape, never the elements} */
  @Override
  public String toString() {
    return name + " " + type + Tensor.describe(shape);
  }
}
