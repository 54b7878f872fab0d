package dev.keralens.inspect.attention;

import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.network.search.Dependencies;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tokens between the blocks of a transformer, each an attention and a residual around it. */
public final class AttentionBlocks {
  /** What lies between a projection and the product of queries and keys. */
  private static final Set<Op> AFTER_PROJECTION =
      EnumSet.of(
          Op.ADD,
          Op.CAST,
          Op.DIV,
          Op.GATHER,
          Op.IDENTITY,
          Op.MUL,
          Op.RESHAPE,
          Op.SLICE,
          Op.SPLIT,
          Op.SQUEEZE,
          Op.TRANSPOSE,
          Op.UNSQUEEZE);

  private final Network network;
  private final AttentionWeights attention;
  private final KerasTensor target;

  /**
   * The blocks of a network.
   *
   * @param network the network
   * @param target what is explained
   * @param attention its attention
   */
  public AttentionBlocks(Network network, KerasTensor target, AttentionWeights attention) {
    this.network = network;
    this.target = target;
    this.attention = attention;
  }

  /**
   * {@return the tokens that the queries of a layer are projected from: (batch, tokens, features)}
   *
   * @param layer the layer, from 0
   * @throws UnsupportedModelException if they are not found
   */
  public Value read(int layer) {
    Value at = producer(attention.products().get(layer)).input(0);
    boolean projected = false;
    while (!(projected && isTokens(at))) {
      Node node = producer(at);
      boolean weights =
          (node.op() == Op.GEMM || node.op() == Op.MAT_MUL || node.op() == Op.EINSUM)
              && node.inputs().size() > 1
              && network.graph().constant(node.input(1)) != null;
      if (!weights && !AFTER_PROJECTION.contains(node.op())) {
        throw unknown(layer);
      }
      projected |= weights;
      at = operand(node);
    }
    return at;
  }

  /** The operand that is no constant, the first where both are none. */
  private Value operand(Node node) {
    return network.graph().constant(node.input(0)) == null ? node.input(0) : node.input(1);
  }

  private boolean isTokens(Value value) {
    return value.rank() == 3
        && value.shape().size(0) < 0
        && value.shape().size(1) == attention.tokens();
  }

  private Node producer(Value value) {
    return network.graph().producer(value).orElseThrow(() -> unknown(0));
  }

  private static UnsupportedModelException unknown(int layer) {
    return new UnsupportedModelException(
        "The tokens that attention layer %d reads were not found in the network; transformer_attribution needs its attention only."
            .formatted(layer + 1));
  }

  /**
   * {@return of each layer, the sum of tokens that its block ends with: (batch, tokens, features)}
   *
   * @throws UnsupportedModelException if they are not found
   */
  public List<Value> ends() {
    List<Value> ends = new ArrayList<>();
    for (int layer = 1; layer < attention.layers().size(); layer++) {
      ends.add(residual(read(layer), layer));
    }
    Value start = ends.isEmpty() ? read(0) : ends.get(ends.size() - 1);
    Set<Value> needed = Dependencies.of(network, target);
    TokenTrail trail = TokenTrail.of(network, start, 1, needed);
    Value last = null;
    for (Node node : network.graph().nodes()) {
      if (node.op() == Op.ADD
          && needed.contains(node.output())
          && isTokens(node.output())
          && trail.at(node.input(0)) != null
          && trail.at(node.input(1)) != null) {
        last = node.output();
      }
    }
    if (last == null) {
      throw unknown(attention.layers().size() - 1);
    }
    ends.add(last);
    return List.copyOf(ends);
  }

  /** The nearest sum of tokens that a value is made of. */
  private Value residual(Value value, int layer) {
    @Nullable Value at = value;
    while (at != null) {
      Node node = network.graph().producer(at).orElse(null);
      if (node == null) {
        break;
      }
      boolean sum =
          node.op() == Op.ADD
              && isTokens(node.output())
              && network.graph().constant(node.input(0)) == null
              && network.graph().constant(node.input(1)) == null;
      if (sum) {
        return at;
      }
      at = operand(node);
    }
    throw unknown(layer);
  }
}
