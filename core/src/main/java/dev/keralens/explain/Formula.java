package dev.keralens.explain;

import dev.keralens.grad.RuleOverride;
import dev.keralens.graph.Value;
import java.util.List;

/**
 * A method that is a formula: operators that are added to the network's graph. All formulas that
 * are asked for together share one graph, and its forward pass.
 *
 * <p>A formula holds no state of a run, and is compared by {@link #override} with others to share
 * the backward pass.
 */
public non-sealed interface Formula extends Method {
  /**
   * {@return the values that the method wants the gradients of the units with respect to}
   *
   * @param scene the graph
   */
  List<Value> differentiated(Scene scene);

  /**
   * {@return the rules of differentiation that the method has of its own, as guided
   * back-propagation has one for ReLU; by default {@link RuleOverride#NONE}}
   */
  default RuleOverride override() {
    return RuleOverride.NONE;
  }

  /**
   * {@return the rules of differentiation that the method has of its own, where they depend on the
   * graph; by default those of {@link #override()}. They are asked for several times, and equal
   * each time}
   *
   * @param scene the graph, without gradients
   */
  default RuleOverride override(Scene scene) {
    return override();
  }

  /**
   * {@return the formulas that the method is made of, each with rules of its own; by default the
   * method itself. Their gradients are those of {@link Scene#of}}
   */
  default List<Formula> parts() {
    return List.of(this);
  }

  /**
   * Adds the method's operators.
   *
   * @param scene the graph, with the gradients that were asked for
   * @return the maps: float (k * batch, spatial axes...), the units of an image one after another
   */
  Value maps(Scene scene);
}
