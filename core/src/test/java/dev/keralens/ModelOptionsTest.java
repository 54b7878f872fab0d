package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.filter.Filters;
import dev.keralens.method.GradCam;
import dev.keralens.method.Gradients;
import dev.keralens.method.Smooth;
import dev.keralens.runtime.Optimization;
import dev.keralens.runtime.Precision;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a model and its explainers are told, and what they keep. */
class ModelOptionsTest {
  private static final RuntimeOptions EXACT =
      RuntimeOptions.defaults().withPrecision(Precision.FLOAT64);

  private static Model model() {
    return SmallNetwork.model(
        (n, in) -> SmallNetwork.classifier(n, in.get(0), 3, 3), new int[] {16, 16, 2});
  }

  private static Tensor images(int count, int height) {
    int[] shape = {count, height, 16, 2};
    return Tensor.of(SmallNetwork.random(height, shape), shape);
  }

  private static float[] gradients(Model model, ExplainOptions options) {
    try (Explainer explainer =
        Explainer.of(model, options.withFilter(Filters::none), Gradients.create())) {
      return explainer.explain(images(1, 16)).maps().toFloatArray();
    }
  }

  @Test
  void predict_manySizes_keepsEight() {
    try (Model model = model()) {
      for (int size = 4; size < 44; size++) {
        model.predict(images(1, size));
      }
      assertEquals(8, model.compiledSizes());
    }
  }

  @Test
  void withRuntime_isTheExplainersToo() {
    try (Model model = model();
        Model exact = model.withRuntime(EXACT)) {
      float[] single = gradients(model, ExplainOptions.defaults());
      float[] twice = gradients(exact, ExplainOptions.defaults());
      assertArrayEquals(single, twice, 1e-4f);
      assertFalse(Arrays.equals(single, twice), "rounded as in single precision");
      assertArrayEquals(twice, gradients(model, ExplainOptions.defaults().withRuntime(EXACT)));
      assertArrayEquals(
          single,
          gradients(exact, ExplainOptions.defaults().withRuntime(RuntimeOptions.defaults())));
      // What is derived from the model has its options, too.
      assertArrayEquals(twice, gradients(exact.expose("dense"), ExplainOptions.defaults()));
    }
  }

  @Test
  void withExecutor_helpersComeFromThere() {
    AtomicInteger asked = new AtomicInteger();
    Executor counting =
        task -> {
          asked.incrementAndGet();
          new Thread(task).start();
        };
    RuntimeOptions options = RuntimeOptions.defaults().withThreads(4).withExecutor(counting);
    try (Model model = model();
        Model counted = model.withRuntime(options)) {
      ExplainOptions noisy = ExplainOptions.defaults();
      try (Explainer own = Explainer.of(model, noisy, Smooth.of(Gradients.create()));
          Explainer other = Explainer.of(counted, noisy, Smooth.of(Gradients.create()))) {
        assertArrayEquals(
            own.explain(images(8, 16)).maps().toFloatArray(),
            other.explain(images(8, 16)).maps().toFloatArray(),
            1e-4f);
      }
      assertNotEquals(0, asked.get());
    }
  }

  @Test
  void explain_ofSeveral_isRefused() {
    try (Model model = model();
        Explainer methods = Explainer.of(model, GradCam.create(), Gradients.create());
        Explainer layers =
            Explainer.of(
                model, ExplainOptions.defaults().withLayers("relu1", "relu2"), GradCam.create());
        Explainer one =
            Explainer.of(model, ExplainOptions.defaults().withLayers("relu1"), GradCam.create())) {
      for (Explainer several : List.of(methods, layers)) {
        String message =
            String.valueOf(
                assertThrows(
                        IllegalArgumentException.class,
                        () -> several.explain(images(1, 16), Units.top(1)))
                    .getMessage());
        assertTrue(message.contains("explainAll") && message.contains("gradcam"), message);
        assertEquals(2, several.explainAll(List.of(images(1, 16)), Units.top(1)).size());
      }
      assertEquals("relu1", one.explain(images(1, 16)).explained());
      assertThrows(
          IllegalArgumentException.class,
          () ->
              Explain.explain(
                  GradCam.create(),
                  model,
                  images(1, 16),
                  Units.top(1),
                  ExplainOptions.defaults().withLayers("relu1", "relu2")));
    }
  }

  /** One infinite pixel: only what reads it is not finite, as the graph is written. */
  @Test
  void trace_isOfTheGraphAsItIsWritten() {
    Tensor image = images(1, 16);
    float[] numbers = image.toFloatArray();
    numbers[100] = Float.POSITIVE_INFINITY;
    Tensor infinite = Tensor.of(numbers, image.shape());
    RuntimeOptions plain = RuntimeOptions.defaults().withRewriting(false);
    try (Model model = model();
        Model exact = model.withRuntime(EXACT);
        Explainer explainer = Explainer.of(model, GradCam.create());
        Explainer unrewritten =
            Explainer.of(
                model,
                ExplainOptions.defaults().withRuntime(plain.withOptimization(Optimization.NONE)),
                GradCam.create())) {
      float[] written = unrewritten.explain(infinite).maps().toFloatArray();
      List<Step> steps = explainer.trace(List.of(infinite));
      Tensor last =
          steps.stream()
              .map(Step::value)
              .filter(value -> value.elements() == written.length)
              .reduce((a, b) -> b)
              .orElseThrow();
      assertArrayEquals(written, last.toFloatArray());
      // The precision is the chosen one.
      float[] single = model.trace(List.of(image)).get(2).value().toFloatArray();
      float[] twice = exact.trace(List.of(image)).get(2).value().toFloatArray();
      assertArrayEquals(single, twice, 1e-4f);
      assertFalse(Arrays.equals(single, twice), "rounded as in single precision");
    }
  }
}
