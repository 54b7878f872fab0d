package dev.keralens.runtime;

import ai.onnxruntime.OrtException;

/**
 * ONNX Runtime failed to compile a graph or to run it, for instance for want of memory. The message
 * has its own words, which name the operator.
 */
public final class GraphExecutionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  GraphExecutionException(String what, OrtException cause) {
    super(what + ": " + cause.getMessage(), cause);
  }
}
