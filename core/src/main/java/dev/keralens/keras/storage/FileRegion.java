package dev.keralens.keras.storage;

import dev.keralens.file.RegularFile;
import dev.keralens.file.StableFile;
import dev.keralens.graph.InvalidModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.Checksum;
import org.jspecify.annotations.Nullable;

/**
 * A run of bytes of a file, or a run of bytes that lies in memory. The bytes of a small file are
 * held in memory; those of a large one are read as they are asked for, and are those that it had
 * when it was opened: see {@link StableFile}. Nothing needs closing.
 */
public final class FileRegion {
  /** Smaller parts are read with what lies around them, and kept. */
  private static final int KEPT = 1 << 16;

  private static final int BLOCK = 1 << 14;

  private static final int AT_ONCE = 1 << 20;

  private final String name;
  private final @Nullable StableFile file;
  private final @Nullable ByteBuffer whole;

  /** What was read of the file in small parts: groups, sizes, biases. */
  private final Map<Long, ByteBuffer> blocks;

  private final long offset;
  private final long size;

  private FileRegion(
      String name,
      @Nullable StableFile file,
      @Nullable ByteBuffer whole,
      Map<Long, ByteBuffer> blocks,
      long offset,
      long size) {
    this.name = name;
    this.file = file;
    this.whole = whole;
    this.blocks = blocks;
    this.offset = offset;
    this.size = size;
  }

  /**
   * {@return the bytes of a file}
   *
   * @param file an existing file
   * @throws IOException if it cannot be read
   */
  public static FileRegion of(Path file) throws IOException {
    return of(file, StableFile.HELD);
  }

  /** As {@link #of(Path)}; a file of up to {@code limit} bytes is held in memory. */
  public static FileRegion of(Path file, long limit) throws IOException {
    StableFile stable = StableFile.open(RegularFile.check(file), limit, InvalidModelException::new);
    return new FileRegion(
        file.toString(), stable, stable.held(), new ConcurrentHashMap<>(), 0, stable.size());
  }

  /**
   * {@return bytes that lie in memory}
   *
   * @param name what they are, for messages
   * @param bytes from the first to the limit
   */
  public static FileRegion of(String name, ByteBuffer bytes) {
    return new FileRegion(name, null, bytes, Map.of(), 0, bytes.limit());
  }

  /** {@return the file's name, and the part of it, for messages} */
  public String name() {
    return name;
  }

  public long size() {
    return size;
  }

  /** {@return whether the region is held in memory} */
  boolean isHeld() {
    return whole != null;
  }

  /**
   * {@return a part of the region as a region}
   *
   * @param part what the part is, for messages
   */
  FileRegion part(String part, long from, long length) {
    check(from, length);
    return new FileRegion(part, file, whole, blocks, offset + from, length);
  }

  /**
   * Returns a part of the region, read-only and little-endian. A small one may be asked for again
   * at no cost.
   *
   * @throws InvalidModelException if the region does not have these bytes, or its file has changed
   * @throws java.io.UncheckedIOException if reading fails
   */
  public ByteBuffer bytes(long from, long length) {
    check(from, length);
    if (length > Integer.MAX_VALUE - 8) {
      throw new InvalidModelException(
          "%s: %d bytes at byte %d are more than one array may have."
              .formatted(name, length, from));
    }
    ByteBuffer part;
    if (whole != null) {
      part = whole.slice((int) (offset + from), (int) length);
    } else if (length < KEPT) {
      part = kept(offset + from, (int) length);
    } else {
      part = ByteBuffer.allocate((int) length);
      readInto(from, part);
      part.flip();
    }
    return part.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  private ByteBuffer kept(long from, int length) {
    long block = from / BLOCK;
    int at = (int) (from % BLOCK);
    if (at + length <= BLOCK) {
      return length == 0 ? ByteBuffer.allocate(0) : block(block).slice(at, length);
    }
    ByteBuffer joined = ByteBuffer.allocate(length);
    while (joined.hasRemaining()) {
      int step = Math.min(joined.remaining(), BLOCK - at);
      joined.put(block(block++).slice(at, step));
      at = 0;
    }
    return joined.flip();
  }

  private ByteBuffer block(long block) {
    ByteBuffer known = blocks.get(block);
    if (known != null) {
      return known;
    }
    StableFile from = Objects.requireNonNull(file);
    long start = block * BLOCK;
    ByteBuffer read = ByteBuffer.allocate((int) Math.min(BLOCK, from.size() - start));
    from.read(start, read);
    ByteBuffer other = blocks.putIfAbsent(block, read.flip());
    return other == null ? read : other;
  }

  /**
   * Puts a part of the region into a buffer, without a copy in between.
   *
   * @param to takes the bytes from its position to its limit
   * @throws InvalidModelException if the region does not have these bytes, or its file has changed
   * @throws java.io.UncheckedIOException if reading fails
   */
  void readInto(long from, ByteBuffer to) {
    int length = to.remaining();
    check(from, length);
    if (whole != null || file == null) {
      to.put(bytes(from, length));
    } else if (length < KEPT) {
      to.put(kept(offset + from, length));
    } else {
      file.read(offset + from, to);
    }
  }

  /** Adds every byte of the region to a checksum. */
  void addTo(Checksum sum) {
    if (whole != null) {
      sum.update(whole.slice((int) offset, (int) size));
      return;
    }
    ByteBuffer part = ByteBuffer.allocate((int) Math.min(AT_ONCE, size));
    for (long at = 0; at < size; at += AT_ONCE) {
      readInto(at, part.clear().limit((int) Math.min(AT_ONCE, size - at)));
      sum.update(part.flip());
    }
  }

  private void check(long from, long length) {
    if (from < 0 || length < 0 || from > size - length) {
      throw new InvalidModelException(
          "%s is cut short or damaged: %d bytes at byte %d lie outside its %d bytes."
              .formatted(name, length, from, size));
    }
  }
}
