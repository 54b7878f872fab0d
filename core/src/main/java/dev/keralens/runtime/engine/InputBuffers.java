package dev.keralens.runtime.engine;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Native memory that inputs are copied into, kept from one run to the next: as many buffers as were
 * ever in use at once.
 */
final class InputBuffers implements AutoCloseable {
  private final Queue<NativeBuffer> free = new ConcurrentLinkedQueue<>();

  /** {@return a buffer of at least so many bytes, to be given back} */
  NativeBuffer take(int bytes) {
    NativeBuffer buffer = free.poll();
    if (buffer != null && buffer.size() >= bytes) {
      return buffer;
    }
    if (buffer != null) {
      buffer.close();
    }
    return NativeBuffer.allocate(bytes);
  }

  /** Takes a buffer back. */
  void giveBack(NativeBuffer buffer) {
    free.add(buffer);
  }

  @Override
  public void close() {
    for (NativeBuffer buffer = free.poll(); buffer != null; buffer = free.poll()) {
      buffer.close();
    }
  }
}
