package dev.keralens.method;

import dev.keralens.explain.Formula;
import dev.keralens.explain.Info;
import dev.keralens.explain.Scene;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import java.util.List;

/**
 * HiResCAM (Draelos and Carin, 2020, <a
 * href="https://arxiv.org/abs/2011.08891">arXiv:2011.08891</a>, equation 5).
 *
 * <p>The explained activation A times its gradient, place by place: with the logit y of a unit,
 *
 * <pre>
 *   map_ij = sum_c dy / dA_cij A_cij
 * </pre>
 *
 * <p>Where one linear layer follows, behind a flattening or a global average, the map sums to the
 * logit without its bias, and before a global average it is {@link GradCam} and {@link Cam} up to a
 * factor.
 *
 * <p>Shapes: A is (batch, height, width, channels), the maps (batch, height, width, k) of the same
 * height and width.
 *
 * <p>Differs from the paper: none; its usual filter cuts the map at zero, as that of {@link
 * GradCam}.
 */
public final class HiResCam implements Formula {
  private HiResCam() {}

  /** {@return the method} */
  public static HiResCam create() {
    return new HiResCam();
  }

  @Override
  public Info info() {
    return Info.of("hirescam", "HiResCAM")
        .ofActivations()
        .summary("the activation times its gradient, place by place")
        .paper("Draelos and Carin, 2020, https://arxiv.org/abs/2011.08891");
  }

  @Override
  public List<Value> differentiated(Scene scene) {
    return List.of(scene.activation().value());
  }

  @Override
  public Value maps(Scene scene) {
    return scene.builder().reduceSum(product(scene), false, 1);
  }

  /** The gradient of the activation times it: (k * batch, channels, spatial axes...). */
  static Value product(Scene scene) {
    KerasTensor tensor = scene.activation();
    Value activation = scene.channelsFirst(tensor, tensor.value());
    return scene.times(scene.channelsFirst(tensor, scene.gradient(tensor.value())), activation);
  }
}
