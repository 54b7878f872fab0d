package dev.keralens.method;

import dev.keralens.explain.Formula;
import dev.keralens.explain.Info;
import dev.keralens.explain.Scene;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.inspect.attention.AttentionWeights;
import dev.keralens.inspect.attention.PatchGrid;
import java.util.List;

/**
 * Transformer attribution, gradient times attention (Chefer et al., 2021, "Generic Attention-model
 * Explainability for Interpreting Bi-Modal and Encoder-Decoder Transformers", <a
 * href="https://arxiv.org/abs/2103.15679">arXiv:2103.15679</a>, equations 5 and 6).
 *
 * <p>As {@link AttentionRollout}, with the attention weights A of each layer times their gradients,
 * where these are positive: with the logit y of a unit and heads h,
 *
 * <pre>
 *   B = mean over h of max(0, dy/dA_h * A_h)
 *   R = R + B R        from the first layer on, begun with the identity
 *   map_t = R of the class token at token t
 * </pre>
 *
 * <p>Where the answer is made of other tokens than a class token, as by pooling, the map is the
 * mean over their rows of R. Tokens lie over the picture as the patches do that it is cut into, or
 * as {@code withTokens} says.
 *
 * <p>Shapes: weights are (batch, heads, tokens, tokens), the maps (batch, rows, columns, k) of
 * patches.
 *
 * <p>Differs from the paper: none for the attention of one modality to itself; without layer-wise
 * relevance propagation, as there.
 */
public final class TransformerAttribution implements Formula {
  private TransformerAttribution() {}

  /** {@return the method} */
  public static TransformerAttribution create() {
    return new TransformerAttribution();
  }

  @Override
  public Info info() {
    return Info.of("transformer_attribution", "Transformer Attribution")
        .ofAttention()
        .summary("attention times its positive gradient, through all layers of a transformer")
        .paper("Chefer et al., 2021, https://arxiv.org/abs/2103.15679");
  }

  @Override
  public List<Value> differentiated(Scene scene) {
    return scene.attention(info().title()).layers();
  }

  @Override
  public Value maps(Scene scene) {
    GraphBuilder b = scene.builder();
    AttentionWeights attention = scene.attention(info().title());
    Value relevance = b.constant(AttentionRollout.identity(attention.tokens()));
    for (Value layer : attention.layers()) {
      Value product =
          attention.perHead(b, scene.times(scene.gradient(layer), layer), scene.units());
      Value positive = AttentionWeights.meanOfHeads(b, b.relu(product));
      relevance = b.add(relevance, b.matMul(positive, relevance));
    }
    List<Integer> grid = scene.grid(attention);
    Value seen = attention.ofAnswer(b, relevance);
    Value laid = PatchGrid.laid(b, seen, grid);
    return b.squeeze(laid, 1);
  }
}
