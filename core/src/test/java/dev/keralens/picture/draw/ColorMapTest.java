package dev.keralens.picture.draw;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.picture.GoldenImages;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ColorMapTest {
  /**
   * Name to the 256 colours of matplotlib's map, made by {@code parity/images/make_color_maps.py}.
   */
  private static final Map<String, String> GOLDEN =
      new String(GoldenImages.file("../color_maps.txt"), StandardCharsets.US_ASCII)
          .lines()
          .collect(
              Collectors.toMap(
                  line -> line.substring(0, line.indexOf(' ')),
                  line -> line.substring(line.indexOf(' ') + 1)));

  static List<String> names() {
    return ColorMap.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void color_isMatplotlibs(String name) {
    String expected = GOLDEN.getOrDefault(name, "");
    assertEquals(256 * 6, expected.length(), "golden colours");
    for (int i = 0; i < 256; i++) {
      int color = ColorMap.of(name).color(i / 255.0);
      for (int channel = 0; channel < 3; channel++) {
        int at = i * 6 + channel * 2;
        int wanted = Integer.parseInt(expected.substring(at, at + 2), 16);
        int actual = color >> (16 - 8 * channel) & 0xFF;
        assertTrue(Math.abs(wanted - actual) <= 2, name + " " + i + ": " + wanted + ", " + actual);
      }
    }
  }

  @Test
  void color_clips() {
    assertEquals(0x000080, ColorMap.JET.color(-3));
    assertEquals(0x800000, ColorMap.JET.color(7));
    assertEquals(0x808080, ColorMap.GRAY.color(0.5));
    assertThrows(IllegalArgumentException.class, () -> ColorMap.JET.color(Double.NaN));
  }

  @Test
  void of_unknownNamesTheClosest() {
    assertEquals(ColorMap.VIRIDIS, ColorMap.of("Viridis"));
    assertEquals(
        "Unknown colour map 'viridus'. Did you mean 'viridis'?"
            + " Known: jet, turbo, viridis, inferno, magma, gray, coolwarm, seismic.",
        assertThrows(IllegalArgumentException.class, () -> ColorMap.of("viridus")).getMessage());
    assertEquals(
        "Unknown colour map 'plasma-like'."
            + " Known: jet, turbo, viridis, inferno, magma, gray, coolwarm, seismic.",
        assertThrows(IllegalArgumentException.class, () -> ColorMap.of("plasma-like"))
            .getMessage());
  }

  @Test
  void isDiverging_ofTwoSignsOnly() {
    assertEquals(
        List.of("coolwarm", "seismic"),
        ColorMap.names().stream().filter(n -> ColorMap.of(n).isDiverging()).toList());
  }

  @Test
  void apply_paintsEveryValue() {
    Picture picture = ColorMap.GRAY.apply(Tensor.of(new float[] {0, 1, 0.2f, 2}, 2, 2, 1));
    assertArrayEquals(new byte[] {0, 0, 0, -1, -1, -1, 51, 51, 51, -1, -1, -1}, picture.toBytes());
  }
}
