package dev.keralens.runtime;

import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The parts of a batch, computed by the calling thread and by helpers. */
final class Parts {
  private static final ThreadPoolExecutor HELPERS =
      new ThreadPoolExecutor(
          0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), Parts::helper);

  private final IntFunction<List<Tensor>> work;
  private final AtomicReferenceArray<@Nullable List<Tensor>> results;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  private Parts(int parts, IntFunction<List<Tensor>> work) {
    this.work = work;
    this.results = new AtomicReferenceArray<>(parts);
  }

  private static Thread helper(Runnable task) {
    Thread thread = new Thread(task, "keralens-run");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Computes parts, and waits for all of them.
   *
   * @param parts the number of parts
   * @param threads how many threads compute, with the calling one
   * @param work computes a part
   * @return what the parts gave, in order
   * @throws CancellationException if the calling thread is interrupted; it stays so
   */
  static List<List<Tensor>> run(int parts, int threads, IntFunction<List<Tensor>> work) {
    Parts all = new Parts(parts, work);
    int helpers = Math.min(parts, threads) - 1;
    List<CountDownLatch> ends = new ArrayList<>();
    try {
      for (int i = 0; i < helpers; i++) {
        CountDownLatch end = new CountDownLatch(1);
        HELPERS.execute(() -> all.help(end));
        ends.add(end);
      }
      all.compute();
    } finally {
      // Nothing may run any more when this returns: the session may be closed next.
      all.next.set(parts);
      ends.forEach(Parts::await);
    }
    return all.results();
  }

  private void help(CountDownLatch end) {
    try {
      compute();
    } finally {
      end.countDown();
    }
  }

  private void compute() {
    int parts = results.length();
    for (int part = next.getAndIncrement(); part < parts; part = next.getAndIncrement()) {
      try {
        checkInterrupt();
        results.set(part, work.apply(part));
      } catch (RuntimeException | Error e) {
        failure.compareAndSet(null, e);
        next.set(parts);
      }
    }
  }

  private List<List<Tensor>> results() {
    Throwable thrown = failure.get();
    if (thrown instanceof Error error) {
      throw error;
    } else if (thrown instanceof RuntimeException exception) {
      throw exception;
    }
    return IntStream.range(0, results.length())
        .mapToObj(part -> Objects.requireNonNull(results.get(part)))
        .toList();
  }

  /** Fails if the thread is interrupted. */
  static void checkInterrupt() {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("The work was cancelled: its thread is interrupted.");
    }
  }

  private static void await(CountDownLatch end) {
    boolean interrupted = false;
    while (true) {
      try {
        end.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
