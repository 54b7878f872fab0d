package dev.keralens.method;

import dev.keralens.filter.Filter;
import dev.keralens.filter.Filters;
import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Value;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Grad-CAM (Selvaraju et al., 2017, <a
 * href="https://arxiv.org/abs/1610.02391">arXiv:1610.02391</a>).
 *
 * <p>The channels of the explained activation A, weighted by the mean of their gradients (equations
 * 1 and 2): with the logit y of a unit and N places,
 *
 * <pre>
 *   w_c    = 1/N sum_ij dy / dA_cij
 *   map_ij = sum_c w_c A_cij
 * </pre>
 *
 * <p>Shapes: A is (batch, height, width, channels), the maps (batch, height, width, k) of the same
 * height and width.
 *
 * <p>Differs from the paper: the map is not cut at zero here; its usual filter does that. Differs
 * from keras-explainable: none.
 */
public final class GradCam implements GraphMethod {
  private GradCam() {}

  /** {@return the method} */
  public static GradCam create() {
    return new GradCam();
  }

  @Override
  public String name() {
    return "gradcam";
  }

  @Override
  public String title() {
    return "Grad-CAM";
  }

  @Override
  public Filter usualFilter() {
    return Filters::positiveNormalize;
  }

  @Override
  public boolean explainsActivations() {
    return true;
  }

  @Override
  public List<Value> differentiated(Scene scene) {
    return List.of(scene.activation().value());
  }

  @Override
  public Value maps(Scene scene) {
    KerasTensor activation = scene.activation();
    Value gradient = scene.channelsFirst(activation, scene.gradient(activation.value()));
    int[] spatial = IntStream.range(2, gradient.rank()).toArray();
    Value weights = scene.builder().reduceMean(gradient, false, spatial);
    return scene.weightedSum(weights, scene.channelsFirst(activation, activation.value()));
  }
}
