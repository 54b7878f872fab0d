package dev.keralens.keras.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Names of classes in files of KerasNLP, which KerasHub was called before: the classes and their
 * arguments are the same, and an argument that is not known is refused all the same.
 *
 * <pre>
 * keras_nlp&gt;BertBackbone, keras_nlp.src.models..     KerasNLP
 * keras_hub&gt;BertBackbone, keras_hub.src.models..     KerasHub
 * </pre>
 */
final class HubNames {
  private static final String BEFORE = "keras_nlp";
  private static final String TODAY = "keras_hub";

  private HubNames() {}

  /** {@return an architecture with the names of today; the same one where there are none others} */
  static JsonNode today(JsonNode architecture) {
    if (!hasEarlier(architecture)) {
      return architecture;
    }
    JsonNode copy = architecture.deepCopy();
    rename(copy);
    return copy;
  }

  private static boolean isEarlier(JsonNode node) {
    return node.path("registered_name").asText("").startsWith(BEFORE + ">")
        || node.path("module").asText("").startsWith(BEFORE + ".");
  }

  private static boolean hasEarlier(JsonNode node) {
    if (node.isObject() && isEarlier(node)) {
      return true;
    }
    for (JsonNode child : node) {
      if (child.isContainerNode() && hasEarlier(child)) {
        return true;
      }
    }
    return false;
  }

  private static void rename(JsonNode node) {
    if (node instanceof ObjectNode object && isEarlier(object)) {
      for (String key : new String[] {"registered_name", "module"}) {
        String name = object.path(key).asText("");
        if (name.startsWith(BEFORE)) {
          object.put(key, TODAY + name.substring(BEFORE.length()));
        }
      }
    }
    node.forEach(HubNames::rename);
  }
}
