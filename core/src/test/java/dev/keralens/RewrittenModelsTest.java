package dev.keralens;

import dev.keralens.explain.Method;
import dev.keralens.filter.Filters;
import dev.keralens.method.FullGradients;
import dev.keralens.method.GradCamPlusPlus;
import dev.keralens.method.Gradients;
import dev.keralens.runtime.Optimization;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models explained with graphs as they were built, and rewritten: the same maps. */
class RewrittenModelsTest {
  private static final Path FOLDER = Path.of("src/test/resources/parity");
  private static final Method[] METHODS = {
    Gradients.create(), FullGradients.create().psi(Filters::none), GradCamPlusPlus.create()
  };

  private static List<Explanation> maps(Model model, RuntimeOptions runtime, Tensor x) {
    ExplainOptions options =
        ExplainOptions.defaults().withRuntime(runtime).withFilter(Filters::none);
    try (Explainer explainer = Explainer.of(model, options, METHODS)) {
      return explainer.explainAll(List.of(x), Units.of(0, 1));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"conv_mix", "residual", "flatten", "nested"})
  void maps_areTheSame(String name) throws IOException {
    Tensor x = Npy.read(FOLDER.resolve(name).resolve("x.npy"));
    RuntimeOptions rewritten = RuntimeOptions.defaults();
    RuntimeOptions plain = rewritten.withRewriting(false).withOptimization(Optimization.NONE);
    try (Model model = Model.load(FOLDER.resolve(name).resolve("model.keras"))) {
      List<Explanation> expected = maps(model, plain, x);
      List<Explanation> actual = maps(model, rewritten, x);
      for (int i = 0; i < METHODS.length; i++) {
        ExplainerParityTest.assertMaps(
            expected.get(i).maps(), actual.get(i).maps(), 1e-5, expected.get(i).method());
      }
    }
  }
}
