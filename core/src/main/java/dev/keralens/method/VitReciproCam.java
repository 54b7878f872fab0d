package dev.keralens.method;

import dev.keralens.explain.Ensemble;
import dev.keralens.explain.Info;
import dev.keralens.explain.Plan;
import dev.keralens.explain.Probe;
import dev.keralens.explain.Probes;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.inspect.attention.AttentionWeights;
import dev.keralens.network.KerasTensor;
import java.util.List;

/**
 * ViT-ReciproCAM (Byun and Lee, 2023, <a
 * href="https://arxiv.org/abs/2310.02588">arXiv:2310.02588</a>, section 3).
 *
 * <p>The score y of a unit where only one token of the picture is left of what the last attention
 * layer reads, X, beside the tokens that stand before the picture's, such as a class token:
 *
 * <pre>
 *   map_t = y(X * M_t)        M_t is 1 at token t and at those before the picture's, and else 0
 * </pre>
 *
 * <p>It needs no gradients. The residual around the layer is that of the picture as it is. Shapes:
 * X is (batch, tokens, features), the maps (batch, rows, columns, k) of patches; the network runs
 * once for every token, from X on only.
 *
 * <p>Differs from the paper: the score is what is explained, by default the logit; {@code ofOutput}
 * has the probability of the paper. Masks are of one token, without the Gaussian around it.
 */
public final class VitReciproCam implements Ensemble {
  private VitReciproCam() {}

  /** {@return the method} */
  public static VitReciproCam create() {
    return new VitReciproCam();
  }

  @Override
  public Info info() {
    return Info.of("vit_reciprocam", "ViT-ReciproCAM")
        .ofAttention()
        .summary("the score where the last attention reads one patch only; no gradients")
        .paper("Byun and Lee, 2023, https://arxiv.org/abs/2310.02588");
  }

  @Override
  public Plan plan(Probes probes) {
    if (probes.byPlace()) {
      throw new UnsupportedModelException(
          "ViT-ReciproCAM takes units for each image, not for each place of an output that is a"
              + " map.");
    }
    AttentionWeights attention = probes.attention(info().title());
    Value read = probes.blocks(attention).read(attention.layers().size() - 1);
    List<Integer> grid = probes.grid(attention);
    int area = grid.isEmpty() ? attention.tokens() : grid.stream().reduce(1, Math::multiplyExact);
    int[] places =
        grid.isEmpty() ? new int[] {area} : grid.stream().mapToInt(Integer::intValue).toArray();
    KerasTensor activation = KerasTensor.plain(read);
    int own = probes.observe(read);
    Probe tail =
        probes.behind(
            activation,
            new int[] {area},
            (b, image, given) -> b.mul(image, ReciproCam.masks(b, activation, image, given)));
    return batch -> ReciproCam.passes(tail, batch, batch.observed().get(own), places, area);
  }
}
