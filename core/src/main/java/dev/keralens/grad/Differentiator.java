package dev.keralens.grad;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Adds to a graph the operators that compute gradients.
 *
 * <p>The forward pass runs once; with r repeats, the gradients have r rows for each row of the
 * batch, those of one image beside one another: (image 0, unit 0), (image 0, unit 1), ...
 */
public final class Differentiator {
  /*
   * The nodes are visited backward. Rules look at one node only; what concerns them all is done here:
   * gradients of a value that is used several times are summed, what broadcasting repeated is summed
   * up again, and shapes are checked. Nodes that lie on no path of floating-point values between the
   * differentiated values and the seeds are not visited, so an operator without a rule harms only those
   * who need it. A rule that says nothing about an operand on such a path is refused, never taken for zero.
   */
  private final GraphBuilder builder;
  private final int repeats;
  private final RuleOverride override;

  private Differentiator(GraphBuilder builder, int repeats, RuleOverride override) {
    this.builder = builder;
    this.repeats = repeats;
    this.override = override;
  }

  /**
   * {@return a differentiator that adds to a graph}
   *
   * @param builder the graph's builder
   */
  public static Differentiator of(GraphBuilder builder) {
    return new Differentiator(builder, 1, RuleOverride.NONE);
  }

  /**
   * {@return a copy that computes several rows of gradients for each row of the batch}
   *
   * @param units how many, at least 1; default 1
   */
  public Differentiator repeats(int units) {
    if (units < 1) {
      throw new IllegalArgumentException("Repeats must be at least 1, got " + units + ".");
    }
    return new Differentiator(builder, units, override);
  }

  /**
   * {@return a copy that uses other rules for some nodes, as guided back-propagation does}
   *
   * @param rules the rules; they take the place of those that were given before
   */
  public Differentiator overriding(RuleOverride rules) {
    return new Differentiator(builder, repeats, rules);
  }

  /**
   * Adds the gradients of a weighted sum of values.
   *
   * @param seeds the values that are differentiated, each with the weights of its elements: a value
   *     of the same shape, its batch repeated
   * @param with the values with respect to which; inputs or any values between
   * @return the gradient for each of them, of its shape with the batch repeated; a value that the
   *     seeds do not depend on is left out
   * @throws dev.keralens.graph.UnsupportedModelException if an operator in between has no gradient
   * @throws IllegalArgumentException if the shape of a seed does not fit
   */
  public Map<Value, Value> gradients(Map<Value, Value> seeds, Collection<Value> with) {
    Map<Value, List<Value>> pending = new HashMap<>();
    seeds.forEach(
        (value, seed) -> {
          checkShape("The seed of " + value, value.shape().repeat(repeats), seed.shape());
          pending.computeIfAbsent(value, unused -> new ArrayList<>()).add(seed);
        });
    List<Node> nodes = builder.nodes();
    Set<Value> needed = dependents(nodes, with);
    Map<Value, Node> relus = PooledRelu.of(nodes, builder);
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node node = nodes.get(i);
      boolean reached = node.outputs().stream().anyMatch(pending::containsKey);
      if (reached && node.inputs().stream().anyMatch(v -> v != null && needed.contains(v))) {
        Node relu = passedRelu(relus.get(node.output()), node, with, pending);
        if (relu == null) {
          visit(node, pending, needed);
        } else {
          visitTogether(relu, node, pending, needed);
        }
      }
    }
    Map<Value, Value> result = new LinkedHashMap<>();
    for (Value value : with) {
      Value gradient = sum(pending, value);
      if (gradient != null) {
        result.put(value, gradient);
      }
    }
    return result;
  }

  private static Set<Value> dependents(List<Node> nodes, Collection<Value> with) {
    Set<Value> needed = new HashSet<>(with);
    for (Node node : nodes) {
      if (node.inputs().stream().anyMatch(v -> v != null && needed.contains(v))) {
        node.outputs().stream().filter(v -> v.type().isFloating()).forEach(needed::add);
      }
    }
    return needed;
  }

  private void visit(Node node, Map<Value, List<Value>> pending, Set<Value> needed) {
    List<@Nullable Value> outputs = new ArrayList<>();
    node.outputs().forEach(value -> outputs.add(sum(pending, value)));
    Backward backward = new Backward(builder, node, outputs, repeats, needed::contains);
    Rule own = override.of(node, builder);
    List<@Nullable Value> gradients =
        own != null ? own.apply(backward) : complete(backward, Rules.of(backward));
    for (int i = 0; i < gradients.size(); i++) {
      Value gradient = gradients.get(i);
      if (gradient != null && backward.needs(i)) {
        Value input = node.input(i);
        Value fitted = undoBroadcast(backward, gradient, backward.gradientShape(i));
        pending.computeIfAbsent(input, unused -> new ArrayList<>()).add(fitted);
      }
    }
  }

  /**
   * The ReLU before a max pooling whose own gradient nobody asks for, so that both are one step;
   * null where there is none.
   */
  private @Nullable Node passedRelu(
      @Nullable Node relu, Node node, Collection<Value> with, Map<Value, List<Value>> pending) {
    boolean passed =
        relu != null
            && override.of(relu, builder) == null
            && override.of(node, builder) == null
            && !with.contains(relu.output())
            && !pending.containsKey(relu.output());
    return passed ? relu : null;
  }

  private void visitTogether(
      Node relu, Node pool, Map<Value, List<Value>> pending, Set<Value> needed) {
    Value dy = Objects.requireNonNull(sum(pending, pool.output()));
    Value masked = PooledRelu.masked(builder, pool.output(), dy, repeats);
    Backward backward =
        new Backward(builder, pool, Backward.gradients(masked), repeats, needed::contains);
    Value gradient = Objects.requireNonNull(MaxPooling.maxPool(backward).get(0));
    pending.computeIfAbsent(relu.input(0), unused -> new ArrayList<>()).add(gradient);
  }

  /** Refuses where a rule is silent about an operand that the gradient is wanted for. */
  private static List<@Nullable Value> complete(Backward node, List<@Nullable Value> gradients) {
    for (int i = 0; i < node.node().inputs().size(); i++) {
      boolean given = i < gradients.size() && gradients.get(i) != null;
      if (!gradients.isEmpty() && node.needs(i) && !given) {
        throw node.unsupported("its input %d depends on the model's input".formatted(i));
      }
    }
    return gradients;
  }

  private @Nullable Value sum(Map<Value, List<Value>> pending, Value value) {
    List<Value> parts = pending.get(value);
    if (parts == null) {
      return null;
    }
    Value total = parts.get(0);
    for (Value part : parts.subList(1, parts.size())) {
      total = builder.add(total, part);
    }
    pending.put(value, new ArrayList<>(List.of(total)));
    return total;
  }

  private Value undoBroadcast(Backward node, Value gradient, Shape shape) {
    if (gradient.shape().equals(shape)) {
      return gradient;
    }
    int extra = gradient.rank() - shape.rank();
    List<Integer> axes = new ArrayList<>();
    for (int axis = 0; axis < gradient.rank(); axis++) {
      if (axis < extra || (shape.size(axis - extra) == 1 && gradient.shape().size(axis) != 1)) {
        if (gradient.shape().size(axis) < 0) {
          throw node.unsupported("one of its inputs is shared by the images of a batch");
        }
        axes.add(axis);
      }
    }
    Value sum =
        builder.reduceSum(gradient, true, axes.stream().mapToInt(Integer::intValue).toArray());
    checkShape(
        "The gradient of " + node.node(),
        shape.rank() < sum.rank() ? ones(extra, shape) : shape,
        sum.shape());
    return builder.reshape(sum, shape);
  }

  private static Shape ones(int count, Shape shape) {
    Shape out = shape;
    for (int i = 0; i < count; i++) {
      out = out.insert(0, 1);
    }
    return out;
  }

  private static void checkShape(String what, Shape expected, Shape actual) {
    if (!expected.equals(actual)) {
      throw new IllegalArgumentException(
          "%s has the shape %s, expected %s.".formatted(what, actual, expected));
    }
  }
}
