package dev.keralens.picture.webp;

/** The boolean entropy decoder of VP8, RFC 6386, section 7; zeros follow the end of its data. */
final class Vp8Bits {
  private final byte[] data;
  private final int end;
  private int at;
  private int range = 255;
  private long value;

  /** How many bits of {@link #value} lie below the eight that are compared. */
  private int below = -8;

  Vp8Bits(byte[] data, int start, int end) {
    this.data = data;
    this.at = start;
    this.end = end;
  }

  /** One bit; {@code probability} of 256 that it is 0. */
  int bit(int probability) {
    while (below < 0) {
      value = (value << 8) | (at < end ? data[at] & 0xFF : 0);
      at++;
      below += 8;
    }
    int split = 1 + (((range - 1) * probability) >> 8);
    long place = (long) split << below;
    int bit;
    if (value >= place) {
      value -= place;
      range -= split;
      bit = 1;
    } else {
      range = split;
      bit = 0;
    }
    int shift = Integer.numberOfLeadingZeros(range) - 24;
    range <<= shift;
    below -= shift;
    return bit;
  }

  boolean flag() {
    return bit(128) == 1;
  }

  /** An unsigned number, its highest bit first. */
  int number(int bits) {
    int number = 0;
    for (int i = 0; i < bits; i++) {
      number = (number << 1) | bit(128);
    }
    return number;
  }

  /** A number and its sign. */
  int signed(int bits) {
    int number = number(bits);
    return flag() ? -number : number;
  }

  /** A signed number behind a flag that says whether it is there; else 0. */
  int optional(int bits) {
    return flag() ? signed(bits) : 0;
  }

  /** Whether more was read than there is: two bytes are looked ahead. */
  boolean isPastEnd() {
    return at > end + 2;
  }
}
