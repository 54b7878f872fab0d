package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * Reads changed files: bytes cut off, flipped, moved, or replaced by numbers at the edge of a type.
 * A reader may accept a file or throw one of the documented exceptions, with a message, in bounded
 * memory and time. The changes follow from a seed; a failure names it.
 *
 * <p>{@code -Dkeralens.fuzz=1000} sets how many changed files each test reads instead of ten
 * thousand, {@code -Dkeralens.fuzz.seed=7} draws others.
 */
public final class Mutations {
  private static final int DEFAULT_COUNT = 10_000;
  private static final int COUNT = Integer.getInteger("keralens.fuzz", DEFAULT_COUNT);
  private static final long SEED = Long.getLong("keralens.fuzz.seed", 1);
  private static final long MAX_BYTES = 128L << 20;
  private static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final long[] EDGES = {
    0, 1, -1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffffL, 0xffffffffL, 1L << 40, Long.MAX_VALUE
  };

  /** Reads a changed file. */
  @FunctionalInterface
  public interface Reader {
    /** Reads all of a file's content; called by several threads at once. */
    void read(byte[] changed) throws IOException;
  }

  private final Reader reader;
  private final List<Class<? extends Exception>> allowed;
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicLong slowest = new AtomicLong();
  private final AtomicLong largest = new AtomicLong();

  private Mutations(Reader reader, List<Class<? extends Exception>> allowed) {
    this.reader = reader;
    this.allowed = allowed;
  }

  /**
   * Reads changed models, which may throw the two exceptions of model files and {@link
   * IOException}.
   *
   * @param whole a file that can be read
   * @param reader reads it
   */
  public static void ofModel(byte[] whole, Reader reader) throws IOException {
    check(
        whole,
        List.of(InvalidModelException.class, UnsupportedModelException.class, IOException.class),
        reader);
  }

  /**
   * Reads changed files.
   *
   * @param whole a file that can be read
   * @param allowed the exceptions that the reader documents
   * @param reader reads it
   */
  public static void check(byte[] whole, List<Class<? extends Exception>> allowed, Reader reader)
      throws IOException {
    reader.read(whole);
    Mutations run = new Mutations(reader, allowed);
    long start = System.nanoTime();
    IntStream.range(0, COUNT).parallel().forEach(i -> run.attempt(whole, SEED * 1_000_003 + i));
    System.out.printf(
        "%d changed files in %.1f s, %d of them readable; at most %.0f ms and %.1f MB each%n",
        COUNT,
        (System.nanoTime() - start) / 1e9,
        run.accepted.get(),
        run.slowest.get() / 1e6,
        run.largest.get() / 1e6);
    assertTrue(run.accepted.get() < COUNT, "nothing was refused");
  }

  private void attempt(byte[] whole, long seed) {
    byte[] changed = change(whole, new Random(seed));
    long bytes = THREADS.getCurrentThreadAllocatedBytes();
    long start = System.nanoTime();
    try {
      reader.read(changed);
      accepted.incrementAndGet();
    } catch (Exception | StackOverflowError | OutOfMemoryError e) {
      String message = e.getMessage();
      if (allowed.stream().noneMatch(type -> type.isInstance(e)) || message == null) {
        throw new AssertionError("seed " + seed + ": " + e, e);
      }
      assertTrue(!message.isBlank(), "seed " + seed);
    }
    long took = System.nanoTime() - start;
    long used = THREADS.getCurrentThreadAllocatedBytes() - bytes;
    slowest.accumulateAndGet(took, Math::max);
    largest.accumulateAndGet(used, Math::max);
    assertTrue(took < MAX_NANOS, "seed " + seed + " took " + took / 1e9 + " s");
    assertTrue(used < MAX_BYTES, "seed " + seed + " allocated " + used + " bytes");
  }

  /** One to four changes of different kinds. */
  private static byte[] change(byte[] whole, Random random) {
    byte[] bytes = whole.clone();
    for (int count = 1 + random.nextInt(4); count > 0; count--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(12)) {
        case 0 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
        case 1, 2, 3 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 4, 5 -> bytes[at] = (byte) random.nextInt();
        case 6, 7 -> move(bytes, at, random);
        case 8, 9 -> edge(bytes, at, random);
        default -> offset(bytes, at & -8, random);
      }
    }
    return bytes;
  }

  private static void move(byte[] bytes, int to, Random random) {
    int from = random.nextInt(bytes.length);
    int length = random.nextInt(Math.min(512, bytes.length - Math.max(to, from)));
    System.arraycopy(bytes, from, bytes, to, length);
  }

  private static void edge(byte[] bytes, int at, Random random) {
    int length = 1 << random.nextInt(4);
    int start = at & -length;
    long edge = EDGES[random.nextInt(EDGES.length)];
    for (int i = 0; i < length && start + i < bytes.length; i++) {
      bytes[start + i] = (byte) (edge >>> (8 * i));
    }
  }

  /** Another place of the file where one may have been named. */
  private static void offset(byte[] bytes, int at, Random random) {
    if (at + 8 <= bytes.length) {
      ByteBuffer.wrap(bytes)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putLong(at, random.nextInt(bytes.length) & -8);
    }
  }
}
