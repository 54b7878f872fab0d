package dev.keralens.rewrite.float64;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A node that is to be said in other operators.
 *
 * @param b where they are added
 * @param node the node, as it is in single precision
 * @param operands what stands for its inputs
 */
record Lowering(GraphBuilder b, Node node, List<@Nullable Value> operands) {
  Op op() {
    return node.op();
  }

  /** {@return the first operand} */
  Value x() {
    return x(0);
  }

  /** {@return an operand that must be there} */
  Value x(int index) {
    Value operand = optional(index);
    if (operand == null) {
      throw new IllegalArgumentException(node + " has no input " + index + ".");
    }
    return operand;
  }

  /** {@return an operand, or null where it is left out} */
  @Nullable Value optional(int index) {
    return index < operands.size() ? operands.get(index) : null;
  }

  /**
   * {@return an attribute; 0.001 is 0.001, not the nearest float}
   *
   * @param name its name
   * @param otherwise its default
   */
  double number(String name, double otherwise) {
    return node.attributes().has(name)
        ? Double.parseDouble(Float.toString(node.attributes().getFloat(name, (float) otherwise)))
        : otherwise;
  }

  /** {@return a constant of rank 0} */
  Value scalar(double value) {
    return b.scalar(value, x().type());
  }

  /** {@return x + number} */
  Value plus(Value x, double number) {
    return b.add(x, scalar(number));
  }

  /** {@return the axes behind batch and channels} */
  int[] spatialAxes() {
    return IntStream.range(2, x().rank()).toArray();
  }
}
