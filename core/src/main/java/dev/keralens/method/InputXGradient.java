package dev.keralens.method;

import dev.keralens.explain.Formula;
import dev.keralens.explain.Info;
import dev.keralens.explain.Scene;
import dev.keralens.filter.Filters;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import java.util.List;

/**
 * Input times gradient (Shrikumar et al., 2016, <a
 * href="https://arxiv.org/abs/1605.01713">arXiv:1605.01713</a>).
 *
 * <p>With the logit y of a unit, summed over the channels of the input:
 *
 * <pre>
 *   map_ij = sum_c x_ijc dy / dx_ijc
 * </pre>
 *
 * <p>For a network without biases that is linear in pieces, as of ReLU, the map sums to the logit.
 *
 * <p>Shapes: the input x is (batch, height, width, channels), the maps (batch, height, width, k).
 *
 * <p>Differs from the paper: none.
 */
public final class InputXGradient implements Formula {
  private InputXGradient() {}

  /** {@return the method} */
  public static InputXGradient create() {
    return new InputXGradient();
  }

  @Override
  public Info info() {
    return Info.of("input_x_gradient", "Input x Gradient")
        .filter(Filters::absoluteNormalize)
        .summary("the input times how much the unit changes with it")
        .paper("Shrikumar et al., 2016, https://arxiv.org/abs/1605.01713");
  }

  @Override
  public List<Value> differentiated(Scene scene) {
    return List.of(scene.input().value());
  }

  @Override
  public Value maps(Scene scene) {
    KerasTensor input = scene.input();
    Value x = scene.channelsFirst(input, input.value());
    Value gradient = scene.channelsFirst(input, scene.gradient(input.value()));
    return scene.builder().reduceSum(scene.times(gradient, x), false, 1);
  }
}
