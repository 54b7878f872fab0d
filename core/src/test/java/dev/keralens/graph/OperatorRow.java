package dev.keralens.graph;

import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * One row of the operators' specification: an operator on given operands, and what is expected of
 * its gradient.
 *
 * @param op the operator
 * @param name what is particular about this row
 * @param operands what the formula takes
 * @param formula adds the operator to a graph
 * @param gradient what is expected of the gradient
 * @param tolerance the largest error of the gradient along a direction, relative to the sum of the
 *     absolute contributions
 */
public record OperatorRow(
    Op op,
    String name,
    List<Operand> operands,
    Formula formula,
    Gradient gradient,
    double tolerance) {
  /** What is expected of a gradient. */
  public enum Gradient {
    /** It equals the finite difference. */
    EXACT,
    /** None flows to any operand. */
    NONE,
    /** The operator refuses. */
    UNSUPPORTED
  }

  /** Adds the operator to a graph. */
  @FunctionalInterface
  public interface Formula {
    /** {@return the operator's outputs} */
    List<Value> apply(GraphBuilder b, List<@Nullable Value> operands);
  }

  /** {@return a row with one node that has one output} */
  public static OperatorRow row(Op op, String name, Attributes attributes, Operand... operands) {
    return rowOf(op, name, 1, attributes, operands);
  }

  /** {@return a row with one node that has several outputs} */
  public static OperatorRow rowOf(
      Op op, String name, int outputs, Attributes attributes, Operand... operands) {
    return new OperatorRow(
        op,
        name + (attributes.equals(Attributes.NONE) ? "" : " " + attributes),
        List.of(operands),
        (b, x) -> b.nodes(op, attributes, outputs, x),
        Gradient.EXACT,
        1e-4);
  }

  /** {@return this row with another formula, of one output; operands left out are not counted} */
  public OperatorRow by(BiFunction<GraphBuilder, List<Value>, Value> other) {
    Formula one =
        (b, x) -> List.of(other.apply(b, x.stream().map(Objects::requireNonNull).toList()));
    return new OperatorRow(op, name, operands, one, gradient, tolerance);
  }

  /** {@return this row with only one of its outputs} */
  public OperatorRow only(int output) {
    Formula one = (b, x) -> List.of(formula.apply(b, x).get(output));
    return new OperatorRow(op, name + ", output " + output, operands, one, gradient, tolerance);
  }

  /** {@return this row with another tolerance} */
  public OperatorRow within(double other) {
    return new OperatorRow(op, name, operands, formula, gradient, other);
  }

  /** {@return this row, expecting that no gradient flows} */
  public OperatorRow passesNone() {
    return new OperatorRow(op, name, operands, formula, Gradient.NONE, tolerance);
  }

  /** {@return this row, expecting that it is refused} */
  public OperatorRow isRefused() {
    return new OperatorRow(op, name, operands, formula, Gradient.UNSUPPORTED, tolerance);
  }

  /**
   * The row in a graph.
   *
   * @param fed the computed operands
   * @param inputs the graph's inputs, one for each of them
   * @param outputs the operator's outputs
   * @param seeded the outputs that are differentiated, as floats
   */
  public record Built(
      List<Operand.Fed> fed, List<Value> inputs, List<Value> outputs, List<Value> seeded) {
    /** {@return the inputs that are differentiated} */
    public List<Value> differentiated() {
      return inputs.stream().filter(x -> fed.get(inputs.indexOf(x)).differentiated()).toList();
    }
  }

  /** {@return the row's operands and nodes, added to a graph} */
  public Built build(GraphBuilder b) {
    List<Operand.Fed> fed = new ArrayList<>();
    List<Value> inputs = new ArrayList<>();
    List<@Nullable Value> values = new ArrayList<>();
    for (Operand operand : operands) {
      if (operand instanceof Operand.Fed input) {
        fed.add(input);
        inputs.add(b.input("x" + inputs.size(), input.type(), input.shape()));
        values.add(inputs.get(inputs.size() - 1));
      } else {
        values.add(operand instanceof Operand.Known known ? b.constant(known.tensor()) : null);
      }
    }
    List<Value> outputs = formula.apply(b, values);
    List<Value> seeded = new ArrayList<>();
    for (Value y : outputs) {
      if (y.type().isFloating() || gradient == Gradient.NONE) {
        seeded.add(b.cast(y, ElementType.FLOAT32));
      }
    }
    return new Built(fed, inputs, outputs, seeded);
  }

  @Override
  public String toString() {
    return Arrays.asList(op.onnxName(), name).toString();
  }
}
