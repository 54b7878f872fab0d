package dev.keralens.web;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.explain.Baseline;
import dev.keralens.explain.Method;
import dev.keralens.filter.Filters;
import dev.keralens.method.Methods;
import dev.keralens.web.MethodSettings.Field;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class MethodSettingsTest {
  private static final Map<String, String> OTHERS =
      Map.of("steps", "7", "samples", "9", "smooth", "3");

  private static Method create(String name, Map<String, String> settings) {
    return MethodSettings.create(name, settings, Baseline::of);
  }

  @Test
  void defaults_areThoseOfTheMethods() {
    for (Methods.Row row : Methods.byNames().values()) {
      Method plain = row.create();
      for (Field field : MethodSettings.of(plain)) {
        Method same = create(row.name(), Map.of(field.name(), field.value()));
        assertEquals(plain.info().passes(), same.info().passes(), row.name() + " " + field.name());
        // A number that is not the default says another number of passes, so the default is right.
        boolean counts = field.name().equals("steps") || field.name().equals("samples");
        if (counts && plain.info().passes() > 1) {
          int value = Integer.parseInt(field.value());
          int passes =
              create(row.name(), Map.of(field.name(), String.valueOf(value * 2))).info().passes();
          assertEquals(2.0 * plain.info().passes(), passes, 4, row.name() + " " + field.name());
        }
      }
    }
  }

  @Test
  void settings_changeTheMethod() {
    OTHERS.forEach(
        (name, value) ->
            Methods.byNames().values().stream()
                .filter(
                    row ->
                        MethodSettings.of(row.create()).stream()
                            .anyMatch(f -> f.name().equals(name)))
                .forEach(
                    row ->
                        assertFalse(create(row.name(), Map.of(name, value)).equals(row.create()))));
  }

  /** The static methods without parameters that make a method of a name. */
  private static Set<String> factories(Method method) throws ReflectiveOperationException {
    Set<String> found = new HashSet<>();
    for (java.lang.reflect.Method factory : method.getClass().getMethods()) {
      if (Modifier.isStatic(factory.getModifiers())
          && factory.getParameterCount() == 0
          && factory.getReturnType().equals(method.getClass())
          && ((Method) factory.invoke(null)).name().equals(method.name())) {
        found.add(factory.getName());
      }
    }
    return found;
  }

  /** The page shows Java that makes the same maps. */
  @Test
  void code_namesWhatMakesAMethodAndItsSamples() throws IOException, ReflectiveOperationException {
    String script = Assets.text("code.js");
    for (Methods.Row row : Methods.byNames().values()) {
      Method method = row.create();
      Set<String> factories = factories(method);
      boolean named =
          factories.stream()
              .anyMatch(name -> script.contains("\"%s\": \"%s\"".formatted(row.name(), name)));
      assertTrue(named != factories.contains("create"), row.name() + " is made by " + factories);
      if (method.option("samples").isPresent()) {
        String name = method.getClass().getSimpleName();
        boolean samples =
            Arrays.stream(method.getClass().getMethods())
                .anyMatch(m -> m.getName().equals("samples"));
        assertTrue(samples != script.contains("\"%s\"".formatted(name)), name);
      }
    }
  }

  @Test
  void values_areChecked() {
    for (Map<String, String> bad :
        List.of(
            Map.of("steps", "0"),
            Map.of("steps", "1.5"),
            Map.of("steps", "x"),
            Map.of("rule", "none"),
            Map.of("nothing", "1"),
            Map.of("noise", "101", "smooth", "2"))) {
      assertThrows(
          IllegalArgumentException.class, () -> create("integrated_gradients", bad), bad::toString);
    }
    assertThrows(IllegalArgumentException.class, () -> create("nothing", Map.of()));
  }

  @Test
  void filters_haveTheirNames() {
    Filters.byNames().forEach((name, filter) -> assertEquals(name, FilterNames.of(filter)));
    Methods.byNames()
        .values()
        .forEach(row -> assertFalse(FilterNames.of(row.info().filter()).isEmpty(), row.name()));
  }

  @Test
  void modules_ofReportsHaveNamesOfTheirOwn() throws IOException {
    Pattern name =
        Pattern.compile("(?m)^(?:export )?(?:async )?(?:function|const|let|class) (\\w+)");
    Set<String> seen = new HashSet<>();
    for (String module : Assets.REPORT) {
      Matcher names = name.matcher(Assets.text(module));
      while (names.find()) {
        assertTrue(seen.add(names.group(1)), module + ": " + names.group(1) + " is taken");
      }
    }
    String script = Report.script();
    assertFalse(script.contains("\nimport ") || script.contains("\nexport "), "one module");
    assertFalse(script.contains("</script"), "ends early");
  }

  @Test
  void assets_areAllThere() throws IOException {
    for (String name : Assets.names()) {
      assertTrue(Assets.read(name).length > 0, name);
    }
    String page = Assets.text("index.html");
    assertFalse(page.contains("style=") || page.matches("(?s).*\\son\\w+=.*"), "inline");
    assertFalse(page.contains("http://") || page.contains("https://"), "from elsewhere");
  }

  @Test
  void ranks_areFromTheStrongestOn() {
    assertArrayEquals(new int[] {2, 0, 1}, Curves.ranks(new float[] {-1, 5, 2}));
    assertArrayEquals(
        new int[] {0, 0, 1, 1, 2, 2, 3, 3},
        Curves.places(new int[] {1, 2, 2, 2}, new int[] {1, 2}));
    assertArrayEquals(
        new int[] {0, 1, 2, 3, 0, 1, 2, 3},
        Curves.places(new int[] {1, 2, 2, 2}, new int[] {2, 3}));
    float[] flat =
        Curves.blurred(new float[] {1, 1, 1, 1}, new int[] {1, 2, 2, 1}, new int[] {1, 2});
    assertArrayEquals(new float[] {1, 1, 1, 1}, flat, 1e-6f);
  }

  @Test
  void messages_loseTheirFolders() {
    assertEquals("a.png is damaged", Told.text("/home/me/pictures/a.png is damaged"));
    assertEquals("No file 'b.h5'.", Told.text("No file 'C:\\models\\b.h5'."));
    assertEquals("takes 3 of 4 / 5", Told.text("takes 3 of 4 / 5"));
    assertEquals("https://arxiv.org/abs/1", Told.text("https://arxiv.org/abs/1"));
  }
}
