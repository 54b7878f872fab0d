package dev.keralens.runtime.engine;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Native memory that is given back when it is closed.
 *
 * <p>Nobody may touch its bytes afterwards.
 */
final class NativeBuffer implements AutoCloseable {
  /*
   * A direct buffer is given back when the garbage collector finds it, and a program that allocates
   * little on its heap may not collect for minutes: the copy of a model's weights that is handed to
   * ONNX Runtime would stay as long. Java 22 has arenas for this; before it, and for as long as it
   * does not warn of it, there is Unsafe.invokeCleaner. Both are reached by name, because this is
   * compiled for Java 17; where neither is to be had, the collector does it.
   */
  private interface Allocator {
    NativeBuffer allocate(int bytes);
  }

  private static final Allocator ALLOCATOR = allocator();

  private final ByteBuffer bytes;
  private final Runnable release;
  private boolean closed;

  private NativeBuffer(ByteBuffer bytes, Runnable release) {
    this.bytes = bytes;
    this.release = release;
  }

  /**
   * {@return zeroed native memory}
   *
   * @param bytes its size
   */
  static NativeBuffer allocate(int bytes) {
    return ALLOCATOR.allocate(bytes);
  }

  /** {@return its size in bytes} */
  int size() {
    return bytes.capacity();
  }

  /**
   * {@return a view of some of its bytes, in the machine's byte order}
   *
   * @param offset the first of them
   * @param count their number
   */
  ByteBuffer slice(int offset, int count) {
    return bytes.slice(offset, count).order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      release.run();
    }
  }

  private static Allocator allocator() {
    try {
      return Runtime.version().feature() >= 22 ? arenas() : cleaners();
    } catch (ReflectiveOperationException | RuntimeException e) {
      return size -> new NativeBuffer(ByteBuffer.allocateDirect(size), () -> {});
    }
  }

  private static Allocator arenas() throws ReflectiveOperationException {
    Class<?> arena = Class.forName("java.lang.foreign.Arena");
    Class<?> segment = Class.forName("java.lang.foreign.MemorySegment");
    MethodHandles.Lookup lookup = MethodHandles.publicLookup();
    MethodHandle open = lookup.findStatic(arena, "ofShared", MethodType.methodType(arena));
    MethodHandle allocate =
        lookup.findVirtual(
            arena, "allocate", MethodType.methodType(segment, long.class, long.class));
    MethodHandle view =
        lookup.findVirtual(segment, "asByteBuffer", MethodType.methodType(ByteBuffer.class));
    MethodHandle close = lookup.findVirtual(arena, "close", MethodType.methodType(void.class));
    return size -> {
      Object memory = call(open);
      ByteBuffer bytes = (ByteBuffer) call(view, call(allocate, memory, (long) size, 64L));
      return new NativeBuffer(bytes, () -> call(close, memory));
    };
  }

  private static Allocator cleaners() throws ReflectiveOperationException {
    Class<?> unsafe = Class.forName("sun.misc.Unsafe");
    Field field = unsafe.getDeclaredField("theUnsafe");
    field.setAccessible(true);
    MethodHandle clean =
        MethodHandles.publicLookup()
            .findVirtual(
                unsafe, "invokeCleaner", MethodType.methodType(void.class, ByteBuffer.class))
            .bindTo(field.get(null));
    return size -> {
      ByteBuffer bytes = ByteBuffer.allocateDirect(size);
      return new NativeBuffer(bytes, () -> call(clean, bytes));
    };
  }

  private static Object call(MethodHandle handle, Object... arguments) {
    try {
      return handle.invokeWithArguments(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("Native memory cannot be managed: " + e.getMessage(), e);
    }
  }
}
