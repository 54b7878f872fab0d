package dev.keralens.keras.call;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Products of a value's rows with a matrix. */
public final class Matrices {
  private Matrices() {}

  /**
   * {@return x * matrix + bias along the last axis, the bias added by the product's own node}
   *
   * @param x a value of at least 2 axes; all but the last count as rows
   * @param matrix (features, units)
   * @param bias (units), or null for none
   */
  public static Value affine(GraphBuilder graph, Value x, Value matrix, @Nullable Value bias) {
    int[] sizes = x.shape().sizes();
    int features = sizes[sizes.length - 1];
    int rows = Arrays.stream(sizes).limit(sizes.length - 1L).reduce(1, Math::multiplyExact);
    Value flat = graph.reshape(x, Shape.of(rows, features));
    Value out =
        bias == null ? graph.node(Op.GEMM, flat, matrix) : graph.node(Op.GEMM, flat, matrix, bias);
    int[] result = sizes.clone();
    result[sizes.length - 1] = matrix.shape().size(1);
    return graph.reshape(out, Shape.of(result));
  }
}
