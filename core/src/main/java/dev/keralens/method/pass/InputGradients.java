package dev.keralens.method.pass;

import dev.keralens.explain.Formula;
import dev.keralens.explain.Info;
import dev.keralens.explain.Scene;
import dev.keralens.graph.Value;
import java.util.List;

/** The gradient of each unit with respect to the explained input, with the input's own axes. */
public final class InputGradients implements Formula {
  @Override
  public Info info() {
    return Info.of("input_gradients", "Gradients of the input");
  }

  @Override
  public List<Value> differentiated(Scene scene) {
    return List.of(scene.input().value());
  }

  @Override
  public Value maps(Scene scene) {
    return scene.asGiven(scene.gradient(scene.input().value()));
  }
}
