package dev.keralens.runtime.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.runtime.GraphExecutionException;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchModelTest {
  private static final int CHANNELS = 32;

  @TempDir private Path folder;

  private final GraphBuilder g = new GraphBuilder();

  private static Tensor numbers(int... shape) {
    float[] values = new float[(int) Tensor.elements(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i);
    }
    return Tensor.of(values, shape);
  }

  /** Weights that the engine packs anew, and some that it reads as they are. */
  private Graph graph(Constant kernel) {
    Value x = g.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, CHANNELS, 8, 8));
    Value y = g.node(Op.CONV, Attributes.of("pads", 1, 1, 1, 1), x, g.constant("kernel", kernel));
    Value sum = g.add(y, g.constant(numbers(CHANNELS, 8, 8)));
    Value flat = g.reshape(sum, Shape.of(Shape.BATCH, CHANNELS * 64));
    Value dense = g.node(Op.GEMM, flat, g.constant(numbers(CHANNELS * 64, 10)));
    return g.build(List.of(dense));
  }

  private RuntimeOptions scratch() {
    return RuntimeOptions.defaults().withScratch(folder);
  }

  private List<Path> files() {
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths.filter(path -> !path.equals(folder)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void run_givesTheSame() {
    Graph graph = graph(Constant.of(numbers(CHANNELS, CHANNELS, 3, 3)));
    List<Tensor> feeds = List.of(numbers(3, CHANNELS, 8, 8));
    try (CompiledGraph memory = CompiledGraph.compile(graph);
        CompiledGraph files = CompiledGraph.compile(graph, scratch())) {
      float[] expected = memory.run(feeds).get(0).toFloatArray();
      assertTrue(expected[0] != 0);
      assertArrayEquals(expected, files.run(feeds).get(0).toFloatArray());
      assertEquals(List.of(), files(), "files that are left");
    }
  }

  @Test
  void weights_areInAFileMeanwhile() {
    int[] shape = {CHANNELS, CHANNELS, 3, 3};
    AtomicLong seen = new AtomicLong();
    Constant kernel =
        Constant.deferred(
            ElementType.FLOAT32,
            shape,
            () -> {
              seen.set(files().size());
              return numbers(shape);
            });
    try (CompiledGraph compiled = CompiledGraph.compile(graph(kernel), scratch())) {
      compiled.prepare(1);
    }
    assertTrue(seen.get() > 0, "no file was there while the kernel was read");
  }

  @Test
  void failure_leavesNothing() {
    int[] shape = {CHANNELS, CHANNELS, 3, 3};
    Constant broken =
        Constant.deferred(
            ElementType.FLOAT32,
            shape,
            () -> {
              throw new IllegalArgumentException("broken");
            });
    try (CompiledGraph compiled = CompiledGraph.compile(graph(broken), scratch())) {
      assertThrows(IllegalArgumentException.class, () -> compiled.prepare(1));
    }
    assertEquals(List.of(), files());
  }

  @Test
  void interrupt_cancels() {
    Graph graph = graph(Constant.of(numbers(CHANNELS, CHANNELS, 3, 3)));
    try (CompiledGraph compiled = CompiledGraph.compile(graph, scratch())) {
      Thread.currentThread().interrupt();
      assertThrows(CancellationException.class, () -> compiled.prepare(1));
      assertTrue(Thread.interrupted());
    }
    assertEquals(List.of(), files());
  }

  @Test
  void folder_thatIsMissingIsNamed() {
    Path missing = folder.resolve("missing");
    Graph graph = graph(Constant.of(numbers(CHANNELS, CHANNELS, 3, 3)));
    RuntimeOptions options = RuntimeOptions.defaults().withScratch(missing);
    try (CompiledGraph compiled = CompiledGraph.compile(graph, options)) {
      GraphExecutionException e =
          assertThrows(GraphExecutionException.class, () -> compiled.prepare(1));
      assertEquals(
          "Cannot write the weights to the scratch folder "
              + missing
              + ": there is no such folder. Name a folder that has room for them.",
          e.getMessage());
    }
  }
}
