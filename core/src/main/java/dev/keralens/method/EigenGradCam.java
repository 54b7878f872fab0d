package dev.keralens.method;

import dev.keralens.explain.Ensemble;
import dev.keralens.explain.Formula;
import dev.keralens.explain.Info;
import dev.keralens.explain.Plan;
import dev.keralens.explain.Probe;
import dev.keralens.explain.Probes;
import dev.keralens.explain.Scene;
import dev.keralens.graph.Value;
import dev.keralens.method.numeric.Projection;
import dev.keralens.method.pass.OneQuestion;
import dev.keralens.method.pass.UnitMaps;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Eigen-Grad-CAM: {@link EigenCam} of the activation times its gradient, as {@link HiResCam} has it
 * before the sum over the channels (Muhammad and Yeasin, 2020, <a
 * href="https://arxiv.org/abs/2008.00299">arXiv:2008.00299</a>, for the component; the product with
 * the gradient is pytorch-grad-cam's).
 *
 * <pre>
 *   B_cij = A_cij dy / dA_cij
 *   map   = the first principal component of the places of B, the largest magnitude positive
 * </pre>
 *
 * <p>Shapes: A is (batch, height, width, channels), the maps (batch, height, width, k) of the same
 * height and width.
 */
public final class EigenGradCam implements Ensemble {
  private EigenGradCam() {}

  /** {@return the method} */
  public static EigenGradCam create() {
    return new EigenGradCam();
  }

  @Override
  public Info info() {
    return Info.of("eigengradcam", "Eigen-Grad-CAM")
        .ofActivations()
        .summary("the first principal component of the activation times its gradient")
        .paper("Muhammad and Yeasin, 2020, https://arxiv.org/abs/2008.00299");
  }

  /** The activation times its gradient, with its channels: (k * batch, channels, places...). */
  private static final class Product implements Formula {
    @Override
    public Info info() {
      return Info.of("activation_x_gradient", "Activation x gradient").ofActivations();
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
      return scene.times(gradient, activation);
    }
  }

  @Override
  public Plan plan(Probes probes) {
    Probe products = probes.maps(new Product());
    return batch -> new OneQuestion(products, batch, EigenGradCam::components);
  }

  /** From (batch, channels, places..., k) to (batch, places..., k). */
  private static Tensor components(Tensor products) {
    int[] shape = products.shape();
    int channels = shape[1];
    int units = shape[shape.length - 1];
    int[] places = Arrays.copyOfRange(shape, 2, shape.length - 1);
    float[] all = products.toFloatArray();
    int size = all.length / shape[0];
    return UnitMaps.of(
        shape[0],
        units,
        places,
        (image, unit) -> {
          float[] one = new float[size / units];
          for (int i = 0; i < one.length; i++) {
            one[i] = all[image * size + i * units + unit];
          }
          return Projection.LINEAR.map(one, channels);
        });
  }
}
