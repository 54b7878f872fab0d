package dev.keralens.app;

import dev.keralens.Explanation;
import dev.keralens.tensor.Npz;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Writes the maps of every method in one file of NumPy arrays, with what they are of.
 *
 * <p>Each map has its method's name, with its layer where the method explains several: {@code
 * gradcam} or {@code gradcam/conv5}, (image, height, width, unit). {@code gradcam_range}, (image,
 * unit, 2), has the lowest and the highest element of each map before the filter, and {@code
 * gradcam_layer} what is explained. {@code units}, {@code scores} and {@code outputs} are (image,
 * unit), {@code names} are those of the images, {@code classes} those of the units, {@code maps}
 * those of the maps. An image that could not be read keeps its row, of NaN and of unit -1.
 */
final class NpzWriter implements Writer {
  private final Path file;
  private final Inputs inputs;
  private final Labels labels;
  private final List<Explained> batches = new ArrayList<>();
  private final List<Integer> places = new ArrayList<>();

  NpzWriter(Path file, Inputs inputs, Labels labels) {
    this.file = file;
    this.inputs = inputs;
    this.labels = labels;
  }

  @Override
  public void add(Explained batch) {
    batches.add(batch.withoutPictures());
    places.addAll(batch.places());
  }

  @Override
  public Path file(Explained batch, int image, int explanation, int place) {
    return file;
  }

  @Override
  public String finish() throws IOException {
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    Map<String, List<String>> texts = new LinkedHashMap<>();
    List<String> names = new ArrayList<>();
    Explained first = batches.get(0);
    int missing = inputs.count() - places.size();
    for (int e = 0; e < first.explanations().size(); e++) {
      String name = first.name(e, "/");
      names.add(name);
      List<Tensor> maps = new ArrayList<>();
      List<Tensor> ranges = new ArrayList<>();
      for (Explained batch : batches) {
        maps.add(batch.explanations().get(e).maps());
        ranges.add(range(batch.explanations().get(e)));
      }
      arrays.put(name, spread(maps));
      arrays.put(name + "_range", spread(ranges));
      texts.put(name + "_layer", List.of(first.explanations().get(e).explained()));
    }
    Tensor units = units();
    arrays.put("units", units);
    arrays.put(
        "scores", spread(batches.stream().map(b -> b.explanations().get(0).scores()).toList()));
    arrays.put(
        "outputs", spread(batches.stream().map(b -> b.explanations().get(0).outputs()).toList()));
    texts.put("maps", names);
    texts.put("names", IntStream.range(0, inputs.count()).mapToObj(inputs::name).toList());
    if (!labels.classes().isEmpty()) {
      int highest = (int) Arrays.stream(units.toLongArray()).max().orElse(0);
      texts.put(
          "classes",
          IntStream.rangeClosed(0, Math.max(highest, labels.classes().last()))
              .mapToObj(labels.classes()::name)
              .toList());
    }
    new Npz(arrays, texts).write(file);
    return "%s: maps of %s%s"
        .formatted(
            file,
            String.join(", ", names),
            missing == 0 ? "" : ", NaN in the rows of what could not be read");
  }

  /** Rows at their places, and NaN elsewhere. */
  private Tensor spread(List<Tensor> rows) {
    return ArrayWriter.spread(Tensor.concat(rows), places, inputs.count());
  }

  private Tensor units() {
    Tensor rows = Tensor.concat(batches.stream().map(Explained::units).toList());
    int k = rows.size(1);
    long[] units = new long[inputs.count() * k];
    Arrays.fill(units, -1);
    for (int i = 0; i < places.size(); i++) {
      for (int j = 0; j < k; j++) {
        units[places.get(i) * k + j] = rows.getLong(i, j);
      }
    }
    return Tensor.of(units, inputs.count(), k);
  }

  private static Tensor range(Explanation explanation) {
    float[] low = explanation.lowest().toFloatArray();
    float[] high = explanation.highest().toFloatArray();
    float[] both = new float[2 * low.length];
    for (int i = 0; i < low.length; i++) {
      both[2 * i] = low[i];
      both[2 * i + 1] = high[i];
    }
    return Tensor.of(both, explanation.images(), explanation.unitsPerImage(), 2);
  }
}
