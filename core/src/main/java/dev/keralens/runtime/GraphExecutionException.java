package dev.keralens.runtime;

/** ONNX Runtime failed to compile a graph or to run it: a fault of ours, or too little memory. */
public final class GraphExecutionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  GraphExecutionException(String message, Throwable cause) {
    super(message, cause);
  }
}
