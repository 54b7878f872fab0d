package dev.keralens.method;

import dev.keralens.explain.Formula;
import dev.keralens.explain.Info;
import dev.keralens.explain.Scene;
import dev.keralens.grad.Differentiator;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * ShapleyCAM (Cai, 2025, <a href="https://arxiv.org/abs/2501.06261">arXiv:2501.06261</a>, section
 * 4).
 *
 * <p>Grad-CAM with weights of the second order: the score y of a unit is developed to two terms
 * around the explained activation A, with the gradient g and the matrix H of second derivatives, to
 * estimate what each channel would take from it if it went away:
 *
 * <pre>
 *   w_c = mean over places of (g - 1/2 H A)_c
 *   map = sum_c w_c A_c
 * </pre>
 *
 * <p>H A is the gradient of the sum of g times A, with A held fixed there, so the network is
 * differentiated twice. Behind the activation, where the network is linear or made of ReLU, H is
 * zero and the map is that of Grad-CAM.
 *
 * <p>Shapes: A is (batch, height, width, channels), the maps (batch, height, width, k).
 *
 * <p>Differs from the paper: the score is what is explained, by default the logit. The filter keeps
 * what is positive.
 */
public final class ShapleyCam implements Formula {
  private ShapleyCam() {}

  /** {@return the method} */
  public static ShapleyCam create() {
    return new ShapleyCam();
  }

  @Override
  public Info info() {
    return Info.of("shapleycam", "ShapleyCAM")
        .ofActivations()
        .summary("Grad-CAM with weights of the second order, which estimate Shapley values")
        .paper("Cai, 2025, https://arxiv.org/abs/2501.06261");
  }

  @Override
  public List<Value> differentiated(Scene scene) {
    return List.of(scene.activation().value());
  }

  @Override
  public Value maps(Scene scene) {
    GraphBuilder b = scene.builder();
    KerasTensor activation = scene.activation();
    Value gradient = scene.gradient(activation.value());
    List<Value> second = new ArrayList<>();
    for (int unit = 0; unit < scene.units(); unit++) {
      Value product = product(b, gradient, activation.value(), unit, scene.units());
      if (product != null) {
        second.add(b.unsqueeze(product, 1));
      }
    }
    Value weighted = gradient;
    if (!second.isEmpty()) {
      Value rows = b.reshape(b.concat(1, second), gradient.shape());
      weighted = b.sub(gradient, b.mul(rows, 0.5));
    }
    Value first = scene.channelsFirst(activation, weighted);
    int[] places = IntStream.range(2 + activation.steps(), first.rank()).toArray();
    Value weights = b.reduceMean(first, false, places);
    return scene.weightedSum(weights, scene.channelsFirst(activation, activation.value()));
  }

  /**
   * The second derivatives of one unit times the activation: (batch, axes...); null where there are
   * none. Rows of other units are left out of the sum that is differentiated.
   */
  private static @Nullable Value product(
      GraphBuilder b, Value gradient, Value activation, int unit, int units) {
    Value seed = activation;
    if (units > 1) {
      float[] one = new float[units];
      one[unit] = 1;
      int[] sizes = new int[activation.rank() + 1];
      Arrays.fill(sizes, 1);
      sizes[1] = units;
      Value row = b.constant(Tensor.of(one, sizes));
      seed = b.reshape(b.mul(b.unsqueeze(activation, 1), row), gradient.shape());
    }
    return Differentiator.of(b)
        .gradients(Map.of(gradient, seed), List.of(activation))
        .get(activation);
  }
}
