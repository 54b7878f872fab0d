package dev.keralens.method;

import dev.keralens.explain.Formula;
import dev.keralens.explain.Info;
import dev.keralens.explain.Scene;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import java.util.List;

/**
 * Grad-CAM, element by element, as pytorch-grad-cam has it: {@link HiResCam} of which each channel
 * is cut at zero before they are summed.
 *
 * <pre>
 *   map_ij = sum_c max(0, dy / dA_cij A_cij)
 * </pre>
 *
 * <p>Shapes: the explained activation A is (batch, height, width, channels), the maps (batch,
 * height, width, k) of the same height and width. There is no paper of its own.
 */
public final class GradCamElementwise implements Formula {
  private GradCamElementwise() {}

  /** {@return the method} */
  public static GradCamElementwise create() {
    return new GradCamElementwise();
  }

  @Override
  public Info info() {
    return Info.of("gradcam:elementwise", "Grad-CAM (elementwise)")
        .ofActivations()
        .summary("the activation times its gradient, what is positive of each channel")
        .paper("after Selvaraju et al., 2017, https://arxiv.org/abs/1610.02391");
  }

  @Override
  public List<Value> differentiated(Scene scene) {
    return List.of(scene.activation().value());
  }

  @Override
  public Value maps(Scene scene) {
    GraphBuilder b = scene.builder();
    return b.reduceSum(b.relu(HiResCam.product(scene)), false, 1);
  }
}
