package dev.keralens.network.search;

import dev.keralens.graph.Graph;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Where the places of an input lie in what is computed of them: along which axes, and in which
 * order. A map can be laid over the input only where its places lie as the input's do.
 *
 * <p>Convolutions, poolings and resizing keep an axis, whatever becomes of its size. Transposes
 * move axes, reshapes join and cut them ({@link PlaceRun}), gathers and slices may turn them
 * around. What is not known is not contradicted.
 */
public final class PlaceTrail {
  private final KerasTensor input;
  private final PlaceRules rules;

  /**
   * Follows the places of an input through a graph.
   *
   * @param graph the graph
   * @param input one of its inputs
   */
  public PlaceTrail(Graph graph, KerasTensor input) {
    this.input = input;
    rules = new PlaceRules(graph);
    PlaceRun[] own = PlaceRules.none(input.value());
    for (int axis : input.placeAxes()) {
      int at = input.axisInGraph(axis);
      own[at] = PlaceRun.along(at, input.value().shape().size(at));
    }
    rules.follow(input.value(), own);
  }

  /**
   * {@return why a map of an activation cannot be laid over the input, such as "its axis 1 runs
   * along axis 2 of the input"; nothing where all that is known of its places agrees with the
   * input}
   *
   * @param activation a tensor of the graph
   */
  public Optional<String> contradiction(KerasTensor activation) {
    PlaceRun[] found = rules.runs(activation.value());
    int before = -1;
    for (int axis : activation.placeAxes()) {
      PlaceRun run = found[activation.axisInGraph(axis)];
      if (run.isBackward()) {
        return Optional.of("its axis %d runs backward".formatted(axis));
      } else if (run.isMixed()) {
        return Optional.of(
            "its axis %d holds places of the input in another order".formatted(axis));
      }
      int[] along = run.axes();
      if (along.length > 0 && along[0] <= before) {
        return Optional.of(
            "its axis %d runs along axis %d of the input".formatted(axis, shown(along[0])));
      }
      Optional<Reach> part = run.reach().filter(Reach::isOfPart);
      if (part.isPresent()) {
        return Optional.of(
            "its axis %d covers the places %s of axis %d of the input"
                .formatted(axis, part.get(), shown(along[0])));
      }
      before = along.length == 0 ? before : along[along.length - 1];
    }
    return channels(activation, found);
  }

  /**
   * {@return layers of a network whose maps can be laid over the input, the last ones of the model
   * last}
   *
   * @param network the network of the graph
   */
  public List<String> candidates(Network network) {
    return network.layers().stream()
        .filter(layer -> layer.calls().stream().allMatch(call -> liesAlike(call.outputs().get(0))))
        .map(Layer::name)
        .toList();
  }

  private boolean liesAlike(KerasTensor tensor) {
    boolean places =
        tensor.value().rank() == input.value().rank()
            && !tensor.value().equals(input.value())
            && Arrays.stream(tensor.placeAxes())
                .allMatch(
                    axis -> rules.runs(tensor.value())[tensor.axisInGraph(axis)].axes().length > 0);
    return places && contradiction(tensor).isEmpty();
  }

  private Optional<String> channels(KerasTensor activation, PlaceRun[] found) {
    int channels = activation.value().rank() < 3 ? -1 : activation.channelAxis();
    if (channels < 0) {
      return Optional.empty();
    }
    int at = activation.axisInGraph(channels);
    OptionalInt place = found[at].wholeAxis();
    return place.isPresent() && activation.value().shape().size(at) > 1
        ? Optional.of(
            "its channels, axis %d, are the places along axis %d of the input"
                .formatted(channels, shown(place.getAsInt())))
        : Optional.empty();
  }

  private int shown(int inGraph) {
    return IntStream.range(0, input.value().rank())
        .filter(axis -> input.axisInGraph(axis) == inGraph)
        .findFirst()
        .orElse(inGraph);
  }

  /** {@return what is known of each axis, for messages} */
  @Override
  public String toString() {
    return rules.toString();
  }
}
