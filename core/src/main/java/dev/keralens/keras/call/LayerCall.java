package dev.keralens.keras.call;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.keras.LayerConfig;
import dev.keralens.keras.LayerContext;
import dev.keralens.keras.Weight;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One call of a layer, as the builders of Keras' own classes see it. */
public final class LayerCall implements LayerContext {
  private final LayerState state;
  private final NetworkContext network;
  private final CallArguments arguments;
  private final List<KerasTensor> inputs;

  public LayerCall(LayerState state, NetworkContext network, CallArguments arguments) {
    this.state = state;
    this.network = network;
    this.arguments = arguments;
    this.inputs = arguments.first().tensors().toList();
  }

  @Override
  public String name() {
    return state.location().layer();
  }

  @Override
  public String className() {
    return state.location().className();
  }

  @Override
  public LayerConfig config() {
    return state.config();
  }

  @Override
  public int kerasVersion() {
    return network.kerasVersion();
  }

  @Override
  public GraphBuilder graph() {
    return network.graph();
  }

  @Override
  public List<KerasTensor> inputs() {
    return inputs;
  }

  @Override
  public KerasTensor input() {
    if (inputs.size() != 1) {
      throw invalid("it takes one input, got %d.".formatted(inputs.size()));
    }
    return inputs.get(0);
  }

  @Override
  public @Nullable KerasTensor argument(int position, String name) {
    Argument argument = arguments.get(position, name);
    return argument == null ? null : argument.tensors().findFirst().orElse(null);
  }

  public CallArguments arguments() {
    return arguments;
  }

  @Override
  public Weight weight(String weight) {
    return state.weight(weight, graph());
  }

  @Override
  public Weight weight(String weight, int... expected) {
    Weight found = weight(weight);
    if (!Arrays.equals(found.shape(), expected)) {
      throw new IllegalArgumentException(
          "%s has the shape %s in the file, expected %s for input %s."
              .formatted(
                  weight,
                  Tensor.describe(found.shape()),
                  Tensor.describe(expected),
                  inputs.isEmpty() ? "of unknown shape" : inputs.get(0).shape()));
    }
    return found;
  }

  @Override
  public Value plain(KerasTensor x) {
    return x.layout() == Layout.CHANNELS_MOVED
        ? graph().transpose(x.value(), KerasTensor.channelsLast(x.value().rank()))
        : x.value();
  }

  @Override
  public Value channelsFirst(KerasTensor x) {
    return x.layout() == Layout.CHANNELS_MOVED
        ? x.value()
        : graph().transpose(x.value(), KerasTensor.channelsFirst(x.value().rank()));
  }

  public static KerasTensor like(KerasTensor x, Value result) {
    return new KerasTensor(result, x.layout());
  }

  public Image image(KerasTensor x) {
    if (x.value().rank() < 3) {
      throw new IllegalArgumentException(
          "it needs a batch axis, a channel axis and at least one spatial axis, got input %s."
              .formatted(x.shape()));
    }
    return isChannelsFirst()
        ? new Image(plain(x), Layout.CHANNELS_FIRST)
        : new Image(channelsFirst(x), Layout.CHANNELS_MOVED);
  }

  @Override
  public boolean isChannelsFirst() {
    String format = config().text("data_format", "channels_last");
    return switch (format) {
      case "channels_first" -> true;
      case "channels_last" -> false;
      default -> throw config().wrong("data_format", "'channels_first' or 'channels_last'");
    };
  }

  @Override
  public KerasTensor activate(KerasTensor x) {
    return Activations.apply(this, "activation", x);
  }

  public List<KerasTensor> call(String attribute, JsonNode envelope, CallArguments with) {
    return network.call(state.path().child(attribute), envelope, with);
  }

  public Steps steps() {
    return network.steps();
  }

  /** {@return a part of this layer with arguments and weights of its own, such as a cell} */
  public LayerCall inner(String attribute, JsonNode envelope) {
    return network.part(state.path().child(attribute), envelope, arguments);
  }

  public @Nullable Value mask(KerasTensor x) {
    return network.masks().of(x);
  }

  public @Nullable Value maskArgument(KerasTensor x) {
    KerasTensor given = argument(1, "mask");
    return given == null ? mask(x) : graph().cast(given.value(), ElementType.BOOL);
  }

  public int @Nullable [] known(KerasTensor x) {
    return network.known(x);
  }

  public void setKnown(KerasTensor output, int[] numbers) {
    network.setKnown(output, numbers);
  }

  public void refuseBatchSize(KerasTensor x) {
    int[] numbers = known(x);
    if (numbers != null && Arrays.stream(numbers).anyMatch(number -> number < 0)) {
      throw unsupported("it computes with the size of the batch.");
    }
  }

  public void setMask(KerasTensor output, @Nullable Value mask) {
    network.masks().set(output, mask);
  }

  public void refuseTraining() {
    if (kerasVersion() >= 3) {
      return;
    }
    Argument training = arguments.get(-1, "training");
    if (training instanceof Argument.Literal literal && literal.json().asBoolean(false)) {
      throw unsupported(
          "it is called with training=True, which is random or depends on the batch;"
              + " build the model without this argument.");
    }
  }

  @Override
  public InvalidModelException invalid(String problem) {
    return state.location().invalid(problem);
  }

  @Override
  public UnsupportedModelException unsupported(String problem) {
    return state.location().unsupported(problem);
  }
}
