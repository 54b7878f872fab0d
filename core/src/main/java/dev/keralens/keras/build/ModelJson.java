package dev.keralens.keras.build;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;

/** Writes the configuration of a functional model as Keras 3 does. */
final class ModelJson {
  static final String LAYERS = "keras.layers";

  private ModelJson() {}

  static ObjectNode envelope(String module, String className, ObjectNode config) {
    ObjectNode envelope = JsonNodeFactory.instance.objectNode();
    envelope.put("module", module).put("class_name", className).set("config", config);
    // Classes that are not of a public module are registered by their name.
    if (module.startsWith("keras.src")) {
      envelope.put("registered_name", className);
    } else if (module.equals("keras_hub.models")) {
      envelope.put("registered_name", "keras_hub>" + className);
    } else {
      envelope.putNull("registered_name");
    }
    envelope.set("name", config.get("name"));
    return envelope;
  }

  static ObjectNode functional(
      String name, List<Operation> operations, List<SymbolicTensor> in, List<SymbolicTensor> out) {
    ObjectNode config =
        JsonNodeFactory.instance.objectNode().put("name", name).put("trainable", true);
    ArrayNode layers = config.putArray("layers");
    for (Operation operation : operations) {
      ObjectNode envelope = envelope(operation.module(), operation.className(), operation.config());
      ArrayNode nodes = envelope.putArray("inbound_nodes");
      if (!operation.isInput()) {
        operation.calls().forEach(call -> nodes.add(node(call)));
      }
      layers.add(envelope);
    }
    references(config.putArray("input_layers"), in);
    references(config.putArray("output_layers"), out);
    return envelope("keras", "Functional", config);
  }

  private static void references(ArrayNode list, List<SymbolicTensor> tensors) {
    tensors.forEach(tensor -> list.add(history(tensor)));
  }

  private static ArrayNode history(SymbolicTensor tensor) {
    return JsonNodeFactory.instance
        .arrayNode()
        .add(tensor.operation().name())
        .add(tensor.node())
        .add(tensor.index());
  }

  private static ObjectNode node(Operation.Call call) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    ArrayNode arguments = node.putArray("args");
    for (Object argument : call.arguments()) {
      if (argument instanceof SymbolicTensor tensor) {
        arguments.add(tensor(tensor));
      } else if (argument instanceof List<?> list) {
        ArrayNode items = arguments.addArray();
        list.forEach(item -> items.add(tensor((SymbolicTensor) item)));
      } else if (argument instanceof JsonNode json) {
        arguments.add(json);
      } else {
        arguments.add(((Number) argument).doubleValue());
      }
    }
    node.putObject("kwargs");
    return node;
  }

  private static ObjectNode tensor(SymbolicTensor tensor) {
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    shape(config.putArray("shape").addNull(), tensor.shape());
    config.put("dtype", "float32").set("keras_history", history(tensor));
    ObjectNode envelope = JsonNodeFactory.instance.objectNode();
    envelope.put("class_name", "__keras_tensor__").set("config", config);
    return envelope;
  }

  static void shape(ArrayNode list, int[] shape) {
    for (int size : shape) {
      if (size == ModelBuilder.OPEN) {
        list.addNull();
      } else {
        list.add(size);
      }
    }
  }

  static ObjectNode initializer(Initializer initializer) {
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    ObjectNode envelope = JsonNodeFactory.instance.objectNode();
    envelope.put("module", "keras.initializers");
    if (initializer instanceof Initializer.VarianceScaling scaling) {
      config
          .put("scale", scaling.scale())
          .put(
              "mode",
              switch (scaling.fan()) {
                case IN -> "fan_in";
                case OUT -> "fan_out";
                case AVERAGE -> "fan_avg";
              })
          .put("distribution", scaling.distribution().name().toLowerCase(Locale.ROOT));
      envelope.put("class_name", "VarianceScaling");
    } else if (initializer instanceof Initializer.Constant constant) {
      config.put("value", constant.value());
      envelope.put("class_name", "Constant");
    }
    envelope.set("config", config);
    return envelope.putNull("registered_name");
  }
}
