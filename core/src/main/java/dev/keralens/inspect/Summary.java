package dev.keralens.inspect;

import dev.keralens.graph.InputSpec;
import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Layer;
import dev.keralens.graph.Network;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A model as {@code Model.summary()} of Keras shows it, with marks at what is explained.
 *
 * @param name the model's name
 * @param inputs what the model says about its inputs
 * @param network the model at some size of its inputs
 * @param logits the layer that computes the logits
 * @param pooling the layer that pools the explained activation
 * @param activation the layer that gives the explained activation
 * @param findings what is explained unless something else is named, each with its ground
 */
@SuppressWarnings("ReferenceEquality") // Each layer of a network is one object.
public record Summary(
    String name,
    List<InputSpec> inputs,
    Network network,
    @Nullable Layer logits,
    @Nullable Layer pooling,
    @Nullable Layer activation,
    List<Finding> findings) {
  private static final Set<Op> REARRANGING = Set.of(Op.RESHAPE, Op.TRANSPOSE, Op.IDENTITY, Op.CAST);

  /**
   * What was found out about a model.
   *
   * @param what what it is about, such as "logits"
   * @param ground what was found, and why
   */
  public record Finding(String what, String ground) {}

  /**
   * Takes unmodifiable copies.
   *
   * @param name the model's name
   * @param inputs what the model says about its inputs
   * @param network the model at some size of its inputs
   * @param logits the layer that computes the logits
   * @param pooling the layer that pools the explained activation
   * @param activation the layer that gives the explained activation
   * @param findings what is explained unless something else is named, each with its ground
   */
  public Summary {
    inputs = List.copyOf(inputs);
    findings = List.copyOf(findings);
  }

  /**
   * {@return the summary of a network}
   *
   * @param name the model's name
   * @param inputs what the model says about its inputs
   * @param network the model at some size of its inputs
   */
  public static Summary of(String name, List<InputSpec> inputs, Network network) {
    Logits logits = Logits.of(network, 0);
    Optional<KerasTensor> activation = UsualActivation.of(logits.network(), logits.tensor());
    Layer pooling = activation.map(tensor -> pooling(network, tensor.value())).orElse(null);
    Layer giving = activation.map(tensor -> giving(network, tensor.value(), null)).orElse(null);
    return new Summary(
        name,
        inputs,
        network,
        logits.layers().isEmpty() ? null : logits.layers().get(0),
        pooling,
        giving,
        findings(network, giving, pooling));
  }

  private static List<Finding> findings(
      Network network, @Nullable Layer activation, @Nullable Layer pooling) {
    List<Finding> findings = new ArrayList<>();
    int outputs = network.outputs().size();
    for (int i = 0; i < outputs; i++) {
      String what = outputs == 1 ? "logits" : "logits of output " + i;
      findings.add(new Finding(what, Logits.of(network, i).ground()));
    }
    if (activation != null) {
      String ground =
          pooling == null ? "the last with spatial axes" : "what goes into " + pooling.name();
      findings.add(new Finding("explained", activation.name() + ", " + ground));
    }
    return findings;
  }

  private static @Nullable Layer pooling(Network network, Value activation) {
    for (Layer layer : network.layers()) {
      String type = layer.className();
      boolean pools = type.startsWith("Global") || type.equals("Flatten");
      if (pools && gives(layer, activation, true)) {
        return layer;
      }
    }
    return null;
  }

  private static boolean gives(Layer layer, Value value, boolean inputs) {
    return layer.calls().stream()
        .flatMap(call -> (inputs ? call.inputs() : call.outputs()).stream())
        .anyMatch(tensor -> tensor.value() == value);
  }

  /**
   * The layer that gives a value: of several, such as a nested model and its last layer, one of the
   * same model as the layer that reads it, else the last.
   */
  private static @Nullable Layer giving(Network network, Value value, @Nullable Layer reader) {
    Layer last = null;
    Layer near = null;
    for (Layer layer : network.layers()) {
      if (layer == reader) {
        if (last != null) {
          break;
        }
        continue;
      }
      if (gives(layer, value, false)) {
        last = layer;
        near = reader != null && parent(layer).equals(parent(reader)) ? layer : near;
      }
    }
    return near != null ? near : last;
  }

  private static String parent(Layer layer) {
    int slash = layer.name().lastIndexOf('/');
    return slash < 0 ? "" : layer.name().substring(0, slash);
  }

  /**
   * {@return the names of the layers that a layer reads from}
   *
   * @param layer a layer of the network
   */
  public List<String> connectedTo(Layer layer) {
    Set<String> names = new LinkedHashSet<>();
    for (Layer.Call call : layer.calls()) {
      for (KerasTensor input : call.inputs()) {
        Layer from = source(input.value(), layer);
        if (from != null) {
          names.add(from.name());
        }
      }
    }
    return List.copyOf(names);
  }

  private @Nullable Layer source(Value value, Layer reader) {
    Value current = value;
    while (true) {
      Layer from = giving(network, current, reader);
      Optional<Node> producer = network.graph().producer(current);
      if (from != null || producer.isEmpty() || !REARRANGING.contains(producer.get().op())) {
        return from;
      }
      current = producer.get().input(0);
    }
  }

  /**
   * {@return what a layer is for explanations: some of "explained activation", "pooling", "logits"}
   *
   * @param layer a layer of the network
   */
  public List<String> marks(Layer layer) {
    List<String> marks = new ArrayList<>();
    if (layer == activation) {
      marks.add("explained activation");
    }
    if (layer == pooling) {
      marks.add("pooling");
    }
    if (layer == logits) {
      marks.add("logits");
    }
    return marks;
  }

  /**
   * {@return what a layer gives, as Keras shows it}
   *
   * @param layer a layer of the network
   */
  public List<Shape> shapes(Layer layer) {
    return layer.calls().isEmpty()
        ? List.of()
        : layer.calls().get(layer.calls().size() - 1).outputs().stream()
            .map(KerasTensor::shape)
            .toList();
  }

  /** {@return the number of elements of all weights} */
  public long parameters() {
    return network.layers().stream().mapToLong(Layer::parameters).sum();
  }

  /** {@return the table, in lines} */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("Model: ").append(name).append('\n');
    for (InputSpec input : inputs) {
      String type = input.type().name().toLowerCase(Locale.ROOT);
      text.append("Input: ").append(input).append(' ').append(type).append('\n');
    }
    for (KerasTensor output : network.outputs()) {
      text.append("Output: ").append(shown(output.shape())).append('\n');
    }
    for (Finding finding : findings) {
      text.append(finding.what()).append(": ").append(finding.ground()).append('\n');
    }
    TextTable table =
        new TextTable(">#", "layer (class)", "output shape", ">params", "connected to", "");
    for (int i = 0; i < network.layers().size(); i++) {
      Layer layer = network.layers().get(i);
      String marks = String.join(", ", marks(layer));
      table.add(
          String.valueOf(i),
          "%s (%s)".formatted(layer.name(), layer.className()),
          shapes(layer).stream().map(Summary::shown).collect(Collectors.joining(" ")),
          String.format(Locale.ROOT, "%,d", layer.parameters()),
          String.join(", ", connectedTo(layer)),
          marks.isEmpty() ? "" : "<- " + marks);
    }
    return text.append('\n').append(table).append('\n').append(total()).toString();
  }

  private String total() {
    int layers = network.layers().size();
    return String.format(Locale.ROOT, "Total params: %,d in %d layers\n", parameters(), layers);
  }

  /** A shape as Keras prints it. */
  private static String shown(Shape shape) {
    return Arrays.stream(shape.sizes())
        .mapToObj(size -> size < 0 ? "None" : String.valueOf(size))
        .collect(Collectors.joining(", ", "(", shape.rank() == 1 ? ",)" : ")"));
  }
}
