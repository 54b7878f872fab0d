package dev.keralens.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.keralens.ExplainOptions;
import dev.keralens.Explainer;
import dev.keralens.Explanation;
import dev.keralens.Model;
import dev.keralens.Units;
import dev.keralens.explain.Method;
import dev.keralens.method.KernelShap;
import dev.keralens.method.Lime;
import dev.keralens.method.Rise;
import dev.keralens.picture.ImageLoader;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExplainJobTest {
  private static Method method(String name, long seed) {
    Method method =
        new ExplainJob(
                "model", name, 0, "", List.of(), 1, List.of(), 8, "auto", "auto", "maps", "fail",
                seed)
            .create();
    if (method instanceof Rise rise) {
      return rise.masks(32);
    } else if (method instanceof Lime lime) {
      return lime.samples(32);
    }
    return method instanceof KernelShap shap ? shap.samples(64) : method;
  }

  @ParameterizedTest
  @ValueSource(strings = {"rise", "lime", "kernelshap", "expected_gradients"})
  void seed_isThatOfEveryMethodThatDraws(String name) throws IOException {
    Tensor x =
        ImageLoader.create()
            .load(LocalSpark.SHAPES.resolve("samples/scene-000.png"))
            .reshape(1, 96, 96, 3);
    try (Model model = Model.load(LocalSpark.MODEL)) {
      int[] hashes = new int[3];
      for (int i = 0; i < 3; i++) {
        try (Explainer explainer =
            Explainer.of(model, ExplainOptions.defaults(), method(name, i / 2))) {
          Explanation why = explainer.explain(x, Units.top(1));
          hashes[i] = Arrays.hashCode(why.maps().toFloatArray());
        }
      }
      assertEquals(hashes[0], hashes[1]);
      assertNotEquals(hashes[0], hashes[2]);
    }
  }
}
