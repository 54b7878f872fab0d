package dev.keralens.method;

import dev.keralens.explain.Batch;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.Tensor;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The pieces of the images of a batch. */
final class Pieces {
  private Pieces() {}

  static final int USUAL = 50;

  /**
   * The pieces of all images of a batch.
   *
   * @param asked how they are divided; null for each column of a table and each word of a text, and
   *     about 50 pieces of what has neighbours
   */
  static int[][] labels(@Nullable Superpixels asked, Batch batch, int index, KerasTensor input) {
    boolean columns = input.value().rank() == 2;
    Superpixels superpixels =
        asked != null
            ? asked
            : columns
                ? (image, places, channels) -> IntStream.range(0, places[0]).toArray()
                : Superpixels.slic(USUAL);
    int[] places = input.places();
    int[][] labels = new int[batch.images()][];
    Tensor images = batch.inputs().get(index);
    int axis = input.value().rank() < 3 ? -1 : input.layout().channelAxis(input.value().rank());
    Tensor last = axis < 0 || axis == images.rank() - 1 ? images : channelsLast(images, axis);
    int channels = axis < 0 ? 1 : last.size(-1);
    for (int i = 0; i < labels.length; i++) {
      labels[i] = superpixels.of(last.row(i).toFloatArray(), places, channels);
    }
    return labels;
  }

  private static Tensor channelsLast(Tensor images, int axis) {
    int rank = images.rank();
    int[] order = new int[rank];
    for (int i = 0; i < rank; i++) {
      order[i] = i < axis ? i : i == rank - 1 ? axis : i + 1;
    }
    return images.transpose(order);
  }
}
