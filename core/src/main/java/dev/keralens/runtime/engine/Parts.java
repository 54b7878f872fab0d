package dev.keralens.runtime.engine;

import dev.keralens.file.LateReads;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Work in parts, done by the calling thread and by helpers.
 *
 * @param <T> what a part gives
 */
final class Parts<T> {
  private final IntFunction<T> work;
  private final AtomicReferenceArray<@Nullable T> results;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  private Parts(int parts, IntFunction<T> work) {
    this.work = work;
    this.results = new AtomicReferenceArray<>(parts);
  }

  /** A helper: it has begun, or the caller has finished before it did. */
  private static final class Helper {
    private final AtomicBoolean taken = new AtomicBoolean();
    private final CountDownLatch end = new CountDownLatch(1);

    boolean take() {
      return taken.compareAndSet(false, true);
    }
  }

  /**
   * Does parts, and waits for all of them, also where one fails. Helpers that have not begun when
   * nothing is left to do are not waited for: an executor that is busy makes this slower, and never
   * stops it.
   *
   * @param <T> what a part gives
   * @param parts the number of parts
   * @param threads how many threads work at most, with the calling one
   * @param executor where helpers come from
   * @param work does a part
   * @return what the parts gave, in order
   * @throws CancellationException if the calling thread is interrupted; it stays so
   */
  static <T> List<T> run(int parts, int threads, Executor executor, IntFunction<T> work) {
    Parts<T> all = new Parts<>(parts, work);
    int helpers = Math.min(parts, threads) - 1;
    LateReads reads = LateReads.current();
    List<Helper> asked = new ArrayList<>();
    try {
      for (int i = 0; i < helpers; i++) {
        Helper helper = new Helper();
        executor.execute(() -> all.help(helper, reads));
        asked.add(helper);
      }
    } catch (RejectedExecutionException e) {
      // The calling thread and those that were taken do it.
    }
    try {
      all.compute();
    } finally {
      // Nothing may run any more when this returns: what it works on may be freed next.
      all.next.set(parts);
      asked.forEach(Parts::await);
    }
    return all.results();
  }

  private void help(Helper helper, @Nullable LateReads reads) {
    if (!helper.take()) {
      return;
    }
    try {
      LateReads.help(reads, this::compute);
    } finally {
      helper.end.countDown();
    }
  }

  private void compute() {
    int parts = results.length();
    for (int part = next.getAndIncrement(); part < parts; part = next.getAndIncrement()) {
      try {
        Interrupts.check();
        results.set(part, work.apply(part));
      } catch (RuntimeException | Error e) {
        failure.compareAndSet(null, e);
        next.set(parts);
      }
    }
  }

  private List<T> results() {
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

  private static void await(Helper helper) {
    if (helper.take()) {
      return;
    }
    boolean interrupted = false;
    while (true) {
      try {
        helper.end.await();
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
