package dev.keralens.keras.storage;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.graph.InvalidModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The JSON that describes a model: an envelope of {@code class_name} and {@code config}, which for
 * a model holds the envelopes of its layers.
 *
 * <p>One thing is made equal here: until Keras 2.2.2 the {@code config} of a {@code Sequential} was
 * the bare list of its layers; it becomes the object {@code {"name": .., "layers": [..]}} that
 * later versions write.
 */
public final class Architecture {
  /** The most bytes of JSON; the largest network of Keras' applications has about 1 MB. */
  public static final long MAX_BYTES = 256L << 20;

  /** How Keras writes what Python has beside lists. */
  private static final Set<String> SEQUENCES = Set.of("__tuple__", "TensorShape");

  private Architecture() {}

  /**
   * {@return a parsed JSON object}
   *
   * @param name what it is, for messages
   * @throws InvalidModelException if the text is no JSON object
   */
  public static ObjectNode parse(String name, ByteBuffer text) {
    return parse(name, StandardCharsets.UTF_8.decode(text).toString());
  }

  /** As above, of a file. */
  public static ObjectNode parse(FileRegion file) {
    if (file.size() > MAX_BYTES) {
      throw new InvalidModelException(
          "%s has %d bytes; JSON of at most %d is read."
              .formatted(file.name(), file.size(), MAX_BYTES));
    }
    return parse(file.name(), file.bytes(0, file.size()));
  }

  /** As above. */
  public static ObjectNode parse(String name, String text) {
    try {
      if (JsonTree.read(text) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException e) {
      throw new InvalidModelException(
          "%s is no JSON that can be read: %s".formatted(name, e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be read.", e);
    }
    throw new InvalidModelException(name + " is no JSON object.");
  }

  /**
   * {@return the architecture in the common form}
   *
   * @param name where it comes from, for messages
   * @throws InvalidModelException if it is no model
   */
  public static JsonNode model(String name, ObjectNode envelope) {
    if (!envelope.path("class_name").isTextual() || !envelope.has("config")) {
      throw new InvalidModelException(
          name + " describes no Keras model: 'class_name' and 'config' are missing.");
    }
    normalize(envelope);
    return envelope;
  }

  private static JsonNode normalize(JsonNode node) {
    if (node instanceof ArrayNode list) {
      for (int i = 0; i < list.size(); i++) {
        list.set(i, normalize(list.get(i)));
      }
    } else if (node instanceof ObjectNode object) {
      if (SEQUENCES.contains(object.path("class_name").asText())
          && object.get("items") instanceof ArrayNode items) {
        return normalize(items);
      }
      object.properties().forEach(field -> field.setValue(normalize(field.getValue())));
      if (object.path("class_name").asText().equals("Sequential")
          && object.get("config") instanceof ArrayNode layers) {
        ObjectNode config = object.objectNode();
        config.put("name", object.path("name").asText("sequential"));
        config.set("layers", layers);
        object.set("config", config);
      }
    }
    return node;
  }

  /** {@return whether the envelope is that of a model, whose configuration lists layers} */
  public static boolean isModel(JsonNode envelope) {
    return envelope.path("config").path("layers").isArray();
  }

  /**
   * {@return the layers of a model; what Keras 3 lists beside them, bare operations, is no layer}
   */
  public static List<JsonNode> layers(JsonNode model) {
    List<JsonNode> layers = new ArrayList<>();
    for (JsonNode layer : model.path("config").path("layers")) {
      String module = layer.path("module").asText("");
      if (!module.startsWith("keras.src.ops") && !module.startsWith("keras.ops")) {
        layers.add(layer);
      }
    }
    return layers;
  }

  /** {@return whether a file begins as a JSON object does} */
  public static boolean isJson(FileRegion file) {
    ByteBuffer start = file.bytes(0, Math.min(file.size(), 64));
    while (start.hasRemaining()) {
      byte next = start.get();
      if (!Character.isWhitespace(next)) {
        return next == '{';
      }
    }
    return false;
  }

  /**
   * {@return the version of Keras that wrote an architecture} Where nothing says it, the shape of
   * an input tells Keras 3 from 2: {@code batch_shape} from {@code batch_input_shape}.
   *
   * @param stored what is said of it elsewhere; empty if nothing is
   */
  public static KerasVersion version(JsonNode envelope, String stored) {
    String text = stored.isEmpty() ? envelope.path("keras_version").asText("") : stored;
    if (text.isEmpty()) {
      text = envelope.findValue("batch_input_shape") == null ? "3" : "2";
    }
    return KerasVersion.parse(text);
  }

  /** {@return whether weights may be stored as bfloat16, as layers of that type store them} */
  public static boolean hasBrainFloats(JsonNode node) {
    if (node.isTextual()) {
      return node.asText().equals("bfloat16");
    }
    for (JsonNode child : node) {
      if (hasBrainFloats(child)) {
        return true;
      }
    }
    return false;
  }

  public static String name(JsonNode envelope) {
    JsonNode config = envelope.path("config").path("name");
    return config.isTextual() ? config.asText() : envelope.path("name").asText("");
  }

  public static String className(JsonNode envelope) {
    String name = envelope.path("class_name").asText("");
    return name.substring(name.lastIndexOf('>') + 1);
  }
}
