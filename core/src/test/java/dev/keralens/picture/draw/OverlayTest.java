package dev.keralens.picture.draw;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.picture.ColorMode;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class OverlayTest {
  private static final Picture GRAY_2X2 =
      Picture.ofBytes(
          ColorMode.RGB,
          2,
          2,
          new byte[] {100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100});

  private static Tensor map(float... values) {
    return Tensor.of(values, 2, 2);
  }

  @Test
  void draw_noEvidenceLeavesThePicture() {
    for (String name : ColorMap.names()) {
      Overlay overlay = Overlay.create().colorMap(ColorMap.of(name));
      assertEquals(GRAY_2X2, overlay.draw(GRAY_2X2, map(0, 0, 0, 0)), name);
    }
    assertEquals(GRAY_2X2, Overlay.create().draw(GRAY_2X2, map(-1, -1, -1, -1)));
  }

  @Test
  void draw_opacityGrowsWithTheValue() {
    Picture drawn =
        Overlay.create().colorMap(ColorMap.GRAY).alpha(1).draw(GRAY_2X2, map(0, 0.5f, 1, 0.25f));
    assertEquals(100, drawn.sample(0, 0, 0));
    assertEquals(114, drawn.sample(0, 1, 0)); // half way to 128
    assertEquals(255, drawn.sample(1, 0, 0));
    assertEquals(94, drawn.sample(1, 1, 0)); // 100 + (5 / 32) (64 - 100)
  }

  @Test
  void draw_eachMapHasItsOwnRangeUnlessOneIsGiven() {
    Overlay overlay = Overlay.create().colorMap(ColorMap.GRAY).alpha(1);
    assertEquals(
        overlay.draw(GRAY_2X2, map(0, 0.5f, 1, 0.25f)),
        overlay.draw(GRAY_2X2, map(0, 0.05f, 0.1f, 0.025f)));
    assertEquals(
        GRAY_2X2.sample(0, 0, 0),
        overlay.range(0, 10).draw(GRAY_2X2, map(0, 0, 0, 0.1f)).sample(0, 0, 0));
    assertEquals(255, overlay.range(0, 0.5).draw(GRAY_2X2, map(0.5f, 0, 1, 0)).sample(0, 0, 0));
  }

  @Test
  void draw_divergingShowsBothSigns() {
    Picture drawn =
        Overlay.create().colorMap(ColorMap.SEISMIC).alpha(1).draw(GRAY_2X2, map(-2, 2, 0, 1));
    assertEquals(0x4D, drawn.sample(0, 0, 2));
    assertEquals(0x80, drawn.sample(0, 1, 0));
    assertEquals(100, drawn.sample(1, 0, 1));
    assertTrue(drawn.sample(1, 1, 0) > drawn.sample(1, 1, 2));
  }

  @Test
  void draw_resizesWithHalfPixelCentres() {
    Picture black = Picture.ofBytes(ColorMode.GRAYSCALE, 1, 4, new byte[4]);
    Picture drawn =
        Overlay.create()
            .colorMap(ColorMap.GRAY)
            .alpha(1)
            .range(0, 1)
            .draw(black, Tensor.of(new float[] {0, 1}, 1, 2));
    int[] reds = new int[4];
    Arrays.setAll(reds, i -> drawn.sample(0, i, 0));
    // Values 0, 1/4, 3/4, 1 with opacities 0, 5/32, 27/32, 1.
    assertArrayEquals(new int[] {0, 10, 161, 255}, reds);
  }

  @Test
  void draw_refusesWhatIsNoMap() {
    Overlay overlay = Overlay.create();
    assertEquals(
        "A map is (height, width) or (height, width, 1), got FLOAT32(2, 1, 2).",
        message(() -> overlay.draw(GRAY_2X2, Tensor.of(new float[4], 2, 1, 2))));
    assertEquals(
        "The map FLOAT32(2, 2) is NaN in row 1, column 0.",
        message(() -> overlay.draw(GRAY_2X2, map(0, 0, Float.NaN, 0))));
    assertThrows(IllegalArgumentException.class, () -> overlay.alpha(1.5));
    assertThrows(IllegalArgumentException.class, () -> overlay.range(1, 1));
  }

  private static String message(Runnable call) {
    return String.valueOf(assertThrows(IllegalArgumentException.class, call::run).getMessage());
  }

  @Test
  void overlay_isTheDefault() {
    Tensor map = map(0, 0.3f, 1, 0.6f);
    assertEquals(Overlay.create().draw(GRAY_2X2, map), Overlay.create().draw(GRAY_2X2, map));
  }
}
