package dev.keralens.tokenize;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;

/**
 * A trie in an array of units of 32 bits, as SentencePiece stores the map of its normalization.
 *
 * <p>The lowest 8 bits of a unit are its letter, the next one says that a value follows, and the
 * others how far the children lie, in steps of 256 where bit 9 is set.
 */
final class DoubleArray {
  private final IntBuffer units;

  DoubleArray(ByteBuffer bytes) {
    units = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
  }

  /** The longest key that a text begins with. */
  record Found(int length, int value) {}

  private static final Found NONE = new Found(0, 0);

  /** {@return the longest key at a place of a text, of length 0 where there is none} */
  Found longest(byte[] text, int from) {
    Found found = NONE;
    int node = units.limit() == 0 ? -1 : offset(units.get(0));
    for (int i = from; i < text.length && node >= 0; i++) {
      node ^= text[i] & 0xff;
      if (node >= units.limit()) {
        return found;
      }
      int unit = units.get(node);
      if ((unit & 0x800000ff) != (text[i] & 0xff)) {
        return found;
      }
      node ^= offset(unit);
      if ((unit & 0x100) != 0 && node >= 0 && node < units.limit()) {
        found = new Found(i - from + 1, units.get(node) & 0x7fffffff);
      }
    }
    return found;
  }

  private static int offset(int unit) {
    return (unit >>> 10) << ((unit & 0x200) >>> 6);
  }
}
