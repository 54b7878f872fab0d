package dev.keralens.app;

import dev.keralens.runtime.engine.Interrupts;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Draws and writes files on threads of its own, while the network runs. Only so many wait that none
 * of the threads is idle: what they hold stays small. The first failure, in the order in which they
 * were added, is the one that is thrown.
 *
 * <p>After a failure, here or elsewhere, {@link #close} lets files that are being written become
 * whole, for a while: the program must not end under them.
 */
final class WriteQueue implements AutoCloseable {
  /** Writes one file. */
  @FunctionalInterface
  interface Job {
    void run() throws IOException;
  }

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final ThreadPoolExecutor threads;
  private final Duration patience;
  private final int most;
  private final Deque<Future<?>> open = new ArrayDeque<>();
  private @Nullable Throwable first;

  /**
   * A queue.
   *
   * @param threads how many files are written at once
   */
  WriteQueue(int threads) {
    this(threads, PATIENCE);
  }

  /**
   * A queue.
   *
   * @param threads how many files are written at once
   * @param patience how long {@link #close} waits for files that are being written, and once more
   *     after it has interrupted them
   */
  WriteQueue(int threads, Duration patience) {
    this.patience = patience;
    this.most = 2 * threads;
    this.threads =
        new ThreadPoolExecutor(
            threads,
            threads,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "keralens-write");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Adds a file; waits where too many are under way.
   *
   * @throws IOException if an earlier one could not be written
   */
  void add(Job job) throws IOException {
    if (open.size() >= most) {
      take();
    }
    open.addLast(
        threads.submit(
            () -> {
              job.run();
              return null;
            }));
  }

  /**
   * Waits until all are written.
   *
   * @throws IOException if one could not be
   */
  void finish() throws IOException {
    while (!open.isEmpty()) {
      take();
    }
  }

  private void take() throws IOException {
    try {
      await(open.removeFirst());
    } catch (IOException | RuntimeException | Error e) {
      first = e;
      throw e;
    }
  }

  private static void await(Future<?> job) throws IOException {
    try {
      job.get();
    } catch (InterruptedException e) {
      throw Interrupts.cancelled(e);
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNull(e.getCause());
      if (cause instanceof Error error) {
        throw error;
      } else if (cause instanceof IOException failure) {
        throw failure;
      }
      throw cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
    }
  }

  /**
   * Gives up what is not under way yet, and waits for what is; interrupts what takes too long.
   *
   * @throws IOException if a file that was being written is the first that could not be; further
   *     failures are suppressed in the first
   */
  @Override
  public void close() throws IOException {
    threads.getQueue().clear(); // Not cancel(): it hides how those end that are under way.
    threads.shutdown();
    end();
    Throwable thrown = first;
    for (Future<?> job : open) {
      try {
        if (job.isDone()) {
          await(job);
        }
      } catch (IOException | RuntimeException e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    open.clear();
    if (thrown == null && first != null) {
      throw first instanceof IOException failure ? failure : new IOException(first);
    }
  }

  private void end() {
    boolean interrupted = Thread.interrupted(); // Waiting would end at once.
    try {
      if (!threads.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        threads.shutdownNow();
        threads.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      threads.shutdownNow();
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
