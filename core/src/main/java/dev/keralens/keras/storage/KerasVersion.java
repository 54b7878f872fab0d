package dev.keralens.keras.storage;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The version of Keras that wrote a file.
 *
 * @param major for example 2
 * @param minor for example 12
 * @param text as the file has it, for example {@code 2.12.0} or {@code 2.2.4-tf}
 */
public record KerasVersion(int major, int minor, String text) {
  private static final Pattern FORM = Pattern.compile("(\\d{1,4})(?:\\.(\\d{1,6}))?.*");

  /**
   * {@return the version that a text names; 0.0 if it names none}
   *
   * @param text for example {@code 2.2.4-tf}
   */
  public static KerasVersion parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return new KerasVersion(0, 0, text);
    }
    String minor = matcher.group(2);
    return new KerasVersion(
        Integer.parseInt(matcher.group(1)), minor == null ? 0 : Integer.parseInt(minor), text);
  }

  /**
   * {@return whether this version is the given one or a later one}
   *
   * @param otherMajor its first number
   * @param otherMinor its second number
   */
  public boolean isAtLeast(int otherMajor, int otherMinor) {
    return major > otherMajor || (major == otherMajor && minor >= otherMinor);
  }

  /** {@return the text in the file} */
  @Override
  public String toString() {
    return text;
  }
}
