package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.explain.Method;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.method.Methods;
import dev.keralens.network.InputSpec;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Many threads explain with explainers that they share, of models, methods, numbers of images and
 * of threads that are drawn, while explainers are closed and replaced under them, threads are
 * interrupted, and listeners throw. Nothing but the documented exceptions may come of it, an
 * explanation has to be the one that a lone thread gets, and memory must not grow.
 *
 * <p>Not in every run: {@code -Dkeralens.soak=3600} says for how many seconds.
 */
@EnabledIfSystemProperty(named = "keralens.soak", matches = "\\d+")
class SoakTest {
  private static final int THREADS = 16;
  private static final int SHARED = 6;
  private static final Path PARITY = Path.of("src/test/resources/parity");
  private static final List<String> MODELS =
      List.of(
          "conv_mix/model.keras",
          "conv_mix/model.h5",
          "flatten/model.keras",
          "nested/model.keras",
          "residual/model.keras");

  private final long end =
      System.nanoTime() + Duration.ofSeconds(Long.getLong("keralens.soak", 10)).toNanos();
  private final AtomicReferenceArray<Shared> shared = new AtomicReferenceArray<>(SHARED);
  private final Map<String, AtomicLong> outcomes = new TreeMap<>();
  private final ConcurrentLinkedQueue<Throwable> unexpected = new ConcurrentLinkedQueue<>();
  private final ScheduledExecutorService interrupts = Executors.newScheduledThreadPool(2);

  /** What a listener of ours throws. */
  private static final class ListenerException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** An explainer that several threads use, with what it gives of one image. */
  private record Shared(Model model, Explainer explainer, Tensor image, List<Tensor> maps) {
    void close() {
      explainer.close();
      model.close();
    }
  }

  private void count(String outcome) {
    AtomicLong counter;
    synchronized (outcomes) {
      counter = outcomes.computeIfAbsent(outcome, unused -> new AtomicLong());
    }
    counter.incrementAndGet();
  }

  private static Tensor images(Model model, int count, Random random) {
    InputSpec input = model.inputs().get(0);
    int[] shape = new int[input.sizes().size() + 1];
    shape[0] = count;
    for (int axis = 1; axis < shape.length; axis++) {
      Integer size = input.sizes().get(axis - 1);
      shape[axis] = size == null ? 16 : size;
    }
    float[] numbers = new float[Math.toIntExact(Tensor.elements(shape))];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = random.nextFloat();
    }
    return Tensor.of(numbers, shape);
  }

  private static Shared open(Random random) throws IOException {
    Path file = PARITY.resolve(MODELS.get(random.nextInt(MODELS.size())));
    RuntimeOptions runtime = RuntimeOptions.defaults().withThreads(1 + random.nextInt(4));
    Model model = Model.load(file).withRuntime(runtime);
    List<Method> methods = new ArrayList<>();
    List<Methods.Row> rows = List.copyOf(Methods.byNames().values());
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      methods.add(rows.get(random.nextInt(rows.size())).create());
    }
    ExplainOptions options =
        ExplainOptions.defaults()
            .withRuntime(runtime)
            .withBatchSize(1 + random.nextInt(4))
            .withProgress(
                (done, all) -> {
                  if (Thread.currentThread().getName().equals("listener throws")) {
                    throw new ListenerException();
                  }
                });
    Explainer explainer = Explainer.of(model, options, methods.toArray(Method[]::new));
    Tensor image = images(model, 1, random);
    try {
      List<Tensor> maps =
          explainer.explainAll(List.of(image), Units.top(1)).stream()
              .map(Explanation::maps)
              .toList();
      return new Shared(model, explainer, image, maps);
    } catch (UnsupportedModelException e) {
      explainer.close();
      model.close();
      return open(random); // a method that does not apply to this model
    }
  }

  private void work(long seed) {
    Random random = new Random(seed);
    Thread own = Thread.currentThread();
    while (System.nanoTime() < end) {
      ScheduledFuture<?> interrupt =
          random.nextInt(6) == 0
              ? interrupts.schedule(own::interrupt, random.nextInt(20), TimeUnit.MILLISECONDS)
              : null;
      own.setName(random.nextInt(8) == 0 ? "listener throws" : "soak");
      try {
        step(random);
      } catch (CancellationException e) {
        count("interrupted");
      } catch (ListenerException e) {
        count("listener threw");
      } catch (IllegalStateException e) {
        count("closed");
        if (!String.valueOf(e.getMessage()).contains("closed")) {
          unexpected.add(e);
        }
      } catch (Throwable e) {
        unexpected.add(e);
      }
      if (interrupt != null) {
        interrupt.cancel(false);
        try {
          interrupt.get(1, TimeUnit.SECONDS);
        } catch (Exception e) {
          // cancelled, or interrupted by it just now
        }
      }
      Thread.interrupted();
    }
  }

  private void step(Random random) throws IOException {
    int place = random.nextInt(SHARED);
    Shared one = shared.get(place);
    if (random.nextInt(40) == 0) {
      Thread.interrupted();
      Thread.currentThread().setName("soak");
      Shared next = open(random);
      Shared before = shared.getAndSet(place, next);
      before.close();
      count("replaced");
    } else if (random.nextInt(3) == 0) {
      Tensor x = images(one.model(), 1 + random.nextInt(9), random);
      one.explainer().explainAll(List.of(x), Units.top(1 + random.nextInt(3)));
      count("explained");
    } else if (random.nextInt(4) == 0) {
      one.model().predict(images(one.model(), 1 + random.nextInt(9), random));
      count("predicted");
    } else {
      List<Explanation> maps = one.explainer().explainAll(List.of(one.image()), Units.top(1));
      for (int i = 0; i < maps.size(); i++) {
        compare(one.maps().get(i), maps.get(i).maps());
      }
      count("compared");
    }
  }

  private static void compare(Tensor expected, Tensor actual) {
    float[] a = expected.toFloatArray();
    float[] b = actual.toFloatArray();
    assertEquals(a.length, b.length);
    for (int i = 0; i < a.length; i++) {
      assertEquals(a[i], b[i], 1e-3f + 1e-3f * Math.abs(a[i]));
    }
  }

  private static long heap() {
    for (int i = 0; i < 5; i++) {
      System.gc();
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private static long resident() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.isReadable(status)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("RssAnon:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .sum();
    }
  }

  @Test
  void threads_explainWhatTheyShare(TestReporter reporter) throws Exception {
    Random random = new Random(Long.getLong("keralens.fuzz.seed", 1));
    for (int i = 0; i < SHARED; i++) {
      shared.set(i, open(random));
    }
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      long seed = random.nextLong();
      threads.add(new Thread(() -> work(seed), "soak"));
    }
    threads.forEach(Thread::start);
    // The first third fills caches and pools.
    Thread.sleep(Math.max(0, (end - System.nanoTime()) / 3_000_000));
    long heap = heap();
    long resident = resident();
    for (Thread thread : threads) {
      thread.join();
    }
    long heapGrowth = (heap() - heap) >> 20;
    long residentGrowth = (resident() - resident) >> 20;
    interrupts.shutdownNow();
    for (int i = 0; i < SHARED; i++) {
      shared.get(i).close();
    }
    reporter.publishEntry(
        "%s; heap %+d MB from %d, resident %+d MB from %d"
            .formatted(outcomes, heapGrowth, heap >> 20, residentGrowth, resident >> 20));
    for (Throwable e : unexpected) {
      throw new AssertionError(unexpected.size() + " unexpected, the first: " + e, e);
    }
    assertTrue(heapGrowth < 32, "the heap grew by " + heapGrowth + " MB");
    assertTrue(residentGrowth < 200, "the process grew by " + residentGrowth + " MB");
  }
}
