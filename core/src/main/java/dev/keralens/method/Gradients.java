package dev.keralens.method;

import dev.keralens.explain.Formula;
import dev.keralens.explain.Info;
import dev.keralens.explain.Scene;
import dev.keralens.filter.Filter;
import dev.keralens.filter.Filters;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.CheckReturnValue;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Gradients, or saliency maps (Simonyan et al., 2013, <a
 * href="https://arxiv.org/abs/1312.6034">arXiv:1312.6034</a>, section 3).
 *
 * <p>How much the logit y of a unit changes with each pixel, as the mean over its channels:
 *
 * <pre>
 *   map_ij = 1/C sum_c psi(dy / dx_ijc)
 * </pre>
 *
 * <p>where psi is the gradient filter, by default the absolute value.
 *
 * <p>Shapes: the input x is (batch, height, width, channels), the maps (batch, height, width, k).
 *
 * <p>Differs from the paper: the mean over the channels, not the maximum. Differs from
 * keras-explainable: none.
 */
@CheckReturnValue
public final class Gradients implements Formula {
  private final Filter gradientFilter;

  private Gradients(Filter gradientFilter) {
    this.gradientFilter = gradientFilter;
  }

  /** {@return the method with its default gradient filter, the absolute value} */
  public static Gradients create() {
    return new Gradients(Filters::absolute);
  }

  /**
   * {@return the method with another gradient filter}
   *
   * @param filter what is applied to the gradient of each channel before the mean over channels
   */
  public Gradients gradientFilter(Filter filter) {
    return new Gradients(filter);
  }

  @Override
  public Info info() {
    return Info.of("gradients", "Gradients")
        .summary("how much the unit changes with each pixel")
        .paper("Simonyan et al., 2013, https://arxiv.org/abs/1312.6034");
  }

  @Override
  public List<Value> differentiated(Scene scene) {
    return List.of(scene.input().value());
  }

  @Override
  public Value maps(Scene scene) {
    KerasTensor input = scene.input();
    Value gradient = scene.channelsFirst(input, scene.gradient(input.value()));
    int[] spatial = IntStream.range(2, gradient.rank()).toArray();
    Value filtered = gradientFilter.apply(scene.builder(), gradient, spatial);
    return scene.builder().reduceMean(filtered, false, 1);
  }
}
