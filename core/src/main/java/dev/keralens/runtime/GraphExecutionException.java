package dev.keralens.runtime;

import ai.onnxruntime.OrtException;

/**
 * ONNX Runtime failed to compile a graph or to run it, for instance for want of memory, or its
 * native library could not be loaded. The message has its own words, which name the operator.
 */
public final class GraphExecutionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  GraphExecutionException(String what, OrtException cause) {
    super(what + ": " + cause.getMessage(), cause);
  }

  GraphExecutionException(String message, Throwable cause) {
    super(message, cause);
  }
}
