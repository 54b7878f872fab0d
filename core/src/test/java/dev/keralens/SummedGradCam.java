package dev.keralens;

import dev.keralens.explain.Formula;
import dev.keralens.explain.Info;
import dev.keralens.explain.Scene;
import dev.keralens.filter.Resizing;
import dev.keralens.graph.Value;
import dev.keralens.method.GradCam;
import java.util.List;

/** Grad-CAM of several layers, added up: a method of one's own over several activations. */
final class SummedGradCam implements Formula {
  private final GradCam each = GradCam.create();

  @Override
  public Info info() {
    return Info.of("summed_gradcam", "Summed Grad-CAM").ofSeveralLayers();
  }

  @Override
  public List<Value> differentiated(Scene scene) {
    return scene.layers().stream().flatMap(layer -> each.differentiated(layer).stream()).toList();
  }

  @Override
  public Value maps(Scene scene) {
    int[] size = scene.givenInput().places();
    return scene.layers().stream()
        .map(layer -> Resizing.linear(scene.builder(), each.maps(layer), size))
        .reduce(scene.builder()::add)
        .orElseThrow();
  }
}
