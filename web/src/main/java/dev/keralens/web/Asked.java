package dev.keralens.web;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.Units;
import dev.keralens.web.http.Refusal;
import dev.keralens.web.http.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads what is asked, and refuses what nobody may ask. */
final class Asked {
  private static final long MOST_QUESTION = 1 << 20;
  private static final int MOST_UNITS = 64;
  private static final int MOST_LAYERS = 16;
  private static final int MOST_METHODS = 64;

  private Asked() {}

  /** A question as JSON. */
  static JsonNode json(Request request) throws IOException {
    try {
      JsonNode node = Describe.JSON.readTree(request.body(MOST_QUESTION));
      if (node != null && node.isObject()) {
        return node;
      }
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      // Said below.
    }
    throw new Refusal(400, "The question is no JSON object.");
  }

  /** What is asked of a method. */
  static Bench.Question question(JsonNode node) {
    return new Bench.Question(node.path("method").asText(), settings(node), layers(node));
  }

  /** What is asked of each of several methods, which explain the same layers. */
  static List<Bench.Question> questions(JsonNode node) {
    List<String> layers = layers(node);
    List<Bench.Question> all = new ArrayList<>();
    for (JsonNode one : node.path("methods")) {
      all.add(new Bench.Question(one.path("method").asText(), settings(one), layers));
    }
    if (all.isEmpty() || all.size() > MOST_METHODS) {
      throw new IllegalArgumentException(
          "From 1 to %d methods are asked for at once.".formatted(MOST_METHODS));
    }
    return all;
  }

  private static Map<String, String> settings(JsonNode node) {
    Map<String, String> settings = new LinkedHashMap<>();
    node.path("settings")
        .properties()
        .forEach(entry -> settings.put(entry.getKey(), entry.getValue().asText()));
    return settings;
  }

  private static List<String> layers(JsonNode node) {
    List<String> layers = new ArrayList<>();
    node.path("layers").forEach(layer -> layers.add(layer.asText()));
    if (layers.size() > MOST_LAYERS) {
      throw new IllegalArgumentException(
          "At most %d layers are explained at once.".formatted(MOST_LAYERS));
    }
    return layers;
  }

  /** Which units are asked for: those that are listed, or so many of the highest. */
  static Units units(JsonNode node, Bench bench) {
    JsonNode given = node.path("units");
    if (given.isEmpty()) {
      int top = Math.max(1, Math.min(MOST_UNITS, node.path("top").asInt(1)));
      return Units.top(Math.min(top, bench.explained().units()));
    } else if (given.size() > MOST_UNITS) {
      throw new IllegalArgumentException(
          "At most %d classes are explained at once.".formatted(MOST_UNITS));
    }
    int[] units = new int[given.size()];
    for (int i = 0; i < units.length; i++) {
      units[i] = given.get(i).asInt(-1);
    }
    return Units.of(units);
  }
}
