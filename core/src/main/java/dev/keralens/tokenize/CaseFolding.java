package dev.keralens.tokenize;

import java.text.Normalizer;
import java.util.Locale;

/** Unicode's mapping NFKC_Casefold, which KerasHub lowers letters with. */
final class CaseFolding {
  /** First and last of Unicode's characters that may be left out, as KerasHub has them. */
  private static final int[][] IGNORABLE = {
    {0x00ad, 0x00ad}, {0x034f, 0x034f}, {0x061c, 0x061c}, {0x115f, 0x1160}, {0x17b4, 0x17b5},
    {0x180b, 0x180f}, {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164},
    {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfff8}, {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}
  };

  private CaseFolding() {}

  static String fold(String text) {
    if (text.chars().allMatch(c -> c < 128)) {
      return text.toLowerCase(Locale.ROOT);
    }
    StringBuilder folded = new StringBuilder();
    compatible(text).codePoints().forEach(c -> folded.append(folded(c)));
    StringBuilder kept = new StringBuilder();
    compatible(folded.toString())
        .codePoints()
        .filter(c -> !isIgnorable(c))
        .forEach(kept::appendCodePoint);
    return kept.toString();
  }

  private static String compatible(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFKC);
  }

  /**
   * Full case folding of one character: the small form of the large form of the small form, which
   * brings ẞ to ss. A dotless i stays, and letters of Cherokee become large.
   */
  static String folded(int c) {
    String text = Character.toString(c);
    if (c == 0x131) {
      return text;
    }
    if ((c >= 0x13a0 && c <= 0x13fd) || (c >= 0xab70 && c <= 0xabbf)) {
      return text.toUpperCase(Locale.ROOT);
    }
    return small(small(text).toUpperCase(Locale.ROOT));
  }

  /** Character by character: a sigma at the end of a word is one like the others. */
  private static String small(String text) {
    StringBuilder small = new StringBuilder();
    text.codePoints().forEach(c -> small.append(Character.toString(c).toLowerCase(Locale.ROOT)));
    return small.toString();
  }

  private static boolean isIgnorable(int c) {
    for (int[] range : IGNORABLE) {
      if (c >= range[0] && c <= range[1]) {
        return true;
      }
    }
    return false;
  }
}
