package dev.keralens.runtime.engine;

import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/**
 * Work that a helper does while its result is not needed yet. If none has begun by then, whoever
 * needs the result does the work: so nothing ever waits for an executor that is busy or full.
 *
 * @param <T> the result
 */
public final class Ahead<T> {
  private final FutureTask<T> task;

  private Ahead(FutureTask<T> task) {
    this.task = task;
  }

  /**
   * Begins work that has no result.
   *
   * @param helpers where helpers come from
   * @param work the work
   * @return the work under way
   */
  public static Ahead<Boolean> of(Executor helpers, Runnable work) {
    return begun(helpers, new FutureTask<>(work, true));
  }

  /**
   * Begins work that has a result.
   *
   * @param <T> the result
   * @param helpers where helpers come from
   * @param work the work
   * @return the work under way
   */
  public static <T> Ahead<T> supply(Executor helpers, Supplier<T> work) {
    return begun(helpers, new FutureTask<>(work::get));
  }

  private static <T> Ahead<T> begun(Executor helpers, FutureTask<T> task) {
    Ahead<T> ahead = new Ahead<>(task);
    try {
      helpers.execute(ahead.task);
    } catch (RejectedExecutionException e) {
      // Then it is done where the result is needed.
    }
    return ahead;
  }

  /**
   * {@return the result} What the work throws is thrown here.
   *
   * @throws CancellationException if the thread is interrupted while it waits for a helper; it
   *     stays so, and the helper goes on
   */
  public T get() {
    task.run();
    try {
      return task.get();
    } catch (InterruptedException e) {
      throw Interrupts.cancelled(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e);
    }
  }
}
