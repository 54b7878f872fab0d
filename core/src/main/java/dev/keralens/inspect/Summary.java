package dev.keralens.inspect;

import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.network.InputSpec;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import dev.keralens.text.Printable;
import dev.keralens.text.TextTable;
import dev.keralens.text.Wrapping;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A model as {@code Model.summary()} of Keras shows it, with marks at what is explained. */
@SuppressWarnings("ReferenceEquality") // Each layer of a network is one object.
public final class Summary {
  private final String name;
  private final List<InputSpec> inputs;
  private final Network network;
  private final List<String> outputs;
  private final List<@Nullable Layer> logits;
  private final @Nullable Layer pooling;
  private final @Nullable Layer activation;
  private final List<Finding> findings;
  private final List<ActivationChoice> choices;

  Summary(
      String name,
      List<InputSpec> inputs,
      Network network,
      List<String> outputs,
      List<@Nullable Layer> logits,
      @Nullable Layer pooling,
      @Nullable Layer activation,
      List<Finding> findings,
      List<ActivationChoice> choices) {
    inputs = List.copyOf(inputs);
    findings = List.copyOf(findings);
    choices = List.copyOf(choices);
    this.name = name;
    this.inputs = inputs;
    this.network = network;
    this.outputs = List.copyOf(outputs);
    this.logits = Collections.unmodifiableList(new ArrayList<>(logits));
    this.pooling = pooling;
    this.activation = activation;
    this.findings = findings;
    this.choices = choices;
  }

  /** {@return the model's name} */
  public String name() {
    return name;
  }

  /** {@return what the model says about its inputs} */
  public List<InputSpec> inputs() {
    return inputs;
  }

  /** {@return the model at some size of its inputs} */
  public Network network() {
    return network;
  }

  /** {@return what the outputs are called, in order; empty where only their numbers are known} */
  public List<String> outputs() {
    return outputs;
  }

  /** {@return the layer that computes the logits of the first output} */
  public @Nullable Layer logits() {
    return logits.get(0);
  }

  /** {@return of each output, the layer that computes its logits; null where none is known} */
  public List<@Nullable Layer> logitsOfOutputs() {
    return logits;
  }

  /** {@return the layer that pools the explained activation} */
  public @Nullable Layer pooling() {
    return pooling;
  }

  /** {@return the layer that gives the explained activation} */
  public @Nullable Layer activation() {
    return activation;
  }

  /** {@return what is explained unless something else is named, each with its ground} */
  public List<Finding> findings() {
    return findings;
  }

  /**
   * {@return for each input what is explained of it where no layer is named, and why; or what is
   * asked}
   */
  public List<ActivationChoice> choices() {
    return choices;
  }

  /** Of more layers that one reads from, the table names the first. */
  private static final int MOST_CONNECTED = 50;

  private static final Set<Op> REARRANGING = Set.of(Op.RESHAPE, Op.TRANSPOSE, Op.IDENTITY, Op.CAST);

  /** What was found out about a model. */
  public static final class Finding {
    private final String what;
    private final String ground;

    Finding(String what, String ground) {
      this.what = what;
      this.ground = ground;
    }

    /** {@return what it is about, such as "logits"} */
    public String what() {
      return what;
    }

    /** {@return what was found, and why} */
    public String ground() {
      return ground;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Finding that && what.equals(that.what) && ground.equals(that.ground);
    }

    @Override
    public int hashCode() {
      return Objects.hash(what, ground);
    }

    @Override
    public String toString() {
      return "Finding[what=%s, ground=%s]".formatted(what, ground);
    }
  }

  /**
   * {@return the summary of a network}
   *
   * @param name the model's name
   * @param inputs what the model says about its inputs
   * @param network the model at some size of its inputs
   */
  public static Summary of(String name, List<InputSpec> inputs, Network network) {
    return of(name, inputs, network, List.of());
  }

  /**
   * {@return the summary of a network}
   *
   * @param name the model's name
   * @param inputs what the model says about its inputs
   * @param network the model at some size of its inputs
   * @param outputs what its outputs are called, in order; empty where only their numbers are known
   */
  public static Summary of(
      String name, List<InputSpec> inputs, Network network, List<String> outputs) {
    Logits logits = Logits.of(network, 0);
    Network whole = logits.network();
    KerasTensor target = logits.tensor();
    List<ActivationChoice> choices =
        IntStream.range(0, network.inputs().size())
            .mapToObj(input -> UsualActivation.find(whole, target, input))
            .toList();
    ActivationChoice choice = choices.get(UsualActivation.firstInput(whole, target));
    ActivationChoice.Found found = choice instanceof ActivationChoice.Found f ? f : null;
    return new Summary(
        name,
        inputs,
        network,
        outputs,
        logits(network),
        found == null ? null : found.pooling(),
        found == null ? null : found.layer(),
        findings(network, outputs, choices),
        choices);
  }

  private static List<@Nullable Layer> logits(Network network) {
    List<@Nullable Layer> layers = new ArrayList<>();
    for (int i = 0; i < network.outputs().size(); i++) {
      List<Layer> own = Logits.of(network, i).layers();
      layers.add(own.isEmpty() ? null : own.get(0));
    }
    return layers;
  }

  private static List<Finding> findings(
      Network network, List<String> names, List<ActivationChoice> choices) {
    List<Finding> findings = new ArrayList<>();
    int outputs = network.outputs().size();
    for (int i = 0; i < outputs; i++) {
      String called = names.isEmpty() ? "output " + i : Printable.name(names.get(i));
      String what = outputs == 1 ? "logits" : "logits of " + called;
      findings.add(new Finding(what, Logits.of(network, i).ground()));
    }
    for (int i = 0; i < choices.size(); i++) {
      String of = choices.size() == 1 ? "" : " of " + network.inputs().get(i).value().name();
      findings.add(new Finding("explained" + of, choices.get(i).reason()));
    }
    return findings;
  }

  /**
   * {@return the names of the layers that a layer reads from}
   *
   * @param layer a layer of the network
   */
  public List<String> connectedTo(Layer layer) {
    return connectedTo(layer, new Givers(network.layers()));
  }

  /**
   * {@return the names of the layers that each layer reads from, in the order of the layers}: what
   * {@link #connectedTo} gives, in one pass
   */
  public List<List<String>> connections() {
    Givers givers = new Givers(network.layers());
    return network.layers().stream().map(layer -> connectedTo(layer, givers)).toList();
  }

  private List<String> connectedTo(Layer layer, Givers givers) {
    Set<String> names = new LinkedHashSet<>();
    for (Layer.Call call : layer.calls()) {
      for (KerasTensor input : call.inputs()) {
        Layer from = source(input.value(), layer, givers);
        if (from != null) {
          names.add(from.name());
        }
      }
    }
    return List.copyOf(names);
  }

  private @Nullable Layer source(Value value, Layer reader, Givers givers) {
    Value current = value;
    while (true) {
      Layer from = givers.giving(current, reader);
      Optional<Node> producer = network.graph().producer(current);
      if (from != null || producer.isEmpty() || !REARRANGING.contains(producer.get().op())) {
        return from;
      }
      current = producer.get().input(0);
    }
  }

  /** Whether a layer is explained of an input other than the first. */
  private boolean isExplained(Layer layer) {
    return network.inputs().size() > 1
        && choices.stream()
            .anyMatch(c -> c instanceof ActivationChoice.Found found && found.layer() == layer);
  }

  /**
   * {@return what a layer is for explanations: some of "explained activation", "pooling", "logits",
   * of several named outputs "logits of" each}
   *
   * @param layer a layer of the network
   */
  public List<String> marks(Layer layer) {
    List<String> marks = new ArrayList<>();
    if (layer == activation || isExplained(layer)) {
      marks.add("explained activation");
    }
    if (layer == pooling) {
      marks.add("pooling");
    }
    for (int i = 0; i < logits.size(); i++) {
      if (layer == logits.get(i)) {
        boolean named = logits.size() > 1 && !outputs.isEmpty();
        marks.add(named ? "logits of " + outputs.get(i) : "logits");
      }
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

  /** {@return the table, a line for each layer} */
  @Override
  public String toString() {
    return text(facts(), table().toString());
  }

  /**
   * {@return the table, with lines no longer than a width}
   *
   * @param width how many columns a line has at most
   */
  public String toString(int width) {
    List<String> facts = facts().stream().map(f -> Wrapping.paragraph(f, width, 2)).toList();
    return text(facts, String.join("\n", table().lines(width)) + "\n");
  }

  private String text(List<String> facts, String table) {
    return String.join("\n", facts) + "\n\n" + table + "\n" + total();
  }

  /** What is said above the table. */
  private List<String> facts() {
    List<String> facts = new ArrayList<>(List.of("Model: " + Printable.name(name)));
    for (int i = 0; i < inputs.size(); i++) {
      InputSpec input = inputs.get(i);
      String type = input.type().name().toLowerCase(Locale.ROOT);
      String axes = axes(network.inputs().get(i));
      facts.add("Input: %s %s%s".formatted(Printable.message(input.toString()), type, axes));
    }
    for (int i = 0; i < network.outputs().size(); i++) {
      String called = outputs.isEmpty() ? "" : Printable.name(outputs.get(i)) + " ";
      facts.add("Output: " + called + shown(network.outputs().get(i).shape()));
    }
    for (Finding finding : findings) {
      facts.add(finding.what() + ": " + Printable.message(finding.ground()));
    }
    return facts;
  }

  private TextTable table() {
    TextTable table =
        new TextTable(">#", "layer (class)", "output shape", ">params", "connected to", "");
    List<List<String>> connections = connections();
    for (int i = 0; i < network.layers().size(); i++) {
      Layer layer = network.layers().get(i);
      String marks = String.join(", ", marks(layer));
      table.add(
          String.valueOf(i),
          "%s (%s)".formatted(layer.name(), layer.className()),
          shapes(layer).stream().map(Summary::shown).collect(Collectors.joining(" ")),
          String.format(Locale.ROOT, "%,d", layer.parameters()),
          connected(connections.get(i)),
          marks.isEmpty() ? "" : "<- " + marks);
    }
    return table;
  }

  /** Where an input has its channels, where that is not last. */
  private static String axes(KerasTensor input) {
    return switch (input.layout()) {
      case PLAIN, CHANNELS_MOVED -> "";
      case CHANNELS_FIRST -> ", channels first";
      case CHANNELS_ON_AXIS_2, CHANNELS_ON_AXIS_3 -> ", channels on axis " + input.channelAxis();
      case NO_CHANNELS -> ", no channels";
    };
  }

  private static String connected(List<String> names) {
    int more = names.size() - MOST_CONNECTED;
    String first =
        names.stream().limit(MOST_CONNECTED).map(Printable::name).collect(Collectors.joining(", "));
    return more > 0 ? first + " and %d more".formatted(more) : first;
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
