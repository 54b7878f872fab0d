package dev.keralens.app;

import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes the maps of one method as a NumPy array (batch, height, width, unit). An image that could
 * not be read keeps its row, of NaN, so that the rows are those of the inputs.
 */
final class ArrayWriter implements Writer {
  private final Path file;
  private final int images;
  private final List<Tensor> maps = new ArrayList<>();
  private final List<Integer> places = new ArrayList<>();

  ArrayWriter(Path file, int images) {
    this.file = file;
    this.images = images;
  }

  @Override
  public void add(Explained batch) {
    maps.add(batch.explanations().get(0).maps());
    places.addAll(batch.places());
  }

  @Override
  public Path file(Explained batch, int image, int explanation, int place) {
    return file;
  }

  @Override
  public String finish() throws IOException {
    Tensor all = spread(Tensor.concat(maps), places, images);
    Npy.write(file, all);
    return "%s: maps %s".formatted(file, describe(all, places));
  }

  /** The shape of all rows, and how many are NaN, for people. */
  static String describe(Tensor all, List<Integer> places) {
    int missing = all.size(0) - places.size();
    String shape = Tensor.describe(all.shape());
    return missing == 0
        ? shape
        : "%s, NaN in the %s of what could not be read"
            .formatted(shape, missing == 1 ? "row" : missing + " rows");
  }

  /**
   * Puts rows at their places, and NaN elsewhere.
   *
   * @param rows floats, a row for each place
   * @param places ascending
   * @param count how many rows there are to be
   */
  static Tensor spread(Tensor rows, List<Integer> places, int count) {
    if (places.size() == count) {
      return rows;
    }
    float[] from = rows.toFloatArray();
    int each = from.length / places.size();
    float[] to = new float[Math.multiplyExact(each, count)];
    Arrays.fill(to, Float.NaN);
    for (int i = 0; i < places.size(); i++) {
      System.arraycopy(from, i * each, to, places.get(i) * each, each);
    }
    int[] shape = rows.shape();
    shape[0] = count;
    return Tensor.of(to, shape);
  }
}
