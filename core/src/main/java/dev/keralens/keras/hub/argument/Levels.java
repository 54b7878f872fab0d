package dev.keralens.keras.hub.argument;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.keras.build.CustomLayers;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model of several outputs, each with a key: the levels of a pyramid of features. It is written
 * out already.
 *
 * @param config the configuration of the functional model
 * @param shapes what it gives, by key, in the order of its outputs
 */
public record Levels(ObjectNode config, Map<String, int[]> shapes) {
  /** Keeps the order. */
  public Levels {
    shapes = new LinkedHashMap<>(shapes);
  }

  /** {@return the shape of what it takes, as the file has it} */
  public JsonNode inputShape() {
    return config.path("layers").path(0).path("config").path("batch_shape");
  }

  /**
   * {@return the same model, of which some outputs count; the last of them must}
   *
   * @param keys the outputs, in the same order
   */
  public Levels only(List<String> keys) {
    ObjectNode other = config.deepCopy();
    ArrayNode outputs = other.putArray("output_layers");
    Map<String, int[]> left = new LinkedHashMap<>();
    int index = 0;
    for (Map.Entry<String, int[]> level : shapes.entrySet()) {
      if (keys.contains(level.getKey())) {
        outputs.add(config.path("output_layers").path(index));
        left.put(level.getKey(), level.getValue());
      }
      index++;
    }
    return new Levels(other, left);
  }

  /** {@return what the model gives as a layer of no class of its own, by key} */
  public Map<String, SymbolicTensor> call(ModelBuilder b, String name, SymbolicTensor input) {
    return call(b, "keras", "Functional", name, input);
  }

  /**
   * {@return what the model gives as a layer of its class, by key}
   *
   * @param model its envelope
   */
  public Map<String, SymbolicTensor> call(ModelBuilder b, ObjectNode model, SymbolicTensor input) {
    String className = model.path("class_name").asText();
    return call(b, Inner.MODELS, className, config.path("name").asText(), input);
  }

  private Map<String, SymbolicTensor> call(
      ModelBuilder b, String module, String className, String name, SymbolicTensor input) {
    Map<String, JsonNode> arguments = new LinkedHashMap<>();
    config.properties().forEach(field -> arguments.put(field.getKey(), field.getValue()));
    arguments.remove("name");
    List<SymbolicTensor> outputs =
        CustomLayers.call(
            b, module, className, name, arguments, new ArrayList<>(shapes.values()), input);
    Map<String, SymbolicTensor> byKey = new LinkedHashMap<>();
    int index = 0;
    for (String key : shapes.keySet()) {
      byKey.put(key, outputs.get(index++));
    }
    return byKey;
  }
}
