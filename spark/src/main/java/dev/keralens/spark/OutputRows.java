package dev.keralens.spark;

import dev.keralens.Explanation;
import dev.keralens.picture.Picture;
import dev.keralens.picture.draw.Overlay;
import dev.keralens.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;

/** Explanations as the structs that come out. */
final class OutputRows {
  private final ExplainJob job;

  OutputRows(ExplainJob job) {
    this.job = job;
  }

  /**
   * {@return the struct of an image}
   *
   * @param why explanations
   * @param image which of them
   * @param picture what overlays are drawn on
   * @throws IllegalArgumentException if the maps have three axes
   */
  Row of(Explanation why, int image, @Nullable Picture picture) {
    int k = why.unitsPerImage();
    int[] units = new int[k];
    float[] scores = new float[k];
    float[] outputs = new float[k];
    String[] classes = new String[k];
    Object[] maps = new Object[k];
    int[] shape = {};
    for (int i = 0; i < k; i++) {
      units[i] = why.unit(image, i);
      scores[i] = why.scores().get(image, i);
      outputs[i] = why.outputs().get(image, i);
      classes[i] = job.label(units[i]);
      Tensor map = why.map(image, i);
      shape = map.shape();
      maps[i] =
          job.givesOverlays() ? overlay(map, Objects.requireNonNull(picture)) : map.toFloatArray();
    }
    if (shape.length > 2) {
      throw new IllegalArgumentException(
          "Maps of %d axes are not given; images and sequences are.".formatted(shape.length));
    }
    int width = shape.length == 0 ? 1 : shape[shape.length - 1];
    int height = shape.length == 2 ? shape[0] : 1;
    return RowFactory.create(units, scores, outputs, classes, height, width, maps);
  }

  private static byte[] overlay(Tensor map, Picture picture) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      Overlay.create().draw(picture, map).write(bytes, "png");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
