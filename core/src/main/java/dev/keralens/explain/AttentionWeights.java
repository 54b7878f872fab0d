package dev.keralens.explain;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.Dependencies;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The attention weights of a transformer, in the order of its layers: softmax over the products of
 * queries and keys, whatever file the network is from.
 *
 * @param layers each weights (batch, heads..., tokens, tokens), or (batch x heads, tokens, tokens)
 * @param tokens how many tokens there are, the same in every layer
 */
public record AttentionWeights(List<Value> layers, int tokens) {
  /** What lies between the product and the softmax, and between it and the product with values. */
  private static final Set<Op> BETWEEN =
      Set.of(
          Op.RESHAPE,
          Op.IDENTITY,
          Op.CAST,
          Op.MUL,
          Op.DIV,
          Op.ADD,
          Op.SUB,
          Op.WHERE,
          Op.MAX,
          Op.SQUEEZE,
          Op.UNSQUEEZE,
          Op.TRANSPOSE,
          Op.EXPAND);

  private static final Set<Op> PRODUCTS = Set.of(Op.MAT_MUL, Op.EINSUM);

  /**
   * {@return the attention of tokens to one another that the target depends on}
   *
   * @param network the network
   * @param target what is explained
   * @param method what asks, for the message
   * @throws UnsupportedModelException if there is none, it is within windows, or the tokens change
   */
  public static AttentionWeights of(Network network, KerasTensor target, String method) {
    Set<Value> needed = Dependencies.of(network, target);
    Set<Value> ofInput = new HashSet<>();
    network.inputs().forEach(input -> ofInput.add(input.value()));
    List<Value> layers = new ArrayList<>();
    int tokens = -1;
    for (Node node : network.graph().nodes()) {
      if (node.inputs().stream().noneMatch(v -> v != null && ofInput.contains(v))) {
        continue;
      }
      ofInput.addAll(node.outputs());
      Value weights = node.output();
      if (node.op() != Op.SOFTMAX
          || !needed.contains(weights)
          || !isSquare(node)
          || !isOfProducts(network, node.input(0), ofInput)
          || !weighsValues(network, weights)) {
        continue;
      }
      Shape shape = weights.shape();
      if (shape.rank() > 4 || (shape.rank() == 4 && shape.size(0) != Shape.BATCH)) {
        throw refused(
            method,
            "'%s' %s attends within windows, as Swin does".formatted(weights.name(), shape));
      }
      if (tokens >= 0 && tokens != shape.size(-1)) {
        throw refused(
            method,
            "'%s' %s has other tokens than the %d of the layer before it"
                .formatted(weights.name(), shape, tokens));
      }
      tokens = shape.size(-1);
      layers.add(weights);
    }
    if (layers.isEmpty()) {
      throw refused(method, "no attention of tokens to one another was found");
    }
    return new AttentionWeights(List.copyOf(layers), tokens);
  }

  private static UnsupportedModelException refused(String method, String why) {
    return new UnsupportedModelException(
        "%s follows the attention of a transformer whose tokens all see one another, but %s. gradcam and gradients have no such limit."
            .formatted(method, why));
  }

  private static boolean isSquare(Node softmax) {
    Shape shape = softmax.output().shape();
    long axis = softmax.attributes().getInt("axis", -1);
    boolean last = axis == -1 || axis == shape.rank() - 1;
    return last && shape.rank() >= 3 && shape.size(-1) == shape.size(-2) && shape.size(-1) > 1;
  }

  /** Whether a value is the product of two others that depend on the input, scaled and masked. */
  private static boolean isOfProducts(Network network, Value value, Set<Value> ofInput) {
    Value at = value;
    while (true) {
      Node node = network.graph().producer(at).orElse(null);
      if (node == null) {
        return false;
      } else if (PRODUCTS.contains(node.op())) {
        return node.inputs().size() == 2
            && ofInput.contains(node.input(0))
            && ofInput.contains(node.input(1));
      } else if (!BETWEEN.contains(node.op())) {
        return false;
      }
      Value next = null;
      for (int i = node.op() == Op.WHERE ? 1 : 0; i < node.inputs().size(); i++) {
        Value input = node.optionalInput(i);
        if (input != null && ofInput.contains(input) && next == null) {
          next = input;
        }
      }
      if (next == null) {
        return false;
      }
      at = next;
    }
  }

  /** Whether a product with values follows. */
  private static boolean weighsValues(Network network, Value weights) {
    Set<Value> ofWeights = new HashSet<>(List.of(weights));
    for (Node node : network.graph().nodes()) {
      if (node.inputs().stream().anyMatch(v -> v != null && ofWeights.contains(v))) {
        if (PRODUCTS.contains(node.op())) {
          return true;
        } else if (BETWEEN.contains(node.op())) {
          ofWeights.addAll(node.outputs());
        }
      }
    }
    return false;
  }

  /**
   * {@return weights, or their gradients, as (rows, heads, tokens, tokens)}
   *
   * @param b the graph
   * @param value the weights of a layer, or their gradients
   * @param units how many rows there are for each of the batch
   */
  public Value perHead(GraphBuilder b, Value value, int units) {
    int heads = -value.shape().size(0) / units;
    if (value.rank() == 4) {
      return value;
    }
    Shape apart = Shape.of(Shape.BATCH * units, heads, tokens, tokens);
    if (units == 1 || heads == 1) {
      return b.reshape(value, apart);
    }
    // (batch, heads) of one axis are repeated for each unit as (batch x heads, units).
    Shape all = Shape.of(Shape.BATCH, heads, units, tokens * tokens);
    return b.reshape(b.transpose(b.reshape(value, all), 0, 2, 1, 3), apart);
  }

  /**
   * {@return the mean over the heads: (rows, tokens, tokens)}
   *
   * @param b the graph
   * @param weights (rows, heads, tokens, tokens)
   */
  public static Value meanOfHeads(GraphBuilder b, Value weights) {
    return b.reduceMean(weights, false, 1);
  }

  /**
   * {@return what tokens count for the network's answer, (rows, 1, tokens): what the class token
   * sees of them, where tokens stand before those of the picture; else the mean of what all see}
   *
   * @param b the graph
   * @param relevance (rows, tokens, tokens), row by row what each token sees
   * @param places how many of the tokens are of the picture, the last ones; 0 where that is not
   *     known
   */
  public Value ofAnswer(GraphBuilder b, Value relevance, int places) {
    return places > 0 && places < tokens
        ? b.slice(relevance, new int[] {1}, new int[] {0}, new int[] {1})
        : b.reduceMean(relevance, true, 1);
  }
}
