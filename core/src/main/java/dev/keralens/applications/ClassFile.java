package dev.keralens.applications;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keralens.file.RegularFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Reads files of class names, in each of the forms in which they are about. */
final class ClassFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final NavigableMap<Integer, ClassIndex.Entry> classes = new TreeMap<>();

  private ClassFile(Path file) {
    this.file = file;
  }

  static NavigableMap<Integer, ClassIndex.Entry> read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString());
    } else if (Files.isDirectory(file)) {
      throw new IOException(file + " is a folder, not a file of class names.");
    }
    ClassFile classes = new ClassFile(file);
    classes.parse(classes.text().replace("\uFEFF", ""));
    return classes.classes;
  }

  private String text() throws IOException {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(Files.readAllBytes(RegularFile.check(file))))
          .toString();
    } catch (CharacterCodingException e) {
      throw new IOException(file + " is no text in UTF-8, so it holds no class names.", e);
    }
  }

  private void parse(String text) throws IOException {
    String start = text.stripLeading();
    if (start.startsWith("[")) {
      json(start).forEach(this::append);
    } else if (start.startsWith("{")) {
      parseObject(start);
    } else if (!text.isBlank()) {
      Arrays.stream(text.stripTrailing().split("\\R", -1))
          .forEach(line -> classes.put(classes.size(), new ClassIndex.Entry("", line.strip())));
    }
  }

  private void append(JsonNode node) {
    classes.put(classes.size(), entry(node));
  }

  private void parseObject(String text) throws IOException {
    for (Map.Entry<String, JsonNode> field : json(text).properties()) {
      boolean nameFirst = field.getValue().isInt();
      String index = nameFirst ? field.getValue().asText() : field.getKey();
      if (!index.matches("\\d{1,9}")) {
        throw new IOException(
            "%s: '%s' is not the number of a unit; a JSON object goes from number to name."
                .formatted(file, index));
      }
      classes.put(
          Integer.parseInt(index),
          nameFirst ? new ClassIndex.Entry("", field.getKey()) : entry(field.getValue()));
    }
  }

  private JsonNode json(String text) throws IOException {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IOException(
          "%s is no JSON: %s at line %d."
              .formatted(file, e.getOriginalMessage(), e.getLocation().getLineNr()),
          e);
    }
  }

  /** A name, or an identifier and a name. */
  private static ClassIndex.Entry entry(JsonNode node) {
    return node.isArray()
        ? new ClassIndex.Entry(
            node.size() > 1 ? node.path(0).asText() : "", node.path(node.size() - 1).asText())
        : new ClassIndex.Entry("", node.asText());
  }
}
