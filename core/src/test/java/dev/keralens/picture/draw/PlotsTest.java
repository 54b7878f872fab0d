package dev.keralens.picture.draw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.picture.Interpolation;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Drawings of signals, volumes and rows of tables. */
class PlotsTest {
  private static int color(Picture picture, int row, int column) {
    return picture.sample(row, column, 0) << 16
        | picture.sample(row, column, 1) << 8
        | picture.sample(row, column, 2);
  }

  /** How many pixels have a colour, within a part of the picture. */
  private static int count(Picture picture, int color, double left, double right) {
    int count = 0;
    for (int row = 0; row < picture.height(); row++) {
      for (int x = (int) (left * picture.width()); x < right * picture.width(); x++) {
        count += color(picture, row, x) == color ? 1 : 0;
      }
    }
    return count;
  }

  private static Tensor wave(int steps, int channels) {
    float[] all = new float[steps * channels];
    for (int i = 0; i < all.length; i++) {
      int step = i / channels;
      all[i] = (float) Math.sin(step * 0.2) * (1 + i % channels);
    }
    return Tensor.of(all, steps, channels);
  }

  @Test
  void signal_hasTheMapsColoursWhereItIsStrong() {
    float[] map = new float[100];
    for (int i = 70; i < 80; i++) {
      map[i] = 1;
    }
    Overlay overlay = Overlay.create().colorMap(ColorMap.JET).alpha(1);
    Picture drawn = SignalOverlay.create().overlay(overlay).draw(wave(100, 1), Tensor.of(map, 100));
    assertEquals(1000, drawn.width());
    int strong = ColorMap.JET.color(1);
    assertTrue(count(drawn, strong, 0.6, 0.85) > 2000);
    assertEquals(0, count(drawn, strong, 0, 0.6));
    Picture plain = SignalOverlay.create().draw(wave(100, 1), null);
    assertEquals(0, count(plain, strong, 0, 1));
    assertTrue(count(plain, 0xFFFFFF, 0, 1) > 100_000);
  }

  @Test
  void signal_channelsAreRows() {
    Picture one = SignalOverlay.create().draw(wave(50, 1), null);
    Picture twelve =
        SignalOverlay.create().labels(List.of("I", "II", "III")).draw(wave(50, 12), null);
    Picture many = SignalOverlay.create().draw(wave(50, 200), null);
    assertTrue(twelve.height() > 12 * 50 && twelve.height() < 1000, twelve::toString);
    assertTrue(one.height() < 300, one::toString);
    assertTrue(many.height() < 600, many::toString);
    assertNotEquals(twelve, SignalOverlay.create().draw(wave(50, 12), null));
    Picture shorter = SignalOverlay.create().width(400).rate(10).draw(wave(5000, 2), null);
    assertEquals(400, shorter.width());
  }

  @Test
  void volume_slicesShareOneRange() {
    float[] values = new float[4 * 6 * 6];
    float[] map = new float[values.length];
    map[2 * 36 + 3 * 6 + 3] = 1;
    map[36 + 3 * 6 + 3] = 0.5f;
    Overlay overlay =
        Overlay.create().colorMap(ColorMap.VIRIDIS).alpha(1).interpolation(Interpolation.NEAREST);
    Picture drawn =
        VolumeOverlay.create()
            .overlay(overlay)
            .slices(4)
            .draw(Tensor.of(values, 4, 6, 6), Tensor.of(map, 4, 6, 6));
    int strongest = ColorMap.VIRIDIS.color(1);
    assertTrue(count(drawn, strongest, 0.5, 0.75) > 300, "third slice");
    int upper = drawn.height() / 3;
    int found = 0;
    for (int row = 0; row < upper; row++) {
      for (int x = drawn.width() / 4; x < drawn.width() / 2; x++) {
        found += color(drawn, row, x) == strongest ? 1 : 0;
      }
    }
    assertEquals(0, found, "second slice, half as strong");
  }

  @Test
  void bars_goToBothSidesTheLongestFirst() {
    Tensor features = Tensor.of(new float[] {1, 2, 3}, 3);
    Tensor map = Tensor.of(new float[] {0.5f, -1, 0}, 3);
    Picture drawn = BarChart.create().labels(List.of("a", "b", "c")).draw(features, map);
    int red = count(drawn, 0xB40426, 0, 1);
    int blue = count(drawn, 0x3B4CC0, 0, 1);
    assertEquals(2.0, (double) blue / red, 0.05);
    int firstBlue = 0;
    while (!hasColor(drawn, firstBlue, 0x3B4CC0)) {
      firstBlue++;
    }
    int firstRed = 0;
    while (!hasColor(drawn, firstRed, 0xB40426)) {
      firstRed++;
    }
    assertTrue(firstBlue < firstRed);
    Picture some = BarChart.create().most(1).draw(features, map);
    assertEquals(0, count(some, 0xB40426, 0, 1));
  }

  private static boolean hasColor(Picture picture, int row, int color) {
    for (int x = 0; x < picture.width(); x++) {
      if (color(picture, row, x) == color) {
        return true;
      }
    }
    return false;
  }

  @Test
  void whatCannotBeDrawn_isRefused() {
    Tensor nan = Tensor.of(new float[] {Float.NaN, 1}, 2);
    Tensor two = Tensor.of(new float[] {0, 1}, 2);
    assertThrows(IllegalArgumentException.class, () -> SignalOverlay.create().draw(nan, null));
    assertThrows(
        IllegalArgumentException.class,
        () -> SignalOverlay.create().draw(two.reshape(1, 2, 1), null));
    assertThrows(IllegalArgumentException.class, () -> BarChart.create().draw(two, nan));
    assertThrows(
        IllegalArgumentException.class,
        () -> BarChart.create().draw(two, Tensor.of(new float[3], 3)));
    assertThrows(IllegalArgumentException.class, () -> VolumeOverlay.create().draw(two, null));
    assertThrows(IllegalArgumentException.class, () -> SignalOverlay.create().rate(-1));
    assertThrows(IllegalArgumentException.class, () -> SignalOverlay.create().width(10));
    assertThrows(IllegalArgumentException.class, () -> VolumeOverlay.create().slices(0));
    assertThrows(IllegalArgumentException.class, () -> BarChart.create().most(0));
  }

  @Test
  void numbers_haveFewLetters() {
    assertEquals("0", Plots.number(0));
    assertEquals("0.5", Plots.number(0.5));
    assertEquals("−0.98", Plots.number(-0.978));
    assertEquals("3e-05", Plots.number(3.2e-5).replace('−', '-'));
    assertEquals("1234", Plots.number(1234.4));
    assertEquals(20, Plots.step(160, 8));
    assertEquals(0.5, Plots.step(3.9, 8));
  }
}
