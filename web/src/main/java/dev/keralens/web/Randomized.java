package dev.keralens.web;

import dev.keralens.Model;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.network.InputSpec;
import dev.keralens.network.Network;
import dev.keralens.network.NetworkSource;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A model whose last layer has forgotten what it learned: its weights are shuffled. A map that is
 * the same afterwards does not depend on them (Adebayo et al., 2018,
 * https://arxiv.org/abs/1810.03292, the first step of the cascading randomization).
 *
 * <p>Differs from the paper: weights are shuffled rather than drawn anew, so that their
 * distribution stays.
 */
final class Randomized {
  private static final Set<Op> MIXING =
      Set.of(Op.CONV, Op.CONV_TRANSPOSE, Op.MAT_MUL, Op.GEMM, Op.EINSUM);

  private final Network network;
  private final Set<Value> computed = new HashSet<>();

  private Randomized(Network network) {
    this.network = network;
    computed.addAll(network.graph().inputs());
    for (Node node : network.graph().nodes()) {
      if (node.inputs().stream().anyMatch(computed::contains)) {
        computed.addAll(node.outputs());
      }
    }
  }

  /**
   * The model with its last layer's weights shuffled.
   *
   * @param output which output the last layer gives
   * @param seed the same seed shuffles alike
   */
  static Model of(Model model, int output, long seed) {
    return Model.of(
        model.name(),
        new NetworkSource() {
          @Override
          public List<InputSpec> inputs() {
            return model.inputs();
          }

          @Override
          public Network network(List<Shape> shapes) {
            return new Randomized(model.network(shapes)).shuffled(output, seed);
          }
        });
  }

  /** The name of the node whose weights are shuffled, as the file calls it. */
  static String layer(Network network, int output) {
    String name = new Randomized(network).last(output).output().name();
    return network.layers().stream()
        .map(layer -> layer.name())
        .filter(layer -> name.equals(layer) || name.startsWith(layer + "/"))
        .reduce((first, second) -> second.length() >= first.length() ? second : first)
        .orElse(name);
  }

  /** The last node on the way to an output that weighs what it reads. */
  private Node last(int output) {
    Graph graph = network.graph();
    Set<Value> wanted = new HashSet<>(Set.of(graph.outputs().get(output)));
    for (int i = graph.nodes().size() - 1; i >= 0; i--) {
      Node node = graph.nodes().get(i);
      if (node.outputs().stream().noneMatch(wanted::contains)) {
        continue;
      }
      if (MIXING.contains(node.op()) && !weights(node).isEmpty()) {
        return node;
      }
      node.inputs().stream().filter(value -> value != null).forEach(wanted::add);
    }
    throw new IllegalArgumentException("The model has no layer with weights to shuffle.");
  }

  /** The constants that a node weighs with, also those that pass through others on their way. */
  private Set<Value> weights(Node node) {
    Set<Value> found = new HashSet<>();
    Graph graph = network.graph();
    Set<Value> wanted = new HashSet<>();
    for (Value value : node.inputs()) {
      if (value != null && !computed.contains(value)) {
        wanted.add(value);
      }
    }
    for (int i = graph.nodes().size() - 1; i >= 0; i--) {
      Node before = graph.nodes().get(i);
      if (before.outputs().stream().anyMatch(wanted::contains)) {
        before.inputs().stream().filter(value -> value != null).forEach(wanted::add);
      }
    }
    for (Value value : wanted) {
      Constant constant = graph.constant(value);
      if (constant != null
          && constant.type() == ElementType.FLOAT32
          && Tensor.elements(constant.shape()) > 1) {
        found.add(value);
      }
    }
    return found;
  }

  private Network shuffled(int output, long seed) {
    Graph graph = network.graph();
    Set<Value> weights = weights(last(output));
    Map<Value, Constant> constants = new LinkedHashMap<>(graph.constants());
    constants.replaceAll(
        (value, constant) ->
            weights.contains(value)
                ? Constant.deferred(
                    constant.type(), constant.shape(), () -> shuffled(constant.tensor(), seed))
                : constant);
    return new Network(
        new Graph(graph.inputs(), graph.outputs(), graph.nodes(), constants),
        network.inputs(),
        network.outputs(),
        network.layers(),
        network.named(),
        network.passing());
  }

  private static Tensor shuffled(Tensor weights, long seed) {
    float[] values = weights.toFloatArray().clone();
    Random random = new Random(seed);
    for (int i = values.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      float value = values[i];
      values[i] = values[other];
      values[other] = value;
    }
    return Tensor.of(values, weights.shape());
  }
}
