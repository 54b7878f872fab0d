package dev.keralens.tokenize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.network.InputSpec;
import dev.keralens.tensor.ElementType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lists of words, one a line or as JSON. */
class WordListTest {
  @TempDir Path folder;

  private Tokenizer of(String content) throws IOException {
    return Tokenizer.of(Files.writeString(folder.resolve("words"), content));
  }

  private static List<Integer> ids(Tokenizer tokenizer, String text) {
    return tokenizer.tokenize(text).stream().map(Token::id).toList();
  }

  @Test
  void lines_areNumberedFromZero() throws IOException {
    Tokenizer words = of("\n[UNK]\nthe\nfilm\ndont\n!\n");
    assertEquals(List.of(2, 3, 1, 4, 5), ids(words, "The film, unheard  don't!"));
    assertEquals(6, words.size());
  }

  @Test
  void json_isAListOrNumbersByWord() throws IOException {
    assertEquals(List.of(1, 0), ids(of("[\"a\", \"b\"]"), "b a"));
    assertEquals(List.of(7, 3), ids(of("{\"a\": 3, \"b\": 7}"), "b a"));
  }

  @Test
  void kerasTokenizer_leavesOutWhatItDoesNotHave() throws IOException {
    String index = "{\\\"the\\\": 1, \\\"film\\\": 2, \\\"bad\\\": 3}";
    String start = "{\"class_name\": \"Tokenizer\", \"config\": {\"num_words\": 3, ";
    Tokenizer plain = of(start + "\"oov_token\": null, \"word_index\": \"" + index + "\"}}");
    assertEquals(List.of(1, 2), ids(plain, "The bad film"));
    Tokenizer known = of(start + "\"oov_token\": \"the\", \"word_index\": \"" + index + "\"}}");
    assertEquals(List.of(1, 1, 2), ids(known, "The bad film"));
    String letters = start + "\"char_level\": true, \"word_index\": \"{}\"}}";
    assertThrows(UnsupportedModelException.class, () -> of(letters));
  }

  @Test
  void wordThatIsNotThere_isRefusedWhereNothingStandsForIt() throws IOException {
    Tokenizer words = of("a\nb\n");
    Exception e = assertThrows(IllegalArgumentException.class, () -> words.tokenize("a c"));
    assertTrue(String.valueOf(e.getMessage()).contains("'c'"), e.getMessage());
  }

  @Test
  void damagedList_isRefused() {
    assertThrows(InvalidModelException.class, () -> of("{\"a\": \"b\"}"));
    assertThrows(InvalidModelException.class, () -> of("[\"a\", 3]"));
    assertThrows(InvalidModelException.class, () -> of("{\"a\": 3"));
  }

  @Test
  void padding_isAtTheEndOrInFront() throws IOException {
    Sentence end = of("[PAD]\na\nb\n").encode(4, "a b");
    List<InputSpec> input =
        List.of(new InputSpec("words", ElementType.INT32, Arrays.asList((Integer) null)));
    assertEquals(List.of(1, 2, 0, 0), values(end, input));
    assertEquals(List.of(0, 0, 1, 2), values(end.paddedInFront(), input));
    assertEquals(2, end.paddedInFront().place(0));
    assertEquals("a", end.paddedInFront().tokens().get(0).text());
  }

  private static List<Integer> values(Sentence sentence, List<InputSpec> input) {
    return Arrays.stream(sentence.inputs(input).get(0).toLongArray())
        .mapToObj(i -> (int) i)
        .toList();
  }
}
