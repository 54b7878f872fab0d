package dev.keralens.method;

import dev.keralens.explain.Formula;
import dev.keralens.explain.Info;
import dev.keralens.explain.Scene;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.inspect.attention.AttentionBlocks;
import dev.keralens.inspect.attention.AttentionWeights;
import dev.keralens.inspect.attention.PatchGrid;
import java.util.List;
import java.util.Map;

/**
 * LeGrad (Bousselham et al., 2024, <a href="https://arxiv.org/abs/2404.03214">arXiv:2404.03214</a>,
 * section 3.2).
 *
 * <p>How the score changes with the attention that each patch gets, in the mean over the layers.
 * The score y_l of layer l is what the head of the network makes of the tokens as this layer leaves
 * them; its gradient is taken with respect to the attention weights A_l, with H heads and T tokens:
 *
 * <pre>
 *   E_l,t = 1 / (H T) sum over h and the tokens i of max(0, dy_l/dA_l,hit)
 *   map_t = mean over l of E_l,t
 * </pre>
 *
 * <p>Tokens lie over the picture as the patches do that it is cut into, or as {@code withTokens}
 * says.
 *
 * <p>Shapes: weights are (batch, heads, tokens, tokens), the maps (batch, rows, columns, k) of
 * patches.
 *
 * <p>Differs from the paper: maps are raw here, and scaled by the filter.
 */
public final class LeGrad implements Formula {
  private LeGrad() {}

  /** {@return the method} */
  public static LeGrad create() {
    return new LeGrad();
  }

  @Override
  public Info info() {
    return Info.of("legrad", "LeGrad")
        .ofAttention()
        .summary("how the score changes with the attention that each patch gets, layer by layer")
        .paper("Bousselham et al., 2024, https://arxiv.org/abs/2404.03214");
  }

  @Override
  public List<Value> differentiated(Scene scene) {
    return List.of();
  }

  @Override
  public Value maps(Scene scene) {
    GraphBuilder b = scene.builder();
    AttentionWeights attention = scene.attention(info().title());
    List<Value> ends = new AttentionBlocks(scene.network(), scene.target(), attention).ends();
    Value last = ends.get(ends.size() - 1);
    Value target = scene.target().value();
    Value sum = null;
    for (int layer = 0; layer < ends.size(); layer++) {
      Value copy =
          layer == ends.size() - 1
              ? target
              : b.include(scene.network().graph(), Map.of(last, ends.get(layer)), List.of(target))
                  .getOrDefault(target, target);
      Value gradient = scene.gradientOf(copy, attention.layers().get(layer));
      Value positive = b.relu(attention.perHead(b, gradient, scene.units()));
      Value mean = b.reduceMean(positive, false, 1, 2); // (rows, tokens)
      sum = sum == null ? mean : b.add(sum, mean);
    }
    if (sum == null) {
      throw new IllegalStateException("There is no attention.");
    }
    Value mean = b.unsqueeze(b.mul(sum, 1.0 / ends.size()), 1);
    return b.squeeze(PatchGrid.laid(b, mean, scene.grid(attention)), 1);
  }
}
