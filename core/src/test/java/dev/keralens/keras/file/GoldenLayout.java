package dev.keralens.keras.file;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.keras.weights.SubLayer;
import dev.keralens.keras.weights.WeightLayout;
import dev.keralens.keras.weights.WeightPart;
import dev.keralens.keras.weights.WeightSlot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The layout of the layers in the golden files. */
final class GoldenLayout implements WeightLayout {
  private static final List<String> CELL =
      List.of("cell/kernel", "cell/recurrent_kernel", "cell/bias");

  private static final Map<String, List<String>> SLOTS =
      Map.ofEntries(
          Map.entry("Dense", List.of("kernel", "bias")),
          Map.entry("Conv2D", List.of("kernel", "bias")),
          Map.entry("Conv2DTranspose", List.of("kernel", "bias")),
          Map.entry("DepthwiseConv2D", List.of("depthwise_kernel", "bias")),
          Map.entry("SeparableConv2D", List.of("depthwise_kernel", "pointwise_kernel", "bias")),
          Map.entry(
              "BatchNormalization", List.of("gamma", "beta", "-moving_mean", "-moving_variance")),
          Map.entry("LayerNormalization", List.of("gamma", "beta")),
          Map.entry("Embedding", List.of("embeddings")),
          Map.entry("PReLU", List.of("alpha")),
          Map.entry("LSTM", CELL),
          Map.entry("GRU", CELL),
          Map.entry("SimpleRNN", CELL),
          Map.entry("LSTMCell", List.of("kernel", "recurrent_kernel", "bias")),
          Map.entry(
              "Bidirectional",
              List.of(
                  "forward_layer/cell/kernel",
                  "forward_layer/cell/recurrent_kernel",
                  "forward_layer/cell/bias",
                  "backward_layer/cell/kernel",
                  "backward_layer/cell/recurrent_kernel",
                  "backward_layer/cell/bias")),
          Map.entry(
              "MultiHeadAttention",
              List.of(
                  "query_dense/kernel",
                  "query_dense/bias",
                  "key_dense/kernel",
                  "key_dense/bias",
                  "value_dense/kernel",
                  "value_dense/bias",
                  "output_dense/kernel",
                  "output_dense/bias")));

  /** Slot to the argument without which there is none. */
  private static final Map<String, String> OPTIONAL =
      Map.of("bias", "use_bias", "gamma", "scale", "beta", "center");

  @Override
  public List<WeightPart> parts(JsonNode layer) {
    JsonNode config = layer.path("config");
    List<WeightPart> parts = new ArrayList<>();
    for (String name : SLOTS.getOrDefault(layer.path("class_name").asText(), List.of())) {
      if (config.path(OPTIONAL.getOrDefault(name, "")).asBoolean(true)) {
        parts.add(new WeightSlot(name.replace("-", ""), !name.startsWith("-")));
      }
    }
    switch (layer.path("class_name").asText()) {
      case "TimeDistributed" -> parts.add(new SubLayer("layer", config.path("layer")));
      case "RNN" -> parts.add(new SubLayer("cell", config.path("cell")));
      case "StackedRNNCells" -> {
        for (JsonNode cell : config.path("cells")) {
          parts.add(new SubLayer("cells/" + parts.size(), cell));
        }
      }
      default -> {}
    }
    return parts;
  }
}
