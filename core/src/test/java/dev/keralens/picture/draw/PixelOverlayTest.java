package dev.keralens.picture.draw;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PixelOverlayTest {
  /** 100 pixels of which one is strong: the colours end at the others' strength. */
  private static Tensor points(float background, float point) {
    float[] map = new float[100];
    Arrays.fill(map, background);
    map[55] = point;
    return Tensor.of(map, 10, 10);
  }

  private static Picture gray(int sample) {
    float[] samples = new float[300];
    Arrays.fill(samples, sample);
    return Picture.ofTensor(Tensor.of(samples, 10, 10, 3));
  }

  @Test
  void draw_withoutEvidence_showsTheDarkPicture() {
    Tensor drawn = PixelOverlay.create().draw(gray(200), points(0, 0)).toTensor();
    for (float sample : drawn.toFloatArray()) {
      assertEquals(80, sample);
    }
  }

  @Test
  void draw_endsAtThePercentile() {
    float[] drawn = PixelOverlay.create().draw(gray(0), points(1, 100)).toTensor().toFloatArray();
    for (int channel = 0; channel < 3; channel++) {
      assertEquals(
          drawn[channel], drawn[55 * 3 + channel], "one strength and a hundred look alike");
    }
  }

  @Test
  void draw_onePointAmongZeros_isSeen() {
    float[] drawn = PixelOverlay.create().draw(gray(200), points(0, 3)).toTensor().toFloatArray();
    int color = ColorMap.INFERNO.color(1);
    assertEquals(color >> 16 & 255, drawn[55 * 3]);
    assertEquals(color >> 8 & 255, drawn[55 * 3 + 1]);
    assertEquals(80, drawn[0]);
  }
}
