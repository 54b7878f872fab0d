package dev.keralens.applications;

import dev.keralens.tensor.Tensor;
import dev.keralens.text.ClosestName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The classes of a network: names, and WordNet's identifiers where a file has them. */
public final class ClassIndex {
  /** The classes of ImageNet, as Keras publishes them. */
  public static final PublishedFile IMAGENET =
      new PublishedFile(
          KerasCache.ORIGIN + "download.tensorflow.org/data/imagenet_class_index.json",
          "imagenet_class_index.json",
          "c2c37ea517e94d9795004a39431a14cb");

  /** A class; of one without an identifier or a name, they are empty. */
  record Entry(String wordNetId, String name) {}

  private final NavigableMap<Integer, Entry> entries;

  private ClassIndex(NavigableMap<Integer, Entry> entries) {
    this.entries = Collections.unmodifiableNavigableMap(entries);
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
   * @param file JSON: a list of names, an object from number to name or to {@code [identifier,
   *     name]} as Keras publishes ImageNet's, or from name to number as Keras' {@code
   *     class_indices}; or text with a name on each line
   * @throws IOException if it cannot be read, or is another file
   */
  public static ClassIndex read(Path file) throws IOException {
    return new ClassIndex(ClassFile.read(file));
  }

  /**
   * {@return the classes of some names}
   *
   * @param names the names, in the order of the network's units
   */
  public static ClassIndex of(List<String> names) {
    NavigableMap<Integer, Entry> entries = new TreeMap<>();
    names.forEach(name -> entries.put(entries.size(), new Entry("", name)));
    return new ClassIndex(entries);
  }

  /** {@return names by the numbers of their units; a file may leave units without one} */
  public NavigableMap<Integer, String> byUnit() {
    NavigableMap<Integer, String> names = new TreeMap<>();
    entries.forEach((unit, entry) -> names.put(unit, entry.name()));
    return names;
  }

  /**
   * {@return the name of a unit; {@code unit 3} where it has none}
   *
   * @param unit its number
   */
  public String name(int unit) {
    Entry entry = entries.get(unit);
    return entry == null || entry.name().isEmpty() ? "unit " + unit : entry.name();
  }

  /**
   * {@return the unit of a name}
   *
   * @param name the whole name, or one of the names between its commas, the first first; upper and
   *     lower case do not matter, and blanks may be underscores
   * @throws IllegalArgumentException if no unit, or several, are called so
   */
  public int unit(String name) {
    List<UnaryOperator<Stream<String>>> ways =
        List.of(
            whole -> whole,
            whole -> whole.map(ClassIndex::first),
            whole -> whole.flatMap(ClassIndex::synonyms));
    for (UnaryOperator<Stream<String>> way : ways) {
      List<Integer> found =
          entries.entrySet().stream()
              .filter(
                  entry ->
                      way.apply(Stream.of(entry.getValue().name()))
                          .anyMatch(one -> plain(one).equals(plain(name))))
              .map(Map.Entry::getKey)
              .toList();
      if (found.size() == 1) {
        return found.get(0);
      } else if (found.size() > 1) {
        throw new IllegalArgumentException(
            "Several units are called '%s': %s.".formatted(name, found));
      }
    }
    List<String> known = names().stream().flatMap(ClassIndex::synonyms).distinct().toList();
    throw new IllegalArgumentException(
        "No unit is called '%s'.%s"
            .formatted(
                name,
                ClosestName.among(known, name)
                    .map(closest -> " Did you mean '" + closest + "'?")
                    .orElse("")));
  }

  private static Stream<String> synonyms(String name) {
    return Arrays.stream(name.split(",")).map(String::strip);
  }

  private static String plain(String name) {
    return name.strip().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static String first(String name) {
    int comma = name.indexOf(',');
    return comma > 0 ? name.substring(0, comma) : name;
  }

  /** {@return the number of classes: the number of the last that has a name, and one more} */
  public int size() {
    return entries.isEmpty() ? 0 : entries.lastKey() + 1;
  }

  /** {@return the names of the classes, in the order of the network's units} */
  public List<String> names() {
    return IntStream.range(0, size()).mapToObj(this::name).toList();
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
          "Predictions of %d classes are (batch, %d), got %s."
              .formatted(size(), size(), scores.typeAndShape()));
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
    return new Prediction(unit, entry == null ? "" : entry.wordNetId(), name(unit), score);
  }
}
