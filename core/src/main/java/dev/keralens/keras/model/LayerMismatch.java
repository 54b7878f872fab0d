package dev.keralens.keras.model;

/** A layer cannot take its inputs; the message names the layer. */
final class LayerMismatch extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String text;

  LayerMismatch(String message, Throwable cause) {
    super(message, cause);
    this.text = message;
  }

  @Override
  public String getMessage() {
    return text;
  }
}
