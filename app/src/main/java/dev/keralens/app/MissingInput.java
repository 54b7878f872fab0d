package dev.keralens.app;

import dev.keralens.method.Methods;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import java.util.regex.Pattern;

/** What there is to say of a word that is taken for a file and is none. */
final class MissingInput {
  private static final Pattern ADDRESS = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+://.*");
  private static final Pattern SMOOTHING = Pattern.compile("\\d+:[\\d.]+%?(:\\w+)?");

  private MissingInput() {}

  /**
   * Refuses the address of a page.
   *
   * @throws UsageException if the word is one
   */
  static void checkAddress(String word) {
    if (ADDRESS.matcher(word).matches()) {
      throw new UsageException(
          "%s is an address, and none is read; download the file and name it.".formatted(word));
    }
  }

  /** The failure for a file that is not there. */
  static IOException of(String word) {
    String name = word.toLowerCase(Locale.ROOT);
    String hint = "";
    if (Methods.byNames().containsKey(name)) {
      hint = "It is a method: several are joined by commas, as --method gradcam," + name + ".";
    } else if (SMOOTHING.matcher(word).matches()) {
      hint = "If it is the value of --smooth, join them: --smooth=" + word + ".";
    }
    return hint.isEmpty()
        ? new NoSuchFileException(word)
        : new IOException("No such file: %s. %s".formatted(word, hint));
  }
}
