package dev.keralens.inspect;

import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.inspect.FinalActivation.Found;
import dev.keralens.inspect.FinalActivation.Kind;
import dev.keralens.inspect.FinalActivation.Part;
import dev.keralens.inspect.Logits.Ending;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.network.Layout;
import dev.keralens.network.Network;
import dev.keralens.network.search.Layers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Looks for the logits of one output, and brings them to the order that explanations take. */
final class LogitsSearch {
  private static final Set<Op> LINEAR =
      Set.of(Op.GEMM, Op.MAT_MUL, Op.CONV, Op.CONV_TRANSPOSE, Op.EINSUM);
  private static final Set<Op> GIVING_ON =
      Set.of(
          Op.IDENTITY,
          Op.CAST,
          Op.RESHAPE,
          Op.FLATTEN,
          Op.SQUEEZE,
          Op.UNSQUEEZE,
          Op.TRANSPOSE,
          Op.SLICE,
          Op.SPLIT,
          Op.CONCAT,
          Op.RESIZE,
          Op.REDUCE_MEAN,
          Op.REDUCE_SUM,
          Op.GLOBAL_AVERAGE_POOL,
          Op.AVERAGE_POOL,
          Op.BATCH_NORMALIZATION);

  private final Network network;
  private final GraphBuilder b;
  private final KerasTensor given;

  LogitsSearch(Network network, int output) {
    this.network = network;
    this.given = network.outputs().get(output);
    this.b = GraphBuilder.from(network.graph());
    b.scope("logits");
  }

  /** The output itself. */
  Logits itself() {
    KerasTensor whole = inOrder(given);
    Found found = found();
    Ending ending = found == null ? unfound() : ending(found);
    return new Logits(
        extended(network, b, whole.value()),
        whole,
        whole,
        ending,
        layers(network, List.of(given.value())),
        "the output itself",
        true);
  }

  /** The logits; the output itself where there are none. */
  Logits logits() {
    Found found = found();
    KerasTensor whole = inOrder(given);
    if (found == null) {
      Ending ending = unfound();
      Network extended = extended(network, b, whole.value());
      return new Logits(
          extended,
          whole,
          whole,
          ending,
          layers(network, List.of(given.value())),
          unfoundGround(ending),
          ending != Ending.UNKNOWN);
    }
    KerasTensor logits = inOrder(new KerasTensor(found.logits(), stripped().layout()));
    boolean plain =
        found.after().isEmpty()
            && found.parts().stream().noneMatch(part -> part.writtenOut() || part.minus())
            && again(found).isEmpty();
    Network extended = extended(network, b, logits.value(), whole.value());
    return new Logits(
        extended,
        logits,
        whole,
        ending(found),
        layers(extended, found.parts().stream().map(Part::logits).toList()),
        ground(extended, found) + again(found),
        plain);
  }

  /**
   * That what enters the activation is already made of one, as where a softmax follows a layer that
   * has its own; nothing where it is not.
   */
  private String again(Found found) {
    FinalActivation search = new FinalActivation(b);
    for (Part part : found.parts()) {
      Found before = part.kind() == Kind.ITSELF ? null : search.find(part.logits());
      if (before != null && !before.log()) {
        String kind = before.parts().get(0).kind().name().toLowerCase(Locale.ROOT);
        return "; they come from a %s already: the model ends in two, one after the other"
            .formatted(kind);
      }
    }
    return "";
  }

  /** The layers that values come from; where none is known, that which gives the output. */
  private List<Layer> layers(Network extended, List<Value> values) {
    Set<Layer> layers = new LinkedHashSet<>();
    values.forEach(value -> LogitsLayer.of(extended, value).ifPresent(layers::add));
    if (layers.isEmpty()) {
      Layers.giving(network, given.value()).ifPresent(layers::add);
    }
    return List.copyOf(layers);
  }

  private @Nullable Found found() {
    return new FinalActivation(b).find(stripped().value());
  }

  /** The output before what only brings a map to Keras' order of axes. */
  private KerasTensor stripped() {
    Value value = given.value();
    Layout layout = given.layout();
    while (true) {
      Node node = b.producerOf(value);
      if (node == null) {
        return new KerasTensor(value, layout);
      } else if (layout == Layout.PLAIN && movesChannelsLast(node)) {
        layout = Layout.CHANNELS_MOVED;
      } else if (node.op() != Op.IDENTITY) {
        return new KerasTensor(value, layout);
      }
      value = node.input(0);
    }
  }

  private static boolean movesChannelsLast(Node node) {
    int rank = node.output().rank();
    return node.op() == Op.TRANSPOSE
        && rank >= 3
        && node.output().shape().batchAxis() == 0
        && Arrays.equals(node.attributes().getInts("perm"), KerasTensor.channelsLast(rank));
  }

  /** A tensor with its batch first and with an axis for its units. */
  private KerasTensor inOrder(KerasTensor tensor) {
    Value value = tensor.value();
    int batch = value.shape().batchAxis();
    if (value.rank() == 1) {
      return KerasTensor.plain(batch == 0 ? column(value) : value);
    } else if (batch > 0) {
      int[] order =
          IntStream.concat(
                  IntStream.of(batch), IntStream.range(0, value.rank()).filter(i -> i != batch))
              .toArray();
      return KerasTensor.plain(b.transpose(value, order));
    }
    return tensor;
  }

  /**
   * One number for each image as (batch, 1): what it was before that axis was taken away, or new.
   */
  private Value column(Value value) {
    Node node = b.producerOf(value);
    boolean had = node != null && node.input(0).shape().equals(value.shape().insert(1, 1));
    boolean rearranges =
        node != null && Set.of(Op.SQUEEZE, Op.RESHAPE, Op.FLATTEN).contains(node.op());
    return node != null && had && rearranges ? node.input(0) : b.unsqueeze(value, 1);
  }

  /** A network that has some values besides; the same one where it has them. */
  static Network extended(Network network, GraphBuilder b, Value... values) {
    Set<Value> outputs = new LinkedHashSet<>(network.graph().outputs());
    Graph graph = network.graph();
    boolean has = true;
    for (Value value : values) {
      boolean inside = graph.producer(value).isPresent() || graph.inputs().contains(value);
      has = has && inside;
      outputs.add(value);
    }
    return has
        ? network
        : new Network(
            b.build(List.copyOf(outputs)),
            network.inputs(),
            network.outputs(),
            network.layers(),
            network.named(),
            network.passing());
  }

  private Ending ending(Found found) {
    if (found.log()) {
      return Ending.LOGARITHM;
    } else if (found.low() < -1e-6 || found.high() > 1 + 1e-6) {
      return Ending.SCALED;
    }
    List<Kind> kinds = found.parts().stream().map(Part::kind).distinct().toList();
    if (kinds.equals(List.of(Kind.SIGMOID))) {
      return Ending.SIGMOID;
    }
    boolean groups = given.value().rank() <= 2 && found.parts().get(0).groups() > 1;
    return found.parts().size() == 1 && !groups ? Ending.SOFTMAX : Ending.SEVERAL;
  }

  /** What an output without logits is: an activation inside may make it probabilities. */
  private Ending unfound() {
    boolean unit = Bounds.of(b, given.value()).looksLikeProbability();
    if (unit || inside(given.value()).isPresent()) {
      return Ending.UNKNOWN;
    }
    return isLinear(given.value()) ? Ending.SCORE : Ending.OTHER;
  }

  /**
   * Whether a value comes from a layer with weights by what is linear, so that nothing bounds it.
   */
  private boolean isLinear(Value value) {
    Set<Value> seen = new LinkedHashSet<>(List.of(value));
    List<Value> open = new ArrayList<>(seen);
    for (int i = 0; i < open.size(); i++) {
      Node node = b.producerOf(open.get(i));
      if (node != null && LINEAR.contains(node.op())) {
        return true;
      }
      linearFrom(node, open.get(i)).stream().filter(seen::add).forEach(open::add);
    }
    return false;
  }

  /** What a value is a linear function of, as far as it is seen at its node. */
  private List<Value> linearFrom(@Nullable Node node, Value value) {
    if (node == null || node.inputs().isEmpty()) {
      return List.of();
    }
    Scalars.Affine step = Scalars.step(b, value);
    if (step != null) {
      return List.of(step.base());
    } else if (node.op() == Op.ADD || node.op() == Op.SUB) {
      return node.inputs().stream().filter(v -> v != null).toList();
    }
    return GIVING_ON.contains(node.op()) ? List.of(node.input(0)) : List.of();
  }

  /** The softmax or sigmoid that lies between the last layer with weights and the output. */
  private Optional<Node> inside(Value value) {
    Set<Value> seen = new LinkedHashSet<>(List.of(value));
    List<Value> open = new ArrayList<>(seen);
    for (int i = 0; i < open.size(); i++) {
      Node node = b.producerOf(open.get(i));
      if (node == null || LINEAR.contains(node.op())) {
        continue;
      }
      if (Set.of(Op.SOFTMAX, Op.SIGMOID, Op.LOG_SOFTMAX).contains(node.op())) {
        return Optional.of(node);
      }
      node.inputs().stream().filter(v -> v != null && seen.add(v)).forEach(open::add);
    }
    return Optional.empty();
  }

  private String unfoundGround(Ending ending) {
    if (ending != Ending.UNKNOWN) {
      return "the output itself: it ends in no softmax or sigmoid";
    }
    Optional<Node> inside = inside(given.value());
    return inside.isPresent()
        ? "the output itself, not logits: what follows its %s changes it in a way that is not known"
            .formatted(inside.get().op() == Op.SIGMOID ? "sigmoid" : "softmax")
        : "the output itself, not logits: it lies between 0 and 1 as probabilities do, but ends in"
            + " no softmax or sigmoid that is known";
  }

  private static String ground(Network network, Found found) {
    Set<String> parts = new LinkedHashSet<>();
    for (Part part : found.parts()) {
      String name = LogitsLayer.name(network, part.logits());
      String kind = part.kind().name().toLowerCase(Locale.ROOT);
      parts.add(
          switch (part.kind()) {
            case ITSELF -> name + " itself";
            case SOFTMAX, SIGMOID ->
                "%s%s, before the %s%s"
                    .formatted(
                        part.minus() ? "minus " : "",
                        name,
                        kind,
                        part.writtenOut() ? " that is written out" : "");
          });
    }
    List<String> after =
        found.after().stream()
            .filter(op -> op != Op.TRANSPOSE || found.after().size() == 1)
            .map(Op::onnxName)
            .distinct()
            .toList();
    String followed = after.isEmpty() ? "" : " (followed by " + String.join(", ", after) + ")";
    return String.join("; ", parts) + followed;
  }
}
