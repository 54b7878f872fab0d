package dev.keralens.picture.webp;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The pixels of a lossless WebP picture, RFC 9649, section 3: prefix codes, repetitions of earlier
 * pixels, a cache of recent colours, and transforms that are undone at the end.
 *
 * <p>What is allocated is bounded by the pixels and by the file: a code is only built once its bits
 * were there.
 */
final class Vp8lImage {
  private static final int LITERALS = 256;
  private static final int LENGTHS = 24;
  private static final int DISTANCES = 40;

  /** A multiplier that spreads colours over the cache. */
  private static final int HASH = 0x1E35A7BD;

  /** The nearest pixels as (columns to the left, rows above), the nearest first. */
  private static final int[][] NEAR = near();

  private final Vp8lBits bits;

  private Vp8lImage(Vp8lBits bits) {
    this.bits = bits;
  }

  /**
   * The codes of one region: green with lengths and cached colours, red, blue, alpha, distances.
   */
  private record Codes(Vp8lCode green, Vp8lCode red, Vp8lCode blue, Vp8lCode alpha, Vp8lCode far) {
    static Codes read(Vp8lBits bits, int cached) throws WebpException {
      return new Codes(
          Vp8lCode.read(bits, LITERALS + LENGTHS + cached),
          Vp8lCode.read(bits, LITERALS),
          Vp8lCode.read(bits, LITERALS),
          Vp8lCode.read(bits, LITERALS),
          Vp8lCode.read(bits, DISTANCES));
    }
  }

  /** Which codes each block of pixels has. */
  @SuppressWarnings("ArrayRecordComponent") // Neither compared nor used as a key.
  private record Regions(Codes[] codes, int[] blocks, int blockBits, int columns) {
    Codes at(int x, int y) {
      return codes[blocks[(y >> blockBits) * columns + (x >> blockBits)]];
    }
  }

  /** How many blocks of 2 to the power of {@code bits} cover a size. */
  static int blocks(int size, int bits) {
    return (size + (1 << bits) - 1) >> bits;
  }

  /** Decodes what follows the header: pixels as ARGB, row by row. */
  static int[] decode(byte[] data, int start, int end, int width, int height) throws WebpException {
    Vp8lImage image = new Vp8lImage(new Vp8lBits(data, start, end));
    Deque<Vp8lTransform> transforms = new ArrayDeque<>();
    int packed = image.transforms(transforms, width, height);
    int[] pixels = image.pixels(packed, height, true);
    for (Vp8lTransform transform : transforms) {
      pixels = transform.undo(pixels);
    }
    return pixels;
  }

  /** Reads the transforms, the last one first; gives the width of what is written. */
  private int transforms(Deque<Vp8lTransform> transforms, int width, int height)
      throws WebpException {
    int packed = width;
    Set<Integer> kinds = new HashSet<>();
    while (bits.flag()) {
      int kind = bits.read(2);
      if (!kinds.add(kind)) {
        throw damaged("a transform comes twice");
      }
      switch (kind) {
        case 0, 1 -> {
          int blockBits = bits.read(3) + 2;
          int[] blocks = pixels(blocks(packed, blockBits), blocks(height, blockBits), false);
          transforms.push(
              kind == 0
                  ? new Vp8lTransform.Predicted(packed, height, blockBits, blocks)
                  : new Vp8lTransform.CrossColor(packed, height, blockBits, blocks));
        }
        case 2 -> transforms.push(new Vp8lTransform.SubtractGreen());
        default -> {
          int[] colors = colors(bits.read(8) + 1);
          int shared =
              colors.length <= 2 ? 3 : colors.length <= 4 ? 2 : colors.length <= 16 ? 1 : 0;
          transforms.push(new Vp8lTransform.Indexed(packed, height, shared, colors));
          packed = blocks(packed, shared);
        }
      }
    }
    return packed;
  }

  /** A table of colours, each written as its difference from the one before. */
  private int[] colors(int count) throws WebpException {
    int[] colors = pixels(count, 1, false);
    for (int i = 1; i < count; i++) {
      int alphaGreen = (colors[i] & 0xFF00FF00) + (colors[i - 1] & 0xFF00FF00);
      int redBlue = (colors[i] & 0x00FF00FF) + (colors[i - 1] & 0x00FF00FF);
      colors[i] = (alphaGreen & 0xFF00FF00) | (redBlue & 0x00FF00FF);
    }
    return colors;
  }

  /** Reads pixels as they are written; only a whole picture may have several regions. */
  private int[] pixels(int width, int height, boolean whole) throws WebpException {
    int cacheBits = bits.flag() ? bits.read(4) : 0;
    if (cacheBits > 11) {
      throw damaged("its cache of colours has " + cacheBits + " bits, and 11 are the most");
    }
    int cached = cacheBits == 0 ? 0 : 1 << cacheBits;
    Regions regions = regions(width, height, whole && bits.flag(), cached);
    int[] out = new int[Math.multiplyExact(width, height)];
    int[] cache = new int[Math.max(1, cached)];
    int inCache = 0;
    int x = 0;
    int y = 0;
    for (int at = 0; at < out.length; ) {
      Codes codes = regions.at(x, y);
      int symbol = codes.green.next(bits);
      int count = 1;
      if (symbol < LITERALS) {
        int red = codes.red.next(bits);
        int blue = codes.blue.next(bits);
        out[at] = codes.alpha.next(bits) << 24 | red << 16 | symbol << 8 | blue;
      } else if (symbol < LITERALS + LENGTHS) {
        count = number(symbol - LITERALS);
        copy(out, at, count, distance(number(codes.far.next(bits)), width));
      } else {
        for (; inCache < at; inCache++) {
          cache[(HASH * out[inCache]) >>> (32 - cacheBits)] = out[inCache];
        }
        out[at] = cache[symbol - LITERALS - LENGTHS];
      }
      at += count;
      x += count;
      if (x >= width) {
        y += x / width;
        x %= width;
        bits.checkEnd();
      }
    }
    bits.checkEnd();
    return out;
  }

  private Regions regions(int width, int height, boolean several, int cached) throws WebpException {
    if (!several) {
      return new Regions(new Codes[] {Codes.read(bits, cached)}, new int[1], 31, 1);
    }
    int blockBits = bits.read(3) + 2;
    int columns = blocks(width, blockBits);
    int[] blocks = pixels(columns, blocks(height, blockBits), false);
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = blocks[i] >> 8 & 0xFFFF;
    }
    Codes[] codes = new Codes[Arrays.stream(blocks).max().orElse(0) + 1];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = Codes.read(bits, cached);
    }
    return new Regions(codes, blocks, blockBits, columns);
  }

  /** A length or a distance: the symbol says how many bits follow, and what they are added to. */
  private int number(int symbol) {
    if (symbol < 4) {
      return symbol + 1;
    }
    int extra = (symbol - 2) >> 1;
    return ((2 + (symbol & 1)) << extra) + bits.read(extra) + 1;
  }

  /** How many pixels back; small codes mean the nearest pixels of the rows above. */
  private static int distance(int code, int width) {
    if (code > NEAR.length) {
      return code - NEAR.length;
    }
    int[] near = NEAR[code - 1];
    return Math.max(1, near[0] + near[1] * width);
  }

  private static void copy(int[] out, int at, int count, int distance) throws WebpException {
    if (distance > at || count > out.length - at) {
      throw damaged("a repetition lies outside of the picture");
    }
    for (int i = at; i < at + count; i++) {
      out[i] = out[i - distance];
    }
  }

  /** The places of up to 8 columns and 7 rows that come before a pixel, by their distance. */
  private static int[][] near() {
    return IntStream.range(0, 8)
        .boxed()
        .flatMap(y -> IntStream.rangeClosed(-7, 8).mapToObj(x -> new int[] {x, y}))
        .filter(place -> place[1] > 0 || place[0] > 0)
        .sorted(
            Comparator.comparingInt((int[] p) -> p[0] * p[0] + p[1] * p[1])
                .thenComparingInt(p -> Math.abs(p[0]))
                .thenComparingInt(p -> -p[0]))
        .toArray(int[][]::new);
  }

  private static WebpException damaged(String what) {
    return new WebpException("is damaged: " + what);
  }
}
