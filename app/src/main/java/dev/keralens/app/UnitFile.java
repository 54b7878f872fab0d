package dev.keralens.app;

import dev.keralens.file.RegularFile;
import dev.keralens.tensor.Tensor;
import dev.keralens.text.Printable;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The units of each image, from a file: an array of whole numbers, or text with a line for each
 * image, its units separated by commas, semicolons or blanks. A first line without any number is a
 * heading.
 */
final class UnitFile {
  private UnitFile() {}

  /**
   * The units, int64 (images, k).
   *
   * @throws IOException if the file cannot be read, or holds something else
   */
  static Tensor read(Path file) throws IOException {
    String name = file.toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".csv") || name.endsWith(".txt")) {
      return ofLines(file, lines(file));
    }
    Tensor units = ArrayFile.read(file);
    boolean labels = units.rank() == 1;
    if ((units.rank() != 2 && !labels) || units.type().isFloating() || units.elements() == 0) {
      throw new IOException(
          "%s has to hold units, int64 (images) or (images, k), but holds %s."
              .formatted(file, units));
    }
    return labels ? units.reshape(units.size(0), 1) : units;
  }

  private static List<String> lines(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString());
    } else if (Files.isDirectory(file)) {
      throw new IOException(file + " is a folder, not a file of units.");
    }
    try {
      return Files.readAllLines(RegularFile.check(file), StandardCharsets.UTF_8);
    } catch (CharacterCodingException e) {
      throw new IOException(file + " is no text in UTF-8, so it holds no units.", e);
    }
  }

  private static Tensor ofLines(Path file, List<String> lines) throws IOException {
    List<long[]> rows = new ArrayList<>();
    boolean mayBeHeading = true;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).replace("\uFEFF", "").strip();
      if (line.isEmpty()) {
        continue;
      }
      String[] cells = line.split("\\s*[,;]\\s*|\\s+", -1);
      boolean heading = mayBeHeading && Arrays.stream(cells).noneMatch(c -> c.matches("-?\\d+"));
      mayBeHeading = false;
      if (heading) {
        continue;
      }
      for (String cell : cells) {
        if (!cell.matches("-?\\d{1,9}")) {
          throw new IOException(
              "%s, line %d: '%s' is no number of a unit."
                  .formatted(file, i + 1, Printable.name(cell)));
        }
      }
      rows.add(Arrays.stream(cells).mapToLong(Long::parseLong).toArray());
      int k = rows.get(0).length;
      if (cells.length != k) {
        throw new IOException(
            "%s, line %d: %d units, but %d in the lines before; each image has as many."
                .formatted(file, i + 1, cells.length, k));
      }
    }
    if (rows.isEmpty()) {
      throw new IOException(file + " holds no units.");
    }
    int k = rows.get(0).length;
    long[] all =
        IntStream.range(0, rows.size() * k).mapToLong(i -> rows.get(i / k)[i % k]).toArray();
    return Tensor.of(all, rows.size(), k);
  }
}
