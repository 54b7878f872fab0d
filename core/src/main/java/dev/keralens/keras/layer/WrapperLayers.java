package dev.keralens.keras.layer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.keras.LayerConfig;
import dev.keralens.keras.call.Argument;
import dev.keralens.keras.call.CallArguments;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.keras.recurrent.RecurrentLayers;
import dev.keralens.keras.weights.SubLayer;
import dev.keralens.keras.weights.WeightPart;
import dev.keralens.network.KerasTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Layers around another layer, or around several. */
final class WrapperLayers {
  private WrapperLayers() {}

  /** The layer inside is applied to each step: the steps become rows of the batch. */
  static List<KerasTensor> timeDistributed(LayerCall layer) {
    GraphBuilder graph = layer.graph();
    KerasTensor input = layer.input();
    Value x = layer.plain(input);
    if (x.rank() < 3) {
      throw new IllegalArgumentException(
          "it takes (batch, time, ..), got %s.".formatted(input.shape()));
    }
    int batch = x.shape().size(0);
    int time = x.shape().size(1);
    int[] folded = Arrays.copyOfRange(x.shape().sizes(), 1, x.rank());
    folded[0] = Math.multiplyExact(batch, time);
    KerasTensor rows = KerasTensor.plain(graph.reshape(x, Shape.of(folded)));
    layer.steps().begin(time, rows, input);
    List<KerasTensor> inside =
        layer.call("layer", layer.config().node("layer"), CallArguments.of(rows));
    layer.steps().end();
    List<KerasTensor> outputs = new ArrayList<>();
    for (KerasTensor inner : inside) {
      Value plain = layer.plain(inner);
      Shape sizes = plain.shape().with(0, time).insert(0, batch);
      KerasTensor output = KerasTensor.plain(graph.reshape(plain, sizes));
      layer.setMask(output, layer.mask(input));
      outputs.add(output);
    }
    return outputs;
  }

  static List<WeightPart> timeDistributedParts(LayerConfig config) {
    return List.of(new SubLayer("layer", config.node("layer")));
  }

  /** The layers inside one after another. */
  public static List<KerasTensor> pipeline(LayerCall layer) {
    List<KerasTensor> current = layer.inputs();
    int index = 0;
    for (JsonNode inner : layer.config().node("layers")) {
      current = layer.call("layers/" + index++, inner, CallArguments.of(current.get(0)));
    }
    return current;
  }

  public static List<WeightPart> pipelineParts(LayerConfig config) {
    List<WeightPart> parts = new ArrayList<>();
    for (JsonNode inner : config.node("layers")) {
      parts.add(new SubLayer("layers/" + parts.size(), inner));
    }
    return parts;
  }

  /** One recurrent layer from the first step to the last, another from the last to the first. */
  public static List<KerasTensor> bidirectional(LayerCall layer) {
    JsonNode forward = zerosWhereMasked(layer, forward(layer.config()));
    JsonNode backward = zerosWhereMasked(layer, backward(layer.config()));
    List<KerasTensor> ahead = call(layer, "forward_layer", forward, 0);
    List<KerasTensor> back = call(layer, "backward_layer", backward, 1);
    GraphBuilder graph = layer.graph();
    KerasTensor first = ahead.get(0);
    boolean sequences = forward.path("config").path("return_sequences").asBoolean(false);
    Value last = back.get(0).value();
    Value reversed = sequences ? RecurrentLayers.reversed(graph, last) : last;
    List<KerasTensor> outputs = new ArrayList<>();
    String mode = layer.config().text("merge_mode", "none");
    if (mode.equals("none")) {
      outputs.add(first);
      outputs.add(KerasTensor.plain(reversed));
    } else {
      outputs.add(KerasTensor.plain(merge(layer, mode, first.value(), reversed)));
    }
    for (KerasTensor output : outputs) {
      layer.setMask(output, sequences ? layer.mask(layer.inputs().get(0)) : null);
    }
    outputs.addAll(ahead.subList(1, ahead.size()));
    outputs.addAll(back.subList(1, back.size()));
    return outputs;
  }

  public static List<WeightPart> bidirectionalParts(LayerConfig config) {
    return List.of(
        new SubLayer("forward_layer", forward(config)),
        new SubLayer("backward_layer", backward(config)));
  }

  private static JsonNode forward(LayerConfig config) {
    return config.node("layer");
  }

  /**
   * Keras has both give zeros at masked steps where they give sequences, which files of Keras 2 do
   * not say; the convolutional ones of Keras 2 do not heed it.
   */
  private static JsonNode zerosWhereMasked(LayerCall layer, JsonNode envelope) {
    boolean heeds =
        layer.kerasVersion() >= 3 || !envelope.path("class_name").asText().startsWith("ConvLSTM");
    JsonNode copy = envelope.deepCopy();
    if (heeds && copy.path("config") instanceof ObjectNode arguments) {
      boolean sequences = arguments.path("return_sequences").asBoolean(false);
      arguments.put("zero_output_for_mask", sequences);
    }
    return copy;
  }

  /** The one that is given, or the first one the other way round. */
  private static JsonNode backward(LayerConfig config) {
    if (config.has("backward_layer")) {
      return config.node("backward_layer");
    }
    JsonNode copy = config.node("layer").deepCopy();
    if (copy.path("config") instanceof ObjectNode arguments) {
      arguments.put("go_backwards", !arguments.path("go_backwards").asBoolean(false));
    }
    return copy;
  }

  /** Calls one of the two layers, with its half of the initial states. */
  private static List<KerasTensor> call(
      LayerCall layer, String attribute, JsonNode envelope, int half) {
    if (layer.inputs().isEmpty()) {
      throw layer.invalid("it is called without a sequence.");
    }
    List<KerasTensor> states = new ArrayList<>(layer.inputs().subList(1, layer.inputs().size()));
    Argument given = layer.arguments().get(1, "initial_state");
    if (given != null && states.isEmpty()) {
      given.tensors().forEach(states::add);
    }
    Map<String, Argument> named = new HashMap<>();
    KerasTensor mask = mask(layer);
    if (mask != null) {
      named.put("mask", new Argument.Single(mask));
    }
    int size = states.size() / 2;
    if (size > 0) {
      List<KerasTensor> own = states.subList(half * size, (half + 1) * size);
      named.put(
          "initial_state",
          new Argument.Items(own.stream().<Argument>map(Argument.Single::new).toList()));
    }
    Argument sequence = new Argument.Single(layer.inputs().get(0));
    return layer.call(attribute, envelope, new CallArguments(List.of(sequence), named));
  }

  private static @Nullable KerasTensor mask(LayerCall layer) {
    Value mask = layer.maskArgument(layer.inputs().get(0));
    return mask == null ? null : KerasTensor.plain(mask);
  }

  private static Value merge(LayerCall layer, String mode, Value a, Value b) {
    GraphBuilder graph = layer.graph();
    return switch (mode) {
      case "concat" -> graph.concat(a.rank() - 1, List.of(a, b));
      case "sum" -> graph.add(a, b);
      case "ave" -> graph.mul(graph.add(a, b), 0.5);
      case "mul" -> graph.mul(a, b);
      default -> throw layer.config().wrong("merge_mode", "'concat', 'sum', 'ave', 'mul' or null");
    };
  }
}
