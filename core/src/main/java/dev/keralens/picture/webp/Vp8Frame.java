package dev.keralens.picture.webp;

import java.util.Arrays;

/**
 * A lossy picture of WebP: a key frame of VP8, RFC 6386, decoded to three planes.
 *
 * <p>Blocks are predicted from what was decoded before it is filtered, so the filter runs over the
 * whole frame at the end.
 */
final class Vp8Frame {
  /** The modes of subblocks as a tree: pairs of the next pair, or of a mode below zero. */
  private static final int[] SUBBLOCK_TREE = {
    0, 1, -1, 2, -2, 3, 4, 6, -3, 5, -4, -5, -6, 7, -7, 8, -8, -9
  };

  private final Vp8Header header;
  private final int columns;
  private final int rows;
  private final Vp8Plane[] planes;
  private final Vp8Tokens tokens;

  /** The modes of subblocks in the row above, and in the column to the left. */
  private final int[] above;

  private final int[] left = new int[4];
  private final int[] modes = new int[16];

  /** How each macroblock is filtered: its segment, and two flags. */
  private final byte[] filtering;

  private Vp8Frame(Vp8Header header) {
    this.header = header;
    this.columns = (header.width + 15) / 16;
    this.rows = (header.height + 15) / 16;
    this.planes = new Vp8Plane[] {plane(16), plane(8), plane(8)};
    this.tokens = new Vp8Tokens(header.coefficients, columns);
    this.above = new int[4 * columns];
    this.filtering = new byte[columns * rows];
  }

  private Vp8Plane plane(int size) {
    return new Vp8Plane(columns * size, new byte[Math.multiplyExact(columns * rows, size * size)]);
  }

  /** Decodes the frame of a header. */
  static Vp8Frame decode(Vp8Header header) throws WebpException {
    Vp8Frame frame = new Vp8Frame(header);
    for (int row = 0; row < frame.rows; row++) {
      frame.row(row);
    }
    frame.filter();
    return frame;
  }

  Vp8Plane[] planes() {
    return planes;
  }

  private void row(int row) throws WebpException {
    Vp8Bits bits = header.tokens[row % header.tokens.length];
    tokens.beginRow();
    Arrays.fill(left, Vp8Plane.DC);
    for (int column = 0; column < columns; column++) {
      int segment = header.segment();
      boolean skipped = header.skips();
      boolean subblocks = header.modes.bit(145) == 0;
      int luma = subblocks ? subblocks(column) : luma(column);
      int chroma = chroma();
      boolean any = false;
      if (skipped) {
        tokens.skip(column, subblocks);
        Arrays.fill(tokens.coefficients, 0);
      } else {
        any = tokens.read(bits, column, subblocks, header.quantizers(segment));
      }
      filtering[row * columns + column] =
          (byte) (segment | (subblocks ? 4 : 0) | (subblocks || any ? 8 : 0));
      reconstruct(column, row, subblocks, luma, chroma, any);
    }
    if (header.modes.isPastEnd() || (header.tokens.length > 1 && bits.isPastEnd())) {
      throw new WebpException("is cut off: the end of its VP8 frame is missing");
    }
  }

  private int luma(int column) {
    Vp8Bits bits = header.modes;
    int mode =
        bits.bit(156) == 1
            ? bits.bit(128) == 1 ? Vp8Plane.TRUE_MOTION : Vp8Plane.HORIZONTAL
            : bits.bit(163) == 1 ? Vp8Plane.VERTICAL : Vp8Plane.DC;
    Arrays.fill(above, 4 * column, 4 * column + 4, mode);
    Arrays.fill(left, mode);
    return mode;
  }

  private int chroma() {
    Vp8Bits bits = header.modes;
    if (bits.bit(142) == 0) {
      return Vp8Plane.DC;
    } else if (bits.bit(114) == 0) {
      return Vp8Plane.VERTICAL;
    }
    return bits.bit(183) == 1 ? Vp8Plane.TRUE_MOTION : Vp8Plane.HORIZONTAL;
  }

  /** Reads the modes of the sixteen subblocks; there is none of the whole. */
  private int subblocks(int column) {
    for (int i = 0; i < 16; i++) {
      int x = 4 * column + i % 4;
      int start = Vp8Tables.modeStart(above[x], left[i / 4]);
      int node = SUBBLOCK_TREE[header.modes.bit(Vp8Tables.mode(start))];
      while (node > 0) {
        node = SUBBLOCK_TREE[2 * node + header.modes.bit(Vp8Tables.mode(start + node))];
      }
      modes[i] = -node;
      above[x] = modes[i];
      left[i / 4] = modes[i];
    }
    return Vp8Plane.DC;
  }

  private void reconstruct(
      int column, int row, boolean subblocks, int luma, int chroma, boolean any) {
    int x = 16 * column;
    int y = 16 * row;
    if (subblocks) {
      int[] aboveRight = aboveRight(column, y);
      for (int i = 0; i < 16; i++) {
        int left4 = x + i % 4 * 4;
        int top4 = y + i / 4 * 4;
        int[] four = i % 4 == 3 ? aboveRight : planes[0].four(left4 + 4, top4 - 1);
        planes[0].predictSubblock(modes[i], left4, top4, four);
        if (any) {
          planes[0].add(tokens.coefficients, 16 * i, left4, top4);
        }
      }
    } else {
      planes[0].predict(luma, x, y, 16);
      for (int i = 0; any && i < 16; i++) {
        planes[0].add(tokens.coefficients, 16 * i, x + i % 4 * 4, y + i / 4 * 4);
      }
    }
    for (int p = 1; p < 3; p++) {
      planes[p].predict(chroma, x / 2, y / 2, 8);
      for (int i = 0; any && i < 4; i++) {
        int from = 16 * (12 + 4 * p + i);
        planes[p].add(tokens.coefficients, from, x / 2 + i % 2 * 4, y / 2 + i / 2 * 4);
      }
    }
  }

  /** What lies above and to the right of a macroblock, for all four rows of its last subblocks. */
  private int[] aboveRight(int column, int top) {
    if (column < columns - 1 || top == 0) {
      return planes[0].four(16 * column + 16, top - 1);
    }
    int last = planes[0].four(16 * column + 12, top - 1)[3];
    return new int[] {last, last, last, last};
  }

  private void filter() {
    Vp8Filter[] filters = new Vp8Filter[2 * Vp8Header.SEGMENTS];
    for (int i = 0; i < filters.length; i++) {
      filters[i] = header.filter(i % 4, i >= 4);
    }
    for (int i = 0; i < filtering.length; i++) {
      filters[filtering[i] & 7].apply(planes, i % columns, i / columns, filtering[i] >= 8);
    }
  }
}
