package dev.keralens.keras.hub.part;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.keras.hub.argument.Inner;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A layer inside another one: its class and its arguments, where they are not Keras' defaults. */
public final class Part {
  /** Where the modules of KerasHub's own classes lie. */
  public static final String HUB = Inner.HUB;

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String LAYERS = "keras.layers";

  private final String module;
  private final String className;
  private final ObjectNode config = JsonNodeFactory.instance.objectNode();

  private @Nullable String sharedId;

  private Part(String module, String className) {
    this.module = module;
    this.className = className;
  }

  /** {@return a layer of Keras' own} */
  public static Part keras(String className) {
    return new Part(LAYERS, className);
  }

  /**
   * {@return a layer of KerasHub}
   *
   * @param module its module, without {@link #HUB}
   * @param className its class
   */
  public static Part hub(String module, String className) {
    return new Part(HUB + module, className);
  }

  /** {@return a layer of KerasHub that is registered in its package, wherever it lies} */
  public static Part registered(String className) {
    return hub("", className);
  }

  public static Part dense(int units) {
    return keras("Dense").set("units", units);
  }

  public static Part conv2d(int filters, Object kernelSize) {
    return keras("Conv2D").set("filters", filters).set("kernel_size", kernelSize);
  }

  public static Part depthwiseConv2d(Object kernelSize) {
    return keras("DepthwiseConv2D").set("kernel_size", kernelSize);
  }

  public static Part layerNormalization(double epsilon) {
    return keras("LayerNormalization").set("epsilon", epsilon);
  }

  public static Part batchNormalization(double epsilon) {
    return keras("BatchNormalization").set("epsilon", epsilon);
  }

  public static Part multiHeadAttention(int heads, int keyDim) {
    return keras("MultiHeadAttention").set("num_heads", heads).set("key_dim", keyDim);
  }

  public static Part embedding(int inputs, int outputs) {
    return keras("Embedding").set("input_dim", inputs).set("output_dim", outputs);
  }

  /** {@return an activation by name, or as a file has it} */
  public static Part activation(Object activation) {
    Object name =
        activation instanceof JsonNode json && json.isTextual() ? json.asText() : activation;
    return keras("Activation").set("activation", name.equals("hard_swish") ? "hard_silu" : name);
  }

  public static Part zeroPadding2d(int margin) {
    return keras("ZeroPadding2D")
        .set("padding", List.of(List.of(margin, margin), List.of(margin, margin)));
  }

  /** {@return layers one after another, each of which has a name} */
  public static Part sequential(Part... layers) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    for (Part layer : layers) {
      list.add(layer.envelope(layer.config.path("name").asText(), true));
    }
    return new Part("keras", "Sequential").set("layers", list);
  }

  /** {@return this layer with a name, where that of its attribute will not do} */
  public Part named(String name) {
    return set("name", name);
  }

  /** {@return this layer with an argument; null is Python's None} */
  public Part set(String key, @Nullable Object value) {
    config.set(key, MAPPER.valueToTree(value));
    return this;
  }

  /** {@return this layer, which another layer holds, too: both have the same id} */
  public Part shared(String id) {
    sharedId = id;
    return this;
  }

  public Part bias(boolean uses) {
    return set("use_bias", uses);
  }

  /** {@return the layer as a file has it} */
  JsonNode envelope(String attribute, boolean trainable) {
    ObjectNode envelope = JsonNodeFactory.instance.objectNode();
    envelope.put("module", module).put("class_name", className);
    if (module.startsWith(HUB)) {
      envelope.put("registered_name", className);
    } else {
      envelope.putNull("registered_name");
    }
    if (sharedId != null) {
      envelope.put("shared_object_id", sharedId);
    }
    ObjectNode arguments = config.deepCopy();
    if (!trainable) {
      arguments.put("trainable", false);
    }
    envelope.set("config", arguments.put("name", attribute.replace('/', '_')));
    return envelope;
  }
}
