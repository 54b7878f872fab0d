package dev.keralens.method;

import dev.keralens.explain.Formula;
import dev.keralens.explain.Info;
import dev.keralens.explain.Scene;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import java.util.List;

/**
 * LayerCAM (Jiang et al., 2021, "LayerCAM: Exploring Hierarchical Class Activation Maps for
 * Localization", IEEE TIP 30, equations 6 to 8).
 *
 * <p>Each place of the explained activation A is weighted by its own gradient, where that is
 * positive: with the logit y of a unit,
 *
 * <pre>
 *   map_ij = sum_c max(0, dy / dA_cij) A_cij
 * </pre>
 *
 * <p>Shapes: A is (batch, height, width, channels), the maps (batch, height, width, k) of the same
 * height and width. Layers near the input give fine maps, which the weights of whole channels of
 * {@link GradCam} do not.
 *
 * <p>Differs from the paper: the map is not cut at zero here; its usual filter does that.
 */
public final class LayerCam implements Formula {
  private LayerCam() {}

  /** {@return the method} */
  public static LayerCam create() {
    return new LayerCam();
  }

  @Override
  public Info info() {
    return Info.of("layercam", "LayerCAM")
        .ofActivations()
        .summary("each place of the activation, weighted by its own positive gradient")
        .paper("Jiang et al., 2021, https://doi.org/10.1109/TIP.2021.3089943");
  }

  @Override
  public List<Value> differentiated(Scene scene) {
    return List.of(scene.activation().value());
  }

  @Override
  public Value maps(Scene scene) {
    KerasTensor tensor = scene.activation();
    Value activation = scene.channelsFirst(tensor, tensor.value());
    Value gradient = scene.channelsFirst(tensor, scene.gradient(tensor.value()));
    Value weighted = scene.times(scene.builder().relu(gradient), activation);
    return scene.builder().reduceSum(weighted, false, 1);
  }
}
