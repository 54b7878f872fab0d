package dev.keralens.onnx.operator;

/** Why a node cannot be read, without saying which: whoever reads the node adds that. */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1;

  public Refusal(String why) {
    super(why);
  }
}
