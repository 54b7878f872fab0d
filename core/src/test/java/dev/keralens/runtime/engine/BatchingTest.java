package dev.keralens.runtime.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchingTest {
  @ParameterizedTest
  @CsvSource({
    "1, 1, 2, '0 1'",
    "1, 2, 2, '0 1 2'",
    "1, 3, 2, '0 1 2 3'",
    "1, 8, 2, '0 1 2 3 4 5 6 7 8'",
    "3, 8, 2, '0 2 4 6 8'",
    "4, 8, 2, '0 4 8'",
    "5, 9, 2, '0 4 9'",
    "8, 8, 2, '0 4 8'",
    "9, 8, 2, '0 4 8'",
    "10, 8, 2, '0 8'",
    "8, 8, 1, '0 8'",
    "8, 4, 8, '0 4'",
    "3, 8, 1, '0 2 5 8'",
    "2, 7, 4, '0 1 3 5 7'",
    "1, 3, 4, '0 1 2 3'",
    "0, 8, 2, '0 8'",
  })
  void bounds_giveEveryThreadAsMuch(int rows, int batch, int threads, String expected) {
    StringBuilder bounds = new StringBuilder();
    for (int bound : new Batching(rows).bounds(batch, threads)) {
      bounds.append(bounds.isEmpty() ? "" : " ").append(bound);
    }
    assertEquals(expected, bounds.toString());
  }

  @Test
  void of_littleWork_isLeftWhole() {
    assertArrayEquals(new int[] {0, 32}, Batching.of(widened(1000)).bounds(32, 2));
  }

  @Test
  void of_muchWork_isDividedIntoRows() {
    assertArrayEquals(new int[] {0, 1, 2, 3}, Batching.of(widened(1 << 22)).bounds(3, 2));
  }

  @Test
  void of_largeKernelForOneRow_isDividedOnceForEachThread() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", ElementType.FLOAT32, Shape.of(-1, 4096));
    Value kernel = g.constant(Tensor.of(new float[4096 * 2048], 4096, 2048));
    Value product = g.node(Op.GEMM, x, kernel);
    Value wide = g.expand(g.reshape(product, Shape.of(-1, 2048, 1)), Shape.of(-1, 2048, 1024));
    Batching batching = Batching.of(g.build(List.of(g.reduceMean(wide, false, 2))));
    assertArrayEquals(new int[] {0, 4, 8}, batching.bounds(8, 2));
  }

  @Test
  void of_outputThatDoesNotBeginWithTheBatch_isLeftWhole() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", ElementType.FLOAT32, Shape.of(-1, 1 << 22));
    assertEquals(0, Batching.of(g.build(List.of(g.transpose(x, 1, 0)))).rows());
  }

  @Test
  void of_inputThatDoesNotBeginWithTheBatch_isLeftWhole() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", ElementType.FLOAT32, Shape.of(1 << 22, -1));
    assertEquals(0, Batching.of(g.build(List.of(g.transpose(x, 1, 0)))).rows());
  }

  /** Rows that are written into one tensor cannot be computed apart. */
  @Test
  void of_rowsThatMeet_isLeftWhole() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", ElementType.FLOAT32, Shape.of(-1, 2));
    Value places = g.input("places", ElementType.INT64, Shape.of(-1, 1));
    Value canvas = g.constant(Tensor.of(new float[200], 100, 2));
    Graph graph = g.build(List.of(g.node(Op.SCATTER_ND, canvas, places, x)));
    assertEquals(0, Batching.of(graph).rows());
  }

  private static Graph widened(int width) {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", ElementType.FLOAT32, Shape.of(-1, 2));
    Value wide = g.expand(g.reshape(x, Shape.of(-1, 2, 1)), Shape.of(-1, 2, width));
    return g.build(List.of(g.reduceMean(wide, false, 2)));
  }
}
