package dev.keralens.picture.draw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UnitOverlayTest {
  private static final Picture BLACK =
      Picture.ofTensor(Tensor.of(new float[64 * 128 * 3], 64, 128, 3));
  private static final UnitOverlay PLAIN =
      UnitOverlay.create().legend(false).alpha(1).colors(List.of(0xFF0000, 0x0000FF));

  private static Map<String, Tensor> units(float... firstAndSecond) {
    Map<String, Tensor> units = new LinkedHashMap<>();
    units.put("cat", Tensor.of(new float[] {firstAndSecond[0], firstAndSecond[1]}, 1, 2));
    units.put("dog", Tensor.of(new float[] {firstAndSecond[2], firstAndSecond[3]}, 1, 2));
    return units;
  }

  @Test
  void draw_eachUnitHasItsColour() {
    Picture drawn = PLAIN.draw(BLACK, units(1, 0, 0, 1));
    assertEquals(255, drawn.sample(32, 0, 0));
    assertEquals(0, drawn.sample(32, 0, 2));
    assertEquals(0, drawn.sample(32, 127, 0));
    assertEquals(255, drawn.sample(32, 127, 2));
  }

  @Test
  void draw_eachMapIsScaledByItsOwnMaximum() {
    assertEquals(PLAIN.draw(BLACK, units(1, 0, 0, 1)), PLAIN.draw(BLACK, units(0.5f, 0, 0, 1000)));
  }

  @Test
  void draw_equalUnitsBlend() {
    Picture drawn = PLAIN.draw(BLACK, units(1, 0, 1, 0));
    assertEquals(drawn.sample(32, 0, 0), drawn.sample(32, 0, 2), 1);
    assertTrue(drawn.sample(32, 0, 0) > 100);
  }

  @Test
  void draw_noEvidenceLeavesThePicture() {
    assertEquals(BLACK, PLAIN.draw(BLACK, units(0, 0, -1, -2)));
    assertEquals(BLACK, UnitOverlay.create().draw(BLACK, Map.of()));
  }

  @Test
  void legend_standsBelowThePicture() {
    Map<String, Tensor> units = units(1, 0, 0, 1);
    UnitOverlay overlay = UnitOverlay.create().alpha(1).colors(List.of(0xFF0000, 0x0000FF));
    Picture drawn = overlay.draw(BLACK, units, new StrokeLettering());
    assertEquals(128, drawn.width());
    assertTrue(drawn.height() > 64 + 10, () -> "height " + drawn.height());
    assertEquals(PLAIN.draw(BLACK, units), drawn.crop(0, 0, 64, 128));
    boolean red = false;
    boolean blue = false;
    for (int row = 64; row < drawn.height(); row++) {
      for (int column = 0; column < 128; column++) {
        red |= drawn.sample(row, column, 0) == 255 && drawn.sample(row, column, 1) == 0;
        blue |= drawn.sample(row, column, 2) == 255 && drawn.sample(row, column, 1) == 0;
      }
    }
    assertTrue(red && blue, "a swatch of each colour");
  }

  @Test
  void legend_manyLongNamesWrapInsideThePicture() {
    Map<String, Tensor> units = new LinkedHashMap<>();
    for (int i = 0; i < 12; i++) {
      units.put("a long name of class " + i, Tensor.of(new float[] {i, 12 - i}, 1, 2));
    }
    Picture drawn = UnitOverlay.create().draw(BLACK, units, new StrokeLettering());
    assertEquals(128, drawn.width());
    assertTrue(drawn.height() > 64 + 12 * 10, () -> "height " + drawn.height());
  }

  @Test
  void colors_beyondTheGivenOnesDiffer() {
    Map<String, Tensor> units = new LinkedHashMap<>();
    Map<String, Tensor> swapped = new LinkedHashMap<>();
    for (int i = 0; i < 9; i++) {
      float[] one = new float[9];
      one[i] = 1;
      float[] other = new float[9];
      other[8 - i] = 1;
      units.put("" + i, Tensor.of(one, 1, 9));
      swapped.put("" + i, Tensor.of(other, 1, 9));
    }
    UnitOverlay overlay = UnitOverlay.create().legend(false);
    assertNotEquals(overlay.draw(BLACK, units), overlay.draw(BLACK, swapped));
  }

  @Test
  void settings_badOnesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> UnitOverlay.create().alpha(1.1));
    assertThrows(IllegalArgumentException.class, () -> UnitOverlay.create().colors(List.of(-1)));
    assertThrows(
        IllegalArgumentException.class,
        () -> PLAIN.draw(BLACK, Map.of("nan", Tensor.of(new float[] {Float.NaN}, 1, 1))));
  }
}
