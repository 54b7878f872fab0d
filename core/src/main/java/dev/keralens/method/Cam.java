package dev.keralens.method;

import dev.keralens.explain.Formula;
import dev.keralens.explain.Info;
import dev.keralens.explain.Scene;
import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * CAM, class activation mapping (Zhou et al., 2016, <a
 * href="https://arxiv.org/abs/1512.04150">arXiv:1512.04150</a>).
 *
 * <p>For a network that ends in a global pooling and one linear layer with weights w: the channels
 * of the activation A before the pooling, weighted as the unit u weights them (equation 2):
 *
 * <pre>
 *   map_ij = sum_c w_cu A_cij
 * </pre>
 *
 * <p>Shapes: A is (batch, height, width, channels), the maps (batch, height, width, k) of the same
 * height and width.
 *
 * <p>Differs from the paper: none; the weights are had as the gradient of the logit with respect to
 * the pooled vector, which is the same for every form that a linear layer takes (Dense, or a 1x1
 * convolution as MobileNet has it). Differs from keras-explainable: a network that has more than
 * one linear layer behind the pooling is refused, not explained with the weights of the last.
 */
public final class Cam implements Formula {
  private static final Set<Op> POOLING =
      Set.of(Op.GLOBAL_AVERAGE_POOL, Op.GLOBAL_MAX_POOL, Op.REDUCE_MEAN, Op.REDUCE_MAX);
  private static final Set<Op> LINEAR = Set.of(Op.GEMM, Op.MAT_MUL, Op.CONV);
  private static final Set<Op> REARRANGING =
      Set.of(
          Op.RESHAPE,
          Op.FLATTEN,
          Op.SQUEEZE,
          Op.UNSQUEEZE,
          Op.TRANSPOSE,
          Op.IDENTITY,
          Op.SLICE,
          Op.SPLIT,
          Op.GATHER,
          Op.NEG);

  private Cam() {}

  /** {@return the method} */
  public static Cam create() {
    return new Cam();
  }

  @Override
  public Info info() {
    return Info.of("cam", "CAM")
        .ofActivations()
        .summary("channels before the global pooling, weighted as the unit weights them")
        .paper("Zhou et al., 2016, https://arxiv.org/abs/1512.04150");
  }

  @Override
  public List<Value> differentiated(Scene scene) {
    return List.of(pooled(scene));
  }

  @Override
  public Value maps(Scene scene) {
    KerasTensor tensor = scene.activation();
    Value activation = scene.channelsFirst(tensor, tensor.value());
    int channels = activation.shape().size(1);
    Value weights =
        scene
            .builder()
            .reshape(
                scene.gradient(pooled(scene)), Shape.of(Shape.BATCH * scene.units(), channels));
    return scene.weightedSum(weights, activation);
  }

  /** What the global pooling makes of the explained activation. */
  private static Value pooled(Scene scene) {
    Graph graph = scene.network().graph();
    KerasTensor activation = scene.activation();
    Set<Value> before = new HashSet<>(List.of(activation.value()));
    for (Node node : graph.nodes()) {
      if (node.inputs().isEmpty() || node.inputs().get(0) == null) {
        continue;
      }
      if (before.contains(node.input(0))) {
        if (node.op() == Op.TRANSPOSE || node.op() == Op.IDENTITY) {
          before.add(node.output());
        } else if (POOLING.contains(node.op()) && isGlobal(activation, node)) {
          requireOneLinearLayer(graph, node.output(), scene.target().value());
          return node.output();
        }
      }
    }
    throw refused("no global pooling follows the explained activation");
  }

  private static boolean isGlobal(KerasTensor activation, Node pooling) {
    Shape shape = activation.value().shape();
    int axis = activation.layout().channelAxis(shape.rank());
    int channels = axis < 0 ? 1 : shape.size(axis);
    return pooling.output().shape().elements() == channels;
  }

  private static void requireOneLinearLayer(Graph graph, Value pooled, Value target) {
    Set<Value> needed = ancestors(graph, target);
    Map<Value, Integer> linear = new HashMap<>(Map.of(pooled, 0));
    for (Node node : graph.nodes()) {
      int before =
          node.inputs().stream().mapToInt(v -> linear.getOrDefault(v, -1)).max().orElse(-1);
      if (before < 0 || node.outputs().stream().noneMatch(needed::contains)) {
        continue;
      }
      int layers = before + (LINEAR.contains(node.op()) ? 1 : 0);
      node.outputs().forEach(value -> linear.put(value, layers));
      boolean joins = before == 1 && isOfUnits(graph, node, linear);
      boolean keeps = joins || REARRANGING.contains(node.op()) || isAffine(graph, node);
      if (layers == before && !keeps) {
        throw refused(
            "%s '%s' lies between its pooling and its logits"
                .formatted(node.op().onnxName(), node.output().name()));
      }
    }
    int layers = linear.getOrDefault(target, 0);
    if (layers != 1) {
      throw refused(layers + " linear layers lie between its pooling and its logits");
    }
  }

  /** Whether units are joined, summed or compared, not what pooling gives. */
  private static boolean isOfUnits(Graph graph, Node node, Map<Value, Integer> linear) {
    return switch (node.op()) {
      case CONCAT -> true;
      case ADD, SUB, REDUCE_SUM ->
          node.inputs().stream()
              .allMatch(
                  value ->
                      value == null
                          || graph.constant(value) != null
                          || linear.getOrDefault(value, 0) == 1);
      default -> false;
    };
  }

  private static Set<Value> ancestors(Graph graph, Value target) {
    Set<Value> needed = new HashSet<>(List.of(target));
    List<Node> nodes = graph.nodes();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      if (nodes.get(i).outputs().stream().anyMatch(needed::contains)) {
        nodes.get(i).inputs().stream().filter(v -> v != null).forEach(needed::add);
      }
    }
    return needed;
  }

  private static boolean isAffine(Graph graph, Node node) {
    return switch (node.op()) {
      case ADD, SUB, MUL ->
          graph.constant(node.input(0)) != null || graph.constant(node.input(1)) != null;
      case DIV -> graph.constant(node.input(1)) != null;
      default -> false;
    };
  }

  private static UnsupportedModelException refused(String why) {
    return new UnsupportedModelException(
        "CAM needs a model that ends in a global pooling and one linear layer, but %s. Grad-CAM (gradcam)"
                .formatted(why)
            + " has no such limit.");
  }
}
