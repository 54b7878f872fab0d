package dev.keralens.app;

import dev.keralens.file.RegularFile;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Names of features or channels, from a file with one on each line. */
final class FeatureNames {
  private FeatureNames() {}

  /**
   * The names, in order.
   *
   * @throws IOException if the file cannot be read, or is no text
   */
  static List<String> read(Path file) throws IOException {
    try {
      List<String> lines = Files.readAllLines(RegularFile.check(file), StandardCharsets.UTF_8);
      return lines.stream()
          .map(line -> line.replace("\uFEFF", "").strip())
          .filter(line -> !line.isEmpty())
          .toList();
    } catch (CharacterCodingException e) {
      throw new IOException(file + " is no text in UTF-8, so it holds no names.", e);
    }
  }
}
