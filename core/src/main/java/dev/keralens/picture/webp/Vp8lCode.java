package dev.keralens.picture.webp;

import java.util.Arrays;

/**
 * A canonical prefix code, RFC 9649, section 3.7.2.1: no code word begins another, and of two
 * symbols the one with the shorter word, then the lower one, has the smaller word.
 *
 * <p>Words of up to eight bits are looked up; longer ones are followed bit by bit. A code takes
 * memory by its longest word and its number of symbols, so that a small file needs little.
 */
final class Vp8lCode {
  private static final int LONGEST = 15;
  private static final int LOOKED_UP = 8;

  /** In which order the lengths of the words of lengths are written. */
  private static final int[] ORDER = {
    17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
  };

  /** The symbols with a word, in the order of their words. */
  private final short[] symbols;

  /** How many words of each length there are. */
  private final short[] counts;

  /** By the next bits: 16 times the symbol plus the length of its word; 0 for a longer word. */
  private final int[] table;

  private final int tableBits;

  private Vp8lCode(short[] symbols, short[] counts, int longest) {
    this.symbols = symbols;
    this.counts = counts;
    this.tableBits = Math.min(LOOKED_UP, longest);
    this.table = new int[1 << tableBits];
    int word = 0;
    for (int length = 1, symbol = 0; length <= tableBits; length++, word <<= 1) {
      for (int i = 0; i < counts[length]; i++, word++, symbol++) {
        int first = Integer.reverse(word) >>> (32 - length);
        for (int bits = first; bits < table.length; bits += 1 << length) {
          table[bits] = symbols[symbol] << 4 | length;
        }
      }
    }
  }

  /** A code of one symbol, whose word has no bits. */
  private static Vp8lCode of(int symbol) {
    return new Vp8lCode(new short[] {(short) symbol}, new short[LONGEST + 1], 0);
  }

  /** Reads the lengths of the words of {@code size} symbols. */
  static Vp8lCode read(Vp8lBits bits, int size) throws WebpException {
    int[] lengths = new int[size];
    if (bits.flag()) {
      boolean two = bits.flag();
      set(lengths, bits.read(bits.flag() ? 8 : 1));
      if (two) {
        set(lengths, bits.read(8));
      }
    } else {
      readLengths(bits, lengths);
    }
    bits.checkEnd();
    return of(lengths);
  }

  private static void set(int[] lengths, int symbol) throws WebpException {
    if (symbol >= lengths.length) {
      throw damaged();
    }
    lengths[symbol] = 1;
  }

  private static void readLengths(Vp8lBits bits, int[] lengths) throws WebpException {
    int[] outer = new int[ORDER.length];
    int written = 4 + bits.read(4);
    for (int i = 0; i < written; i++) {
      outer[ORDER[i]] = bits.read(3);
    }
    Vp8lCode code = of(outer);
    int left = bits.flag() ? 2 + bits.read(2 + 2 * bits.read(3)) : lengths.length;
    if (left > lengths.length) {
      throw damaged();
    }
    int last = 8;
    for (int at = 0; at < lengths.length && left > 0; left--) {
      int length = code.next(bits);
      if (length <= LONGEST) {
        lengths[at++] = length;
        last = length == 0 ? last : length;
        continue;
      }
      int times =
          length == 16 ? 3 + bits.read(2) : length == 17 ? 3 + bits.read(3) : 11 + bits.read(7);
      if (at + times > lengths.length) {
        throw damaged();
      }
      Arrays.fill(lengths, at, at + times, length == 16 ? last : 0);
      at += times;
    }
  }

  /** The code of given lengths, 0 for a symbol without a word; its words leave no bits unused. */
  private static Vp8lCode of(int[] lengths) throws WebpException {
    short[] counts = new short[LONGEST + 1];
    int longest = 0;
    int used = 0;
    int symbol = 0;
    long filled = 0;
    for (int i = 0; i < lengths.length; i++) {
      if (lengths[i] != 0) {
        counts[lengths[i]]++;
        longest = Math.max(longest, lengths[i]);
        filled += 1L << (LONGEST - lengths[i]);
        used++;
        symbol = i;
      }
    }
    if (used == 1) {
      return of(symbol);
    }
    if (filled != 1 << LONGEST) {
      throw damaged();
    }
    int[] next = new int[LONGEST + 2];
    for (int length = 1; length <= LONGEST; length++) {
      next[length + 1] = next[length] + counts[length];
    }
    short[] symbols = new short[used];
    for (int i = 0; i < lengths.length; i++) {
      if (lengths[i] != 0) {
        symbols[next[lengths[i]]++] = (short) i;
      }
    }
    return new Vp8lCode(symbols, counts, longest);
  }

  /** The next symbol. */
  int next(Vp8lBits bits) {
    if (tableBits == 0) {
      return symbols[0];
    }
    int entry = table[bits.peek(tableBits)];
    if (entry != 0) {
      bits.skip(entry & 15);
      return entry >> 4;
    }
    int ahead = bits.peek(LONGEST);
    for (int length = 1, word = 0, first = 0, index = 0; length <= LONGEST; length++) {
      word |= ahead & 1;
      ahead >>= 1;
      if (word - first < counts[length]) {
        bits.skip(length);
        return symbols[index + word - first];
      }
      index += counts[length];
      first = (first + counts[length]) << 1;
      word <<= 1;
    }
    throw new IllegalStateException("A complete code has a word for all bits.");
  }

  private static WebpException damaged() {
    return new WebpException("is damaged: a prefix code of its lossless pixels is wrong");
  }
}
