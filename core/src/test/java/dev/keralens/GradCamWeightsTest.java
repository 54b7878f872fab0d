package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.keralens.explain.Formula;
import dev.keralens.explain.Info;
import dev.keralens.explain.Method;
import dev.keralens.explain.Scene;
import dev.keralens.filter.Filters;
import dev.keralens.graph.Value;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.model.KerasModel;
import dev.keralens.method.GradCam;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Grad-CAM's short ways to the mean of the gradients give what the gradients give. */
class GradCamWeightsTest {
  /** Grad-CAM from the gradient at each place, which is asked for itself so that it is computed. */
  private record Plain() implements Formula {
    @Override
    public Info info() {
      return Info.of("plain", "Plain").ofActivations().filter(Filters::none);
    }

    @Override
    public List<Value> differentiated(Scene scene) {
      return List.of(scene.activation().value());
    }

    @Override
    public Value maps(Scene scene) {
      KerasTensor activation = scene.activation();
      Value gradient = scene.gradient(activation.value());
      Value sum = scene.builder().reduceSum(gradient, false, 2, 3);
      int area = gradient.shape().size(2) * gradient.shape().size(3);
      return scene.weightedSum(scene.builder().mul(sum, 1.0 / area), activation.value());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"first", "relu", "second", "pool"})
  void weights_beforeMaxPoolingsAndDenseLayers(String layer) {
    ModelBuilder b = ModelBuilder.create("pooled");
    SymbolicTensor x = b.input(13, 10, 3);
    x = b.conv2d(16, 3).name("first").apply(x);
    x = b.maxPooling2d(3).strides(2).padding("same").apply(x);
    x = b.relu().name("relu").apply(x);
    x = b.maxPooling2d(2).strides(1).apply(x);
    x = b.conv2d(32, 3).padding("same").activation("relu").name("second").apply(x);
    x = b.maxPooling2d(2).name("pool").apply(x);
    x = b.flatten().apply(x);
    x = b.dense(24).activation("relu").apply(x);
    x = b.dense(6).apply(x);
    Tensor images = Tensor.of(SmallNetwork.random(5, 3, 13, 10, 3), 3, 13, 10, 3);
    try (Model model = Model.of("pooled", KerasModel.initialize(b.build(x), 9))) {
      float[] expected = maps(model, new Plain(), layer, images);
      float largest = 0;
      for (float value : expected) {
        largest = Math.max(largest, Math.abs(value));
      }
      assertArrayEquals(
          expected, maps(model, GradCam.create(), layer, images), 1e-5f * largest, layer);
    }
  }

  private static float[] maps(Model model, Method method, String layer, Tensor images) {
    ExplainOptions raw = ExplainOptions.defaults().withFilter(Filters::none).withLayers(layer);
    try (Explainer explainer = Explainer.of(model, raw, method)) {
      return explainer.explain(images, Units.top(2)).maps().toFloatArray();
    }
  }
}
