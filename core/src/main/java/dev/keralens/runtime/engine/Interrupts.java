package dev.keralens.runtime.engine;

import java.util.concurrent.CancellationException;

/** How work ends whose thread is interrupted: by a {@link CancellationException}. */
public final class Interrupts {
  private static final String MESSAGE = "The work was cancelled: its thread is interrupted.";

  private Interrupts() {}

  /**
   * Ends the work if its thread is interrupted.
   *
   * @throws CancellationException if the thread is interrupted; it stays so
   */
  public static void check() {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException(MESSAGE);
    }
  }

  /**
   * {@return the exception to throw for an interruption, which the thread keeps}
   *
   * @param e what ended a wait of this thread
   */
  public static CancellationException cancelled(InterruptedException e) {
    Thread.currentThread().interrupt();
    CancellationException cancelled = new CancellationException(MESSAGE);
    cancelled.initCause(e);
    return cancelled;
  }
}
