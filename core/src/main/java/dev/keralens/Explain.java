package dev.keralens;

import dev.keralens.explain.Method;
import dev.keralens.method.Cam;
import dev.keralens.method.FullGradients;
import dev.keralens.method.GradCam;
import dev.keralens.method.GradCamPlusPlus;
import dev.keralens.method.Gradients;
import dev.keralens.method.ScoreCam;
import dev.keralens.tensor.Tensor;

/**
 * A method each, in one call: with its usual filter, resized to the input, as keras-explainable's
 * functions of these names.
 *
 * <p>Each call compiles the network. For many calls use an {@link Explainer}, which keeps it.
 */
public final class Explain {
  private Explain() {}

  /**
   * Explains with a method.
   *
   * @param method the method
   * @param model the model
   * @param x the input as Keras takes it, batch first
   * @param units which units
   * @param options how
   * @return why
   * @throws IllegalArgumentException if the options name several layers or inputs, if the model
   *     does not take the input, or has no such unit or layer
   * @throws dev.keralens.graph.UnsupportedModelException if the method does not apply to the model
   */
  public static Explanation explain(
      Method method, Model model, Tensor x, Units units, ExplainOptions options) {
    try (Explainer explainer = Explainer.of(model, options, method)) {
      return explainer.explain(x, units);
    }
  }

  private static Explanation explain(Method method, Model model, Tensor x, Units units) {
    return explain(method, model, x, units, ExplainOptions.defaults());
  }

  /**
   * {@return how much each unit changes with each pixel, see {@link Gradients}}
   *
   * @param model the model
   * @param x the input as Keras takes it, batch first
   * @param units which units
   */
  public static Explanation gradients(Model model, Tensor x, Units units) {
    return explain(Gradients.create(), model, x, units);
  }

  /**
   * {@return input times gradient, and every bias times its gradient, see {@link FullGradients}}
   *
   * @param model the model
   * @param x the input as Keras takes it, batch first
   * @param units which units
   */
  public static Explanation fullGradients(Model model, Tensor x, Units units) {
    return explain(FullGradients.create(), model, x, units);
  }

  /**
   * {@return channels weighted as the unit weights them, see {@link Cam}}
   *
   * @param model the model; it ends in a global pooling and one linear layer
   * @param x the input as Keras takes it, batch first
   * @param units which units
   * @throws dev.keralens.graph.UnsupportedModelException if the model does not end so
   */
  public static Explanation cam(Model model, Tensor x, Units units) {
    return explain(Cam.create(), model, x, units);
  }

  /**
   * {@return channels weighted by their mean gradient, see {@link GradCam}}
   *
   * @param model the model
   * @param x the input as Keras takes it, batch first
   * @param units which units
   */
  public static Explanation gradcam(Model model, Tensor x, Units units) {
    return explain(GradCam.create(), model, x, units);
  }

  /**
   * {@return channels weighted by their positive gradients, each place by its share, see {@link
   * GradCamPlusPlus}}
   *
   * @param model the model
   * @param x the input as Keras takes it, batch first
   * @param units which units
   */
  public static Explanation gradcampp(Model model, Tensor x, Units units) {
    return explain(GradCamPlusPlus.create(), model, x, units);
  }

  /**
   * {@return channels as masks, weighted by the unit's score for the masked input, see {@link
   * ScoreCam}}
   *
   * @param model the model
   * @param x the input as Keras takes it, batch first
   * @param units which units
   */
  public static Explanation scorecam(Model model, Tensor x, Units units) {
    return explain(ScoreCam.create(), model, x, units);
  }
}
