package dev.keralens.benchmarks;

import dev.keralens.ExplainOptions;
import dev.keralens.Explainer;
import dev.keralens.Explanation;
import dev.keralens.Model;
import dev.keralens.Prefetch;
import dev.keralens.Units;
import dev.keralens.applications.Preprocessing;
import dev.keralens.network.InputSpec;
import dev.keralens.explain.Method;
import dev.keralens.picture.ImageLoader;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Tasks on the pictures of a folder, some of them each time, one after another and from the start
 * again: read and explained batch by batch, or predicted from arrays that were read beforehand.
 */
final class Photos {
  private final List<Path> files;
  private final int each;

  private Photos(List<Path> files, int each) {
    this.files = files;
    this.each = each;
  }

  /** The JPEG files of a folder; a run takes {@code each} of them, whose number it must divide. */
  static Photos of(Path folder, int each) throws IOException {
    try (Stream<Path> found = Files.list(folder)) {
      List<Path> files = found.filter(file -> file.toString().endsWith(".jpg")).sorted().toList();
      if (each < 1 || files.isEmpty() || files.size() % each != 0) {
        throw new IllegalArgumentException(
            "%s has %d pictures, which are no multiple of %d."
                .formatted(folder, files.size(), each));
      }
      return new Photos(files, each);
    }
  }

  /** Reads, explains and forgets. */
  Task explaining(Model model, ExplainOptions settings, Method method) {
    Explainer explainer = Explainer.of(model, settings, method);
    List<Prefetch.Reader<Tensor>> readers = readers(model);
    return new Task() {
      private int from;

      @Override
      public Tensor run() {
        List<Prefetch.Reader<Tensor>> some = readers.subList(from, from + each);
        from = (from + each) % files.size();
        Tensor last = Tensor.scalar(0);
        try (Prefetch<List<Tensor>> batches = Prefetch.images(some, settings.batchSize());
            Prefetch<List<Explanation>> explained =
                explainer.explainAhead(batches, Units.top(1))) {
          while (explained.hasNext()) {
            last = explained.next().get(0).maps();
          }
        }
        return last;
      }

      @Override
      public void close() {
        explainer.close();
      }
    };
  }

  /** Predicts what has been read before the task begins. */
  Task predicting(Model model, ExplainOptions settings) throws IOException {
    List<Tensor> arrays = new ArrayList<>();
    List<Prefetch.Reader<Tensor>> readers = readers(model);
    for (int from = 0; from < files.size(); from += each) {
      try (Prefetch<List<Tensor>> all = Prefetch.images(readers.subList(from, from + each), each)) {
        arrays.add(all.next().get(0));
      }
    }
    return new Task() {
      private int at;

      @Override
      public Tensor run() {
        Tensor x = arrays.get(at);
        at = (at + 1) % arrays.size();
        return model.predict(List.of(x), settings).get(0);
      }

      @Override
      public void close() {}
    };
  }

  private List<Prefetch.Reader<Tensor>> readers(Model model) {
    InputSpec spec = model.inputs().get(0);
    int height = Objects.requireNonNull(spec.sizes().get(0));
    int width = Objects.requireNonNull(spec.sizes().get(1));
    ImageLoader loader = ImageLoader.create().size(height, width);
    return files.stream()
        .map(file -> (Prefetch.Reader<Tensor>) () -> Preprocessing.TF.apply(loader.load(file)))
        .toList();
  }
}
