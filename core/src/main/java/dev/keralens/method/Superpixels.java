package dev.keralens.method;

import dev.keralens.method.numeric.Blocks;
import dev.keralens.method.numeric.Slic;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;

/** Divides an image into pieces that are hidden and shown as one. */
@FunctionalInterface
public interface Superpixels {
  /**
   * {@return the piece of each place, counted from 0 without a gap, the last axis varying fastest}
   *
   * @param image the places one after another, each with its channels
   * @param places the size of each axis
   * @param channels how many channels there are
   */
  int[] of(float[] image, int[] places, int channels);

  /**
   * {@return pieces that follow the picture, by SLIC (Achanta et al., 2012); what is no picture,
   * such as the columns of a table or a sequence, is divided into equal pieces, at most one for
   * each place}
   *
   * @param count how many, about; at least 1
   */
  static Superpixels slic(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("At least one piece is needed, got " + count + ".");
    }
    return (image, places, channels) ->
        places.length == 2
            ? new Slic(image, places, channels).labels(count)
            : Blocks.labels(places, count);
  }

  /**
   * {@return pieces that are given, the same for every image}
   *
   * @param labels whole numbers from 0, of the shape of the input's places
   */
  static Superpixels given(Tensor labels) {
    return (image, places, channels) -> {
      if (!Arrays.equals(labels.shape(), places)) {
        throw new IllegalArgumentException(
            "The pieces of the input have the shape %s, got %s."
                .formatted(Tensor.describe(places), labels.typeAndShape()));
      }
      return Blocks.counted(labels.toIntArray());
    };
  }
}
