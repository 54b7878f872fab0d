package dev.keralens.keras.storage;

import dev.keralens.graph.UnsupportedModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Makes HDF5 files with arrays of bfloat16 readable.
 *
 * <p>HDF5 as h5py writes it has no such type, so Keras stores two opaque bytes an element, without
 * a tag, and says {@code dtype = bfloat16} beside them. jHDF 0.13 fails on an opaque type without a
 * tag, and with it on the whole group. In a copy of the file the type is made a text of two bytes,
 * which has the same length and is read as it is.
 *
 * <pre>
 * header message = type(u16) = 3, size(u16) = 8, flags(u8), 0 0 0      datatype, 8 bytes long
 * opaque         = 0x15 0 0 0, size(u32) = 2                           class 5, version 1, no tag
 * text           = 0x13 0 0 0, size(u32) = 2                           class 3, version 1
 * </pre>
 */
public final class BrainFloats {
  private static final long HEADER = 0x0000_0000_0008_0003L;
  private static final long HEADER_MASK = 0xffff_ff00_ffff_ffffL;
  private static final long OPAQUE = 0x0000_0002_0000_0015L;
  private static final byte TEXT = 0x13;

  private BrainFloats() {}

  /** {@return the file itself if it has no such type, else a copy where it is a text} */
  public static FileRegion readable(FileRegion file) {
    if (file.size() > Integer.MAX_VALUE) {
      throw new UnsupportedModelException(
          file.name() + " has bfloat16 weights and more than 2 GiB; save it with float32 weights.");
    }
    ByteBuffer copy = ByteBuffer.allocateDirect((int) file.size()).order(ByteOrder.LITTLE_ENDIAN);
    file.readInto(0, copy);
    copy.flip();
    int at = next(copy, 0);
    if (at < 0) {
      return file;
    }
    for (; at >= 0; at = next(copy, at + 16)) {
      copy.put(at + 8, TEXT);
    }
    return FileRegion.of(file.name(), copy);
  }

  /** Header messages are aligned within their header, which may lie anywhere. */
  private static int next(ByteBuffer bytes, int from) {
    for (int at = from; at + 16 <= bytes.limit(); at++) {
      if ((bytes.getLong(at) & HEADER_MASK) == HEADER && bytes.getLong(at + 8) == OPAQUE) {
        return at;
      }
    }
    return -1;
  }
}
