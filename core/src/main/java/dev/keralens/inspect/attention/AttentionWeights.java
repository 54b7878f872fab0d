package dev.keralens.inspect.attention;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.network.search.Dependencies;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The attention weights of a transformer, in the order of its layers: softmax over the products of
 * queries and keys, whatever file the network is from.
 *
 * @param layers each weights (batch, heads..., tokens, tokens), or (batch x heads, tokens, tokens);
 *     tokens of queries may have several axes, such as rows and columns
 * @param products of each layer, the product of queries and keys: (..., tokens, tokens)
 * @param tokens how many tokens there are, the same in every layer
 * @param answering the tokens that the network's answer is made of, ascending; all where they are
 *     not told apart
 */
public record AttentionWeights(
    List<Value> layers, List<Value> products, int tokens, List<Integer> answering) {
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
    List<Value> products = new ArrayList<>();
    int tokens = -1;
    for (Node node : network.graph().nodes()) {
      if (node.inputs().stream().noneMatch(v -> v != null && ofInput.contains(v))) {
        continue;
      }
      ofInput.addAll(node.outputs());
      Value weights = node.output();
      if (node.op() != Op.SOFTMAX || !needed.contains(weights) || !isOverLast(node)) {
        continue;
      }
      Value product = product(network, node.input(0), ofInput);
      if (product == null || weighing(network, weights) == null) {
        continue;
      }
      int size = tokens(weights, method);
      if (tokens >= 0 && tokens != size) {
        throw refused(
            method,
            "'%s' %s has other tokens than the %d of the layer before it"
                .formatted(weights.name(), weights.shape(), tokens));
      }
      tokens = size;
      products.add(product);
      layers.add(weights);
    }
    if (layers.isEmpty()) {
      throw refused(method, "no attention of tokens to one another was found");
    }
    Value last = layers.get(layers.size() - 1);
    return new AttentionWeights(
        List.copyOf(layers),
        List.copyOf(products),
        tokens,
        answering(network, last, tokens, needed));
  }

  /** How many tokens see one another; of queries, they may have several axes. */
  private static int tokens(Value weights, String method) {
    Shape shape = weights.shape();
    int tokens = shape.size(-1);
    int axis = queryAxis(weights);
    if (axis < 0) {
      throw refused(
          method,
          "'%s' %s is attention to %d tokens of others".formatted(weights.name(), shape, tokens));
    }
    if (axis > 2 || axis == 0 || (axis == 2 && shape.size(0) != Shape.BATCH)) {
      throw refused(
          method, "'%s' %s attends within windows, as Swin does".formatted(weights.name(), shape));
    }
    return tokens;
  }

  /** The first of the axes of weights that queries have; -1 where they are other tokens. */
  private static int queryAxis(Value weights) {
    Shape shape = weights.shape();
    int tokens = shape.size(-1);
    long size = 1;
    for (int axis = shape.rank() - 2; axis > 0 && size <= tokens; axis--) {
      size *= shape.size(axis);
      if (size == tokens) {
        return axis;
      }
    }
    return -1;
  }

  private static List<Integer> answering(
      Network network, Value weights, int tokens, Set<Value> needed) {
    boolean plain = queryAxis(weights) == weights.rank() - 2;
    Node weighing = weighing(network, weights);
    Value start = plain || weighing == null ? weights : weighing.output();
    if (!plain && (weighing == null || start.shape().size(-2) != tokens)) {
      return List.of();
    }
    return TokenTrail.of(network, start, start.rank() - 2, needed).read();
  }

  /**
   * {@return how the tokens lie over the input, as its patches do}
   *
   * @param network the network
   * @param input the explained input
   */
  public PatchGrid grid(Network network, KerasTensor input) {
    Value product = products.get(0);
    return PatchGrid.find(network, input, product, product.rank() - 2);
  }

  private static UnsupportedModelException refused(String method, String why) {
    return new UnsupportedModelException(
        "%s follows the attention of a transformer whose tokens all see one another, but %s. gradcam and gradients have no such limit."
            .formatted(method, why));
  }

  private static boolean isOverLast(Node softmax) {
    Shape shape = softmax.output().shape();
    long axis = softmax.attributes().getInt("axis", -1);
    boolean last = axis == -1 || axis == shape.rank() - 1;
    return last && shape.rank() >= 3 && shape.size(-1) > 1;
  }

  /** The product of two values that depend on the input which a value is, scaled and masked. */
  private static @Nullable Value product(Network network, Value value, Set<Value> ofInput) {
    Value at = value;
    while (true) {
      Node node = network.graph().producer(at).orElse(null);
      if (node == null) {
        return null;
      } else if (PRODUCTS.contains(node.op())) {
        boolean both =
            node.inputs().size() == 2
                && ofInput.contains(node.input(0))
                && ofInput.contains(node.input(1));
        return both ? node.output() : null;
      } else if (!BETWEEN.contains(node.op())) {
        return null;
      }
      Value next = null;
      for (int i = node.op() == Op.WHERE ? 1 : 0; i < node.inputs().size(); i++) {
        Value input = node.optionalInput(i);
        if (input != null && ofInput.contains(input) && next == null) {
          next = input;
        }
      }
      if (next == null) {
        return null;
      }
      at = next;
    }
  }

  /** The product with values that follows; null where none does. */
  private static @Nullable Node weighing(Network network, Value weights) {
    Set<Value> ofWeights = new HashSet<>(List.of(weights));
    for (Node node : network.graph().nodes()) {
      if (node.inputs().stream().anyMatch(v -> v != null && ofWeights.contains(v))) {
        if (PRODUCTS.contains(node.op())) {
          return node;
        } else if (BETWEEN.contains(node.op())) {
          ofWeights.addAll(node.outputs());
        }
      }
    }
    return null;
  }

  /**
   * {@return weights, or their gradients, as (rows, heads, tokens, tokens)}
   *
   * @param b the graph
   * @param value the weights of a layer, or their gradients
   * @param units how many rows there are for each of the batch
   */
  public Value perHead(GraphBuilder b, Value value, int units) {
    int query = queryAxis(value);
    if (query == 2) {
      return b.reshape(
          value, Shape.of(value.shape().size(0), value.shape().size(1), tokens, tokens));
    }
    int heads = -value.shape().size(0) / units;
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
   * {@return what tokens count for the network's answer, (rows, 1, tokens): what those tokens see
   * of them that the answer is made of, as a class token, in the mean over these}
   *
   * @param b the graph
   * @param relevance (rows, tokens, tokens), row by row what each token sees
   */
  public Value ofAnswer(GraphBuilder b, Value relevance) {
    int count = answering.size();
    if (count == 0 || count == tokens) {
      return b.reduceMean(relevance, true, 1);
    }
    int[] rows = answering.stream().mapToInt(Integer::intValue).toArray();
    boolean beside = rows[count - 1] - rows[0] == count - 1;
    Value seeing =
        beside
            ? b.slice(relevance, new int[] {1}, new int[] {rows[0]}, new int[] {rows[0] + count})
            : b.node(Op.GATHER, Attributes.of("axis", 1), relevance, b.ints(rows));
    return count == 1 ? seeing : b.reduceMean(seeing, true, 1);
  }
}
