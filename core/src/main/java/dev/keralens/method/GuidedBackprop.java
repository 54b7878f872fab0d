package dev.keralens.method;

import dev.keralens.explain.Formula;
import dev.keralens.explain.Info;
import dev.keralens.explain.Scene;
import dev.keralens.filter.Filter;
import dev.keralens.filter.Filters;
import dev.keralens.grad.Rectifiers;
import dev.keralens.grad.RuleOverride;
import dev.keralens.graph.Value;
import dev.keralens.tensor.CheckReturnValue;
import java.util.List;

/**
 * Guided back-propagation (Springenberg et al., 2015, <a
 * href="https://arxiv.org/abs/1412.6806">arXiv:1412.6806</a>, section 3.4).
 *
 * <p>As {@link Gradients}, with another rule for ReLU, in all its forms ({@link Rectifiers}): for y
 * = max(0, x),
 *
 * <pre>
 *   dx = [x &gt; 0] max(0, dy)
 *   map_ij = 1/C sum_c psi(dx_ijc)
 * </pre>
 *
 * <p>where psi is the gradient filter, by default the absolute value. Shapes: the input x is
 * (batch, height, width, channels), the maps (batch, height, width, k).
 *
 * <p>Read its maps with care: they show edges of the picture and depend little on the unit and on
 * the weights of upper layers (Adebayo et al., 2018, <a
 * href="https://arxiv.org/abs/1810.03292">arXiv:1810.03292</a>).
 *
 * <p>Differs from the paper: the mean over the channels of psi, as {@link Gradients}, not the
 * colours of the gradient.
 */
@CheckReturnValue
public final class GuidedBackprop implements Formula {
  private final Gradients gradients;

  private GuidedBackprop(Gradients gradients) {
    this.gradients = gradients;
  }

  /** {@return the method with its default gradient filter, the absolute value} */
  public static GuidedBackprop create() {
    return new GuidedBackprop(Gradients.create());
  }

  /**
   * {@return the method with another gradient filter}
   *
   * @param filter what is applied to the gradient of each channel before the mean over channels,
   *     such as {@link Filters#none}
   */
  public GuidedBackprop gradientFilter(Filter filter) {
    return new GuidedBackprop(gradients.gradientFilter(filter));
  }

  @Override
  public Info info() {
    return Info.of("guided_backprop", "Guided Backprop")
        .summary("as gradients, of what a ReLU lets through in both directions; shows edges")
        .paper("Springenberg et al., 2015, https://arxiv.org/abs/1412.6806");
  }

  @Override
  public RuleOverride override() {
    return Rectifiers.GUIDED;
  }

  @Override
  public List<Value> differentiated(Scene scene) {
    return gradients.differentiated(scene);
  }

  @Override
  public Value maps(Scene scene) {
    return gradients.maps(scene);
  }
}
