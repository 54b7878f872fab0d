package dev.keralens.applications;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The classes of a network: names and WordNet's identifiers. */
public final class ClassIndex {
  /** The classes of ImageNet, as Keras publishes them. */
  public static final PublishedFile IMAGENET =
      new PublishedFile(
          KerasCache.ORIGIN + "download.tensorflow.org/data/imagenet_class_index.json",
          "imagenet_class_index.json",
          "c2c37ea517e94d9795004a39431a14cb");

  private record Entry(String wordNetId, String name) {}

  private final List<Entry> entries;

  private ClassIndex(List<Entry> entries) {
    this.entries = entries;
  }

  /**
   * {@return the 1,000 classes of ImageNet, which are downloaded once}
   *
   * @param cache where they are kept
   * @throws DownloadException if they are not in the cache and cannot be downloaded
   * @throws IOException if they cannot be read
   */
  public static ClassIndex imageNet(KerasCache cache) throws IOException {
    return read(cache.get(IMAGENET));
  }

  /**
   * {@return the classes in a file}
   *
   * @param file JSON: {@code {"0": ["n01440764", "tench"], "1": ..}}
   * @throws IOException if it cannot be read, or is another file
   */
  public static ClassIndex read(Path file) throws IOException {
    JsonNode json;
    try {
      json = new ObjectMapper().readTree(Files.readAllBytes(file));
    } catch (JacksonException e) {
      throw new IOException(
          "%s is no JSON that can be read: %s".formatted(file, e.getOriginalMessage()), e);
    }
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < json.size(); i++) {
      JsonNode entry = json.path(String.valueOf(i));
      if (!entry.path(0).isTextual() || !entry.path(1).isTextual()) {
        throw new IOException(
            "%s: class %d is no pair of a WordNet identifier and a name.".formatted(file, i));
      }
      entries.add(new Entry(entry.path(0).textValue(), entry.path(1).textValue()));
    }
    return new ClassIndex(List.copyOf(entries));
  }

  /** {@return the number of classes} */
  public int size() {
    return entries.size();
  }

  /** {@return the names of the classes, in the order of the network's units} */
  public List<String> names() {
    return entries.stream().map(Entry::name).toList();
  }

  /**
   * Names the highest scores, as Keras' {@code decode_predictions} does.
   *
   * @param scores (batch, class), logits or probabilities
   * @param top how many classes of each row, at most all
   * @return for each row its classes, the highest score first
   * @throws IllegalArgumentException if there are other classes than these, or top is below 1
   */
  public List<List<Prediction>> decode(Tensor scores, int top) {
    if (scores.rank() != 2 || scores.size(1) != size()) {
      throw new IllegalArgumentException(
          "Predictions of %d classes are (batch, %d), got %s.".formatted(size(), size(), scores));
    }
    if (top < 1) {
      throw new IllegalArgumentException("At least one class is named, got top=" + top + ".");
    }
    List<List<Prediction>> rows = new ArrayList<>();
    for (int row = 0; row < scores.size(0); row++) {
      float[] values = scores.row(row).toFloatArray();
      rows.add(
          IntStream.range(0, values.length)
              .boxed()
              .sorted(Comparator.comparing((Integer unit) -> values[unit]).reversed())
              .limit(top)
              .map(unit -> prediction(unit, values[unit]))
              .toList());
    }
    return rows;
  }

  private Prediction prediction(int unit, float score) {
    Entry entry = entries.get(unit);
    return new Prediction(unit, entry.wordNetId(), entry.name(), score);
  }
}
