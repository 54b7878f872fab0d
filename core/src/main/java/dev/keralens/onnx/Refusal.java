package dev.keralens.onnx;

/** Why a node cannot be read, without saying which: whoever reads the node adds that. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1;

  Refusal(String why) {
    super(why);
  }
}
