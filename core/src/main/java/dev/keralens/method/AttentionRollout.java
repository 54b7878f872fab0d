package dev.keralens.method;

import dev.keralens.explain.Ensemble;
import dev.keralens.explain.Info;
import dev.keralens.explain.Plan;
import dev.keralens.explain.Probes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.inspect.attention.AttentionWeights;
import dev.keralens.inspect.attention.PatchGrid;
import dev.keralens.method.pass.NoQuestion;
import dev.keralens.tensor.Tensor;
import java.util.List;

/**
 * Attention rollout (Abnar and Zuidema, 2020, <a
 * href="https://arxiv.org/abs/2005.00928">arXiv:2005.00928</a>, equation 1 and section 3).
 *
 * <p>How much of each token reaches the class token through all layers. With the attention weights
 * A of each layer, in the mean over its heads, and the identity I for the residual:
 *
 * <pre>
 *   R = product over the layers of (A + I) / 2        the last layer on the left
 *   map_t = R of the class token at token t
 * </pre>
 *
 * <p>The map is the same for all units, and needs no gradients. Where the answer is made of other
 * tokens than a class token, as by pooling, it is the mean over their rows of R. Tokens lie over
 * the picture as the patches do that it is cut into, or as {@code withTokens} says.
 *
 * <p>Shapes: weights are (batch, heads, tokens, tokens), the maps (batch, rows, columns, k) of
 * patches.
 *
 * <p>Differs from the paper: none.
 */
public final class AttentionRollout implements Ensemble {
  private AttentionRollout() {}

  /** {@return the method} */
  public static AttentionRollout create() {
    return new AttentionRollout();
  }

  @Override
  public Info info() {
    return Info.of("attention_rollout", "Attention Rollout")
        .ofAllUnits()
        .ofAttention()
        .summary("how much of each patch reaches the class token; the same for all units")
        .paper("Abnar and Zuidema, 2020, https://arxiv.org/abs/2005.00928");
  }

  @Override
  public Plan plan(Probes probes) {
    AttentionWeights attention = probes.attention(info().title());
    GraphBuilder b = probes.builder();
    Value rolled = null;
    for (Value layer : attention.layers()) {
      Value mean = AttentionWeights.meanOfHeads(b, attention.perHead(b, layer, 1));
      Value mixed = b.mul(b.add(mean, b.constant(identity(attention.tokens()))), 0.5);
      rolled = rolled == null ? mixed : b.matMul(mixed, rolled);
    }
    if (rolled == null) {
      throw new IllegalStateException("There is no attention.");
    }
    List<Integer> grid = probes.grid(attention);
    Value seen = attention.ofAnswer(b, rolled);
    int observed = probes.observe(PatchGrid.laid(b, seen, grid));
    return batch ->
        new NoQuestion(batch, batch.observed().get(observed), (values, channels) -> values);
  }

  /** The identity, (1, tokens, tokens). */
  static Tensor identity(int tokens) {
    float[] ones = new float[Math.multiplyExact(tokens, tokens)];
    for (int i = 0; i < tokens; i++) {
      ones[i * tokens + i] = 1;
    }
    return Tensor.of(ones, 1, tokens, tokens);
  }
}
