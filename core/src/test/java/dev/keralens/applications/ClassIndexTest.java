package dev.keralens.applications;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
  void gapInTheNumbers_isNamed() {
    IOException e =
        assertThrows(
            IOException.class, () -> index("{\"0\": [\"a\", \"b\"], \"2\": [\"c\", \"d\"]}"));
    assertTrue(String.valueOf(e.getMessage()).contains("class 1"), e.getMessage());
  }
}
