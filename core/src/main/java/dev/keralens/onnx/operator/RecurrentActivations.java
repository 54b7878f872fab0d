package dev.keralens.onnx.operator;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The activation functions of recurrent nodes, by name, with numbers from lists of their own. */
final class RecurrentActivations {
  private static final Map<String, Op> PLAIN =
      Map.of(
          "sigmoid", Op.SIGMOID,
          "tanh", Op.TANH,
          "relu", Op.RELU,
          "softsign", Op.SOFTSIGN,
          "softplus", Op.SOFTPLUS);

  /** The functions that take a number from the list of alphas, or betas, each the next one. */
  private static final Set<String> WITH_ALPHA =
      Set.of("affine", "elu", "hardsigmoid", "leakyrelu", "scaledtanh", "thresholdedrelu");

  private static final Set<String> WITH_BETA = Set.of("affine", "hardsigmoid", "scaledtanh");

  private RecurrentActivations() {}

  /**
   * Applies one of the functions that a node lists; names are compared without regard to case.
   *
   * @param node the recurrent node
   * @param position the function's place in the list, those of both directions counted
   * @param usual the function where the list is too short
   * @param value what it is applied to
   */
  static Value apply(OnnxNode node, int position, String usual, Value value) {
    List<String> names = node.stringsAttribute("activations");
    if (position >= names.size()) {
      return activate(node, usual, 0, 0, value);
    }
    List<String> before =
        names.subList(0, position).stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    int alphas = (int) before.stream().filter(WITH_ALPHA::contains).count();
    int betas = (int) before.stream().filter(WITH_BETA::contains).count();
    return activate(node, names.get(position), alphas, betas, value);
  }

  private static Value activate(OnnxNode node, String name, int alpha, int beta, Value value) {
    GraphBuilder b = node.builder();
    String known = name.toLowerCase(Locale.ROOT);
    Op plain = PLAIN.get(known);
    if (plain != null) {
      return b.node(plain, value);
    }
    return switch (known) {
      case "hardsigmoid" ->
          b.node(
              Op.HARD_SIGMOID,
              Attributes.NONE
                  .with("alpha", parameter(node, "activation_alpha", alpha, 0.2f))
                  .with("beta", parameter(node, "activation_beta", beta, 0.5f)),
              value);
      case "leakyrelu" ->
          b.node(
              Op.LEAKY_RELU,
              Attributes.NONE.with("alpha", parameter(node, "activation_alpha", alpha, 0.01f)),
              value);
      case "elu" ->
          b.node(
              Op.ELU,
              Attributes.NONE.with("alpha", parameter(node, "activation_alpha", alpha, 1)),
              value);
      default -> throw new Refusal("the activation '%s' is not supported".formatted(name));
    };
  }

  private static float parameter(OnnxNode node, String name, int position, float usual) {
    List<Float> values = node.floatsAttribute(name);
    return position < values.size() ? values.get(position) : usual;
  }
}
