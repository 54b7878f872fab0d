package dev.keralens.keras;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.keralens.keras.call.Activations;
import dev.keralens.keras.function.KerasOperations;
import dev.keralens.keras.function.TensorFlowFunctions;
import dev.keralens.keras.layer.LayerTable;
import dev.keralens.keras.recurrent.RecurrentCells;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page of layers names the rows of the tables, no more and no less. */
class LayerPageTest {
  private static final Pattern NAME = Pattern.compile("`(\\w+)`");

  @Test
  void page_namesTheRowsOfTheTables() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "layers.md"));
    assertAll(
        () -> assertSection(page, "Layer classes", LayerTable.TYPES.keySet()),
        () -> assertSection(page, "Cells of `RNN`", RecurrentCells.TYPES.keySet()),
        () -> assertSection(page, "Activations", Activations.BY_NAME.keySet()),
        () -> assertSection(page, "Functions of `keras.ops`", KerasOperations.TYPES.keySet()),
        () -> assertSection(page, "Functions of TensorFlow", TensorFlowFunctions.BY_NAME.keySet()));
  }

  private static void assertSection(String page, String heading, Set<String> rows) {
    int start = page.indexOf("## " + heading + "\n");
    int end = page.indexOf("\n## ", start + 1);
    Set<String> named = new TreeSet<>();
    for (String line : page.substring(start, end).lines().toList()) {
      if (line.startsWith("| ") || (line.startsWith("`") && line.contains("`, `"))) {
        Matcher matcher = NAME.matcher(line.substring(line.indexOf("| ", 1) + 1));
        while (matcher.find()) {
          named.add(matcher.group(1));
        }
      }
    }
    assertEquals(new TreeSet<>(rows), named, heading);
  }
}
