package dev.keralens.onnx.operator;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Makes numbers as many as the batch, such as the class token of a transformer.
 *
 * <p>Graphs have no operator that gives the size of the batch as a number. A row of false values as
 * long as the batch is got by comparing a number of each row of an input with itself; what is
 * repeated is added to zeros of that shape. No gradient flows through a comparison.
 */
public final class BatchFill {
  private final GraphBuilder builder;
  private final Value input;
  private @Nullable Value falses;

  /**
   * Makes one.
   *
   * @param input an input whose first axis is the batch
   */
  public BatchFill(GraphBuilder builder, Value input) {
    this.builder = builder;
    this.input = input;
  }

  /**
   * {@return a value repeated to a shape}
   *
   * @param x a value whose axes have the shape's sizes or one; where the shape has the batch, too
   * @param shape the shape, of at least the value's rank
   */
  public Value expand(Value x, Shape shape) {
    Value plain = builder.expand(x, shape);
    if (plain.shape().hasBatch() || !shape.hasBatch()) {
      return plain;
    }
    Value rows = falses(shape);
    return x.type() == ElementType.BOOL
        ? builder.node(Op.OR, plain, rows)
        : builder.add(plain, builder.cast(rows, x.type()));
  }

  /** False values of a shape's rank, of size one but on the batch's axis. */
  private Value falses(Shape shape) {
    int axis = shape.batchAxis();
    Value rows = falses();
    int multiple = -shape.size(axis);
    if (multiple > 1) {
      // Booleans: ONNX Runtime expands them.
      Value wide = builder.expand(builder.unsqueeze(rows, 1), Shape.of(Shape.BATCH, multiple));
      rows = builder.reshape(wide, Shape.of(-multiple));
    }
    int[] sizes = new int[shape.rank()];
    Arrays.fill(sizes, 1);
    sizes[axis] = -multiple;
    return builder.reshape(rows, Shape.of(sizes));
  }

  private Value falses() {
    Value known = falses;
    if (known != null) {
      return known;
    }
    Value x = input;
    for (int axis = 1; axis < input.rank(); axis++) {
      x = builder.slice(x, new int[] {axis}, new int[] {0}, new int[] {1});
    }
    Value numbers = x.type() == ElementType.BOOL ? builder.cast(x, ElementType.INT32) : x;
    known = builder.reshape(builder.node(Op.LESS, numbers, numbers), Shape.of(Shape.BATCH));
    falses = known;
    return known;
  }
}
