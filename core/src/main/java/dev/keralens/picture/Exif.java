package dev.keralens.picture;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Finds the orientation in a file's EXIF data; anything malformed counts as upright. */
final class Exif {
  private static final int ORIENTATION_TAG = 0x0112;
  private static final byte[] APP1_PREFIX = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);

  private Exif() {}

  /** Of a JPEG file: the APP1 segment that begins with "Exif". */
  static Orientation ofJpeg(byte[] file) {
    for (JpegSegments segments = new JpegSegments(file); segments.next(); ) {
      if (segments.marker() == 0xE1 && segments.startsWith(APP1_PREFIX)) {
        return ofTiff(file, segments.start() + APP1_PREFIX.length);
      }
    }
    return Orientation.UPRIGHT;
  }

  /** Of a PNG file: the chunk eXIf. */
  static Orientation ofPng(byte[] file) {
    return ofChunk(file, 8, ByteOrder.BIG_ENDIAN, "eXIf", 8, 4, 1);
  }

  /** Of a WebP file: the chunk EXIF. */
  static Orientation ofWebp(byte[] file) {
    return ofChunk(file, 12, ByteOrder.LITTLE_ENDIAN, "EXIF", 8, 0, 2);
  }

  private static Orientation ofChunk(
      byte[] file,
      int start,
      ByteOrder order,
      String name,
      int header,
      int trailer,
      int alignment) {
    ByteBuffer buffer = ByteBuffer.wrap(file).order(order);
    byte[] wanted = name.getBytes(StandardCharsets.US_ASCII);
    boolean lengthFirst = order == ByteOrder.BIG_ENDIAN;
    long at = start;
    while (at + header <= file.length) {
      long length = buffer.getInt((int) at + (lengthFirst ? 0 : 4)) & 0xFFFFFFFFL;
      if (matches(file, (int) at + (lengthFirst ? 4 : 0), wanted)) {
        int content = (int) at + header;
        return ofTiff(
            file, matches(file, content, APP1_PREFIX) ? content + APP1_PREFIX.length : content);
      }
      at += header + length + trailer;
      at += at % alignment;
    }
    return Orientation.UPRIGHT;
  }

  /** Of TIFF data that begins at {@code start}: the tag of its first directory. */
  static Orientation ofTiff(byte[] file, int start) {
    ByteBuffer buffer = ByteBuffer.wrap(file);
    if (start + 8 > file.length || file[start] != file[start + 1]) {
      return Orientation.UPRIGHT;
    }
    buffer.order(file[start] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    long directory = start + (buffer.getInt(start + 4) & 0xFFFFFFFFL);
    if (directory + 2 > file.length) {
      return Orientation.UPRIGHT;
    }
    int entries = buffer.getShort((int) directory) & 0xFFFF;
    for (long entry = directory + 2;
        entries > 0 && entry + 12 <= file.length;
        entries--, entry += 12) {
      if ((buffer.getShort((int) entry) & 0xFFFF) == ORIENTATION_TAG) {
        return Orientation.ofTag(buffer.getShort((int) entry + 8) & 0xFFFF);
      }
    }
    return Orientation.UPRIGHT;
  }

  private static boolean matches(byte[] file, int at, byte[] wanted) {
    return at + wanted.length <= file.length
        && Arrays.equals(file, at, at + wanted.length, wanted, 0, wanted.length);
  }
}
