package dev.keralens.method;

import dev.keralens.explain.Formula;
import dev.keralens.explain.Info;
import dev.keralens.explain.Scene;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Grad-CAM++ (Chattopadhay et al., 2018, <a
 * href="https://arxiv.org/abs/1710.11063">arXiv:1710.11063</a>).
 *
 * <p>The channels of the explained activation A, weighted by their positive gradients, each place
 * by its own share (equations 9, 10 and 19). With s the logit of a unit, g = ds / dA, and y =
 * exp(s) the score that the paper differentiates:
 *
 * <pre>
 *   alpha_cij = g^2 / (2 g^2 + g^3 sum_ab A_cab)      (0 where the denominator is 0)
 *   w_c       = sum_ij alpha_cij relu(exp(s) g_cij)
 *   map_ij    = sum_c w_c A_cij
 * </pre>
 *
 * <p>For y = exp(s) of a network that is linear between A and s, its second and third derivatives
 * are exp(s) g^2 and exp(s) g^3: this alpha is that of equation 10, the factor exp(s) cancelled.
 *
 * <p>Shapes: A is (batch, height, width, channels), the maps (batch, height, width, k) of the same
 * height and width.
 *
 * <p>The steps of a layer inside {@code TimeDistributed} are images of their own: each has weights
 * of its own, the sums over its places.
 *
 * <p>Numbers: exp(s) is the same factor for a whole map, and cancels in a normalized one; s is kept
 * to [-60, 60] in it, so that no logit makes a map overflow or vanish.
 *
 * <p>Differs from the paper: {@link #create} sums A over the places as the paper's code does;
 * {@link #exact} takes the denominator of equation 10 in full, with the gradient at each place
 * under the sum. The map is not cut at zero here; its usual filter does that. Differs from
 * keras-explainable: the bounds of s.
 */
public final class GradCamPlusPlus implements Formula {
  private static final float LARGEST_LOGIT = 60;

  private final boolean exact;

  private GradCamPlusPlus(boolean exact) {
    this.exact = exact;
  }

  /** {@return the method as the paper's code and keras-explainable compute it} */
  public static GradCamPlusPlus create() {
    return new GradCamPlusPlus(false);
  }

  /**
   * {@return the method with the denominator 2 g_ij^2 + sum_ab A_ab g_ab^3: the third derivative
   * taken at each place of the sum}
   */
  public static GradCamPlusPlus exact() {
    return new GradCamPlusPlus(true);
  }

  @Override
  public Info info() {
    Info info =
        Info.of("gradcampp", "Grad-CAM++")
            .ofActivations()
            .summary("as gradcam, each place weighted by its share of the positive gradient")
            .paper("Chattopadhay et al., 2018, https://arxiv.org/abs/1710.11063");
    return exact
        ? info.named("gradcampp:exact", "Grad-CAM++ (exact)")
            .summary("as gradcampp, with the denominator of the paper's equation 10 in full")
        : info;
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
    Value g = scene.channelsFirst(tensor, scene.gradient(tensor.value()));
    int[] spatial = IntStream.range(2 + tensor.steps(), g.rank()).toArray();
    Value square = b.mul(g, g);
    Value cube = b.mul(square, g);
    Value third =
        exact
            ? b.reduceSum(scene.times(cube, activation), true, spatial)
            : scene.times(cube, b.reduceSum(activation, true, spatial));
    Value denominator = b.add(b.mul(square, 2), third);
    Value zero = b.node(Op.EQUAL, denominator, b.scalar(0));
    Value alpha =
        b.where(zero, b.scalar(0), b.div(square, b.where(zero, b.scalar(1), denominator)));
    Value positive = b.relu(b.mul(g, factor(scene, g.rank())));
    Value weights = b.reduceSum(b.mul(alpha, positive), false, spatial);
    return scene.weightedSum(weights, activation);
  }

  /** exp(s) of each unit: (k * batch, 1, ...). */
  private static Value factor(Scene scene, int rank) {
    GraphBuilder b = scene.builder();
    Value bounded =
        b.node(Op.CLIP, scene.scores(), b.scalar(-LARGEST_LOGIT), b.scalar(LARGEST_LOGIT));
    int[] sizes = new int[rank];
    Arrays.fill(sizes, 1);
    sizes[0] = Shape.BATCH * scene.units();
    return b.reshape(b.node(Op.EXP, bounded), Shape.of(sizes));
  }
}
