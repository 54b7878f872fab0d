package dev.keralens.picture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@link ImageLoader#keras()} against {@code img_to_array(load_img(...))} of Keras 3 with Pillow.
 */
class ImageLoaderGoldenTest {
  /**
   * Where another decoder than Pillow's rounds otherwise: Java scales a TIFF palette's 16 bits down
   * with rounding.
   */
  private static final Map<String, Integer> DIFFERENCES = Map.of("palette.tif", 1);

  static List<GoldenImages.Case> cases() throws IOException {
    return GoldenImages.cases();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void load_isWhatKerasLoads(GoldenImages.Case golden) throws IOException {
    float[] actual =
        golden.loader().load(GoldenImages.file(golden.file()), golden.file()).toFloatArray();
    assertEquals(golden.expected().length, actual.length, "samples");
    int worst = 0;
    for (int i = 0; i < actual.length; i++) {
      worst = Math.max(worst, Math.abs(golden.expected()[i] - (int) actual[i]));
    }
    // 16-bit sums are rounded from doubles, whose order of summation may differ.
    int allowed =
        golden.file().startsWith("gray16.png") ? 1 : DIFFERENCES.getOrDefault(golden.file(), 0);
    assertTrue(worst <= allowed, "largest difference " + worst);
  }

  @Test
  void cases_areAllThere() throws IOException {
    assertTrue(GoldenImages.cases().size() > 380);
  }
}
