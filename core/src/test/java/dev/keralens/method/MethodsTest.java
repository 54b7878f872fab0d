package dev.keralens.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.explain.Method;
import dev.keralens.explain.Seeded;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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

  @Test
  void byNames_whatHasASeedIsSeeded() {
    Set<String> seeded = new TreeSet<>();
    for (Map.Entry<String, Methods.Row> row : Methods.byNames().entrySet()) {
      Method method = row.getValue().create();
      boolean has =
          Arrays.stream(method.getClass().getMethods()).anyMatch(m -> m.getName().equals("seed"));
      assertEquals(has, method instanceof Seeded, row.getKey());
      if (has) {
        seeded.add(row.getKey());
      }
    }
    assertTrue(seeded.containsAll(Set.of("rise", "drise", "lime", "kernelshap")), seeded::toString);
  }
}
