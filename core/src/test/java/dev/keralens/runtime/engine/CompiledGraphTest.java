package dev.keralens.runtime.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession.SessionOptions;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.onnx.write.OnnxModel;
import dev.keralens.onnx.write.OnnxWriter;
import dev.keralens.runtime.GraphExecutionException;
import dev.keralens.runtime.Optimization;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompiledGraphTest {
  private static final Shape ROWS = Shape.of(Shape.BATCH, 2);

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void add_anyBatch(int batch) {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", ElementType.FLOAT32, ROWS);
    Graph graph = g.build(List.of(g.add(x, g.constant(Tensor.of(new float[] {10, 20}, 2)))));
    try (CompiledGraph compiled = CompiledGraph.compile(graph)) {
      Tensor out = compiled.run(List.of(counting(batch, 2))).get(0);
      assertArrayEquals(new int[] {batch, 2}, out.shape());
      for (int row = 0; row < batch; row++) {
        assertEquals(2 * row + 10, out.get(row, 0));
        assertEquals(2 * row + 21, out.get(row, 1));
      }
    }
  }

  @Test
  void conv_countsItsWindow() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("image", ElementType.FLOAT32, Shape.of(Shape.BATCH, 1, 3, 3));
    Value kernel = g.constant(Tensor.of(new float[] {1, 1, 1, 1}, 1, 1, 2, 2));
    Graph graph = g.build(List.of(g.node(Op.CONV, x, kernel)));
    try (CompiledGraph compiled = CompiledGraph.compile(graph)) {
      Tensor out = compiled.run(List.of(counting(2, 1, 3, 3))).get(0);
      assertArrayEquals(new float[] {8, 12, 20, 24, 44, 48, 56, 60}, out.toFloatArray());
    }
  }

  /** ONNX Runtime's own fusion of the two pads with minus infinity. */
  @Test
  void maxPool_afterPad_seesTheZeros() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("image", ElementType.FLOAT32, Shape.of(Shape.BATCH, 1, 2, 2));
    Value padded = g.pad(x, new int[] {0, 0, 1, 1}, new int[] {0, 0, 1, 1});
    Graph graph =
        g.build(List.of(g.node(Op.MAX_POOL, Attributes.of("kernel_shape", 2, 2), padded)));
    try (CompiledGraph compiled = CompiledGraph.compile(graph)) {
      Tensor image = Tensor.of(new float[] {-1, -2, -3, -4}, 1, 1, 2, 2);
      Tensor out = compiled.run(List.of(image)).get(0);
      assertArrayEquals(new float[] {0, 0, 0, 0, -1, 0, 0, 0, 0}, out.toFloatArray());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 300})
  void gemm_weightsSmallAndLarge(int units) {
    Tensor kernel = Tensor.of(ramp(2 * units), 2, units);
    for (Constant weights : List.of(Constant.of(kernel), Constant.of(mapped(kernel)))) {
      GraphBuilder g = new GraphBuilder();
      Value x = g.input("x", ElementType.FLOAT32, ROWS);
      Value w = g.constant("kernel", weights);
      Graph graph = g.build(List.of(g.node(Op.GEMM, x, w)));
      try (CompiledGraph compiled = CompiledGraph.compile(graph)) {
        System.gc();
        Tensor out = compiled.run(List.of(counting(3, 2))).get(0);
        for (int row = 0; row < 3; row++) {
          for (int unit = 0; unit < units; unit++) {
            assertEquals(2 * row * unit + (2 * row + 1) * (units + unit), out.get(row, unit));
          }
        }
      }
    }
  }

  @Test
  void outputs_thatAreInputsConstantsOrTheSame() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", ElementType.FLOAT32, ROWS);
    Value unused = g.input("unused", ElementType.INT64, Shape.of(1));
    Value y = g.neg(x);
    Value seven = g.constant(Tensor.of(new long[] {7}, 1));
    Graph graph = g.build(List.of(x, y, y, seven, g.abs(y)));
    try (CompiledGraph compiled = CompiledGraph.compile(graph)) {
      assertEquals(List.of(x, unused), compiled.inputs());
      Tensor in = counting(2, 2);
      List<Tensor> out = compiled.run(List.of(in, Tensor.of(new long[] {0}, 1)));
      assertArrayEquals(in.toFloatArray(), out.get(0).toFloatArray());
      assertArrayEquals(new float[] {-0f, -1, -2, -3}, out.get(1).toFloatArray());
      assertArrayEquals(new float[] {-0f, -1, -2, -3}, out.get(2).toFloatArray());
      assertArrayEquals(new long[] {7}, out.get(3).toLongArray());
      assertArrayEquals(in.toFloatArray(), out.get(4).toFloatArray());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"FLOAT32", "FLOAT64", "INT32", "INT64", "INT8", "UINT8", "BOOL"})
  void identity_everyType(ElementType type) {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", type, ROWS);
    Graph graph = g.build(List.of(g.node(Op.IDENTITY, x)));
    byte[] bytes = new byte[4 * type.bytes()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i % 2);
    }
    try (CompiledGraph compiled = CompiledGraph.compile(graph)) {
      Tensor in = Tensor.wrap(type, ByteBuffer.wrap(bytes), 2, 2);
      Tensor out = compiled.run(List.of(in)).get(0);
      assertEquals(type, out.type());
      assertEquals(in.bytes(), out.bytes());
    }
  }

  @Test
  void run_multipleOfTheBatch() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", ElementType.FLOAT32, ROWS);
    Value seed = g.input("seed", ElementType.FLOAT32, Shape.of(-3, 2));
    Value tiled = g.reshape(g.expand(g.unsqueeze(x, 1), Shape.of(-1, 3, 2)), Shape.of(-3, 2));
    Graph graph = g.build(List.of(g.mul(tiled, seed)));
    try (CompiledGraph compiled = CompiledGraph.compile(graph)) {
      Tensor out = compiled.run(List.of(counting(2, 2), counting(6, 2))).get(0);
      assertArrayEquals(new float[] {0, 1, 0, 3, 0, 5, 12, 21, 16, 27, 20, 33}, out.toFloatArray());
      assertThrows(
          IllegalArgumentException.class,
          () -> compiled.run(List.of(counting(2, 2), counting(9, 2))));
    }
  }

  /** So much work for each row that each is run by itself. */
  private static Value laborious(GraphBuilder g, Value x) {
    Value wide = g.expand(g.unsqueeze(x, 2), Shape.of(-1, 2, 1 << 22));
    return g.reduce(Op.REDUCE_MAX, wide, false, 2);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void run_inParts(int threads) {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", ElementType.FLOAT32, ROWS);
    Value seed = g.input("seed", ElementType.FLOAT32, Shape.of(-3, 2));
    Value scale = g.input("scale", ElementType.FLOAT32, Shape.of(2));
    Value y = g.mul(laborious(g, x), scale);
    Value tiled = g.reshape(g.expand(g.unsqueeze(y, 1), Shape.of(-1, 3, 2)), Shape.of(-3, 2));
    Graph graph = g.build(List.of(y, g.add(tiled, seed), g.neg(scale)));
    assertEquals(1, Batching.of(graph).rows());
    RuntimeOptions options = RuntimeOptions.defaults().withThreads(threads);
    Tensor factors = Tensor.of(new float[] {10, 100}, 2);
    try (CompiledGraph compiled = CompiledGraph.compile(graph, options)) {
      // One row and several in turns, so that each way of running them does the other's work too.
      for (int batch : new int[] {1, 5, 1, 1, 5, 5, 1, 5, 5, 2, 3}) {
        List<Tensor> out =
            compiled.run(List.of(counting(batch, 2), counting(3 * batch, 2), factors));
        assertArrayEquals(new int[] {batch, 2}, out.get(0).shape());
        assertArrayEquals(new int[] {3 * batch, 2}, out.get(1).shape());
        for (int row = 0; row < batch; row++) {
          assertEquals(20 * row, out.get(0).get(row, 0));
          assertEquals(100 * (2 * row + 1), out.get(0).get(row, 1));
        }
        for (int row = 0; row < 3 * batch; row++) {
          assertEquals(20 * (row / 3) + 2 * row, out.get(1).get(row, 0));
        }
        assertArrayEquals(new float[] {-10, -100}, out.get(2).toFloatArray());
      }
    }
  }

  @Test
  void run_inParts_oneFails() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", ElementType.FLOAT32, ROWS);
    Value index = g.input("index", ElementType.INT64, Shape.of(-1));
    Value letters = g.constant(Tensor.of(new float[] {7, 8, 9}, 3));
    Value found = g.unsqueeze(g.node(Op.GATHER, letters, index), 1);
    Graph graph = g.build(List.of(g.add(laborious(g, x), found)));
    try (CompiledGraph compiled = CompiledGraph.compile(graph)) {
      Tensor good = Tensor.of(new long[] {0, 1, 2, 0}, 4);
      Tensor bad = Tensor.of(new long[] {0, 1, 3, 0}, 4);
      for (int i = 0; i < 5; i++) {
        GraphExecutionException e =
            assertThrows(
                GraphExecutionException.class, () -> compiled.run(List.of(counting(4, 2), bad)));
        assertTrue(String.valueOf(e.getMessage()).contains("indices element"), e::getMessage);
        Tensor out = compiled.run(List.of(counting(4, 2), good)).get(0);
        assertArrayEquals(new float[] {7, 8, 10, 11, 13, 14, 13, 14}, out.toFloatArray());
      }
    }
  }

  @Test
  void run_inParts_interruptedAndClosed() throws Exception {
    GraphBuilder g = new GraphBuilder();
    Graph graph = g.build(List.of(laborious(g, g.input("x", ElementType.FLOAT32, ROWS))));
    CompiledGraph compiled = CompiledGraph.compile(graph);
    compiled.prepare(2);
    CountDownLatch started = new CountDownLatch(1);
    FutureTask<Boolean> task =
        new FutureTask<>(
            () -> {
              started.countDown();
              assertThrows(
                  CancellationException.class, () -> compiled.run(List.of(counting(2000, 2))));
              return Thread.currentThread().isInterrupted();
            });
    Thread thread = new Thread(task);
    thread.start();
    started.await();
    Thread.sleep(50);
    thread.interrupt();
    compiled.close();
    assertTrue(task.get());
  }

  @Test
  void run_severalThreads() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (CompiledGraph compiled = CompiledGraph.compile(doubling())) {
      List<Future<float[]>> results =
          IntStream.range(0, 200)
              .mapToObj(
                  i ->
                      threads.submit(
                          () ->
                              compiled
                                  .run(List.of(Tensor.of(new float[] {i, -i}, 1, 2)))
                                  .get(0)
                                  .toFloatArray()))
              .toList();
      for (int i = 0; i < 200; i++) {
        assertArrayEquals(new float[] {2 * i, -2 * i}, results.get(i).get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void run_closed() {
    CompiledGraph compiled = CompiledGraph.compile(doubling());
    compiled.close();
    compiled.close();
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> compiled.run(List.of(counting(1, 2))));
    assertEquals("The compiled graph is closed.", e.getMessage());
  }

  @Test
  void close_whileRunning() throws Exception {
    for (int round = 0; round < 20; round++) {
      CompiledGraph compiled = CompiledGraph.compile(doubling());
      ExecutorService threads = Executors.newFixedThreadPool(2);
      List<Future<Integer>> runs =
          IntStream.range(0, 2)
              .mapToObj(
                  t ->
                      threads.submit(
                          () -> {
                            for (int n = 0; ; n++) {
                              try {
                                compiled.run(List.of(counting(1000, 2)));
                              } catch (IllegalStateException closed) {
                                return n;
                              }
                            }
                          }))
              .toList();
      compiled.run(List.of(counting(1, 2)));
      compiled.close();
      for (Future<Integer> run : runs) {
        run.get();
      }
      threads.shutdown();
    }
  }

  @Test
  void run_wrongInputs() {
    try (CompiledGraph compiled = CompiledGraph.compile(doubling())) {
      assertEquals(
          "Input 'x' takes FLOAT32 of shape (batch, 2), got FLOAT32(4, 3).",
          refusal(compiled, counting(4, 3)));
      assertEquals(
          "Input 'x' takes FLOAT32 of shape (batch, 2), got FLOAT32(2,).",
          refusal(compiled, counting(2)));
      assertEquals(
          "Input 'x' takes FLOAT32 of shape (batch, 2), got FLOAT32(0, 2).",
          refusal(compiled, counting(0, 2)));
      assertEquals(
          "Input 'x' takes FLOAT32 of shape (batch, 2), got INT64(1, 2).",
          refusal(compiled, Tensor.of(new long[] {1, 2}, 1, 2)));
      assertEquals("The number of inputs is 1, got 0 tensors.", refusal(compiled));
    }
  }

  @Test
  void prepare_refusedByTheEngine() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", ElementType.FLOAT32, ROWS);
    Graph graph = g.build(List.of(g.node(Op.CAST, Attributes.of("to", 1).with("nonsense", 1), x)));
    try (CompiledGraph compiled = CompiledGraph.compile(graph)) {
      GraphExecutionException e =
          assertThrows(GraphExecutionException.class, () -> compiled.prepare(1));
      assertTrue(String.valueOf(e.getMessage()).contains("nonsense"), e::getMessage);
      assertThrows(GraphExecutionException.class, () -> compiled.run(List.of(counting(8, 2))));
    }
  }

  @Test
  void run_outputTooLarge() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", ElementType.FLOAT32, ROWS);
    Value wide = g.expand(g.reshape(x, Shape.of(-1, 2, 1)), Shape.of(-1, 2, 200_000_000));
    try (CompiledGraph compiled = CompiledGraph.compile(g.build(List.of(wide)))) {
      assertTrue(refusal(compiled, counting(2, 2)).startsWith("A batch of 2 makes the output '"));
    }
  }

  @Test
  void profile_isWrittenWhenClosed(@TempDir Path folder) throws Exception {
    RuntimeOptions options = RuntimeOptions.defaults().withProfile(folder.resolve("profile"));
    try (CompiledGraph compiled = CompiledGraph.compile(doubling(), options)) {
      compiled.run(List.of(counting(1, 2)));
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> written = files.toList();
      assertEquals(1, written.size());
      assertTrue(Files.readString(written.get(0)).contains("\"Add"));
    }
  }

  /*
   * Once a session has been made, ONNX Runtime must not look at the memory that the weights were in:
   * it is given back. Here it is filled with other numbers instead.
   */
  @ParameterizedTest
  @EnumSource(Optimization.class)
  void weights_areCopiedByTheEngine(Optimization optimization) throws Exception {
    OrtEnvironment environment = OnnxRuntime.environment();
    for (Graph graph : weighty()) {
      OnnxModel model = OnnxWriter.toModel(graph);
      List<ByteBuffer> memory = new ArrayList<>();
      Map<String, OnnxTensor> weights = new LinkedHashMap<>();
      for (Map.Entry<String, Constant> entry : model.external().entrySet()) {
        Tensor tensor = entry.getValue().tensor();
        int size = tensor.bytes().remaining();
        ByteBuffer copy = NativeBuffer.allocate(size).slice(0, size);
        memory.add(copy);
        weights.put(entry.getKey(), NativeTensors.copyInto(copy, tensor, environment));
      }
      assertFalse(weights.isEmpty());
      try (SessionOptions options =
          OnnxRuntime.sessionOptions(
              RuntimeOptions.defaults().withOptimization(optimization), model.nodes())) {
        options.addExternalInitializers(new LinkedHashMap<>(weights));
        Session session =
            new Session(environment, environment.createSession(model.bytes(), options), model);
        Value x = graph.inputs().get(0);
        int[] shape = x.shape().forBatch(2);
        List<Tensor> in =
            List.of(
                x.type() == ElementType.INT64 ? Tensor.of(new long[] {3, 5}, 2) : counting(shape));
        float[] before = session.run(in, graph.outputs()).get(0).toFloatArray();
        for (ByteBuffer bytes : memory) {
          while (bytes.hasRemaining()) {
            bytes.putFloat(Float.NaN);
          }
        }
        assertArrayEquals(before, session.run(in, graph.outputs()).get(0).toFloatArray());
        session.close();
      } finally {
        weights.values().forEach(OnnxTensor::close);
      }
    }
  }

  /** A graph for each way in which operators take weights, and for large and small ones. */
  private static List<Graph> weighty() {
    return List.of(
        weighty(Shape.of(-1, 512), (g, x) -> g.add(x, weight(g, 512))),
        weighty(Shape.of(-1, 64, 8, 8), (g, x) -> g.mul(x, weight(g, 64, 8, 8))),
        weighty(Shape.of(-1, 64), (g, x) -> g.node(Op.GEMM, x, weight(g, 64, 64))),
        weighty(Shape.of(-1, 1024), (g, x) -> g.node(Op.GEMM, x, weight(g, 1024, 1024))),
        weighty(
            Shape.of(-1, 64),
            (g, x) -> g.node(Op.GEMM, Attributes.of("transB", 1), x, weight(g, 64, 64))),
        weighty(Shape.of(-1, 64), (g, x) -> g.matMul(x, weight(g, 64, 64))),
        weighty(Shape.of(-1, 3, 4, 64), (g, x) -> g.matMul(x, weight(g, 3, 64, 64))),
        weighty(Shape.of(-1, 32, 8, 8), (g, x) -> g.node(Op.CONV, x, weight(g, 32, 32, 3, 3))),
        weighty(
            Shape.of(-1, 64, 8, 8),
            (g, x) -> g.node(Op.CONV, Attributes.of("group", 64), x, weight(g, 64, 1, 3, 3))),
        weighty(
            Shape.of(-1, 32, 8, 8),
            (g, x) -> g.node(Op.CONV_TRANSPOSE, x, weight(g, 32, 32, 3, 3))),
        weighty(
            Shape.of(-1, 512, 2, 2),
            (g, x) -> {
              Value w = weight(g, 512);
              return g.node(Op.BATCH_NORMALIZATION, x, w, w, w, w);
            }),
        weighty(
            Shape.of(-1, 512),
            (g, x) -> g.node(Op.LAYER_NORMALIZATION, x, weight(g, 512), weight(g, 512))),
        weighty(
            Shape.of(-1, 64),
            (g, x) ->
                g.node(
                    Op.EINSUM,
                    Attributes.NONE.with("equation", "bi,ij->bj"),
                    x,
                    weight(g, 64, 64))),
        weighty(
            Shape.of(-1),
            (g, x) -> g.node(Op.GATHER, weight(g, 64, 64), g.cast(x, ElementType.INT64))));
  }

  private static Graph weighty(Shape shape, BiFunction<GraphBuilder, Value, Value> node) {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", shape.rank() == 1 ? ElementType.INT64 : ElementType.FLOAT32, shape);
    return g.build(List.of(node.apply(g, x)));
  }

  private static Value weight(GraphBuilder g, int... shape) {
    return g.constant("weight", Constant.of(counting(shape)));
  }

  private static String refusal(CompiledGraph compiled, Tensor... tensors) {
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> compiled.run(List.of(tensors)))
            .getMessage());
  }

  private static Graph doubling() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", ElementType.FLOAT32, ROWS);
    return g.build(List.of(g.add(x, x)));
  }

  private static Tensor mapped(Tensor tensor) {
    ByteBuffer copy = ByteBuffer.allocateDirect(tensor.bytes().remaining());
    return Tensor.wrap(
        tensor.type(),
        copy.order(ByteOrder.LITTLE_ENDIAN).put(tensor.bytes()).flip(),
        tensor.shape());
  }

  private static Tensor counting(int... shape) {
    return Tensor.of(ramp((int) Tensor.elements(shape)), shape);
  }

  private static float[] ramp(int count) {
    float[] out = new float[count];
    for (int i = 0; i < count; i++) {
      out[i] = i;
    }
    return out;
  }
}
