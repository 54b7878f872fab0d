package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.explain.Formula;
import dev.keralens.explain.Info;
import dev.keralens.explain.Scene;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.method.GradCam;
import dev.keralens.method.Gradients;
import dev.keralens.method.Smooth;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One model and one explainer, many threads: sizes, numbers of units, interrupts, closing. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class StressTest {
  private static final int THREADS = 16;
  private static final int SIZES = 200;
  private static final int RUNS = Integer.getInteger("keralens.stress", 12);
  private static final RuntimeOptions TWO = RuntimeOptions.defaults().withThreads(2);

  private static Model model() {
    return SmallNetwork.model(
            (n, in) -> SmallNetwork.classifier(n, in.get(0), 3, 3), new int[] {8, 8, 2})
        .withRuntime(TWO);
  }

  private static Explainer explainer(Model model) {
    return Explainer.of(model, GradCam.create(), Gradients.create());
  }

  private static Tensor image(int size) {
    int[] shape = {1, 4 + size % 20, 4 + size / 20, 2};
    return Tensor.of(SmallNetwork.random(size, shape), shape);
  }

  private static float[] maps(List<Explanation> why) {
    assertEquals(List.of("gradcam", "gradients"), why.stream().map(Explanation::method).toList());
    return Tensor.concat(
            why.stream().map(one -> one.maps().reshape(one.maps().elements())).toList())
        .toFloatArray();
  }

  /** Runs work on all threads and throws what one of them threw. */
  private static void onThreads(IntConsumer work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        int number = thread;
        all.add(threads.submit(() -> work.accept(number)));
      }
      for (Future<?> each : all) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void sizesAndMethods_giveWhatOneThreadGives() throws Exception {
    Map<Integer, float[]> first = new ConcurrentHashMap<>();
    try (Model model = model();
        Explainer explainer = explainer(model)) {
      onThreads(
          thread -> {
            Random random = new Random(thread);
            for (int i = 0; i < RUNS; i++) {
              int size = random.nextInt(SIZES);
              float[] maps = maps(explainer.explainAll(List.of(image(size)), Units.top(1)));
              float[] known = first.putIfAbsent(size, maps);
              if (known != null) {
                assertArrayEquals(known, maps, 1e-5f);
              }
              model.predict(image(size));
              model.biases();
            }
          });
      assertTrue(model.compiledSizes() <= 8, () -> model.compiledSizes() + " sizes");
    }
    try (Model model = model();
        Explainer explainer = explainer(model)) {
      for (int size : first.keySet().stream().limit(20).toList()) {
        assertArrayEquals(
            first.get(size), maps(explainer.explainAll(List.of(image(size)), Units.top(1))), 1e-5f);
      }
    }
  }

  /** Grad-CAM that makes the model forget its networks while an explainer is prepared. */
  private record Forgetting(Model model, GradCam method) implements Formula {
    @Override
    public Info info() {
      for (int size = 0; size < 20; size++) {
        model.network(List.of(Shape.of(Shape.BATCH, 30 + size, 8, 2)));
      }
      return method.info();
    }

    @Override
    public List<Value> differentiated(Scene scene) {
      return method.differentiated(scene);
    }

    @Override
    public Value maps(Scene scene) {
      return method.maps(scene);
    }
  }

  /** What goes into one graph is of one network, though another thread may want eight others. */
  @Test
  void methodsOfOneGraph_haveOneNetwork() {
    try (Model model = model();
        Explainer plain = explainer(model);
        Explainer forgetting =
            Explainer.of(model, new Forgetting(model, GradCam.create()), Gradients.create())) {
      assertArrayEquals(
          maps(plain.explainAll(List.of(image(7)), Units.top(1))),
          maps(forgetting.explainAll(List.of(image(7)), Units.top(1))));
      assertEquals(
          plain.trace(List.of(image(7))).size(), forgetting.trace(List.of(image(7))).size());
    }
  }

  @Test
  void interrupts_cancelTheirThreadOnly() throws Exception {
    AtomicInteger cancelled = new AtomicInteger();
    AtomicInteger explained = new AtomicInteger();
    try (Model model = model();
        Explainer explainer = explainer(model)) {
      onThreads(
          thread -> {
            Random random = new Random(thread);
            for (int i = 0; i < RUNS; i++) {
              boolean interrupted = thread % 2 == 0 && random.nextInt(3) == 0;
              if (interrupted) {
                Thread.currentThread().interrupt();
              }
              try {
                explainer.explainAll(List.of(image(random.nextInt(SIZES))), Units.top(1));
                explained.incrementAndGet();
              } catch (CancellationException e) {
                assertTrue(interrupted, "cancelled without an interrupt");
                cancelled.incrementAndGet();
              } finally {
                Thread.interrupted();
              }
            }
          });
    }
    assertTrue(cancelled.get() > 0 && explained.get() > 0, cancelled + " and " + explained);
  }

  @Test
  void closing_endsAfterTheWorkUnderWay() throws Exception {
    for (int round = 0; round < 2; round++) {
      Model model = model();
      Explainer explainer = explainer(model);
      AtomicInteger explained = new AtomicInteger();
      onThreads(
          thread -> {
            Random random = new Random(thread);
            try {
              for (int i = 0; i < RUNS; i++) {
                explainer.explainAll(List.of(image(random.nextInt(SIZES))), Units.top(1));
                model.predict(image(random.nextInt(SIZES)));
                if (explained.incrementAndGet() == 40) {
                  explainer.close();
                  model.close();
                }
              }
            } catch (IllegalStateException e) {
              assertTrue(String.valueOf(e.getMessage()).contains("closed"), e::getMessage);
            }
          });
      assertTrue(explained.get() >= 40, explained::toString);
      explainer.close();
      model.close();
    }
  }

  /** A pool of two threads that explains and helps: nobody waits for a helper that cannot come. */
  @Test
  void executorOfTheCaller_mayBeFull() throws Exception {
    ExecutorService two = Executors.newFixedThreadPool(2);
    RuntimeOptions options = RuntimeOptions.defaults().withThreads(4).withExecutor(two);
    try (Model model = model().withRuntime(options);
        Explainer explainer =
            Explainer.of(model, Smooth.of(Gradients.create()), GradCam.create())) {
      Tensor batch = Tensor.concat(List.of(image(7), image(7), image(7), image(7), image(7)));
      List<Future<float[]>> all = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        all.add(
            two.submit(
                () ->
                    explainer
                        .explainAll(List.of(batch), Units.top(1))
                        .get(1)
                        .maps()
                        .toFloatArray()));
      }
      float[] known = all.get(0).get();
      for (Future<float[]> each : all) {
        assertArrayEquals(known, each.get(), 1e-5f);
      }
      two.shutdown();
      assertArrayEquals(
          known,
          explainer.explainAll(List.of(batch), Units.top(1)).get(1).maps().toFloatArray(),
          1e-5f);
    }
  }
}
