package dev.keralens.grad;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Value;
import org.jspecify.annotations.Nullable;

/**
 * Rules of differentiation for ReLU in all its forms ({@link RectifiedInput}). A LeakyRelu, a PRelu
 * and smooth activations keep their gradient.
 */
public enum Rectifiers implements RuleOverride {
  /**
   * Guided back-propagation (Springenberg et al., 2015): a gradient passes where the input is above
   * zero and the gradient is positive.
   */
  GUIDED {
    @Override
    Rule rule(Node node, int input) {
      // Masks are not negative, so that the gradient may be cut before them: in the kernel it comes
      // of.
      return n -> Rules.of(n.receiving(n.builder().relu(n.dy())));
    }
  },

  /**
   * The deconvolutional network (Zeiler and Fergus, 2014): a gradient passes where it is positive,
   * wherever the input lies.
   */
  DECONVOLUTION {
    @Override
    Rule rule(Node node, int input) {
      return n -> {
        @Nullable Value[] gradients = new @Nullable Value[node.inputs().size()];
        gradients[input] = n.builder().relu(n.dy());
        return Backward.gradients(gradients);
      };
    }
  };

  abstract Rule rule(Node node, int input);

  @Override
  public @Nullable Rule of(Node node, GraphBuilder graph) {
    int input = RectifiedInput.of(node, graph);
    return input < 0 ? null : rule(node, input);
  }
}
