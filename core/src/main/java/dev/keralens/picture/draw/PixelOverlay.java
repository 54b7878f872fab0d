package dev.keralens.picture.draw;

import dev.keralens.picture.ColorMode;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;

/**
 * Lays a map of single pixels, such as Gradients give, over a picture.
 *
 * <p>Such maps are sparse points that nobody would see over the picture itself. They are drawn over
 * a dark grayscale copy, their colours end at the 99th percentile, as in the paper of SmoothGrad
 * (Smilkov et al., 2017), and are not transparent where they are strong.
 *
 * <p>Immutable: each setting returns another overlay.
 */
public final class PixelOverlay {
  private static final double PERCENTILE = 0.99;
  private static final float BRIGHTNESS = 0.4f;

  private final ColorMap colorMap;

  private PixelOverlay(ColorMap colorMap) {
    this.colorMap = colorMap;
  }

  /** {@return an overlay in {@link ColorMap#INFERNO}} */
  public static PixelOverlay create() {
    return new PixelOverlay(ColorMap.INFERNO);
  }

  /**
   * {@return an overlay in other colours}
   *
   * @param map the colours; a diverging one for maps of two signs
   */
  public PixelOverlay colorMap(ColorMap map) {
    return new PixelOverlay(map);
  }

  /**
   * {@return a dark copy of the picture in RGB with the map over it}
   *
   * @param picture the picture
   * @param map (height, width) or (height, width, 1), of any size: it is resized to the picture's
   * @throws IllegalArgumentException if the shape is another or a value is NaN or infinite
   */
  public Picture draw(Picture picture, Tensor map) {
    float high = strong(map);
    Overlay overlay = Overlay.create().colorMap(colorMap).alpha(1);
    if (high > 0) {
      overlay = overlay.range(colorMap.isDiverging() ? -high : 0, high);
    }
    return overlay.draw(dark(picture), map);
  }

  /** The 99th percentile of absolute values; the largest where that is zero. */
  private static float strong(Tensor map) {
    float[] values = map.toFloatArray();
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.abs(values[i]);
    }
    Arrays.sort(values);
    float high = values[(int) (PERCENTILE * (values.length - 1))];
    return high > 0 ? high : values[values.length - 1];
  }

  private static Picture dark(Picture picture) {
    Tensor gray = picture.convert(ColorMode.RGB).convert(ColorMode.GRAYSCALE).toTensor();
    float[] samples = gray.toFloatArray();
    for (int i = 0; i < samples.length; i++) {
      samples[i] *= BRIGHTNESS;
    }
    return Picture.ofTensor(Tensor.of(samples, gray.shape()));
  }
}
