package dev.keralens.picture.webp;

/** The header of a key frame, RFC 6386, section 9. */
final class Vp8Header {
  static final int SEGMENTS = 4;

  /** How many bytes come before the first partition. */
  static final int TAG = 10;

  final int width;
  final int height;
  final Vp8Bits modes;
  final Vp8Bits[] tokens;
  final int[] coefficients = Vp8Tables.coefficients();

  /** The probabilities of a macroblock's segment; empty where there is one for all. */
  private int[] segmentTree = {};

  /** The probability that a macroblock has coefficients; 0 where all may have. */
  private int skipProbability;

  private boolean segmented;
  private boolean absolute;
  private final int[] segmentQuantizer = new int[SEGMENTS];
  private final int[] segmentLevel = new int[SEGMENTS];
  private boolean simpleFilter;
  private int level;
  private int sharpness;
  private int intraDelta;
  private int subblockDelta;

  /** DC and AC of luma, of luma's DCs, and of chroma, for each segment. */
  private final int[][] quantizers = new int[SEGMENTS][6];

  /** Reads the header of the frame at a place of a file. */
  Vp8Header(byte[] file, int start, int end) throws WebpException {
    int tag = end - start < TAG ? 1 : number(file, start, 3);
    if ((tag & 1) != 0 || number(file, start + 3, 3) != 0x2A019D) {
      throw new WebpException("is damaged or cut off: its VP8 frame is no key frame");
    }
    width = number(file, start + 6, 2) & 0x3FFF;
    height = number(file, start + 8, 2) & 0x3FFF;
    int first = start + TAG;
    long afterFirst = (long) first + (tag >> 5);
    if (afterFirst > end) {
      throw new WebpException("is cut off within the modes of its VP8 frame");
    }
    modes = new Vp8Bits(file, first, (int) afterFirst);
    modes.number(2); // The colour space, and whether clipping is needed: decoders ignore both.
    segments();
    filter();
    tokens = partitions(file, (int) afterFirst, end, 1 << modes.number(2));
    quantizers();
    modes.flag(); // Whether later frames keep the probabilities.
    for (int i = 0; i < coefficients.length; i++) {
      if (modes.bit(Vp8Tables.update(i)) == 1) {
        coefficients[i] = modes.number(8);
      }
    }
    skipProbability = modes.flag() ? modes.number(8) : -1;
  }

  private static int number(byte[] file, int start, int bytes) {
    int number = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      number = (number << 8) | (file[start + i] & 0xFF);
    }
    return number;
  }

  private void segments() {
    segmented = modes.flag();
    if (!segmented) {
      return;
    }
    boolean map = modes.flag();
    if (modes.flag()) {
      absolute = modes.flag();
      for (int i = 0; i < SEGMENTS; i++) {
        segmentQuantizer[i] = modes.optional(7);
      }
      for (int i = 0; i < SEGMENTS; i++) {
        segmentLevel[i] = modes.optional(6);
      }
    }
    if (map) {
      segmentTree = new int[3];
      for (int i = 0; i < 3; i++) {
        segmentTree[i] = modes.flag() ? modes.number(8) : 255;
      }
    }
  }

  private void filter() {
    simpleFilter = modes.flag();
    level = modes.number(6);
    sharpness = modes.number(3);
    boolean deltas = modes.flag();
    if (deltas && modes.flag()) {
      int[] delta = new int[8];
      for (int i = 0; i < delta.length; i++) {
        delta[i] = modes.optional(6);
      }
      intraDelta = delta[0];
      subblockDelta = delta[4];
    }
  }

  private static Vp8Bits[] partitions(byte[] file, int start, int end, int count)
      throws WebpException {
    Vp8Bits[] partitions = new Vp8Bits[count];
    long at = start + 3L * (count - 1);
    if (at > end) {
      throw new WebpException("is cut off within the parts of its VP8 frame");
    }
    for (int i = 0; i < count; i++) {
      long next = i == count - 1 ? end : at + number(file, start + 3 * i, 3);
      next = Math.min(next, end);
      partitions[i] = new Vp8Bits(file, (int) at, (int) next);
      at = next;
    }
    return partitions;
  }

  private void quantizers() {
    int base = modes.number(7);
    int[] delta = new int[5];
    for (int i = 0; i < delta.length; i++) {
      delta[i] = modes.optional(4);
    }
    for (int s = 0; s < SEGMENTS; s++) {
      int q = segmented ? segmentQuantizer[s] + (absolute ? 0 : base) : base;
      quantizers[s] =
          new int[] {
            Vp8Tables.dc(q + delta[0], 127),
            Vp8Tables.ac(q),
            Vp8Tables.dc(q + delta[1], 127) * 2,
            Math.max(8, Vp8Tables.ac(q + delta[2]) * 155 / 100),
            Vp8Tables.dc(q + delta[3], 117),
            Vp8Tables.ac(q + delta[4])
          };
    }
  }

  int[] quantizers(int segment) {
    return quantizers[segment];
  }

  /** Reads a macroblock's segment. */
  int segment() {
    if (segmentTree.length == 0) {
      return 0;
    }
    return modes.bit(segmentTree[0]) == 0
        ? modes.bit(segmentTree[1])
        : 2 + modes.bit(segmentTree[2]);
  }

  /** Reads whether a macroblock has no coefficients. */
  boolean skips() {
    return skipProbability >= 0 && modes.bit(skipProbability) == 1;
  }

  /** The loop filter of macroblocks of a segment. */
  Vp8Filter filter(int segment, boolean subblocks) {
    int strength = segmented ? segmentLevel[segment] + (absolute ? 0 : level) : level;
    strength += intraDelta + (subblocks ? subblockDelta : 0);
    return Vp8Filter.of(level == 0 ? 0 : strength, sharpness, simpleFilter);
  }
}
