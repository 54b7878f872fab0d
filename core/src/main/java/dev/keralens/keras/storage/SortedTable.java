package dev.keralens.keras.storage;

import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Reads a sorted string table, the file of keys and values that LevelDB defined and TensorFlow uses
 * as a checkpoint's index.
 *
 * <pre>
 * table  = { block } footer
 * block  = { shared(varint) unshared(varint) length(varint) key-end value } { restart(u32) } count(u32)
 *          type(u8) checksum(u32)                 a key is the first "shared" bytes of the one before,
 *                                                 and the key-end
 * footer = metaindex-handle index-handle padding magic(u64)            48 bytes in all
 * handle = offset(varint) size(varint)            size without type and checksum
 * </pre>
 *
 * <p>The index block has a handle for each data block.
 */
final class SortedTable {
  private static final long MAGIC = 0xdb4775248b80fb57L;
  private static final int FOOTER_BYTES = 48;
  private static final int TRAILER_BYTES = 5;
  private static final int MAX_KEY = 1 << 16;

  private final FileRegion file;
  private final Map<String, ByteBuffer> entries = new LinkedHashMap<>();

  private SortedTable(FileRegion file) {
    this.file = file;
  }

  /**
   * {@return all keys and values of a table}
   *
   * @throws InvalidModelException if the region is none, or is damaged
   */
  static Map<String, ByteBuffer> read(FileRegion file) {
    SortedTable table = new SortedTable(file);
    if (file.size() < FOOTER_BYTES) {
      throw table.damaged("it has %d bytes".formatted(file.size()));
    }
    ByteBuffer footer = file.bytes(file.size() - FOOTER_BYTES, FOOTER_BYTES);
    if (footer.getLong(FOOTER_BYTES - 8) != MAGIC) {
      throw table.damaged("it does not end as tables do");
    }
    table.varint(footer);
    table.varint(footer);
    table.block(
        table.varint(footer),
        table.varint(footer),
        (key, handle) -> table.block(table.varint(handle), table.varint(handle), table::add));
    return table.entries;
  }

  private void add(byte[] key, ByteBuffer value) {
    if (entries.put(new String(key, StandardCharsets.UTF_8), value) != null) {
      throw damaged("a key occurs twice");
    }
  }

  private void block(long offset, long size, BiConsumer<byte[], ByteBuffer> each) {
    ByteBuffer block = file.bytes(offset, size);
    ByteBuffer trailer = file.bytes(offset + size, TRAILER_BYTES);
    if (trailer.get(0) != 0) {
      throw new UnsupportedModelException(
          file.name() + " is compressed; save the model again as .keras.");
    }
    Checksums.check(file.name(), file.bytes(offset, size + 1), trailer.getInt(1));
    long restarts = size < 4 ? -1 : block.getInt((int) size - 4);
    if (restarts < 0 || restarts > (size - 4) / 4) {
      throw damaged("a block claims %d restarts".formatted(restarts));
    }
    block.limit((int) (size - 4 - restarts * 4));
    byte[] key = {};
    while (block.hasRemaining()) {
      long shared = varint(block);
      long unshared = varint(block);
      long length = varint(block);
      if (shared > key.length
          || unshared + shared > MAX_KEY
          || unshared + length > block.remaining()
          || unshared + length < 0) {
        throw damaged("a block's entry reaches beyond it");
      }
      byte[] next = Arrays.copyOf(key, (int) (shared + unshared));
      block.get(next, (int) shared, (int) unshared);
      ByteBuffer value = block.slice(block.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
      block.position(block.position() + (int) length);
      each.accept(next, value);
      key = next;
    }
  }

  private long varint(ByteBuffer from) {
    long value = 0;
    for (int shift = 0; shift < 63 && from.hasRemaining(); shift += 7) {
      byte next = from.get();
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw damaged("a number has no end");
  }

  private InvalidModelException damaged(String what) {
    return new InvalidModelException(
        "%s is no whole checkpoint index: %s. Copy or save the model again."
            .formatted(file.name(), what));
  }
}
