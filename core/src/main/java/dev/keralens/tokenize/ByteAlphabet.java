package dev.keralens.tokenize;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The visible character that stands for each byte in the vocabularies of byte-pair encoding: itself
 * for a visible one of Latin-1, and the characters from 256 on for the others, in their order.
 */
final class ByteAlphabet {
  private static final char[] LETTERS = new char[256];
  private static final Map<Character, Byte> BYTES = new HashMap<>();

  static {
    char next = 256;
    for (int value = 0; value < 256; value++) {
      boolean visible =
          (value >= '!' && value <= '~')
              || (value >= 0xa1 && value <= 0xac)
              || (value >= 0xae && value <= 0xff);
      LETTERS[value] = visible ? (char) value : next++;
      BYTES.put(LETTERS[value], (byte) value);
    }
  }

  private ByteAlphabet() {}

  /** {@return a letter for each byte of a text} */
  static String letters(String text) {
    StringBuilder letters = new StringBuilder();
    for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
      letters.append(LETTERS[value & 0xff]);
    }
    return letters.toString();
  }

  /** {@return the text that letters stand for} */
  static String text(String letters) {
    byte[] bytes = new byte[letters.length()];
    for (int i = 0; i < bytes.length; i++) {
      Byte value = BYTES.get(letters.charAt(i));
      if (value == null) {
        return letters;
      }
      bytes[i] = value;
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
