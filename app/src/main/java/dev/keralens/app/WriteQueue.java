package dev.keralens.app;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Draws and writes files on threads of its own, while the network runs. Only so many wait that none
 * of the threads is idle: what they hold stays small. The first failure, in the order in which they
 * were added, is the one that is thrown.
 */
final class WriteQueue implements AutoCloseable {
  /** Writes one file. */
  @FunctionalInterface
  interface Job {
    void run() throws IOException;
  }

  private final ExecutorService threads;
  private final int most;
  private final Deque<Future<?>> open = new ArrayDeque<>();

  /**
   * A queue.
   *
   * @param threads how many files are written at once
   */
  WriteQueue(int threads) {
    this.most = 2 * threads;
    this.threads =
        Executors.newFixedThreadPool(
            threads,
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
      await(open.removeFirst());
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
      await(open.removeFirst());
    }
  }

  private static void await(Future<?> job) throws IOException {
    try {
      job.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      CancellationException cancelled =
          new CancellationException("The work was cancelled: its thread is interrupted.");
      cancelled.initCause(e);
      throw cancelled;
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

  /** Gives up what is not under way yet; what is, ends by itself. */
  @Override
  public void close() {
    open.forEach(job -> job.cancel(false));
    threads.shutdown();
  }
}
