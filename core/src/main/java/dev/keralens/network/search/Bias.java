package dev.keralens.network.search;

import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A bias and the place of a network where it is added: a layer's own, or what a normalization
 * implies.
 *
 * @param sum the value that the bias is part of
 * @param bias the bias, float, of a shape that broadcasts to the value's
 * @param perChannel whether the bias is one number a channel, and channels lie on axis 1
 */
public record Bias(Value sum, Constant bias, boolean perChannel) {
  /**
   * {@return all biases of a graph, in its order}
   *
   * @param graph the graph
   */
  public static List<Bias> of(Graph graph) {
    List<Bias> sites = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Bias site =
          switch (node.op()) {
            case CONV, CONV_TRANSPOSE, INSTANCE_NORMALIZATION -> own(graph, node, 1);
            case GEMM -> own(graph, node, node.attributes().getFloat("beta", 1));
            case LAYER_NORMALIZATION -> own(graph, node, 1);
            case BATCH_NORMALIZATION -> normalization(graph, node);
            case ADD -> added(graph, node);
            case SUB -> subtracted(graph, node);
            default -> null;
          };
      if (site != null) {
        sites.add(site);
      }
    }
    return sites;
  }

  private static @Nullable Bias own(Graph graph, Node node, float factor) {
    Value input = node.optionalInput(2);
    Constant bias = input == null ? null : graph.constant(input);
    if (bias == null) {
      return null;
    }
    boolean perChannel = node.op() != Op.GEMM && node.op() != Op.LAYER_NORMALIZATION;
    return new Bias(node.output(), scaled(bias, factor), perChannel);
  }

  private static Constant scaled(Constant bias, float factor) {
    if (factor == 1) {
      return bias;
    }
    float[] values = bias.tensor().toFloatArray();
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
    return Constant.of(Tensor.of(values, bias.shape()));
  }

  /** beta - mean gamma / sqrt(variance + epsilon), with the layer's own epsilon. */
  private static @Nullable Bias normalization(Graph graph, Node node) {
    float[][] parameters = new float[4][];
    for (int i = 0; i < 4; i++) {
      Constant constant = graph.constant(node.input(i + 1));
      if (constant == null) {
        return null;
      }
      parameters[i] = constant.tensor().toFloatArray();
    }
    double epsilon = node.attributes().getFloat("epsilon", 1e-5f);
    float[] bias = new float[parameters[0].length];
    for (int c = 0; c < bias.length; c++) {
      double scale = parameters[0][c] / Math.sqrt(parameters[3][c] + epsilon);
      bias[c] = (float) (parameters[1][c] - parameters[2][c] * scale);
    }
    return new Bias(node.output(), Constant.of(Tensor.of(bias, bias.length)), true);
  }

  private static @Nullable Bias added(Graph graph, Node node) {
    Constant left = graph.constant(node.input(0));
    Constant right = graph.constant(node.input(1));
    if ((left == null) == (right == null) || !node.output().type().isFloating()) {
      return null;
    }
    return new Bias(node.output(), left != null ? left : Objects.requireNonNull(right), false);
  }

  private static @Nullable Bias subtracted(Graph graph, Node node) {
    Constant left = graph.constant(node.input(0));
    Constant right = graph.constant(node.input(1));
    if ((left == null) == (right == null) || !node.output().type().isFloating()) {
      return null;
    }
    return new Bias(
        node.output(), left != null ? left : scaled(Objects.requireNonNull(right), -1), false);
  }

  /**
   * {@return the layer that adds the bias: the innermost one whose name the place has}
   *
   * @param network the network
   */
  public Optional<Layer> layer(Network network) {
    return network.layers().stream()
        .filter(layer -> sum.name().startsWith(layer.name() + "/"))
        .max(Comparator.comparingInt(layer -> layer.name().length()));
  }

  /**
   * {@return the bias as a value of a graph that broadcasts to the sum}
   *
   * @param b the builder of a graph that has the sum
   */
  public Value value(GraphBuilder b) {
    Tensor tensor = bias.tensor();
    if (!perChannel) {
      return b.constant(tensor);
    }
    int[] shape = new int[sum.rank() - 1];
    Arrays.fill(shape, 1);
    shape[0] = Math.toIntExact(Shape.of(bias.shape()).elements());
    return b.constant(tensor.reshape(shape));
  }
}
