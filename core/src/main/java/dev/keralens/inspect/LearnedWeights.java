package dev.keralens.inspect;

import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.network.Network;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which nodes of a network mix features with weights that it learned: with constants that are not
 * {@linkplain Constant#isFixed those of a formula}, as resampling, spectra and poolings have them.
 */
final class LearnedWeights {
  private static final Set<Op> MIXING =
      Set.of(Op.CONV, Op.CONV_TRANSPOSE, Op.MAT_MUL, Op.GEMM, Op.EINSUM);

  private final Graph graph;
  private final Set<Value> computed = new HashSet<>();

  LearnedWeights(Network network) {
    graph = network.graph();
    computed.addAll(graph.inputs());
    for (Node node : graph.nodes()) {
      if (node.inputs().stream().anyMatch(computed::contains)) {
        computed.addAll(node.outputs());
      }
    }
  }

  /** {@return whether a node weighs its first input's features, or words, with learned weights} */
  boolean applies(Node node) {
    boolean looksUp =
        node.op() == Op.GATHER && !computed.contains(node.input(0)) && node.input(0).rank() == 2;
    if (!looksUp && !MIXING.contains(node.op())) {
      return false;
    }
    return node.inputs().stream().anyMatch(this::isLearned);
  }

  private boolean isLearned(@Nullable Value value) {
    Constant constant = value == null ? null : graph.constant(value);
    return value != null && !computed.contains(value) && (constant == null || !constant.isFixed());
  }

  /** Whether a node multiplies two values that are both computed, as attention does. */
  boolean multipliesValues(Node node) {
    return (node.op() == Op.MAT_MUL || node.op() == Op.EINSUM)
        && node.inputs().stream().filter(computed::contains).count() > 1;
  }
}
