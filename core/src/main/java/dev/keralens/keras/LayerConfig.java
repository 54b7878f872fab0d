package dev.keralens.keras;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.keralens.graph.InvalidModelException;
import java.util.Arrays;

/**
 * The arguments that a layer was made with, as its file says. Every getter checks the type; a wrong
 * one is an error that names the file, the layer, the argument, and what was expected.
 */
@SuppressWarnings("exports") // What takes or gives JSON is for our own builders.
public final class LayerConfig {
  private final JsonNode json;
  private final LayerLocation location;

  /**
   * Takes the arguments of a layer.
   *
   * @param json the arguments
   * @param location the layer, for messages
   */
  public LayerConfig(JsonNode json, LayerLocation location) {
    this.json = json;
    this.location = location;
  }

  /**
   * {@return whether an argument is there and not null}
   *
   * @param key the argument's name
   */
  public boolean has(String key) {
    JsonNode value = node(key);
    return !value.isMissingNode() && !value.isNull();
  }

  /**
   * {@return a text}
   *
   * @param key the argument's name
   * @throws InvalidModelException if it is missing or no text
   */
  public String text(String key) {
    JsonNode value = node(key);
    if (!value.isTextual()) {
      throw wrong(key, "a text");
    }
    return value.textValue();
  }

  /**
   * {@return a text}
   *
   * @param key the argument's name
   * @param otherwise the value where it is missing or null
   * @throws InvalidModelException if it is no text
   */
  public String text(String key, String otherwise) {
    return has(key) ? text(key) : otherwise;
  }

  /**
   * {@return a truth value}
   *
   * @param key the argument's name
   * @param otherwise the value where it is missing or null
   * @throws InvalidModelException if it is neither true nor false
   */
  public boolean flag(String key, boolean otherwise) {
    if (!has(key)) {
      return otherwise;
    }
    JsonNode value = node(key);
    if (value.isIntegralNumber() && (value.longValue() == 0 || value.longValue() == 1)) {
      return value.longValue() == 1;
    }
    if (!value.isBoolean()) {
      throw wrong(key, "true or false");
    }
    return value.booleanValue();
  }

  /**
   * {@return a number}
   *
   * @param key the argument's name
   * @throws InvalidModelException if it is missing or no number
   */
  public double number(String key) {
    JsonNode value = node(key);
    if (!value.isNumber()) {
      throw wrong(key, "a number");
    }
    return value.doubleValue();
  }

  /**
   * {@return a number}
   *
   * @param key the argument's name
   * @param otherwise the value where it is missing or null
   * @throws InvalidModelException if it is no number
   */
  public double number(String key, double otherwise) {
    return has(key) ? number(key) : otherwise;
  }

  /**
   * {@return a whole number}
   *
   * @param key the argument's name
   * @throws InvalidModelException if it is missing or no whole number of 32 bits
   */
  public int integer(String key) {
    return integer(key, node(key));
  }

  /**
   * {@return a whole number}
   *
   * @param key the argument's name
   * @param otherwise the value where it is missing or null
   * @throws InvalidModelException if it is no whole number of 32 bits
   */
  public int integer(String key, int otherwise) {
    return has(key) ? integer(key) : otherwise;
  }

  /**
   * {@return whole numbers; a single number counts as a list of one}
   *
   * @param key the argument's name
   * @throws InvalidModelException if it is missing or no list of whole numbers
   */
  public int[] integers(String key) {
    JsonNode value = node(key);
    if (!value.isArray()) {
      return new int[] {integer(key, value)};
    }
    int[] out = new int[value.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = integer(key, unwrap(value.get(i)));
    }
    return out;
  }

  /**
   * {@return whole numbers, so many as wanted; a single number is repeated}
   *
   * @param key the argument's name
   * @param count how many
   * @throws InvalidModelException if it is missing, no list of whole numbers, or of another length
   */
  public int[] integers(String key, int count) {
    int[] values = integers(key);
    if (values.length == 1 && !node(key).isArray()) {
      values = Arrays.copyOf(values, count);
      Arrays.fill(values, values[0]);
    }
    if (values.length != count) {
      throw wrong(key, count == 1 ? "one whole number" : count + " whole numbers");
    }
    return values;
  }

  /**
   * {@return whole numbers, so many as wanted; a single number is repeated}
   *
   * @param key the argument's name
   * @param count how many
   * @param otherwise each of them where the argument is missing or null
   * @throws InvalidModelException if it is no list of whole numbers, or of another length
   */
  public int[] integers(String key, int count, int otherwise) {
    if (has(key)) {
      return integers(key, count);
    }
    int[] out = new int[count];
    Arrays.fill(out, otherwise);
    return out;
  }

  /**
   * {@return numbers; a single number counts as a list of one}
   *
   * @param key the argument's name
   * @throws InvalidModelException if it is missing or no list of numbers
   */
  public float[] numbers(String key) {
    JsonNode value = node(key);
    if (!value.isArray()) {
      return new float[] {(float) number(key)};
    }
    float[] out = new float[value.size()];
    for (int i = 0; i < out.length; i++) {
      JsonNode element = unwrap(value.get(i));
      if (!element.isNumber()) {
        throw wrong(key, "numbers");
      }
      out[i] = element.floatValue();
    }
    return out;
  }

  /**
   * {@return whole numbers of at least one, so many as wanted: sizes, strides, dilations}
   *
   * @param key the argument's name
   * @param count how many
   * @param otherwise each of them where the argument is missing or null
   * @throws InvalidModelException if it is no list of positive whole numbers, or of another length
   */
  public int[] positives(String key, int count, int otherwise) {
    int[] values = integers(key, count, otherwise);
    if (Arrays.stream(values).anyMatch(value -> value < 1)) {
      throw wrong(key, "whole numbers above 0");
    }
    return values;
  }

  /**
   * {@return an argument as it is in the file, taken out of Keras' wrappings of arrays and tuples}
   *
   * @param key its name
   */
  public JsonNode node(String key) {
    return unwrap(json.path(key));
  }

  /** {@return all arguments as they are in the file} */
  public JsonNode json() {
    return json;
  }

  /**
   * {@return an exception that says what an argument must be, and what it is}
   *
   * @param key the argument's name
   * @param expected what it must be, such as {@code "'same' or 'valid'"}
   */
  public InvalidModelException wrong(String key, String expected) {
    JsonNode value = json.path(key);
    return location.invalid(
        value.isMissingNode()
            ? "%s is missing, expected %s.".formatted(key, expected)
            : "%s must be %s, got %s.".formatted(key, expected, shortened(value)));
  }

  private int integer(String key, JsonNode value) {
    if (value.isNumber() && value.doubleValue() == value.intValue()) {
      return value.intValue();
    }
    throw wrong(key, node(key).isArray() ? "whole numbers" : "a whole number");
  }

  /**
   * Takes a value out of {@code {"class_name": "__numpy__", "config": {"value": ..}}} and the like.
   *
   * @param value a value as it is in the file
   * @return what is wrapped in it, or the value itself
   */
  public static JsonNode unwrap(JsonNode value) {
    return switch (value.path("class_name").asText()) {
      case "__numpy__", "__tensor__", "__bytes__" -> value.path("config").path("value");
      case "__tuple__", "TensorShape" -> value.path("items");
      default -> value;
    };
  }

  /**
   * {@return a value for messages, cut short}
   *
   * @param value a value as it is in the file
   */
  public static String shortened(JsonNode value) {
    String text = value instanceof MissingNode ? "nothing" : value.toString();
    return text.length() > 60 ? text.substring(0, 57) + "..." : text;
  }
}
