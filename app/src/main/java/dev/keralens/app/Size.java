package dev.keralens.app;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A height and a width, as {@code HxW}. */
record Size(int height, int width) {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,5})[xX](\\d{1,5})");

  /**
   * Reads a size.
   *
   * @throws UsageException if the text is none
   */
  static Size of(String option, String text) {
    Matcher matcher = TEXT.matcher(text);
    if (matcher.matches()) {
      Size size = new Size(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
      if (size.height > 0 && size.width > 0) {
        return size;
      }
    }
    throw new UsageException(
        "%s takes height x width, such as 224x224, got '%s'.".formatted(option, text));
  }
}
