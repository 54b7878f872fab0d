package dev.keralens.picture;

import java.util.Arrays;

/** Walks the marker segments of a JPEG file up to its first scan. */
final class JpegSegments {
  private static final int START_OF_SCAN = 0xDA;
  private static final int END_OF_IMAGE = 0xD9;

  private final byte[] file;
  private int marker;
  private int start;
  private int end = 2;

  JpegSegments(byte[] file) {
    this.file = file;
  }

  /**
   * Goes to the next segment that has a length; false at the first scan and where the file ends or
   * is malformed.
   */
  boolean next() {
    int at = end;
    while (at + 3 < file.length && file[at] == (byte) 0xFF) {
      marker = file[at + 1] & 0xFF;
      if (marker == 0xFF) {
        at++;
        continue;
      }
      if (marker == START_OF_SCAN || marker == END_OF_IMAGE) {
        return false;
      }
      if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7)) {
        at += 2;
        continue;
      }
      int length = (file[at + 2] & 0xFF) << 8 | (file[at + 3] & 0xFF);
      start = at + 4;
      end = at + 2 + length;
      return length >= 2 && end <= file.length;
    }
    return false;
  }

  /** The second byte of the segment's marker. */
  int marker() {
    return marker;
  }

  /** Where the segment's content begins in the file. */
  int start() {
    return start;
  }

  /** How long the segment's content is. */
  int length() {
    return end - start;
  }

  boolean startsWith(byte[] prefix) {
    return length() >= prefix.length
        && Arrays.equals(file, start, start + prefix.length, prefix, 0, prefix.length);
  }

  /** A byte of the content. */
  int at(int offset) {
    return file[start + offset] & 0xFF;
  }
}
