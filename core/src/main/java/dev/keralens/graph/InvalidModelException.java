package dev.keralens.graph;

import dev.keralens.text.Printable;

/** A model file is wrong: it is broken, or not what its name says. */
public final class InvalidModelException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * Makes the exception.
   *
   * @param message what is wrong, where, what was expected, and what to do
   */
  public InvalidModelException(String message) {
    super(Printable.message(message));
  }

  /**
   * Makes the exception.
   *
   * @param message what is wrong, where, what was expected, and what to do
   * @param cause what was caught
   */
  public InvalidModelException(String message, Throwable cause) {
    super(Printable.message(message), cause);
  }
}
