package dev.keralens.onnx.write;

import dev.keralens.graph.Value;
import dev.keralens.tensor.Tensor;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What of a graph depends on sizes of its inputs, so that a file can leave them open.
 *
 * @param constants how each constant that depends on them is computed
 * @param axes for each value, its axes whose size is open
 * @param step open sizes are multiples of it
 * @param least the smallest size that an open axis may have
 */
public record OpenSizes(
    Map<Value, Formula> constants, Map<Value, List<Integer>> axes, int step, int least) {
  /** No size is open. */
  public static final OpenSizes NONE = new OpenSizes(Map.of(), Map.of(), 1, 1);

  /** Takes unmodifiable copies. */
  public OpenSizes {
    constants = Collections.unmodifiableMap(new HashMap<>(constants));
    axes = Collections.unmodifiableMap(new HashMap<>(axes));
  }

  /** {@return whether all sizes are fixed} */
  public boolean isEmpty() {
    return axes.isEmpty();
  }

  /**
   * {@return whether an axis has an open size}
   *
   * @param value a value of the graph
   * @param axis its axis
   */
  boolean isOpen(Value value, int axis) {
    return axes.getOrDefault(value, List.of()).contains(axis);
  }

  /** How a constant is computed. */
  public sealed interface Formula {
    /**
     * Whole numbers, each of them.
     *
     * @param numbers row-major
     */
    record Whole(List<Count> numbers) implements Formula {
      /** Takes an unmodifiable copy. */
      public Whole {
        numbers = List.copyOf(numbers);
      }
    }

    /**
     * One number everywhere: a factor divided by a size.
     *
     * @param factor the factor
     * @param divisor the size
     */
    record Quotient(double factor, Count divisor) implements Formula {}

    /**
     * A pattern that is repeated along the axes.
     *
     * @param pattern the smallest one
     * @param sizes the sizes of the constant
     */
    record Repeated(Tensor pattern, List<Count> sizes) implements Formula {
      /** Takes an unmodifiable copy of the sizes. */
      public Repeated {
        sizes = List.copyOf(sizes);
      }
    }
  }

  /**
   * A whole number: a known one, and the product of sizes, if there are any.
   *
   * @param plus what is added to the product, or the number itself
   * @param factors the sizes
   */
  public record Count(long plus, List<Axis> factors) {
    /** Takes an unmodifiable copy. */
    public Count {
      factors = List.copyOf(factors);
    }
  }

  /**
   * The size of an axis.
   *
   * @param value a value that is computed before it is asked
   * @param axis the axis
   */
  public record Axis(Value value, int axis) {}
}
