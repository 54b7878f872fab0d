package dev.keralens.app;

import dev.keralens.network.InputSpec;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What a file holds that is no picture: rows for a model's input, and what is known of them.
 *
 * @param x the rows, batch first
 * @param labels what the columns or channels are called; empty where the file does not say
 * @param rate the samples of a second; 0 where the file does not say
 */
record DataFile(Tensor x, List<String> labels, double rate) {
  /** Rows of an array, of which nothing more is known. */
  DataFile(Tensor x) {
    this(x, List.of(), 0);
  }

  /** Whether a file holds numbers and no picture, by its name. */
  static boolean is(Path file) {
    return ArrayFile.isArray(file) || isTable(file) || isSound(file) || Nifti.is(file);
  }

  static boolean isTable(Path file) {
    return ending(file).equals("csv") || ending(file).equals("tsv");
  }

  private static boolean isSound(Path file) {
    return ending(file).equals("wav");
  }

  private static String ending(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }

  /**
   * Reads a file for an input.
   *
   * @param spec the input, which says how numbers without axes of their own lie
   * @throws IOException if it cannot be read, or holds none for such an input
   */
  static DataFile read(Path file, InputSpec spec) throws IOException {
    if (isTable(file)) {
      return NumberTable.read(file).of(spec, file);
    } else if (isSound(file)) {
      return SoundFile.read(file, spec);
    } else if (Nifti.is(file)) {
      return Nifti.read(file, spec);
    }
    return new DataFile(ArrayFile.read(file, spec.name()));
  }
}
