package dev.keralens.applications;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassIndexTest {
  @TempDir Path folder;

  private ClassIndex index(String json) throws IOException {
    return ClassIndex.read(Files.writeString(folder.resolve("index.json"), json));
  }

  private ClassIndex fruit() throws IOException {
    return index(
        """
        {"1": ["n2", "pear"], "0": ["n1", "apple"], "2": ["n3", "quince"]}
        """);
  }

  @Test
  void classes_areInTheOrderOfUnits() throws IOException {
    assertEquals(List.of("apple", "pear", "quince"), fruit().names());
  }

  @Test
  void decode_namesTheHighestFirst() throws IOException {
    Tensor scores = Tensor.of(new float[] {0.2f, 0.1f, 0.7f, 3, 5, -1}, 2, 3);
    assertEquals(
        List.of(
            List.of(
                new Prediction(2, "n3", "quince", 0.7f), new Prediction(0, "n1", "apple", 0.2f)),
            List.of(new Prediction(1, "n2", "pear", 5), new Prediction(0, "n1", "apple", 3))),
        fruit().decode(scores, 2));
  }

  @Test
  void decodeMoreThanAll_namesAll() throws IOException {
    assertEquals(3, fruit().decode(Tensor.of(new float[3], 1, 3), 5).get(0).size());
  }

  @Test
  void decodeOtherClasses_isRefused() throws IOException {
    ClassIndex index = fruit();
    Tensor scores = Tensor.of(new float[8], 2, 4);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> index.decode(scores, 1));
    assertEquals("Predictions of 3 classes are (batch, 3), got FLOAT32(2, 4).", e.getMessage());
  }

  @Test
  void gapInTheNumbers_isAUnitWithoutName() throws IOException {
    ClassIndex index = index("{\"0\": [\"a\", \"b\"], \"2\": [\"c\", \"d\"]}");
    assertEquals(3, index.size());
    assertEquals(List.of("b", "unit 1", "d"), index.names());
    assertEquals(Set.of(0, 2), index.byUnit().keySet());
  }

  /** As {@code class_indices} of Keras, as a list, and as lines. */
  @Test
  void forms_areAllRead() throws IOException {
    List<String> expected = List.of("cat", "dog, hound");
    assertEquals(expected, index("{\"dog, hound\": 1, \"cat\": 0}").names());
    assertEquals(expected, index("[\"cat\", \"dog, hound\"]").names());
    assertEquals(expected, index("{\"0\": \"cat\", \"1\": \"dog, hound\"}").names());
    assertEquals(expected, index("\uFEFFcat\r\ndog, hound\n").names());
    assertEquals(expected, ClassIndex.of(expected).names());
    assertEquals(0, index("").size());
  }

  @Test
  void unit_isFoundByItsName() {
    ClassIndex index = ClassIndex.of(List.of("tabby, tabby cat", "fox_squirrel", "tabby"));
    assertEquals(1, index.unit("Fox squirrel"));
    assertEquals(2, index.unit("tabby"));
    IllegalArgumentException none =
        assertThrows(IllegalArgumentException.class, () -> index.unit("fox_squirel"));
    assertEquals(
        "No unit is called 'fox_squirel'. Did you mean 'fox_squirrel'?", none.getMessage());
    ClassIndex synonyms = ClassIndex.of(List.of("Eskimo dog, husky", "goldfish, Carassius"));
    assertEquals(0, synonyms.unit("Husky"));
    IllegalArgumentException near =
        assertThrows(IllegalArgumentException.class, () -> synonyms.unit("goldfsh"));
    assertEquals("No unit is called 'goldfsh'. Did you mean 'goldfish'?", near.getMessage());
    ClassIndex twice = ClassIndex.of(List.of("crane", "crane"));
    assertThrows(IllegalArgumentException.class, () -> twice.unit("crane"));
  }
}
