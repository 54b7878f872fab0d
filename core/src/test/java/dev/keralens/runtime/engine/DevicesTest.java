package dev.keralens.runtime.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.runtime.Device;
import dev.keralens.runtime.GraphExecutionException;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several devices: here the processors, named several times, some of which fail. */
@Timeout(60)
class DevicesTest {
  private static final int WIDTH = 3;
  private static final Graph DOUBLING = doubling();

  private final List<String> notices = Collections.synchronizedList(new ArrayList<>());

  private static Graph doubling() {
    GraphBuilder b = new GraphBuilder();
    Value x = b.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, WIDTH));
    return b.build(List.of(b.add(x, x), b.node(Op.ABS, x)));
  }

  private static GraphRunner runner() {
    return new Sessions(
        DOUBLING, DOUBLING, UnaryOperator.identity(), RuntimeOptions.defaults().withThreads(1));
  }

  /** Fails in the runs of these numbers, from 1. */
  private static final class Failing implements GraphRunner {
    private final GraphRunner inner = runner();
    private final AtomicInteger runs = new AtomicInteger();
    private final int from;
    private final int to;
    private final RuntimeException failure;
    private final AtomicBoolean closed = new AtomicBoolean();

    Failing(int from, int to, RuntimeException failure) {
      this.from = from;
      this.to = to;
      this.failure = failure;
    }

    @Override
    public void prepare(int batch) {
      inner.prepare(batch);
    }

    @Override
    public List<Tensor> run(List<Tensor> tensors, int batch) {
      int run = runs.incrementAndGet();
      if (run >= from && run <= to) {
        throw failure;
      }
      return inner.run(tensors, batch);
    }

    @Override
    public void close() {
      closed.set(true);
      inner.close();
    }
  }

  private static GraphExecutionException lost(String message) {
    return new GraphExecutionException(message);
  }

  private CompiledGraph graph(GraphRunner... runners) {
    List<DeviceRunners.Lane> lanes = new ArrayList<>();
    for (GraphRunner runner : runners) {
      lanes.add(new DeviceRunners.Lane(Device.cpu(), runner));
    }
    return new CompiledGraph(DOUBLING, new DeviceRunners(DOUBLING, lanes, notices::add));
  }

  private static void assertDoubles(CompiledGraph graph, int batch) {
    float[] x = new float[batch * WIDTH];
    float[] doubled = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = i;
      doubled[i] = 2 * i;
    }
    List<Tensor> y = graph.run(List.of(Tensor.of(x, batch, WIDTH)));
    assertArrayEquals(doubled, y.get(0).toFloatArray());
    assertArrayEquals(x, y.get(1).toFloatArray());
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "3", "4"})
  void batch_isInItsOrder(int devices) {
    Device[] cpus = Collections.nCopies(devices, Device.cpu()).toArray(new Device[0]);
    RuntimeOptions options = RuntimeOptions.defaults().withDevices(cpus);
    try (CompiledGraph graph = CompiledGraph.compile(DOUBLING, options)) {
      for (int batch : new int[] {8, 7, 1, 2, 101}) {
        assertDoubles(graph, batch);
      }
      graph.prepare(8);
    }
  }

  @Test
  void failure_handsItsRowsToTheOthers() {
    Failing second = new Failing(2, Integer.MAX_VALUE, lost("lost"));
    try (CompiledGraph graph = graph(runner(), second, runner())) {
      for (int i = 0; i < 5; i++) {
        assertDoubles(graph, 10);
      }
    }
    assertEquals(List.of("cpu has failed and is left out; cpu, cpu does its work. lost"), notices);
    assertEquals(2, second.runs.get());
    assertTrue(second.closed.get());
  }

  @Test
  void failures_ofAllButOneLoseNothing() {
    Failing first = new Failing(1, 1, lost("first"));
    Failing third = new Failing(3, 3, lost("third"));
    try (CompiledGraph graph = graph(first, runner(), third)) {
      for (int i = 0; i < 5; i++) {
        assertDoubles(graph, 11);
      }
    }
    assertEquals(2, notices.size(), notices::toString);
  }

  @Test
  void lastFailure_isTheCalls_andTheNextCallTriesAll() {
    Failing first = new Failing(1, 1, lost("first"));
    Failing second = new Failing(1, 2, lost("second"));
    try (CompiledGraph graph = graph(first, second)) {
      assertThrows(GraphExecutionException.class, () -> assertDoubles(graph, 4));
      assertDoubles(graph, 4);
      assertDoubles(graph, 4);
    }
    assertEquals(2, notices.size(), notices::toString);
  }

  @Test
  void wrongInput_isNoFailureOfADevice() {
    Failing first = new Failing(1, 1, new IllegalArgumentException("wrong"));
    try (CompiledGraph graph = graph(first, runner())) {
      assertThrows(IllegalArgumentException.class, () -> assertDoubles(graph, 4));
      assertDoubles(graph, 4);
    }
    assertEquals(2, first.runs.get());
    assertEquals(List.of(), notices);
  }

  @Test
  void interruption_waitsForTheDevicesAndCancels() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicBoolean ended = new AtomicBoolean();
    GraphRunner slow =
        new GraphRunner() {
          @Override
          public void prepare(int batch) {}

          @Override
          public List<Tensor> run(List<Tensor> tensors, int batch) {
            begun.countDown();
            try {
              assertTrue(goOn.await(30, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
            ended.set(true);
            return List.of(tensors.get(0), tensors.get(0));
          }

          @Override
          public void close() {}
        };
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    AtomicBoolean over = new AtomicBoolean();
    try (CompiledGraph graph = graph(slow, runner())) {
      Thread caller = new Thread(() -> assertDoubles(graph, 4));
      caller.setUncaughtExceptionHandler(
          (thread, e) -> {
            thrown.set(e);
            over.set(ended.get());
          });
      caller.start();
      assertTrue(begun.await(30, TimeUnit.SECONDS));
      caller.interrupt();
      caller.join(200);
      assertTrue(caller.isAlive());
      goOn.countDown();
      caller.join();
    }
    assertTrue(thrown.get() instanceof CancellationException, () -> "" + thrown.get());
    assertTrue(over.get());
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "cuda:0", "cuda:3", "coreml", "auto"})
  void name_isReadAsItIsWritten(String name) {
    assertEquals(name, Device.parse(name).toString());
  }

  @Test
  void names_areRead() {
    assertEquals(List.of(Device.cpu(), Device.cuda(0)), Device.parseAll(" CPU, cuda"));
    for (String wrong : List.of("", "gpu", "cpu:1", "cuda:-1", "cuda:", "cpu,,cpu", "cuda:99999")) {
      assertThrows(IllegalArgumentException.class, () -> Device.parseAll(wrong), wrong);
    }
    String message =
        assertThrows(IllegalArgumentException.class, () -> Device.parse("cda:0")).getMessage();
    assertEquals(
        "There is no device 'cda:0'. Did you mean 'cuda:0'? Known: cpu, cuda:0 (cuda:1, ...),"
            + " coreml, auto.",
        message);
  }

  @Test
  void devices_standAsTheyCan() {
    RuntimeOptions options = RuntimeOptions.defaults();
    assertThrows(IllegalArgumentException.class, options::withDevices);
    assertThrows(
        IllegalArgumentException.class,
        () -> options.withDevices(Device.cuda(1), Device.cpu(), Device.cuda(1)));
    assertThrows(
        IllegalArgumentException.class, () -> options.withDevices(Device.auto(), Device.cpu()));
    assertFalse(options.placement().tf32());
  }

  @Test
  void missingDevice_failsAtOnceAndSaysWhy() {
    assumeFalse(Devices.state(Device.cuda(0)).isReady(), "there is a GPU");
    RuntimeOptions options = RuntimeOptions.defaults().withDevices(Device.cpu(), Device.cuda(0));
    String message =
        String.valueOf(
            assertThrows(
                    GraphExecutionException.class, () -> CompiledGraph.compile(DOUBLING, options))
                .getMessage());
    assertTrue(message.startsWith("There is no cuda:0 here: "), message);
    assertTrue(message.contains("CUDA 12 and cuDNN 9"), message);
  }

  @Test
  void auto_fallsBackAndSaysSoOnceAtMost() {
    assumeFalse(Devices.state(Device.cuda(0)).isReady(), "there is a GPU");
    RuntimeOptions options =
        RuntimeOptions.defaults().withDevices(Device.auto()).withNotices(notices::add);
    for (int i = 0; i < 2; i++) {
      try (CompiledGraph graph = CompiledGraph.compile(DOUBLING, options)) {
        assertDoubles(graph, 5);
      }
    }
    assertTrue(notices.size() <= 1, notices::toString); // another test may have had it said
  }

  @Test
  void all_haveTheProcessors() {
    List<Devices.State> states = Devices.all();
    assertEquals(Device.cpu(), states.get(0).device());
    assertTrue(states.get(0).isReady());
    states.stream()
        .filter(state -> !state.isReady())
        .forEach(state -> assertNotNull(state.missing()));
    assertTrue(Devices.engine().startsWith("ONNX Runtime "), Devices.engine());
  }

  @Test
  void cuda_computesAsTheProcessorsDo() {
    assumeTrue(Devices.state(Device.cuda(0)).isReady(), "no GPU of CUDA: this was not tried here");
    RuntimeOptions options = RuntimeOptions.defaults().withDevices(Device.cuda(0), Device.cpu());
    try (CompiledGraph graph = CompiledGraph.compile(DOUBLING, options)) {
      for (int i = 0; i < 5; i++) {
        assertDoubles(graph, 33);
      }
    }
  }
}
