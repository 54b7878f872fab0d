package dev.keralens.filter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.keralens.tensor.Tensor;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FiltersTest {
  private static float[] filtered(String name, float... map) {
    Filter filter = Objects.requireNonNull(Filters.byNames().get(name));
    return filter.apply(Tensor.of(map, 1, map.length)).toFloatArray();
  }

  static List<String> names() {
    return List.copyOf(Filters.byNames().keySet());
  }

  @Test
  void filters_giveTheirDefinitions() {
    float[] map = {-2, 0, 1, 2};
    assertArrayEquals(map, filtered("none", map));
    assertArrayEquals(new float[] {0, 0.5f, 0.75f, 1}, filtered("normalize", map));
    assertArrayEquals(new float[] {0, 0, 1, 2}, filtered("positive", map));
    assertArrayEquals(new float[] {2, 0, 1, 2}, filtered("absolute", map));
    assertArrayEquals(new float[] {0, 0, 0.5f, 1}, filtered("positive_normalize", map));
    assertArrayEquals(new float[] {1, 0, 0.5f, 1}, filtered("absolute_normalize", map));
  }

  /** keras-explainable returns the positive part for both. */
  @Test
  void negative_isTheNegativePart() {
    float[] map = {-2, -1, 0, 4};
    assertArrayEquals(new float[] {-2, -1, 0, 0}, filtered("negative", map));
    assertArrayEquals(new float[] {1, 0.5f, 0, 0}, filtered("negative_normalize", map));
  }

  @ParameterizedTest
  @MethodSource("names")
  void constantMap_isNeverNaN(String name) {
    for (float value : new float[] {-3, 0, 5}) {
      for (float element : filtered(name, value, value, value)) {
        assertEquals(element, element, name + " of " + value);
        if (name.endsWith("normalize")) {
          assertEquals(0, element, name + " of " + value);
        }
      }
    }
  }

  @Test
  void applyEach_takesEveryMapByItself() {
    Tensor maps = Tensor.of(new float[] {0, 0, 1, 10, 2, 40}, 1, 3, 2);
    assertArrayEquals(
        new float[] {0, 0, 0.5f, 0.25f, 1, 1},
        ((Filter) Filters::normalize).applyEach(maps).toFloatArray());
    Filter half = Filter.of(map -> Tensor.of(new float[] {map.get(0), 0, 7}, 3));
    assertArrayEquals(new float[] {0, 0, 0, 0, 7, 7}, half.applyEach(maps).toFloatArray());
  }

  @Test
  void ofJava_anotherShape_isRefused() {
    Filter wrong = Filter.of(map -> Tensor.scalar(1));
    assertThrows(
        IllegalArgumentException.class, () -> wrong.apply(Tensor.of(new float[] {1, 2}, 2)));
  }

  @Test
  void then_appliesOneAfterTheOther() {
    Tensor map = Tensor.of(new float[] {-4, 2, 1}, 3);
    Filter both =
        ((Filter) Filters::positive)
            .then(Filter.of(m -> Tensor.of(new float[] {m.get(0) + 1, m.get(1), 9}, 3)))
            .then(Filters::normalize);
    assertArrayEquals(new float[] {0, 0.125f, 1}, both.apply(map).toFloatArray());
  }
}
