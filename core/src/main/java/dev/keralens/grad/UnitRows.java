package dev.keralens.grad;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;

/**
 * Combines values of the forward pass with gradients of several units an image, which have several
 * rows for each row of the batch, those of one image beside one another.
 */
public final class UnitRows {
  private UnitRows() {}

  /**
   * {@return rows of gradients times a value of the forward pass, broadcast and repeated for each
   * unit; nothing is copied to repeat it}
   *
   * @param b the graph's builder
   * @param gradient rows of gradients
   * @param factor a value of the forward pass, or a constant
   * @param units how many rows of gradients there are for each row of the batch
   */
  public static Value times(GraphBuilder b, Value gradient, Value factor, int units) {
    if (units == 1 || !factor.shape().hasBatch()) {
      return b.mul(gradient, factor);
    }
    Value product = b.mul(apart(b, gradient, units), apart(b, factor, 1));
    int axis = product.shape().batchAxis();
    int[] sizes = product.shape().sizes();
    int[] merged = new int[sizes.length - 2];
    System.arraycopy(sizes, 0, merged, 0, axis);
    merged[axis] = sizes[axis] * sizes[axis + 1] * sizes[axis + 2];
    System.arraycopy(sizes, axis + 3, merged, axis + 1, sizes.length - axis - 3);
    return b.reshape(product, Shape.of(merged));
  }

  /**
   * {@return a value of the forward pass with its rows repeated for each unit}
   *
   * @param b the graph's builder
   * @param value a value of the forward pass, or a constant
   * @param units how often each row is repeated
   */
  public static Value repeat(GraphBuilder b, Value value, int units) {
    if (units == 1 || !value.shape().hasBatch()) {
      return value;
    }
    Value apart = apart(b, value, 1);
    Value repeated = b.expand(apart, apart.shape().with(value.shape().batchAxis() + 1, units));
    return b.reshape(repeated, value.shape().repeat(units));
  }

  /** Splits the axis (m * units * batch) into (batch, units, m), so that units broadcast. */
  private static Value apart(GraphBuilder b, Value value, int units) {
    Shape shape = value.shape();
    int axis = shape.batchAxis();
    int multiple = -shape.size(axis) / units;
    return b.reshape(
        value, shape.with(axis, Shape.BATCH).insert(axis + 1, units).insert(axis + 2, multiple));
  }
}
