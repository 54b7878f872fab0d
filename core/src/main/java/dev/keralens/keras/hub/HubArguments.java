package dev.keralens.keras.hub;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.text.Printable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of a constructor of KerasHub, as its file holds them. Remembers which were read:
 * one that nobody read is one that is not known here, and is refused.
 *
 * <p>Serves one expansion.
 */
final class HubArguments {
  /** Larger than any number of filters, blocks or sizes that is used. */
  private static final int LARGEST = 1 << 20;

  private static final int MOST_BLOCKS = 2_000;

  private final String file;
  private final String className;
  private final JsonNode config;
  private final Set<String> read = new TreeSet<>();

  HubArguments(String file, String className, JsonNode config) {
    this.file = file;
    this.className = className;
    this.config = config;
  }

  private JsonNode get(String key) {
    read.add(key);
    return config.path(key);
  }

  /** {@return an argument that may be None, which it is too where it is left out} */
  @Nullable JsonNode find(String key) {
    JsonNode value = get(key);
    return value.isMissingNode() || value.isNull() ? null : value;
  }

  private JsonNode required(String key) {
    JsonNode value = find(key);
    if (value == null) {
      throw invalid("its argument '%s' is missing.".formatted(key));
    }
    return value;
  }

  /** Reads arguments that change nothing outside of training. */
  void skip(String... keys) {
    read.addAll(List.of(keys));
  }

  String text(String key) {
    return text(key, required(key));
  }

  String text(String key, String otherwise) {
    JsonNode value = find(key);
    return value == null ? otherwise : text(key, value);
  }

  private String text(String key, JsonNode value) {
    if (!value.isTextual()) {
      throw wrong(key, value, "a text");
    }
    return value.textValue();
  }

  /** {@return a text that is one of several} */
  String choice(String key, String... choices) {
    String value = text(key);
    if (!List.of(choices).contains(value)) {
      throw unsupported(
          "%s='%s' is not known; known are %s."
              .formatted(key, Printable.name(value), List.of(choices)));
    }
    return value;
  }

  boolean flag(String key, boolean otherwise) {
    JsonNode value = find(key);
    return value == null ? otherwise : flag(key, value);
  }

  private boolean flag(String key, JsonNode value) {
    if (!value.isBoolean()) {
      throw wrong(key, value, "true or false");
    }
    return value.booleanValue();
  }

  int integer(String key) {
    return integer(key, required(key));
  }

  int integer(String key, int otherwise) {
    JsonNode value = find(key);
    return value == null ? otherwise : integer(key, value);
  }

  private int integer(String key, JsonNode value) {
    if (!value.isNumber()
        || value.doubleValue() != value.intValue()
        || Math.abs((long) value.intValue()) > LARGEST) {
      throw wrong(key, value, "a whole number");
    }
    return value.intValue();
  }

  double number(String key, double otherwise) {
    JsonNode value = find(key);
    return value == null ? otherwise : number(key, value);
  }

  private double number(String key, JsonNode value) {
    if (!value.isNumber()) {
      throw wrong(key, value, "a number");
    }
    return value.doubleValue();
  }

  /** {@return a list, of which each member is read by what is given} */
  private <T> List<T> list(String key, JsonNode value, Member<T> member) {
    if (!value.isArray()) {
      throw wrong(key, value, "a list");
    }
    List<T> members = new ArrayList<>();
    value.forEach(item -> members.add(member.read(key, item)));
    return members;
  }

  private interface Member<T> {
    T read(String key, JsonNode value);
  }

  List<Integer> integers(String key) {
    return list(key, required(key), this::integer);
  }

  List<List<Integer>> integerLists(String key) {
    return list(key, required(key), (k, value) -> list(k, value, this::integer));
  }

  List<Double> numbers(String key) {
    return list(key, required(key), this::number);
  }

  /** {@return a list of numbers, which a single one may stand for} */
  List<Double> oneOrMore(String key, double otherwise) {
    JsonNode value = find(key);
    if (value == null || value.isNumber()) {
      return List.of(value == null ? otherwise : number(key, value));
    }
    List<Double> values = numbers(key);
    if (values.isEmpty()) {
      throw wrong(key, value, "one or more numbers");
    }
    return values;
  }

  List<Boolean> flags(String key) {
    return list(key, required(key), this::flag);
  }

  List<String> texts(String key) {
    return list(key, required(key), this::text);
  }

  /** {@return how many blocks there are in each stack} */
  List<Integer> blocks(String key) {
    List<Integer> counts = integers(key);
    checkBlocks(counts.stream().mapToLong(Integer::longValue).sum());
    return counts;
  }

  /** Refuses more blocks than any network has. */
  void checkBlocks(long count) {
    if (count > MOST_BLOCKS) {
      throw unsupported("it has %d blocks; at most %d are built.".formatted(count, MOST_BLOCKS));
    }
  }

  /** Refuses lists that say something of each stack and are not of one length. */
  void sameLength(String keys, Collection<?>... lists) {
    for (Collection<?> list : lists) {
      if (list.isEmpty() || list.size() != lists[0].size()) {
        throw invalid("%s must have one length above 0.".formatted(keys));
      }
    }
  }

  /** {@return the shape of an image without the batch, {@link ModelBuilder#OPEN} where open} */
  int[] shape(String key) {
    JsonNode value = find(key);
    if (value == null) {
      return new int[] {ModelBuilder.OPEN, ModelBuilder.OPEN, 3};
    }
    int[] shape =
        list(key, value, (k, size) -> size.isNull() ? ModelBuilder.OPEN : integer(k, size)).stream()
            .mapToInt(Integer::intValue)
            .toArray();
    if (shape.length != 3) {
      throw wrong(key, value, "(height, width, channels)");
    }
    return shape;
  }

  /** Refuses images whose channels come first. */
  void channelsLast() {
    String format = text("data_format", "channels_last");
    if (!format.equals("channels_last")) {
      throw unsupported("data_format='%s' is not read.".formatted(Printable.name(format)));
    }
  }

  /**
   * Reads the arguments that all classes have.
   *
   * <p>A precision of 16 bits is read as 32 bits, as for all layers. A map of precisions is that of
   * a quantized model.
   */
  void common() {
    skip("name", "trainable");
    JsonNode type = find("dtype");
    String policy = type == null ? "" : type.path("class_name").asText("");
    if (!policy.isEmpty() && !policy.equals("DTypePolicy")) {
      throw unsupported(
          "dtype is a %s: quantized models are not read.".formatted(Printable.name(policy)));
    }
  }

  /** Refuses arguments that were not read. */
  void finish() {
    List<String> unknown = new ArrayList<>();
    config.fieldNames().forEachRemaining(unknown::add);
    unknown.removeAll(read);
    if (!unknown.isEmpty()) {
      throw unsupported(
          "its arguments %s are not known; known are %s."
              .formatted(unknown.stream().map(Printable::name).toList(), read));
    }
  }

  private InvalidModelException wrong(String key, JsonNode value, String expected) {
    String text = value.toString();
    return invalid(
        "%s=%s, expected %s."
            .formatted(key, text.length() > 60 ? text.substring(0, 60) + ".." : text, expected));
  }

  InvalidModelException invalid(String problem) {
    return new InvalidModelException(message(problem));
  }

  UnsupportedModelException unsupported(String problem) {
    return new UnsupportedModelException(message(problem));
  }

  String message(String problem) {
    return "KerasHub's %s in %s: %s".formatted(className, file, problem);
  }
}
