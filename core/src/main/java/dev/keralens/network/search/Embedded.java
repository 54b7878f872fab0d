package dev.keralens.network.search;

import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What an embedding makes of an input: numbers that have a gradient, where indices have none.
 * Indices may come as real numbers too: that is what Keras takes an input to be, unless it is told
 * otherwise.
 */
public final class Embedded {
  /** Operators that arrange or shift indices, as where negative ones count from the end. */
  private static final Set<Op> KEEPING_INDICES =
      Set.of(
          Op.CAST,
          Op.IDENTITY,
          Op.RESHAPE,
          Op.FLATTEN,
          Op.SQUEEZE,
          Op.UNSQUEEZE,
          Op.TRANSPOSE,
          Op.EXPAND,
          Op.FLOOR,
          Op.CEIL,
          Op.ROUND,
          Op.CLIP,
          Op.MIN,
          Op.MAX,
          Op.ADD,
          Op.SUB,
          Op.MUL,
          Op.MOD,
          Op.WHERE);

  /** Operators whose outputs are steps of their inputs: real numbers without a gradient. */
  private static final Set<Op> WITHOUT_SLOPE = Set.of(Op.FLOOR, Op.CEIL, Op.ROUND, Op.SIGN);

  private final KerasTensor input;
  private final List<Value> vectors = new ArrayList<>();

  /** Whether the outputs have a gradient with respect to the input itself. */
  private final boolean isNumber;

  private Embedded(Graph graph, KerasTensor input) {
    this.input = input;
    Set<Value> indices = new HashSet<>(List.of(input.value()));
    Set<Value> numbers = new HashSet<>(indices);
    for (Node node : graph.nodes()) {
      boolean isIndex = readsAny(node, indices);
      boolean isNumberToo = readsAny(node, numbers);
      Value output = node.outputs().get(0);
      ElementType type = output.type();
      if (isIndex && node.op() == Op.GATHER && !indices.contains(node.input(0))) {
        vectors.add(output);
      } else if (isIndex && type != ElementType.BOOL && KEEPING_INDICES.contains(node.op())) {
        indices.addAll(node.outputs());
      }
      if (isNumberToo && type.isFloating() && !WITHOUT_SLOPE.contains(node.op())) {
        numbers.addAll(node.outputs());
      }
    }
    isNumber = graph.outputs().stream().anyMatch(numbers::contains);
  }

  private static boolean readsAny(Node node, Set<Value> values) {
    return node.inputs().stream().anyMatch(value -> value != null && values.contains(value));
  }

  private boolean isIndices() {
    return !input.value().type().isFloating() || (!isNumber && !vectors.isEmpty());
  }

  /**
   * {@return the vectors that an embedding makes of an input; the input itself, where it is used as
   * a number}
   *
   * @param graph the graph
   * @param input one of its inputs
   * @throws UnsupportedModelException if the input holds indices, and not one embedding reads them
   */
  public static KerasTensor of(Graph graph, KerasTensor input) {
    Embedded found = new Embedded(graph, input);
    if (!found.isIndices()) {
      return input;
    } else if (found.vectors.size() == 1) {
      return KerasTensor.plain(found.vectors.get(0));
    }
    throw new UnsupportedModelException(
        "The input '%s' (%s) takes whole numbers, which have no gradient, and %s; explain a layer after it, by a method such as gradcam."
            .formatted(
                input.value().name(),
                input.value().type(),
                found.vectors.isEmpty()
                    ? "no embedding makes vectors of them"
                    : found.vectors.size() + " embeddings read them"));
  }

  /** Whether an input holds numbers that stand for words or the like. */
  public static boolean isOfIndices(Graph graph, KerasTensor input) {
    return new Embedded(graph, input).isIndices();
  }

  /**
   * Requires an input that may be changed a little.
   *
   * @param input the input that a method changes
   * @param change what the method does to it, such as "SmoothGrad adds noise to"
   * @throws UnsupportedModelException if it holds indices
   */
  public static void requireReal(Graph graph, KerasTensor input, String change) {
    if (new Embedded(graph, input).isIndices()) {
      throw new UnsupportedModelException(
          "%s the input, but '%s' (%s) takes whole numbers that stand for words or the like; gradients, full_gradients, gradcam, gradcampp and cam leave it as it is, and WordVectors gives their vectors to be changed."
              .formatted(change, input.value().name(), input.value().type()));
    }
  }
}
