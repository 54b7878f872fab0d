package dev.keralens.method;

import dev.keralens.explain.Formula;
import dev.keralens.explain.Info;
import dev.keralens.explain.Scene;
import dev.keralens.filter.Filter;
import dev.keralens.grad.Rectifiers;
import dev.keralens.grad.RuleOverride;
import dev.keralens.graph.Value;
import dev.keralens.tensor.CheckReturnValue;
import java.util.List;

/**
 * The deconvolutional network (Zeiler and Fergus, 2014, <a
 * href="https://arxiv.org/abs/1311.2901">arXiv:1311.2901</a>, section 2.1), as a rule for gradients
 * (Simonyan et al., 2013, section 4).
 *
 * <p>As {@link Gradients}, with another rule for ReLU, in all its forms ({@link Rectifiers}): for y
 * = max(0, x),
 *
 * <pre>
 *   dx = max(0, dy)
 *   map_ij = 1/C sum_c psi(dx_ijc)
 * </pre>
 *
 * <p>where psi is the gradient filter, by default the absolute value. Shapes: the input x is
 * (batch, height, width, channels), the maps (batch, height, width, k).
 *
 * <p>Read its maps with care: as those of {@link GuidedBackprop}, they show edges and depend little
 * on the unit.
 *
 * <p>Differs from the paper: max pooling passes its gradient to the maximum of each window, which
 * the switches of the paper do too; kernels of convolutions are those of the gradient.
 */
@CheckReturnValue
public final class Deconvnet implements Formula {
  private final Gradients gradients;

  private Deconvnet(Gradients gradients) {
    this.gradients = gradients;
  }

  /** {@return the method with its default gradient filter, the absolute value} */
  public static Deconvnet create() {
    return new Deconvnet(Gradients.create());
  }

  /**
   * {@return the method with another gradient filter}
   *
   * @param filter what is applied to the gradient of each channel before the mean over channels
   */
  public Deconvnet gradientFilter(Filter filter) {
    return new Deconvnet(gradients.gradientFilter(filter));
  }

  @Override
  public Info info() {
    return Info.of("deconvnet", "Deconvnet")
        .summary("as gradients, of what a ReLU lets through backward only; shows edges")
        .paper("Zeiler and Fergus, 2014, https://arxiv.org/abs/1311.2901");
  }

  @Override
  public RuleOverride override() {
    return Rectifiers.DECONVOLUTION;
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
