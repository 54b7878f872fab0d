package dev.keralens.tokenize;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.text.Printable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a tokenizer or preprocessor. Remembers what was read: a setting that nobody
 * read is one that is not known here, and is refused.
 */
final class Settings {
  private final String file;
  private final String className;
  private final JsonNode config;
  private final Set<String> read =
      new TreeSet<>(List.of("name", "trainable", "dtype", "config_file"));

  Settings(String file, JsonNode envelope) {
    this.file = file;
    String registered = envelope.path("registered_name").asText("");
    className =
        registered.isEmpty()
            ? envelope.path("class_name").asText("")
            : registered.substring(registered.indexOf('>') + 1);
    config = envelope.path("config");
  }

  String className() {
    return className;
  }

  private @Nullable JsonNode find(String key) {
    read.add(key);
    JsonNode value = config.path(key);
    return value.isMissingNode() || value.isNull() ? null : value;
  }

  void skip(String... keys) {
    read.addAll(List.of(keys));
  }

  /** Refuses what is set to anything but None. */
  void absent(String key, String why) {
    if (find(key) != null) {
      throw unsupported("%s=%s: %s.".formatted(key, shown(key), why));
    }
  }

  boolean flag(String key, boolean otherwise) {
    JsonNode value = find(key);
    if (value != null && !value.isBoolean()) {
      throw wrong(key, "true or false");
    }
    return value == null ? otherwise : value.booleanValue();
  }

  int integer(String key, int otherwise) {
    JsonNode value = find(key);
    if (value != null && (!value.isInt() || value.intValue() < 1)) {
      throw wrong(key, "a whole number above 0");
    }
    return value == null ? otherwise : value.intValue();
  }

  String text(String key, String otherwise) {
    JsonNode value = find(key);
    if (value != null && !value.isTextual()) {
      throw wrong(key, "a text");
    }
    return value == null ? otherwise : value.textValue();
  }

  /** {@return a list of texts, or null} */
  @Nullable List<String> texts(String key) {
    JsonNode value = find(key);
    if (value == null) {
      return null;
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode text : value) {
      texts.add(text.asText());
    }
    if (!value.isArray()) {
      throw wrong(key, "a list");
    }
    return texts;
  }

  /** {@return numbers by name} */
  Map<String, Integer> numbers(String key) {
    JsonNode value = find(key);
    return value == null ? Map.of() : numbers(key, value);
  }

  private Map<String, Integer> numbers(String key, JsonNode value) {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : value.properties()) {
      if (!entry.getValue().isInt()) {
        throw wrong(key, "a number for each name");
      }
      numbers.put(entry.getKey(), entry.getValue().intValue());
    }
    return numbers;
  }

  /** Refuses settings that were not read. */
  void finish() {
    List<String> unknown = new ArrayList<>();
    config.fieldNames().forEachRemaining(unknown::add);
    unknown.removeAll(read);
    if (!unknown.isEmpty()) {
      throw unsupported(
          "its settings %s are not known; known are %s."
              .formatted(unknown.stream().map(Printable::name).toList(), read));
    }
  }

  private String shown(String key) {
    String text = config.path(key).toString();
    return text.length() > 60 ? text.substring(0, 60) + ".." : text;
  }

  private InvalidModelException wrong(String key, String expected) {
    return invalid("%s=%s, expected %s.".formatted(key, shown(key), expected));
  }

  InvalidModelException invalid(String problem) {
    return new InvalidModelException(message(problem));
  }

  UnsupportedModelException unsupported(String problem) {
    return new UnsupportedModelException(message(problem));
  }

  private String message(String problem) {
    return "KerasHub's %s in %s: %s".formatted(Printable.name(className), file, problem);
  }
}
