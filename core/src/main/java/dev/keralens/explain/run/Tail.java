package dev.keralens.explain.run;

import dev.keralens.explain.Probe;
import dev.keralens.explain.Probes;
import dev.keralens.explain.patch.ChannelsApart;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.network.search.Dependencies;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The network from an activation on: what its output becomes where the activation of one image is
 * changed. What goes around the activation, as a residual does, is computed of the image as it is.
 */
final class Tail {
  private final GraphBuilder b = new GraphBuilder();
  private final Setting setting;
  private final Network network;

  /** What the network is run from: the activation, or a value further on. */
  private final Value start;

  private final Value image;
  private final Value passes;

  /** The inputs of the network that are needed beside the activation. */
  private final List<Integer> images = new ArrayList<>();

  private Tail(Setting setting, KerasTensor activation, Value start, int[] sizes) {
    this.setting = setting;
    this.network = setting.network();
    this.start = start;
    Value value = activation.value();
    this.image = b.input("activation", value.type(), value.shape().with(0, 1));
    int[] rows = IntStream.concat(IntStream.of(Shape.BATCH), Arrays.stream(sizes)).toArray();
    this.passes = b.input("passes", ElementType.FLOAT32, Shape.of(rows));
  }

  /**
   * {@return a probe of scores} It is asked with the inputs of one image, then its activation, then
   * what is given for each pass; the units are int64 (k); its answer has a row for each pass.
   *
   * @param probes the questions that may be asked
   * @param activation the activation, as the network has it
   * @param sizes the shape of what is given for a pass
   * @param change how the activation is changed
   */
  static Probe probe(
      NetworkProbes probes, KerasTensor activation, int[] sizes, Probes.Change change) {
    require(probes.setting(), activation);
    return new Tail(probes.setting(), activation, activation.value(), sizes).probe(probes, change);
  }

  /**
   * {@return a probe of scores without channels}
   *
   * @param probes the questions that may be asked
   * @param activation the activation, as the network has it
   * @param axis its axis of channels
   */
  static Probes.ChannelProbe ofChannels(NetworkProbes probes, KerasTensor activation, int axis) {
    Setting setting = probes.setting();
    require(setting, activation);
    Value value = activation.value();
    Network network = setting.network();
    ChannelsApart apart = ChannelsApart.of(network, setting.target(), value, axis);
    int[] channels = {value.shape().size(axis)};
    Tail tail = new Tail(setting, activation, apart.value(), channels);
    Probe probe =
        tail.probe(probes, (b, x, kept) -> apart.without(b, network.graph(), value, x, kept));
    return new Probes.ChannelProbe(probe, tail.largest());
  }

  private static void require(Setting setting, KerasTensor activation) {
    if (!Dependencies.of(setting.network(), setting.target()).contains(activation.value())) {
      throw new UnsupportedModelException(
          "The explained output does not depend on '%s'; name a layer that lies before it."
              .formatted(activation.value().name()));
    }
  }

  private long largest() {
    return b.nodes().stream()
        .flatMap(node -> node.outputs().stream())
        .map(Value::shape)
        .filter(Shape::hasBatch)
        .mapToLong(Shape::elements)
        .max()
        .orElse(1);
  }

  private Probe probe(NetworkProbes probes, Probes.Change change) {
    Probes.Compiled graph = probes.compile(b, List.of(scores(change)));
    return (inputs, units) -> {
      List<Tensor> fed = new ArrayList<>();
      fed.add(inputs.get(inputs.size() - 2));
      fed.add(inputs.get(inputs.size() - 1));
      images.forEach(i -> fed.add(inputs.get(i)));
      fed.add(units);
      return new Probe.Answer(graph.run(fed).get(0), null, null);
    };
  }

  private Value scores(Probes.Change change) {
    Map<Value, Value> feeds = around();
    feeds.put(start, change.apply(b, image, passes));
    KerasTensor target = setting.target();
    Value output =
        b.include(network.graph(), feeds, List.of(target.value()))
            .getOrDefault(target.value(), target.value());
    Value units = b.input("chosen", ElementType.INT64, Shape.of(setting.units()));
    Value sums = Target.sums(b, new KerasTensor(output, target.layout()), setting);
    return b.node(Op.GATHER, Attributes.of("axis", 1), sums, units);
  }

  /** What is read beside the activation by what depends on it, once for each pass. */
  private Map<Value, Value> around() {
    Set<Value> needed = Dependencies.of(network, setting.target());
    Set<Value> dependent = new HashSet<>(List.of(start));
    Set<Value> beside = new LinkedHashSet<>();
    for (Node node : network.graph().nodes()) {
      List<Value> read = node.inputs().stream().filter(value -> value != null).toList();
      if (read.stream().anyMatch(dependent::contains)
          && node.outputs().stream().anyMatch(needed::contains)) {
        read.stream()
            .filter(v -> !dependent.contains(v) && v.shape().hasBatch())
            .forEach(beside::add);
        dependent.addAll(node.outputs());
      }
    }
    beside.removeAll(dependent);
    Map<Value, Value> feeds = new HashMap<>();
    if (beside.isEmpty()) {
      return feeds;
    }
    Map<Value, Value> ofImage = new HashMap<>();
    for (int i = 0; i < network.inputs().size(); i++) {
      Value input = network.inputs().get(i).value();
      ofImage.put(input, b.input("image", input.type(), input.shape().with(0, 1)));
      images.add(i);
    }
    Map<Value, Value> copies = b.include(network.graph(), ofImage, new ArrayList<>(beside));
    for (Value value : beside) {
      feeds.put(value, NetworkProbes.repeated(b, copies.getOrDefault(value, value), passes));
    }
    return feeds;
  }
}
