package dev.keralens.web;

import dev.keralens.web.http.Refusal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One queue: what computes long is done one by one, and can be given up. */
final class Jobs implements AutoCloseable {
  /** How far a job has come. */
  record Progress(int waiting, int done, int total) {}

  /** What is to be done, or is being done. */
  static final class Job<T> {
    private final Callable<T> work;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private volatile boolean cancelled;
    private volatile int done;
    private volatile int total;

    private Job(Callable<T> work) {
      this.work = work;
    }

    boolean isCancelled() {
      return cancelled;
    }

    void progress(int passed, int all) {
      done = passed;
      total = all;
    }

    /**
     * Waits a little.
     *
     * @return whether the job is over
     */
    boolean await(long millis) throws InterruptedException {
      try {
        result.get(millis, TimeUnit.MILLISECONDS);
        return true;
      } catch (TimeoutException e) {
        return false;
      } catch (ExecutionException | CancellationException e) {
        return true;
      }
    }

    /** The result of a job that is over; fails as the job did. */
    T get() throws Exception {
      try {
        return result.get();
      } catch (ExecutionException e) {
        if (e.getCause() instanceof Exception failure) {
          throw failure;
        }
        throw e;
      }
    }
  }

  private final Deque<Job<?>> waiting = new ArrayDeque<>();
  private final int most;
  private final Thread worker;
  private @Nullable Job<?> running;
  private boolean closed;

  /**
   * An empty queue.
   *
   * @param most how many may wait
   */
  Jobs(int most) {
    this.most = most;
    this.worker = new Thread(this::work, "keralens-explains");
    worker.setDaemon(true);
    worker.start();
  }

  /**
   * Adds a job.
   *
   * @throws Refusal if too many wait
   */
  synchronized <T> Job<T> add(Callable<T> work) throws Refusal {
    if (closed) {
      throw new Refusal(503, "The server is closing.");
    }
    if (waiting.size() >= most) {
      throw new Refusal(429, "Too much is waiting already; try again in a moment.");
    }
    Job<T> job = new Job<>(work);
    waiting.add(job);
    notifyAll();
    return job;
  }

  /** How far a job has come. */
  synchronized Progress progress(Job<?> job) {
    int before = 0;
    for (Job<?> other : waiting) {
      if (other == job) {
        return new Progress(before + 1, 0, 0);
      }
      before++;
    }
    return new Progress(0, job.done, job.total);
  }

  /** Gives a job up: it is not begun any more, or interrupted. */
  synchronized void cancel(Job<?> job) {
    job.cancelled = true;
    if (waiting.remove(job)) {
      job.result.cancel(false);
    } else if (running == job) {
      worker.interrupt();
    }
  }

  /** The job that is being done; called on its thread. */
  synchronized @Nullable Job<?> running() {
    return running;
  }

  private synchronized @Nullable Job<?> next() throws InterruptedException {
    while (waiting.isEmpty() && !closed) {
      wait();
    }
    running = waiting.poll();
    return running;
  }

  /** After this, nobody interrupts the thread on the job's account. */
  private synchronized void finished() {
    running = null;
    Thread.interrupted(); // What came too late is not the next one's.
  }

  private void work() {
    while (true) {
      Job<?> job;
      try {
        job = next();
      } catch (InterruptedException e) {
        continue;
      }
      if (job == null) {
        return;
      }
      run(job);
    }
  }

  private <T> void run(Job<T> job) {
    @Nullable T result = null;
    @Nullable Throwable failure = null;
    try {
      result = job.work.call();
    } catch (Exception | LinkageError | OutOfMemoryError | StackOverflowError e) {
      failure = e;
    }
    finished();
    if (job.cancelled) {
      job.result.cancel(false);
    } else if (failure != null) {
      job.result.completeExceptionally(failure);
    } else {
      job.result.complete(result);
    }
  }

  /** Gives up all. */
  @Override
  public synchronized void close() {
    closed = true;
    waiting.forEach(
        job -> {
          job.cancelled = true;
          job.result.cancel(false);
        });
    waiting.clear();
    if (running != null) {
      running.cancelled = true;
      worker.interrupt();
    }
    notifyAll();
  }

  /** Waits until nothing runs any more. */
  void join() {
    boolean interrupted = false;
    while (worker.isAlive()) {
      try {
        worker.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
