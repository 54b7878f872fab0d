package dev.keralens.tokenize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keralens.network.InputSpec;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The tokenizers of KerasHub, by parity/text/make_tokenizers.py. */
class TokenizerGoldenTest {
  private static final Path FOLDER =
      Path.of(System.getProperty("keralens.sentences", "src/test/resources/golden/text"));
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static List<Path> cases() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.filter(Files::isDirectory).sorted().toList();
    }
  }

  private static JsonNode json(Path file) throws IOException {
    return MAPPER.readTree(Files.readString(file));
  }

  @TestFactory
  Stream<DynamicTest> ids_areKerasHubs() throws IOException {
    JsonNode sentences = json(FOLDER.resolve("sentences.json"));
    return cases().stream()
        .map(path -> dynamicTest(String.valueOf(path.getFileName()), () -> check(path, sentences)));
  }

  private static void check(Path path, JsonNode sentences) throws IOException {
    Tokenizer tokenizer = Tokenizer.of(path);
    JsonNode ids = json(path.resolve("ids.json"));
    assertEquals(sentences.size(), ids.size());
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < ids.size(); i++) {
      String text = sentences.get(i).textValue();
      int[] expected = ints(ids.get(i));
      int[] found = tokenizer.tokenize(text).stream().mapToInt(Token::id).toArray();
      if (!Arrays.equals(expected, found)) {
        wrong.add(
            "%d %s\n  %s\n  %s"
                .formatted(
                    i,
                    MAPPER.writeValueAsString(text),
                    Arrays.toString(expected),
                    tokenizer.tokenize(text)));
      }
    }
    assertTrue(
        wrong.isEmpty(),
        () ->
            wrong.size()
                + " differ:\n"
                + String.join("\n", wrong.subList(0, Math.min(8, wrong.size()))));
  }

  private static int[] ints(JsonNode node) {
    return IntStream.range(0, node.size()).map(i -> node.get(i).intValue()).toArray();
  }

  @TestFactory
  Stream<DynamicTest> packedTexts_areThePreprocessors() throws IOException {
    return cases().stream()
        .filter(path -> Files.exists(path.resolve("packed.json")))
        .map(path -> dynamicTest(String.valueOf(path.getFileName()), () -> checkPacked(path)));
  }

  private static void checkPacked(Path path) throws IOException {
    Tokenizer tokenizer = Tokenizer.of(path);
    for (JsonNode row : json(path.resolve("packed.json"))) {
      String[] texts = MAPPER.convertValue(row.get("texts"), String[].class);
      Sentence sentence = tokenizer.encode(texts);
      List<String> names = new ArrayList<>();
      row.fieldNames().forEachRemaining(names::add);
      names.remove("texts");
      assertEquals(new TreeSet<>(names), new TreeSet<>(sentence.names()));
      List<InputSpec> specs =
          names.stream()
              .map(name -> new InputSpec(name, ElementType.FLOAT32, Arrays.asList(null, null)))
              .toList();
      List<Tensor> arrays = sentence.inputs(specs);
      for (int i = 0; i < names.size(); i++) {
        float[] found = arrays.get(i).toFloatArray();
        int[] given = IntStream.range(0, found.length).map(k -> (int) found[k]).toArray();
        assertArrayEquals(
            ints(row.get(names.get(i))), given, () -> row.get("texts") + " " + sentence.tokens());
      }
    }
  }

  /** Each class of the tables has data. */
  @Test
  void tables_haveData() throws IOException {
    TreeSet<String> tokenizers = new TreeSet<>();
    TreeSet<String> preprocessors = new TreeSet<>();
    for (Path path : cases()) {
      tokenizers.add(json(path.resolve("tokenizer.json")).path("class_name").asText());
      if (Files.exists(path.resolve("preprocessor.json"))) {
        preprocessors.add(json(path.resolve("preprocessor.json")).path("class_name").asText());
      }
    }
    assertEquals(new TreeSet<>(TokenizerTable.ROWS.keySet()), tokenizers);
    TreeSet<String> rows = new TreeSet<>(Preprocessors.ROWS.keySet());
    // As RoBERTa's, with other inputs around: the one that embeds.
    rows.remove("XLMRobertaTextEmbedderPreprocessor");
    assertEquals(rows, preprocessors);
  }
}
