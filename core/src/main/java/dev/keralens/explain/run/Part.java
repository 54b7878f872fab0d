package dev.keralens.explain.run;

import dev.keralens.explain.Method;
import dev.keralens.graph.Shape;
import java.util.List;

/**
 * A method and its setting. Those that are prepared together differ at most in the activation, the
 * explained input, the filter and the size.
 *
 * @param method the method
 * @param setting what it is prepared for
 * @param elsewhere gives the same setting for other sizes of the inputs
 */
public record Part(Method method, Setting setting, Elsewhere elsewhere) {
  /** The setting of a method at other sizes of the inputs. */
  @FunctionalInterface
  public interface Elsewhere {
    /**
     * {@return the setting}
     *
     * @param shapes the shape of each input
     * @throws IllegalArgumentException if the model does not take these sizes
     */
    Setting at(List<Shape> shapes);
  }

  /**
   * {@return another method, with the same setting for maps that are neither filtered nor resized}
   */
  Part inner(Method other) {
    return new Part(
        other,
        setting.raw().withUnitsGiven(),
        shapes -> elsewhere.at(shapes).raw().withUnitsGiven());
  }
}
