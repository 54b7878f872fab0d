package dev.keralens.method;

import dev.keralens.explain.Baseline;
import dev.keralens.explain.Formula;
import dev.keralens.explain.FromBaseline;
import dev.keralens.explain.Gradual;
import dev.keralens.explain.Info;
import dev.keralens.explain.Scene;
import dev.keralens.filter.Filters;
import dev.keralens.grad.Rescale;
import dev.keralens.grad.RuleOverride;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.tensor.CheckReturnValue;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * DeepLIFT with the rescale rule (Shrikumar et al., 2017, <a
 * href="https://arxiv.org/abs/1704.02685">arXiv:1704.02685</a>, equations 1 to 3 and section
 * 3.5.1).
 *
 * <p>The network runs on the input x and on a baseline b; multipliers m say how the difference of
 * the score comes from that of each input, backward through the network as gradients do:
 *
 * <pre>
 *   map_ij = sum_c m_ijc (x_ijc - b_ijc)
 *   m through y = f(x): (f(x) - f(b)) / (x - b);  through what is linear, its gradient
 * </pre>
 *
 * <p>The sum of a map is y(x) - y(b), exactly but for rounding. Of the product of two values that
 * both change, each gets what it changes at the mean of the other.
 *
 * <p>Shapes: the input is (batch, height, width, channels), the maps (batch, height, width, k).
 *
 * <p>Differs from the paper: logits are explained, as the paper does; products and quotients of
 * changing values have the rule above. A maximum over windows gives a rise to the place of the
 * maximum and a fall to that of the baseline's, as Captum does. An activation that a network uses
 * several times has the values of each use, where Captum mixes them up.
 */
@CheckReturnValue
public final class DeepLift implements Formula, FromBaseline, Gradual {
  private final Baseline baseline;

  private DeepLift(Baseline baseline) {
    this.baseline = baseline;
  }

  /** {@return the method with a baseline of zeros} */
  public static DeepLift create() {
    return new DeepLift(Baseline.ZERO);
  }

  /**
   * {@return a copy with another baseline}
   *
   * @param reference what the input is compared with; default zeros
   */
  @Override
  public DeepLift baseline(Baseline reference) {
    return new DeepLift(reference);
  }

  @Override
  public Info info() {
    return Info.of("deeplift", "DeepLIFT")
        .filter(Filters::absoluteNormalize)
        .summary("how the score's difference from a baseline's comes from each pixel; sums to it")
        .paper("Shrikumar et al., 2017, https://arxiv.org/abs/1704.02685");
  }

  @Override
  public RuleOverride override(Scene scene) {
    return rules(scene);
  }

  private Rescale rules(Scene scene) {
    List<Object> key = List.of(DeepLift.class, baseline, scene.inputIndex());
    return scene.once(key, Rescale.class, () -> reference(scene));
  }

  /** The network on the baseline; what does not depend on the explained input is the same. */
  private Rescale reference(Scene scene) {
    Network network = scene.network();
    KerasTensor given = scene.givenInput();
    Value image = given.value();
    GraphBuilder b = scene.builder();
    Value added = baseline.add(b, given, image);
    Value rows = b.add(b.mul(image, 0), added);
    Map<Value, Value> feeds = new HashMap<>();
    network.graph().inputs().forEach(input -> feeds.put(input, input));
    feeds.put(image, rows);
    Map<Value, Value> references = b.include(network.graph(), feeds);
    references.entrySet().removeIf(entry -> entry.getKey().equals(entry.getValue()));
    return new Rescale(references);
  }

  @Override
  public List<Value> differentiated(Scene scene) {
    KerasTensor given = scene.givenInput();
    if (!scene.input().value().equals(given.value()) && !scene.isReordered()) {
      throw new UnsupportedModelException(
          "DeepLIFT compares the input with a baseline, but '%s' (%s) takes whole numbers that stand for words or the like."
              .formatted(given.value().name(), given.value().type()));
    }
    return List.of(scene.input().value());
  }

  @Override
  public Value maps(Scene scene) {
    GraphBuilder b = scene.builder();
    KerasTensor input = scene.input();
    Value change = b.sub(input.value(), rules(scene).reference(input.value()));
    Value multipliers = scene.channelsFirst(input, scene.gradient(input.value()));
    Value product = scene.times(multipliers, scene.channelsFirst(input, change));
    return b.reduceSum(product, false, 1);
  }
}
