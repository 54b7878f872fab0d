package dev.keralens.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.graph.Attributes;
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
import org.junit.jupiter.params.provider.EnumSource;

class RewritingTest {
  /** A pad before a convolution, which padding folds. */
  private static Graph padded() {
    GraphBuilder b = new GraphBuilder();
    Value x = b.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 2, 5, 5));
    Value pad = b.pad(x, new int[] {0, 0, 1, 1}, new int[] {0, 0, 1, 1});
    Value kernel = b.constant(Tensor.of(new float[2 * 2 * 9], 2, 2, 3, 3));
    return b.build(List.of(b.node(Op.CONV, Attributes.NONE, pad, kernel)));
  }

  private static long pads(Graph graph) {
    return graph.nodes().stream().filter(node -> node.op() == Op.PAD).count();
  }

  private static Graph rewritten(String off) {
    Graph graph = padded();
    for (Rewriting rewriting : Rewriting.of(false, off)) {
      graph = rewriting.apply(graph, 1);
    }
    return graph;
  }

  @Test
  void off_leavesOneOut() {
    assertEquals(0, pads(rewritten("")));
    assertEquals(1, pads(rewritten("pad-folding")));
    assertEquals(1, pads(rewritten("reshapes, pad-folding")));
    assertEquals(0, pads(rewritten("reshapes")));
  }

  @ParameterizedTest
  @EnumSource(Rewriting.class)
  void off_takesEachName(Rewriting rewriting) {
    assertFalse(Rewriting.of(true, rewriting.title()).contains(rewriting));
    assertEquals(Rewriting.values().length - 1, Rewriting.of(true, rewriting.title()).size());
  }

  @Test
  void off_unknownName_isRefused() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Rewriting.of(true, "padfolding"));
    assertTrue(String.valueOf(e.getMessage()).contains("pad-folding"));
  }
}
