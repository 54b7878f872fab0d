package dev.keralens.keras.file;

import dev.keralens.file.RegularFile;
import dev.keralens.graph.InvalidModelException;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.Checksum;
import org.jspecify.annotations.Nullable;

/**
 * A run of bytes of a file, mapped into memory, or a run of bytes that lies in memory anyway. The
 * parts it hands out keep the mapping alive; nothing needs closing.
 *
 * <p>What was read of a mapping counts as the process's memory until the mapping is gone. So the
 * weights of large files, which are read once, are copied out of the file instead.
 */
final class FileRegion {
  /** Up to this many bytes are mapped at once; Java's buffers end at 2 GiB. */
  private static final long WHOLE = Integer.MAX_VALUE;

  /** From this size on a file is kept open, to copy from it. */
  private static final long LARGE = 1 << 24;

  /** Smaller parts are not worth a copy. */
  private static final int COPIED = 1 << 16;

  /** Java copies through native memory of the size of a read, which it keeps. */
  private static final int AT_ONCE = 1 << 20;

  private final String name;
  private final @Nullable FileChannel channel;
  private final @Nullable ByteBuffer whole;
  private final long offset;
  private final long size;

  private FileRegion(
      String name,
      @Nullable FileChannel channel,
      @Nullable ByteBuffer whole,
      long offset,
      long size) {
    this.name = name;
    this.channel = channel;
    this.whole = whole;
    this.offset = offset;
    this.size = size;
  }

  /**
   * {@return the bytes of a file}
   *
   * @param file an existing file
   * @throws IOException if it cannot be opened or mapped
   */
  static FileRegion of(Path file) throws IOException {
    return of(file, WHOLE);
  }

  /** As {@link #of(Path)}; a file of more than {@code limit} bytes is mapped part by part. */
  static FileRegion of(Path file, long limit) throws IOException {
    String name = file.toString();
    FileChannel channel = FileChannel.open(RegularFile.check(file), StandardOpenOption.READ);
    long size = channel.size();
    if (size > limit) {
      // Left open: parts are mapped as they are asked for. The collector closes it.
      return new FileRegion(name, channel, null, 0, size);
    }
    if (size >= LARGE) {
      return new FileRegion(name, channel, map(channel, 0, size), 0, size);
    }
    try (channel) {
      ByteBuffer whole = size == 0 ? ByteBuffer.allocate(0) : map(channel, 0, size);
      return new FileRegion(name, null, whole, 0, size);
    }
  }

  /**
   * {@return bytes that lie in memory}
   *
   * @param name what they are, for messages
   * @param bytes from the first to the limit
   */
  static FileRegion of(String name, ByteBuffer bytes) {
    return new FileRegion(name, null, bytes, 0, bytes.limit());
  }

  /** {@return the file's name, and the part of it, for messages} */
  String name() {
    return name;
  }

  long size() {
    return size;
  }

  /** {@return whether the region is in one buffer} */
  boolean isWhole() {
    return whole != null;
  }

  /**
   * {@return a part of the region as a region}
   *
   * @param part what the part is, for messages
   */
  FileRegion part(String part, long from, long length) {
    check(from, length);
    return new FileRegion(part, channel, whole, offset + from, length);
  }

  /**
   * Returns a part of the region, read-only and little-endian, without copying it.
   *
   * @throws InvalidModelException if the region does not have these bytes
   * @throws UncheckedIOException if mapping fails
   */
  ByteBuffer bytes(long from, long length) {
    check(from, length);
    if (length > Integer.MAX_VALUE) {
      throw new InvalidModelException(
          "%s: %d bytes at byte %d are more than one array may have."
              .formatted(name, length, from));
    }
    ByteBuffer part;
    if (whole != null) {
      part = whole.slice((int) (offset + from), (int) length).asReadOnlyBuffer();
    } else if (channel != null && length > 0) {
      try {
        part = map(channel, offset + from, length);
      } catch (IOException e) {
        throw new UncheckedIOException(name + " cannot be read.", e);
      }
    } else {
      part = ByteBuffer.allocate(0);
    }
    return part.order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Returns a part of the region, to be read once: a copy where it is large, else as {@link #bytes}
   * does.
   *
   * @throws InvalidModelException if the region does not have these bytes
   * @throws UncheckedIOException if reading fails
   */
  ByteBuffer read(long from, long length) {
    check(from, length);
    if (channel == null || length < COPIED || length > Integer.MAX_VALUE) {
      return bytes(from, length);
    }
    ByteBuffer copy = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
    readInto(from, copy);
    return copy.flip();
  }

  /**
   * Puts a part of the region into a buffer, without a copy in between.
   *
   * @param to takes the bytes from its position to its limit
   * @throws InvalidModelException if the region does not have these bytes
   * @throws UncheckedIOException if reading fails
   */
  void readInto(long from, ByteBuffer to) {
    int length = to.remaining();
    check(from, length);
    if (channel != null && length >= COPIED) {
      int start = to.position();
      try {
        copy(channel, offset + from, to);
        return;
      } catch (ClosedChannelException e) {
        // An interrupt of a thread that reads closes the file; the mapping stays.
        to.limit(start + length).position(start);
      } catch (IOException e) {
        throw new UncheckedIOException(name + " cannot be read.", e);
      }
    }
    to.put(bytes(from, length));
  }

  private static void copy(FileChannel channel, long from, ByteBuffer to) throws IOException {
    int start = to.position();
    int end = to.limit();
    while (to.position() < end) {
      to.limit(Math.min(end, to.position() + AT_ONCE));
      if (channel.read(to, from + to.position() - start) < 0) {
        throw new EOFException("The file has become shorter.");
      }
      to.limit(end);
    }
  }

  /** Adds every byte of the region to a checksum. */
  void addTo(Checksum sum) {
    for (long at = 0; at < size; at += AT_ONCE) {
      sum.update(read(at, Math.min(AT_ONCE, size - at)));
    }
  }

  private void check(long from, long length) {
    if (from < 0 || length < 0 || from > size - length) {
      throw new InvalidModelException(
          "%s is cut short or damaged: %d bytes at byte %d lie outside its %d bytes."
              .formatted(name, length, from, size));
    }
  }

  private static ByteBuffer map(FileChannel channel, long from, long length) throws IOException {
    return channel.map(MapMode.READ_ONLY, from, length);
  }
}
