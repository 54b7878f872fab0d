package dev.keralens.runtime.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which session runs a graph, and when it is made. */
@Timeout(60)
class SessionsTest {
  private static final int WIDTH = 2000;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch reading = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);
  private final AtomicInteger reads = new AtomicInteger();
  private volatile boolean stops;

  @AfterEach
  void end() {
    goOn.countDown();
    threads.shutdownNow();
  }

  /** A session is under way as long as this is. */
  private Tensor weight() {
    reads.incrementAndGet();
    if (stops) {
      reading.countDown();
      try {
        assertTrue(goOn.await(30, TimeUnit.SECONDS));
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
    float[] twos = new float[WIDTH];
    Arrays.fill(twos, 2);
    return Tensor.of(twos, WIDTH);
  }

  /** Doubles, of enough work for batches to be divided. */
  private CompiledGraph doubling() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, WIDTH));
    Value weight =
        g.constant(
            "weight", Constant.deferred(ElementType.FLOAT32, new int[] {WIDTH}, this::weight));
    Value y = g.mul(x, weight);
    for (int i = 0; i < 3000; i++) {
      y = g.node(Op.ABS, y);
    }
    Graph graph = g.build(List.of(y));
    return CompiledGraph.compile(graph, RuntimeOptions.defaults().withThreads(2));
  }

  private static void assertDoubles(CompiledGraph graph, int batch) {
    float[] x = new float[batch * WIDTH];
    float[] doubled = new float[batch * WIDTH];
    for (int i = 0; i < x.length; i++) {
      x[i] = i % 1000;
      doubled[i] = 2 * x[i];
    }
    Tensor y = graph.run(List.of(Tensor.of(x, batch, WIDTH))).get(0);
    assertArrayEquals(doubled, y.toFloatArray());
  }

  @Test
  void session_isMadeOnceItWasMissedOften() {
    try (CompiledGraph graph = doubling()) {
      assertDoubles(graph, 1);
      for (int i = 0; i < 3; i++) {
        assertDoubles(graph, 8);
      }
      assertEquals(1, reads.get());
      assertDoubles(graph, 8);
      assertEquals(2, reads.get());
      assertDoubles(graph, 1);
      assertDoubles(graph, 8);
      assertEquals(2, reads.get());
    }
  }

  @Test
  void runs_goOnWhileTheOtherSessionIsMade() throws Exception {
    try (CompiledGraph graph = doubling()) {
      assertDoubles(graph, 1);
      for (int i = 0; i < 3; i++) {
        assertDoubles(graph, 8);
      }
      stops = true;
      Future<?> making = threads.submit(() -> assertDoubles(graph, 8));
      reading.await();
      for (int batch : new int[] {1, 8, 1, 8}) {
        threads.submit(() -> assertDoubles(graph, batch)).get(20, TimeUnit.SECONDS);
      }
      assertTrue(!making.isDone());
      goOn.countDown();
      making.get();
      assertEquals(2, reads.get());
    }
  }

  @Test
  void firstRuns_shareOneSession() throws Exception {
    stops = true;
    try (CompiledGraph graph = doubling()) {
      Future<?> single = threads.submit(() -> assertDoubles(graph, 1));
      reading.await();
      Future<?> several = threads.submit(() -> assertDoubles(graph, 8));
      Thread.sleep(50);
      goOn.countDown();
      single.get();
      several.get();
      assertEquals(1, reads.get());
    }
  }
}
