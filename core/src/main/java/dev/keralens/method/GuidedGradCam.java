package dev.keralens.method;

import dev.keralens.explain.Formula;
import dev.keralens.explain.Info;
import dev.keralens.explain.Scene;
import dev.keralens.filter.Filter;
import dev.keralens.filter.Filters;
import dev.keralens.filter.Resizing;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.CheckReturnValue;
import java.util.List;

/**
 * Guided Grad-CAM (Selvaraju et al., 2017, <a
 * href="https://arxiv.org/abs/1610.02391">arXiv:1610.02391</a>, section 3.2).
 *
 * <p>What {@link GuidedBackprop} shows, where {@link GradCam} finds evidence:
 *
 * <pre>
 *   map = up(max(0, Grad-CAM)) * Guided Backprop
 * </pre>
 *
 * <p>where up(.) is the linear resizing to the input. Shapes: the input is (batch, height, width,
 * channels), the activation (batch, h, w, c), the maps (batch, height, width, k).
 *
 * <p>Read its details with care: they are the edges of {@link GuidedBackprop}, which depend little
 * on the unit and the weights (Adebayo et al., 2018, <a
 * href="https://arxiv.org/abs/1810.03292">arXiv:1810.03292</a>); the place is that of Grad-CAM.
 *
 * <p>Differs from the paper: the mean over the channels of the input, as {@link Gradients}.
 */
@CheckReturnValue
public final class GuidedGradCam implements Formula {
  private final GuidedBackprop guided;
  private final GradCam cam = GradCam.create();

  private GuidedGradCam(GuidedBackprop guided) {
    this.guided = guided;
  }

  /** {@return the method with the absolute value as its gradient filter} */
  public static GuidedGradCam create() {
    return new GuidedGradCam(GuidedBackprop.create());
  }

  /**
   * {@return the method with another gradient filter}
   *
   * @param filter what is applied to the gradient of each channel before the mean over channels
   */
  public GuidedGradCam gradientFilter(Filter filter) {
    return new GuidedGradCam(guided.gradientFilter(filter));
  }

  @Override
  public boolean laysOverInput() {
    return true;
  }

  @Override
  public Info info() {
    return Info.of("guided_gradcam", "Guided Grad-CAM")
        .ofActivations()
        .ofPixels()
        .filter(Filters::absoluteNormalize)
        .summary("edges of guided_backprop where gradcam finds evidence")
        .paper("Selvaraju et al., 2017, https://arxiv.org/abs/1610.02391");
  }

  @Override
  public List<Formula> parts() {
    return List.of(guided, cam);
  }

  @Override
  public List<Value> differentiated(Scene scene) {
    return List.of();
  }

  @Override
  public Value maps(Scene scene) {
    GraphBuilder b = scene.builder();
    Value edges = guided.maps(scene.of(guided));
    Value evidence = b.relu(cam.maps(scene.of(cam)));
    if (evidence.rank() != edges.rank()) {
      KerasTensor activation = scene.activation();
      throw new UnsupportedModelException(
          "Guided Grad-CAM lays the explained activation over the input, but '%s' %s has not the spatial axes of the input %s."
              .formatted(activation.value().name(), activation.shape(), scene.input().shape()));
    }
    int[] places = new int[edges.rank() - 1];
    for (int i = 0; i < places.length; i++) {
      places[i] = edges.shape().size(i + 1);
    }
    return b.mul(edges, Resizing.linear(b, evidence, places));
  }
}
