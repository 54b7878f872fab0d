package dev.keralens.tensor;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/** The bytes of one array, of a file or in memory, read from the front. */
final class NpySource {
  private final String name;
  private final @Nullable FileChannel channel;
  private final ByteBuffer memory;

  private NpySource(String name, @Nullable FileChannel channel, ByteBuffer memory) {
    this.name = name;
    this.channel = channel;
    this.memory = memory;
  }

  static NpySource of(String name, FileChannel channel) {
    return new NpySource(name, channel, ByteBuffer.allocate(0));
  }

  static NpySource of(String name, byte[] bytes) {
    return new NpySource(name, null, ByteBuffer.wrap(bytes));
  }

  /** What messages call it. */
  @Override
  public String toString() {
    return name;
  }

  /** How many bytes are left. */
  long remaining() throws IOException {
    return channel == null ? memory.remaining() : channel.size() - channel.position();
  }

  /**
   * The next bytes, little-endian.
   *
   * @throws EOFException if there are fewer
   */
  ByteBuffer bytes(int count) throws IOException {
    if (count > remaining()) {
      throw new EOFException(name + " ends too early for a NumPy array.");
    }
    ByteBuffer buffer;
    if (channel == null) {
      buffer = memory.slice(memory.position(), count);
      memory.position(memory.position() + count);
    } else {
      buffer = ByteBuffer.allocate(count);
      while (buffer.hasRemaining()) {
        if (channel.read(buffer) < 0) {
          throw new EOFException(name + " ends too early for a NumPy array.");
        }
      }
      buffer.flip();
    }
    return buffer.order(ByteOrder.LITTLE_ENDIAN);
  }
}
