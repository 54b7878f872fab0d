package dev.keralens.graph;

import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A value that is known when the graph is built. Weights are deferred: they are read, or derived
 * from other weights, when a graph is compiled, and not kept here.
 */
public final class Constant {
  /** Where the elements of a constant come from: the same at each call, and from any thread. */
  @FunctionalInterface
  public interface Source {
    /** {@return the elements} */
    Tensor read();

    /**
     * Puts the elements where they are wanted, if it can do so without a tensor of them.
     *
     * @param to takes them, row-major and little-endian, and has room for exactly them
     * @return whether it did
     */
    default boolean readInto(ByteBuffer to) {
      return false;
    }

    /**
     * Shows the elements in parts, from the first to the last, if it can read them in parts.
     *
     * @param rows how many indices of the first axis a part should have
     * @param visitor sees each part
     * @return whether it did
     */
    default boolean visitRows(int rows, RowVisitor visitor) {
      return false;
    }
  }

  /** Sees a part of a constant. */
  @FunctionalInterface
  public interface RowVisitor {
    /**
     * Sees a part.
     *
     * @param first the index of the part's first row on the constant's first axis
     * @param rows the part, of the constant's rank
     */
    void visit(int first, Tensor rows);
  }

  private final ElementType type;
  private final int[] shape;
  private final @Nullable Tensor tensor;
  private final Source source;
  private final boolean fixed;

  private Constant(
      ElementType type, int[] shape, @Nullable Tensor tensor, Source source, boolean fixed) {
    this.type = type;
    this.shape = shape;
    this.tensor = tensor;
    this.source = source;
    this.fixed = fixed;
  }

  /**
   * {@return a constant that holds its tensor}
   *
   * @param tensor the elements
   */
  public static Constant of(Tensor tensor) {
    return new Constant(tensor.type(), tensor.shape(), tensor, () -> tensor, false);
  }

  /**
   * {@return a constant that reads or computes its tensor whenever it is asked}
   *
   * @param type the type of the elements
   * @param shape the size of each axis
   * @param source gives the elements
   */
  public static Constant deferred(ElementType type, int[] shape, Source source) {
    return new Constant(type, shape.clone(), null, source, false);
  }

  /**
   * {@return the constant as one of a formula: no training made its numbers, as those of an
   * interpolation or of a Fourier transform}
   */
  public Constant fixed() {
    return new Constant(type, shape, tensor, source, true);
  }

  /** {@return whether the numbers are those of a formula, and not learned} */
  public boolean isFixed() {
    return fixed;
  }

  /** {@return the type of the elements} */
  public ElementType type() {
    return type;
  }

  /** {@return the size of each axis} */
  public int[] shape() {
    return shape.clone();
  }

  /** {@return whether the elements are at hand, not to be read or computed first} */
  public boolean isHeld() {
    return tensor != null;
  }

  /**
   * {@return the elements}
   *
   * @throws IllegalStateException if the source gives another type or shape than it was announced
   *     to
   */
  public Tensor tensor() {
    Tensor result = source.read();
    if (result.type() != type || !Shape.of(shape).equals(Shape.of(result.shape()))) {
      throw new IllegalStateException(
          "A %s was read as %s.".formatted(this, result.typeAndShape()));
    }
    return result;
  }

  /**
   * Puts the elements where they are wanted. Weights that the file stores as they are go there from
   * the file, so that no second copy of them is in memory.
   *
   * @param to takes them from its position to its limit, row-major and little-endian
   * @throws IllegalStateException if there is not room for exactly the elements, or the source
   *     gives another type, shape or number of them
   */
  public void readInto(ByteBuffer to) {
    long bytes = Tensor.elements(shape) * type.bytes();
    if (to.remaining() != bytes) {
      throw new IllegalStateException(
          "A %s has %d bytes, and there is room for %d.".formatted(this, bytes, to.remaining()));
    }
    if (!source.readInto(to)) {
      to.put(tensor().bytes());
    } else if (to.hasRemaining()) {
      throw new IllegalStateException(
          "A %s was read as %d bytes.".formatted(this, bytes - to.remaining()));
    }
  }

  /**
   * Shows the elements in parts, from the first to the last, so that they need not all be in memory
   * where the file stores them as they are; else as one part.
   *
   * @param rows how many indices of the first axis a part should have
   * @param visitor sees each part
   * @throws IllegalStateException if the source gives another type or shape than it was announced
   *     to
   */
  public void visitRows(int rows, RowVisitor visitor) {
    if (!source.visitRows(rows, visitor)) {
      visitor.visit(0, tensor());
    }
  }

  /** {@return the type and the shape} */
  @Override
  public String toString() {
    return "constant of type %s and shape %s".formatted(type, Tensor.describe(shape));
  }
}
