package dev.keralens.grad;

import dev.keralens.graph.Constant;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Rules of differentiation for ReLU in all its forms: Relu, a Clip from zero as ReLU6 is,
 * ThresholdedRelu, the maximum of a value and zero, and a value that is kept where it is above a
 * threshold and else zero. A LeakyRelu, a PRelu and smooth activations keep their gradient.
 */
public enum Rectifiers implements RuleOverride {
  /**
   * Guided back-propagation (Springenberg et al., 2015): a gradient passes where the input is above
   * zero and the gradient is positive.
   */
  GUIDED {
    @Override
    Rule rule(Node node) {
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
    Rule rule(Node node) {
      int input = node.op() == Op.WHERE ? 1 : 0;
      return n -> {
        @Nullable Value[] gradients = new @Nullable Value[node.inputs().size()];
        gradients[input] = n.builder().relu(n.dy());
        return Backward.gradients(gradients);
      };
    }
  };

  abstract Rule rule(Node node);

  @Override
  public @Nullable Rule of(Node node, GraphBuilder graph) {
    return isRectifier(node, graph) ? rule(node) : null;
  }

  private static boolean isRectifier(Node node, GraphBuilder graph) {
    return switch (node.op()) {
      case RELU, THRESHOLDED_RELU -> true;
      case CLIP -> isZero(node.optionalInput(1), graph);
      case MAX -> node.inputs().size() == 2 && isZero(node.input(1), graph);
      case WHERE -> isZero(node.input(2), graph) && isAbove(node, graph);
      default -> false;
    };
  }

  /** Whether what is kept is what was compared with a threshold. */
  private static boolean isAbove(Node where, GraphBuilder graph) {
    Node condition = graph.producerOf(where.input(0));
    return condition != null
        && (condition.op() == Op.GREATER || condition.op() == Op.GREATER_OR_EQUAL)
        && condition.input(0).equals(where.input(1))
        && graph.constantOf(condition.input(1)) != null;
  }

  private static boolean isZero(@Nullable Value value, GraphBuilder graph) {
    Constant constant = value == null ? null : graph.constantOf(value);
    if (constant == null || !constant.type().isFloating()) {
      return false;
    }
    boolean single = Tensor.elements(constant.shape()) == 1;
    return single && constant.tensor().toFloatArray()[0] == 0;
  }
}
