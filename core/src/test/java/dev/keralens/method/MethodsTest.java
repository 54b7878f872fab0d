package dev.keralens.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class MethodsTest {
  @Test
  void byNames_rowsHaveTheNamesOfTheirMethods() {
    Methods.byNames().forEach((name, row) -> assertEquals(name, row.create().name()));
    assertTrue(Methods.byNames().keySet().containsAll(List.of("gradcam", "gradients")));
  }

  @Test
  void byNames_rowsAreOneLineWithAPaper() {
    for (Methods.Row row : Methods.byNames().values()) {
      assertFalse(row.summary().isBlank() || row.summary().contains("\n"), row::toString);
      assertTrue(row.paper().matches(".+, (19|20)\\d\\d, https://\\S+"), row::toString);
    }
  }
}
