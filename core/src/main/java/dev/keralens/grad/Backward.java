package dev.keralens.grad;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a rule works with: a node, the gradients with respect to its outputs, and the builder of the
 * graph.
 *
 * <p>With several units an image, gradients have several rows for each row of the forward pass.
 * Rules therefore never combine the two directly: they use {@link #times}, which repeats a forward
 * value by broadcasting, or {@link #saved}, which repeats it in memory.
 */
public final class Backward {
  private final GraphBuilder builder;
  private final Node node;
  private final List<@Nullable Value> outputGradients;
  private final int repeats;
  private final Predicate<Value> needed;

  Backward(
      GraphBuilder builder,
      Node node,
      List<@Nullable Value> outputGradients,
      int repeats,
      Predicate<Value> needed) {
    this.builder = builder;
    this.node = node;
    this.outputGradients = outputGradients;
    this.repeats = repeats;
    this.needed = needed;
  }

  /** {@return the same node, with another gradient with respect to its first output} */
  Backward receiving(Value gradient) {
    return new Backward(builder, node, List.of(gradient), repeats, needed);
  }

  /** {@return the builder of the graph} */
  public GraphBuilder builder() {
    return builder;
  }

  /** {@return the node that is differentiated} */
  public Node node() {
    return node;
  }

  /** {@return the node's attributes} */
  public Attributes attributes() {
    return node.attributes();
  }

  /**
   * {@return the gradient with respect to the first output, the only one that is differentiated}
   *
   * @throws UnsupportedModelException if a gradient flows to another output too
   */
  public Value dy() {
    Value gradient = outputGradients.get(0);
    for (int i = 1; i < outputGradients.size(); i++) {
      if (outputGradients.get(i) != null) {
        throw unsupported("its output %d is differentiated".formatted(i));
      }
    }
    return Objects.requireNonNull(gradient);
  }

  /**
   * {@return the gradient with respect to an output, or null where none flows}
   *
   * @param output its position
   */
  public @Nullable Value dy(int output) {
    return outputGradients.get(output);
  }

  /** {@return the node's first input, as the forward pass has it} */
  public Value x() {
    return node.input(0);
  }

  /**
   * {@return an input, as the forward pass has it}
   *
   * @param input its position
   */
  public Value x(int input) {
    return node.input(input);
  }

  /** {@return the node's first output, as the forward pass has it} */
  public Value y() {
    return node.output();
  }

  /** {@return how many rows of gradients there are for each row of the forward pass} */
  public int repeats() {
    return repeats;
  }

  /**
   * {@return whether a gradient is wanted for an input}
   *
   * @param input its position
   */
  public boolean needs(int input) {
    Value value = node.optionalInput(input);
    return value != null && needed.test(value);
  }

  /**
   * {@return the shape that the gradient with respect to an input has}
   *
   * @param input its position
   */
  public Shape gradientShape(int input) {
    return x(input).shape().repeat(repeats);
  }

  /**
   * {@return a gradient times a value of the forward pass, broadcast, repeated for each unit}
   *
   * @param gradient rows of gradients
   * @param factor a value of the forward pass, or a constant
   */
  public Value times(Value gradient, Value factor) {
    return UnitRows.times(builder, gradient, factor, repeats);
  }

  /**
   * {@return a value of the forward pass with its rows repeated for each unit}
   *
   * @param value a value of the forward pass, or a constant
   */
  public Value saved(Value value) {
    return UnitRows.repeat(builder, value, repeats);
  }

  /**
   * {@return a gradient brought to the shape of an input, by repeating along axes of size one}
   *
   * @param gradient a gradient that broadcasts to the input's shape
   * @param input the input's position
   */
  public Value expand(Value gradient, int input) {
    return builder.expand(gradient, gradientShape(input));
  }

  /**
   * {@return a list for a rule to give back}
   *
   * @param gradients one per input; null where none flows
   */
  public static List<@Nullable Value> gradients(@Nullable Value... gradients) {
    return Arrays.asList(gradients);
  }

  /**
   * {@return the exception that says why this node cannot be differentiated}
   *
   * @param why the reason
   */
  public UnsupportedModelException unsupported(String why) {
    return new UnsupportedModelException(
        "No gradient passes through %s '%s': %s. Methods that need no gradient there still work."
            .formatted(node.op().onnxName(), node.output().name(), why));
  }
}
