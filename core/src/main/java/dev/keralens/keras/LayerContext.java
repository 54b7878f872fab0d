package dev.keralens.keras;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One call of a layer: the layer's arguments and weights, what it is called with, and the graph to
 * add to. Values that are made here are named after the layer, {@code backbone/conv5/Conv}.
 */
public final class LayerContext {
  private final LayerState state;
  private final NetworkContext network;
  private final CallArguments arguments;
  private final List<KerasTensor> inputs;

  public LayerContext(LayerState state, NetworkContext network, CallArguments arguments) {
    this.state = state;
    this.network = network;
    this.arguments = arguments;
    this.inputs = arguments.first().tensors().toList();
  }

  /** {@return the layer's name; inside nested models the path, such as {@code backbone/conv5}} */
  public String name() {
    return state.location().layer();
  }

  /** {@return Keras' name of the layer's class} */
  public String className() {
    return state.location().className();
  }

  /** {@return the arguments that the layer was made with} */
  public LayerConfig config() {
    return state.config();
  }

  /** {@return the major version of the Keras that wrote the file: 2 or 3} */
  public int kerasVersion() {
    return network.kerasVersion();
  }

  /** {@return the graph to add to} */
  public GraphBuilder graph() {
    return network.graph();
  }

  /** {@return the tensors of the first argument of the call, in Keras' order} */
  public List<KerasTensor> inputs() {
    return inputs;
  }

  /**
   * {@return the one tensor that the layer is called with}
   *
   * @throws InvalidModelException if it is called with none or several
   */
  public KerasTensor input() {
    if (inputs.size() != 1) {
      throw invalid("it takes one input, got %d.".formatted(inputs.size()));
    }
    return inputs.get(0);
  }

  /**
   * {@return a tensor that the layer is called with beside the first argument, or null where it is
   * left out}
   *
   * @param position its position among the arguments of Keras' {@code call}, from 1
   * @param name its name in Keras' {@code call}
   */
  public @Nullable KerasTensor argument(int position, String name) {
    Argument argument = arguments.get(position, name);
    return argument == null ? null : argument.tensors().findFirst().orElse(null);
  }

  /** {@return what the layer is called with} */
  public CallArguments arguments() {
    return arguments;
  }

  /**
   * {@return a weight of the layer}
   *
   * @param weight Keras' name of it, such as {@code kernel}
   * @throws InvalidModelException if the file does not have it
   */
  public Weight weight(String weight) {
    return state.weight(weight, graph());
  }

  /**
   * {@return a weight of the layer whose shape is known from the layer's arguments and inputs}
   *
   * @param weight Keras' name of it, such as {@code kernel}
   * @param expected the shape that it must have
   * @throws IllegalArgumentException if the file has another shape
   */
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

  /**
   * {@return a value in the order of axes that Keras shows}
   *
   * @param x a tensor
   */
  public Value plain(KerasTensor x) {
    return x.layout() == Layout.CHANNELS_MOVED
        ? graph().transpose(x.value(), KerasTensor.channelsLast(x.value().rank()))
        : x.value();
  }

  /**
   * {@return a value whose channels are on axis 1}
   *
   * @param x a tensor whose last axis, as Keras shows it, holds the channels
   */
  public Value channelsFirst(KerasTensor x) {
    return x.layout() == Layout.CHANNELS_MOVED
        ? x.value()
        : graph().transpose(x.value(), KerasTensor.channelsFirst(x.value().rank()));
  }

  /**
   * {@return a value whose axes lie as a tensor's do}
   *
   * @param x a tensor
   * @param result what was computed from its value
   */
  public static KerasTensor like(KerasTensor x, Value result) {
    return new KerasTensor(result, x.layout());
  }

  /**
   * {@return an image with its channels on axis 1 of the graph's value, by the layer's {@code
   * data_format}}
   *
   * @param x a tensor with a batch axis, a channel axis and at least one spatial axis
   * @throws InvalidModelException if it has fewer axes
   */
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

  /** {@return whether the layer's {@code data_format} is {@code channels_first}} */
  public boolean isChannelsFirst() {
    String format = config().text("data_format", "channels_last");
    return switch (format) {
      case "channels_first" -> true;
      case "channels_last" -> false;
      default -> throw config().wrong("data_format", "'channels_first' or 'channels_last'");
    };
  }

  /**
   * {@return x with the layer's own activation applied, if it has one}
   *
   * @param x what the layer computes before it
   */
  public KerasTensor activate(KerasTensor x) {
    return Activations.apply(this, "activation", x);
  }

  /** {@return what a layer inside this one, such as a wrapper's, gives} */
  public List<KerasTensor> call(String attribute, JsonNode envelope, CallArguments with) {
    return network.call(state.path().child(attribute), envelope, with);
  }

  /** {@return the steps of time that are rows of the batch inside layers} */
  public Steps steps() {
    return network.steps();
  }

  /** {@return a part of this layer with arguments and weights of its own, such as a cell} */
  public LayerContext inner(String attribute, JsonNode envelope) {
    return network.part(state.path().child(attribute), envelope, arguments);
  }

  /**
   * {@return which elements of a tensor count, or null where all do}
   *
   * @param x a tensor that the layer is called with
   */
  public @Nullable Value mask(KerasTensor x) {
    return network.masks().of(x);
  }

  /** {@return the mask that the layer is called with, or else that of a tensor; null for none} */
  public @Nullable Value maskArgument(KerasTensor x) {
    KerasTensor given = argument(1, "mask");
    return given == null ? mask(x) : graph().cast(given.value(), ElementType.BOOL);
  }

  /** {@return the numbers that a tensor is known to hold: a shape, its batch -1; else null} */
  public int @Nullable [] known(KerasTensor x) {
    return network.known(x);
  }

  /** Says which numbers an output holds. */
  public void setKnown(KerasTensor output, int[] numbers) {
    network.setKnown(output, numbers);
  }

  /** Refuses to compute with the size of the batch, which is no number of the graph. */
  public void refuseBatchSize(KerasTensor x) {
    int[] numbers = known(x);
    if (numbers != null && Arrays.stream(numbers).anyMatch(number -> number < 0)) {
      throw unsupported("it computes with the size of the batch.");
    }
  }

  /** Says which elements of an output count. */
  public void setMask(KerasTensor output, @Nullable Value mask) {
    network.masks().set(output, mask);
  }

  /**
   * Refuses a call that is always in training mode, for layers that then behave otherwise. In
   * models of Keras 3 the mode of the whole model's call replaces that of the layer's.
   */
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

  /**
   * {@return an exception that says that the file is wrong here}
   *
   * @param problem what is wrong, expected against actual
   */
  public InvalidModelException invalid(String problem) {
    return state.location().invalid(problem);
  }

  /**
   * {@return an exception that says that this cannot be done yet}
   *
   * @param problem what cannot be done, and how to go on
   */
  public UnsupportedModelException unsupported(String problem) {
    return state.location().unsupported(problem);
  }
}
