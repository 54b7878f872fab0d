package dev.keralens.app;

import dev.keralens.picture.ColorMap;
import dev.keralens.picture.ColorMode;
import dev.keralens.picture.Overlay;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How maps are drawn.
 *
 * <p>Maps of activations are smooth, and lie over the picture. Maps of single pixels are sparse
 * points that nobody would see there: they are drawn over a dark grayscale copy, their colours end
 * at the 99th percentile, as in the paper of SmoothGrad (Smilkov et al., 2017), and are not
 * transparent where they are strong.
 *
 * @param colorMap the colours; null for those that suit the map
 * @param alpha the opacity of the strongest colour
 * @param signed whether maps have values below zero
 */
record Rendering(@Nullable ColorMap colorMap, double alpha, boolean signed) {
  private static final double PERCENTILE = 0.99;
  private static final float BRIGHTNESS = 0.4f;

  /** How maps of activations are laid over a picture. */
  Overlay overlay() {
    return Overlay.create().colorMap(colors(ColorMap.JET)).alpha(alpha);
  }

  private ColorMap colors(ColorMap unsigned) {
    return colorMap != null ? colorMap : signed ? ColorMap.COOLWARM : unsigned;
  }

  /** A picture with a map of activations, or of single pixels, over it. */
  Picture draw(Picture picture, Tensor map, boolean ofPixels) {
    return ofPixels ? drawPixels(picture, map) : overlay().draw(picture, map);
  }

  private Picture drawPixels(Picture picture, Tensor map) {
    float[] values = map.toFloatArray();
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.abs(values[i]);
    }
    Arrays.sort(values);
    float high = values[(int) (PERCENTILE * (values.length - 1))];
    high = high > 0 ? high : values[values.length - 1];
    Overlay overlay = Overlay.create().colorMap(colors(ColorMap.INFERNO)).alpha(1);
    if (high > 0) {
      overlay = overlay.range(overlay.colorMap().isDiverging() ? -high : 0, high);
    }
    return overlay.draw(dark(picture), map);
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
