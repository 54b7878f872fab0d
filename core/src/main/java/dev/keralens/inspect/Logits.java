package dev.keralens.inspect;

import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Layout;
import dev.keralens.graph.Network;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/** Finds the logits: what an output is before its final softmax or sigmoid. */
public final class Logits {
  private static final Set<Op> FINAL_ACTIVATIONS = Set.of(Op.SOFTMAX, Op.SIGMOID, Op.LOG_SOFTMAX);

  private Logits() {}

  /**
   * {@return the logits: an output before its final softmax, sigmoid or logarithm of a softmax, or
   * the output itself where it ends in none of them}
   *
   * @param network the network
   * @param output the position of the output
   */
  public static KerasTensor of(Network network, int output) {
    KerasTensor given = network.outputs().get(output);
    Value value = given.value();
    Layout layout = given.layout();
    while (true) {
      Optional<Node> producer = network.graph().producer(value);
      if (producer.isEmpty()) {
        return given;
      }
      Node node = producer.get();
      if (FINAL_ACTIVATIONS.contains(node.op())) {
        return new KerasTensor(node.input(0), layout);
      } else if (layout == Layout.PLAIN && movesChannelsLast(node)) {
        layout = Layout.CHANNELS_MOVED;
      } else if (node.op() != Op.IDENTITY) {
        return given;
      }
      value = node.input(0);
    }
  }

  /** Whether a node only brings a map to Keras' order of axes, as at a model's output. */
  private static boolean movesChannelsLast(Node node) {
    int rank = node.output().rank();
    return node.op() == Op.TRANSPOSE
        && rank >= 3
        && Arrays.equals(node.attributes().getInts("perm"), KerasTensor.channelsLast(rank));
  }
}
