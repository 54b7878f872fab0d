package dev.keralens.keras.storage;

import dev.keralens.graph.InvalidModelException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** The checksums of TensorFlow's files: CRC-32C, rotated and shifted ("masked"). */
final class Checksums {
  private static final int MASK = 0xa282ead8;

  private Checksums() {}

  /**
   * Compares.
   *
   * @param name what the bytes are
   * @param bytes from the position to the limit; not changed
   * @param masked the checksum in the file
   * @throws InvalidModelException if they have another checksum
   */
  static void check(String name, ByteBuffer bytes, int masked) {
    CRC32C sum = new CRC32C();
    sum.update(bytes.duplicate());
    check(name, sum, masked);
  }

  /** As {@link #check(String, ByteBuffer, int)}, of a part of a file. */
  static void check(String name, FileRegion region, int masked) {
    CRC32C sum = new CRC32C();
    region.addTo(sum);
    check(name, sum, masked);
  }

  private static void check(String name, CRC32C sum, int masked) {
    if (Integer.rotateRight((int) sum.getValue(), 15) + MASK != masked) {
      throw new InvalidModelException(
          name + " is damaged: its checksum differs. Copy or save the model again.");
    }
  }
}
