package dev.keralens.web;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.picture.ColorMode;
import dev.keralens.picture.Interpolation;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;

/** Takes regions out of a picture. */
final class Erasing {
  private static final int MOST_SPOTS = 5000;
  private static final int BLUR = 24;

  private Erasing() {}

  /**
   * A picture without some regions.
   *
   * @param spots of each its centre (x, y) and radius, x as a part of the width, y of the height,
   *     the radius of the longer side
   * @param filling what is put there: mean, black, white or blur
   */
  static Picture erased(Picture picture, JsonNode spots, String filling) {
    if (spots.isEmpty() || spots.size() > MOST_SPOTS) {
      throw new IllegalArgumentException(
          "From 1 to %d spots are erased at once.".formatted(MOST_SPOTS));
    }
    Picture rgb = picture.convert(ColorMode.RGB);
    int height = rgb.height();
    int width = rgb.width();
    float[] pixels = rgb.toTensor().toFloatArray();
    float[] filler = filler(rgb, pixels.clone(), filling);
    for (JsonNode spot : spots) {
      double x = spot.path(0).asDouble() * width;
      double y = spot.path(1).asDouble() * height;
      double radius = Math.min(1, spot.path(2).asDouble()) * Math.max(width, height);
      for (int row = (int) Math.max(0, y - radius);
          row <= Math.min(height - 1, y + radius);
          row++) {
        for (int column = (int) Math.max(0, x - radius);
            column <= Math.min(width - 1, x + radius);
            column++) {
          double dx = column + 0.5 - x;
          double dy = row + 0.5 - y;
          if (dx * dx + dy * dy <= radius * radius) {
            int at = (row * width + column) * 3;
            System.arraycopy(filler, at, pixels, at, 3);
          }
        }
      }
    }
    return Picture.ofTensor(Tensor.of(pixels, height, width, 3));
  }

  private static float[] filler(Picture picture, float[] pixels, String filling) {
    switch (filling) {
      case "black" -> Arrays.fill(pixels, 0);
      case "white" -> Arrays.fill(pixels, 255);
      case "blur" -> {
        int height = picture.height();
        int width = picture.width();
        return picture
            .resize(Math.max(1, height / BLUR), Math.max(1, width / BLUR), Interpolation.BILINEAR)
            .resize(height, width, Interpolation.BICUBIC)
            .toTensor()
            .toFloatArray();
      }
      default -> {
        for (int channel = 0; channel < 3; channel++) {
          double sum = 0;
          for (int i = channel; i < pixels.length; i += 3) {
            sum += pixels[i];
          }
          int count = pixels.length / 3;
          float mean = (float) (sum / count);
          for (int i = channel; i < pixels.length; i += 3) {
            pixels[i] = mean;
          }
        }
      }
    }
    return pixels;
  }
}
