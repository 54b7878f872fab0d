package dev.keralens.method;

import dev.keralens.explain.Formula;
import dev.keralens.explain.Info;
import dev.keralens.explain.Scene;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

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
 * <p>The steps of a layer inside {@code TimeDistributed} are images of their own: each has weights
 * of its own, the means over its places.
 *
 * <p>Differs from the paper: the map is not cut at zero here; its usual filter does that. Differs
 * from keras-explainable: none.
 */
public final class GradCam implements Formula {
  private GradCam() {}

  /** {@return the method} */
  public static GradCam create() {
    return new GradCam();
  }

  @Override
  public Info info() {
    return Info.of("gradcam", "Grad-CAM")
        .ofActivations()
        .summary("channels of the last activation, weighted by their mean gradient")
        .paper("Selvaraju et al., 2017, https://arxiv.org/abs/1610.02391");
  }

  @Override
  public List<Value> differentiated(Scene scene) {
    Node pooling = pooling(scene);
    return List.of(pooling == null ? scene.activation().value() : pooling.output());
  }

  @Override
  public Value maps(Scene scene) {
    KerasTensor activation = scene.activation();
    Node pooling = pooling(scene);
    Value weights =
        pooling == null
            ? mean(
                scene.builder(),
                scene.channelsFirst(activation, scene.gradient(activation.value())),
                activation.steps())
            : meanOverWindows(scene, pooling);
    return scene.weightedSum(weights, scene.channelsFirst(activation, activation.value()));
  }

  /**
   * The max pooling that alone reads the activation. It gives the gradient of each window to one
   * place, so its maxima have the same sum of gradients as the places, and these need not be
   * computed.
   */
  private static @Nullable Node pooling(Scene scene) {
    Value activation = scene.activation().value();
    List<Node> readers =
        scene.network().graph().nodes().stream()
            .filter(node -> node.inputs().contains(activation))
            .toList();
    return activation.rank() > 3
            && scene.activation().layout().isChannelsFirst()
            && !activation.equals(scene.target().value())
            && readers.size() == 1
            && readers.get(0).op() == Op.MAX_POOL
            && readers.get(0).outputs().size() == 1
        ? readers.get(0)
        : null;
  }

  private static Value mean(GraphBuilder b, Value gradient, int steps) {
    return b.reduceMean(gradient, false, IntStream.range(2 + steps, gradient.rank()).toArray());
  }

  private static Value meanOverWindows(Scene scene, Node pooling) {
    double windows = area(pooling.output());
    Value mean = mean(scene.builder(), scene.gradient(pooling.output()), 0);
    return scene.builder().mul(mean, windows / area(pooling.input(0)));
  }

  private static int area(Value images) {
    return Arrays.stream(images.shape().sizes()).skip(2).reduce(1, Math::multiplyExact);
  }
}
