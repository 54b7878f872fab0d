package dev.keralens.runtime;

import dev.keralens.text.Printable;

/**
 * ONNX Runtime failed to compile a graph or to run it, for instance for want of memory, or its
 * native library could not be loaded. The message ends with its own words, which name the operator.
 */
public final class GraphExecutionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * A failure with its cause.
   *
   * @param message what failed, and what to do
   * @param cause why
   */
  public GraphExecutionException(String message, Throwable cause) {
    super(Printable.message(message), cause);
  }

  /**
   * A failure.
   *
   * @param message what failed, and what to do
   */
  public GraphExecutionException(String message) {
    super(Printable.message(message));
  }
}
