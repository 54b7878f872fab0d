package dev.keralens.keras.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.network.KerasTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Says which sizes of a layer are too large, where computing with them fails. */
final class LargeSizes {
  /** No layer of a network that runs has a larger number among its arguments. */
  private static final long USUAL = 1 << 14;

  private static final int MOST_NAMED = 3;

  private LargeSizes() {}

  /**
   * {@return the problem in words: the layer's large arguments and its inputs}
   *
   * @param config the layer's arguments
   * @param inputs what it is called with
   */
  static String describe(JsonNode config, List<KerasTensor> inputs) {
    List<String> large = new ArrayList<>();
    collect("", config, large);
    return "its sizes lead to more than %d, the most that an axis or an array may have%s%s."
        .formatted(
            Integer.MAX_VALUE,
            large.isEmpty() ? "" : ": " + String.join(", ", large),
            shapes(inputs));
  }

  /**
   * {@return the problem of arguments that name what is not there, in words}
   *
   * @param inputs what the layer is called with
   */
  static String missing(List<KerasTensor> inputs) {
    return "its arguments name an axis, an input or a position that is not there%s."
        .formatted(shapes(inputs));
  }

  private static String shapes(List<KerasTensor> inputs) {
    String shapes =
        inputs.stream()
            .limit(MOST_NAMED)
            .map(input -> String.valueOf(input.shape()))
            .collect(Collectors.joining(", "));
    return shapes.isEmpty() ? "" : ", for the input " + shapes;
  }

  private static void collect(String key, JsonNode value, List<String> large) {
    if (large.size() >= MOST_NAMED) {
      return;
    }
    if (value.isNumber() && Math.abs(value.asDouble()) > USUAL) {
      large.add(key + "=" + value.asText());
    }
    for (Map.Entry<String, JsonNode> entry : value.properties()) {
      collect(key.isEmpty() ? entry.getKey() : key + "." + entry.getKey(), entry.getValue(), large);
    }
    if (value.isArray()) {
      value.forEach(item -> collect(key, item, large));
    }
  }
}
