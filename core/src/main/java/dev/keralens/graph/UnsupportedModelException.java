package dev.keralens.graph;

import dev.keralens.text.Printable;

/** A model is right, but this program cannot read, run or differentiate it. */
public final class UnsupportedModelException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * Makes the exception.
   *
   * @param message what is not supported, where, and what to do
   */
  public UnsupportedModelException(String message) {
    super(Printable.message(message));
  }

  /**
   * Makes the exception.
   *
   * @param message what is not supported, where, and what to do
   * @param cause what was caught
   */
  public UnsupportedModelException(String message, Throwable cause) {
    super(Printable.message(message), cause);
  }
}
