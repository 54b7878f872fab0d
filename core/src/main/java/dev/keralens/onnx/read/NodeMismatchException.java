package dev.keralens.onnx.read;

/** The inputs of a node do not fit it: for the sizes that were asked for, or at all. */
final class NodeMismatchException extends RuntimeException {
  private static final long serialVersionUID = 1;

  NodeMismatchException(String message, Throwable cause) {
    super(message, cause);
  }
}
