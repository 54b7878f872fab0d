package dev.keralens.method;

import dev.keralens.explain.Formula;
import dev.keralens.explain.Info;
import dev.keralens.explain.Scene;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import java.util.List;
import java.util.stream.IntStream;

/**
 * XGrad-CAM (Fu et al., 2020, <a href="https://arxiv.org/abs/2008.02312">arXiv:2008.02312</a>,
 * equation 8).
 *
 * <p>The channels of the explained activation A, each weighted by its gradients as A itself weights
 * them: with the logit y of a unit,
 *
 * <pre>
 *   w_c    = sum_ij (A_cij / sum_ab A_cab) dy / dA_cij
 *   map_ij = sum_c w_c A_cij
 * </pre>
 *
 * <p>A channel that sums to zero has the weight 0. Shapes: A is (batch, height, width, channels),
 * the maps (batch, height, width, k) of the same height and width.
 *
 * <p>Differs from the paper: none.
 */
public final class XGradCam implements Formula {
  private XGradCam() {}

  /** {@return the method} */
  public static XGradCam create() {
    return new XGradCam();
  }

  @Override
  public Info info() {
    return Info.of("xgradcam", "XGrad-CAM")
        .ofActivations()
        .summary("as gradcam, the gradients weighted by the activation itself")
        .paper("Fu et al., 2020, https://arxiv.org/abs/2008.02312");
  }

  @Override
  public List<Value> differentiated(Scene scene) {
    return List.of(scene.activation().value());
  }

  @Override
  public Value maps(Scene scene) {
    GraphBuilder b = scene.builder();
    KerasTensor tensor = scene.activation();
    Value activation = scene.channelsFirst(tensor, tensor.value());
    int[] spatial = IntStream.range(2, activation.rank()).toArray();
    Value total = b.reduceSum(activation, false, spatial);
    Value empty = b.node(Op.EQUAL, total, b.scalar(0));
    Value inverse =
        b.where(empty, b.scalar(0), b.div(b.scalar(1), b.where(empty, b.scalar(1), total)));
    Value weights = scene.times(b.reduceSum(HiResCam.product(scene), false, spatial), inverse);
    return scene.weightedSum(weights, activation);
  }
}
