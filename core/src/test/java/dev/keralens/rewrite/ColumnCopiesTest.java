package dev.keralens.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.runtime.Precision;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A graph of one column, made to compute all of them. */
class ColumnCopiesTest {
  private final GraphBuilder b = new GraphBuilder();
  private final Value x = b.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 4));
  private final Value at = b.input("at", ElementType.INT64, Shape.of(Shape.BATCH, 3));

  private Graph one() {
    Value column = b.slice(at, new int[] {1}, new int[] {0}, new int[] {1});
    Value squares = b.mul(x, x);
    Value found = b.node(Op.GATHER_ELEMENTS, Attributes.of("axis", 1), squares, column);
    return b.build(List.of(column, b.mul(found, 2), squares));
  }

  @Test
  void nodes_thatDoNotDependOnTheColumnStayOnce() {
    Graph all = Rewriter.ofEachColumn(one(), 3);
    assertEquals(3, all.nodes().stream().filter(n -> n.op() == Op.GATHER_ELEMENTS).count());
    assertEquals(4, all.nodes().stream().filter(n -> n.op() == Op.MUL).count());
    assertEquals(2, all.outputs().size());
    assertEquals(Shape.of(Shape.BATCH, 3), all.outputs().get(0).shape());
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void outputs_haveAColumnForEach(Precision precision) {
    RuntimeOptions options = RuntimeOptions.defaults().withPrecision(precision);
    try (CompiledGraph compiled = CompiledGraph.compileForEachColumn(one(), 3, options)) {
      List<Tensor> out =
          compiled.run(
              List.of(
                  Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 4),
                  Tensor.of(new long[] {0, 3, 1, 2, 2, 0}, 2, 3)));
      assertArrayEquals(new float[] {2, 32, 8, 98, 98, 50}, out.get(0).toFloatArray());
      assertArrayEquals(new float[] {1, 4, 9, 16, 25, 36, 49, 64}, out.get(1).toFloatArray());
    }
  }

  @Test
  void column_hasToBeASlice() {
    Graph graph = b.build(List.of(b.mul(x, 2), b.mul(x, 3)));
    assertThrows(IllegalArgumentException.class, () -> Rewriter.ofEachColumn(graph, 2));
  }
}
