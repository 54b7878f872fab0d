package dev.keralens.onnx.operator;

import java.util.Map;

/** Recurrent layers, step by step. */
final class RecurrentOperators {
  static final Map<String, Operator> TABLE =
      Map.of(
          "GRU", node -> new RecurrentUnrolling(node, 3).outputs(RecurrentUnrolling::gru),
          "LSTM", node -> new RecurrentUnrolling(node, 4).outputs(RecurrentUnrolling::lstm),
          "RNN", node -> new RecurrentUnrolling(node, 1).outputs(RecurrentUnrolling::simple));

  private RecurrentOperators() {}

  /** {@return whether an input says that all sequences have all of the steps; left out, they do} */
  static boolean isAll(OnnxNode node, int input, int steps) {
    if (!node.has(input)) {
      return true;
    }
    if (node.known(input) instanceof Known.Uniform uniform) {
      return uniform.number() == steps;
    }
    Numbers numbers = node.numbersOrNull(input);
    return numbers != null
        && numbers.elements().stream().allMatch(length -> length.equals(Linear.of(steps)));
  }

  /** {@return whether an input is left out or zero everywhere} */
  static boolean isZero(OnnxNode node, int input) {
    if (!node.has(input)) {
      return true;
    }
    if (node.known(input) instanceof Known.Uniform uniform) {
      return uniform.number() == 0;
    }
    Numbers numbers = node.numbersOrNull(input);
    return numbers != null && numbers.elements().stream().allMatch(Linear.ZERO::equals);
  }
}
