package dev.keralens.picture.webp;

/** The bits of a lossless WebP picture, RFC 9649, section 3: the lowest of a byte comes first. */
final class Vp8lBits {
  private final byte[] data;
  private final int end;
  private int at;
  private long held;
  private int count;

  Vp8lBits(byte[] data, int start, int end) {
    this.data = data;
    this.at = start;
    this.end = end;
  }

  /** The next bits, at most 32, without taking them; zeros follow the end of the data. */
  int peek(int bits) {
    while (count < bits) {
      held |= (at < end ? data[at] & 0xFFL : 0) << count;
      at++;
      count += 8;
    }
    return (int) (held & ((1L << bits) - 1));
  }

  void skip(int bits) {
    peek(bits);
    held >>>= bits;
    count -= bits;
  }

  int read(int bits) {
    int value = peek(bits);
    skip(bits);
    return value;
  }

  boolean flag() {
    return read(1) == 1;
  }

  /** Fails where more was read than there is. */
  void checkEnd() throws WebpException {
    if (at - count / 8 > end) {
      throw new WebpException("is cut off: the end of its lossless pixels is missing");
    }
  }
}
