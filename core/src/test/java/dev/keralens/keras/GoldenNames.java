package dev.keralens.keras;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What models name in their architectures: classes, functions of TensorFlow, activations. */
final class GoldenNames {
  private final Set<String> classes = new TreeSet<>();
  private final Set<String> functions = new TreeSet<>();
  private final Set<String> activations = new TreeSet<>();

  void add(JsonNode node) {
    if (node.path("class_name").isTextual()) {
      String name = node.path("class_name").textValue();
      classes.add(name.substring(name.lastIndexOf('>') + 1));
      if (name.equals("function") && node.path("config").isTextual()) {
        activations.add(node.path("config").textValue());
      }
    }
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      JsonNode value = entry.getValue();
      if (entry.getKey().endsWith("activation") && value.isTextual()) {
        activations.add(value.textValue());
      }
      if (entry.getKey().equals("function") && value.isTextual()) {
        String name = value.textValue();
        functions.add(name.substring(name.lastIndexOf('.') + 1));
      }
    }
    node.forEach(this::add);
  }

  Set<String> classes() {
    return classes;
  }

  Set<String> functions() {
    return functions;
  }

  Set<String> activations() {
    return activations;
  }
}
