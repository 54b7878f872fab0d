package dev.keralens.picture;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The entries of a TIFF's first directory: tag, type, count, and the value or where the values lie.
 */
final class TiffDirectory {
  static final int BITS_PER_SAMPLE = 258;
  static final int COMPRESSION = 259;
  static final int PHOTOMETRIC = 262;
  static final int PREDICTOR = 317;
  static final int TILE_WIDTH = 322;
  static final int SAMPLE_FORMAT = 339;

  private static final int SHORT = 3;
  private static final int ENTRY = 12;

  private final byte[] content;
  private final ByteBuffer file;
  private final long directory;
  private final int entries;

  private TiffDirectory(byte[] content, ByteBuffer file, long directory, int entries) {
    this.content = content;
    this.file = file;
    this.directory = directory;
    this.entries = entries;
  }

  /** The first directory of a file that begins as a TIFF does; without entries where it ends. */
  static TiffDirectory of(byte[] content) {
    ByteBuffer file = ByteBuffer.wrap(content);
    if (content.length < 8) {
      return new TiffDirectory(content, file, 0, 0);
    }
    file.order(content[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    long directory = file.getInt(4) & 0xFFFFFFFFL;
    boolean inside = directory + 2 <= content.length;
    int entries = inside ? file.getShort((int) directory) & 0xFFFF : 0;
    return new TiffDirectory(content, file, directory, entries);
  }

  /** The first value of a tag that holds whole numbers, or another where there is no such tag. */
  int value(int tag, int otherwise) {
    int entry = entry(tag);
    if (entry < 0) {
      return otherwise;
    }
    boolean isShort = file.getShort(entry + 2) == SHORT;
    long count = file.getInt(entry + 4) & 0xFFFFFFFFL;
    long at = count * (isShort ? 2 : 4) > 4 ? file.getInt(entry + 8) & 0xFFFFFFFFL : entry + 8L;
    if (at + (isShort ? 2 : 4) > file.capacity()) {
      return otherwise;
    }
    return isShort ? file.getShort((int) at) & 0xFFFF : file.getInt((int) at);
  }

  /** The file with another value of a tag that has one value. */
  byte[] with(int tag, int value) {
    byte[] copy = content.clone();
    int entry = entry(tag);
    if (entry >= 0) {
      ByteBuffer changed = ByteBuffer.wrap(copy).order(file.order());
      boolean isShort = changed.getShort(entry + 2) == SHORT;
      if (isShort) {
        changed.putShort(entry + 8, (short) value);
      } else {
        changed.putInt(entry + 8, value);
      }
    }
    return copy;
  }

  private int entry(int tag) {
    long entry = directory + 2;
    for (int i = 0; i < entries && entry + ENTRY <= file.capacity(); i++, entry += ENTRY) {
      if ((file.getShort((int) entry) & 0xFFFF) == tag) {
        return (int) entry;
      }
    }
    return -1;
  }
}
