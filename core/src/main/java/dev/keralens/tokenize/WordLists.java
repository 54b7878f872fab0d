package dev.keralens.tokenize;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.keras.storage.Architecture;
import dev.keralens.keras.storage.FileRegion;
import dev.keralens.text.Printable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads lists of words.
 *
 * <pre>
 * list = word*                           one a line, the first has the number 0
 *      | [ word .. ]                     JSON
 *      | { word: number .. }             JSON
 *      | { "class_name": "Tokenizer", "config": { "word_index": "{..}", .. } }
 * </pre>
 *
 * The last is what {@code to_json()} of Keras' older Tokenizer gives.
 */
final class WordLists {
  private static final long LARGEST = 64 << 20;

  private WordLists() {}

  static WordList read(FileRegion file) {
    if (file.size() > LARGEST) {
      throw new InvalidModelException(
          "%s has %d bytes; a vocabulary of at most %d is read."
              .formatted(file.name(), file.size(), LARGEST));
    }
    String text = StandardCharsets.UTF_8.decode(file.bytes(0, file.size())).toString();
    if (text.stripLeading().matches("(?s)(\\{|\\[\\s*\").*")) {
      String wrapped = "{\"words\":" + text + "}";
      return json(file.name(), Architecture.parse(file.name(), wrapped).path("words"));
    }
    return list(PythonText.lines(file.bytes(0, file.size())));
  }

  private static WordList list(List<String> words) {
    Map<String, Integer> ids = new LinkedHashMap<>();
    for (int i = 0; i < words.size(); i++) {
      if (!words.get(i).isEmpty()) {
        ids.putIfAbsent(words.get(i), i);
      }
    }
    return of(ids);
  }

  private static WordList of(Map<String, Integer> ids) {
    int unknown =
        WordList.UNKNOWN.stream().filter(ids::containsKey).map(ids::get).findFirst().orElse(-1);
    return new WordList(ids, unknown, false);
  }

  private static WordList json(String name, JsonNode words) {
    if (words.isArray()) {
      List<String> list = new ArrayList<>();
      for (JsonNode word : words) {
        if (!word.isTextual()) {
          throw new InvalidModelException(name + " is a list, but not of words alone.");
        }
        list.add(word.textValue());
      }
      return list(list);
    }
    if (words.path("class_name").asText().equals("Tokenizer") && words.path("config").isObject()) {
      return ofKeras(name, words.path("config"));
    }
    return of(numbers(name, words));
  }

  private static Map<String, Integer> numbers(String name, JsonNode words) {
    Map<String, Integer> ids = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> word : words.properties()) {
      if (!word.getValue().isInt() || word.getValue().intValue() < 0) {
        throw new InvalidModelException(
            "%s has no number from 0 on for '%s'; expected is a JSON object from word to number."
                .formatted(name, Printable.name(word.getKey())));
      }
      ids.put(word.getKey(), word.getValue().intValue());
    }
    return ids;
  }

  private static WordList ofKeras(String name, JsonNode config) {
    if (config.path("char_level").asBoolean(false)) {
      throw new UnsupportedModelException(
          name + " splits a text into letters (char_level), which is not read.");
    }
    ObjectNode index = Architecture.parse(name, config.path("word_index").asText("{}"));
    Map<String, Integer> ids = numbers(name, index);
    JsonNode most = config.path("num_words");
    JsonNode oov = config.path("oov_token");
    Integer unknown = oov.isTextual() ? ids.get(oov.textValue()) : null;
    if (most.isInt()) {
      // Keras leaves out words from this number on.
      ids.values().removeIf(id -> id >= most.intValue());
    }
    return new WordList(ids, unknown == null ? -1 : unknown, true);
  }
}
