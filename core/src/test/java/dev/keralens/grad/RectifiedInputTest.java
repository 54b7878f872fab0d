package dev.keralens.grad;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class RectifiedInputTest {
  private final GraphBuilder b = new GraphBuilder();
  private final Value x = b.input("x", ElementType.FLOAT32, Shape.of(-1, 4));

  @Test
  void whatIsMadeForEachRow_isSteady() {
    Value row = b.constant(Tensor.of(new float[] {1, 2, 3, 4}, 1, 4));
    assertTrue(RectifiedInput.isSteady(b.where(b.node(Op.EQUAL, x, x), row, row), b));
    assertTrue(RectifiedInput.isSteady(b.mul(x, 0), b));
    assertTrue(RectifiedInput.isSteady(b.sub(x, x), b));
    assertFalse(RectifiedInput.isSteady(x, b));
    assertFalse(RectifiedInput.isSteady(b.mul(x, 2), b));
  }

  @Test
  void deepNetworks_areNotWalkedThrough() {
    Value deep = x;
    for (int i = 0; i < 20_000; i++) {
      deep = b.add(deep, row(i));
    }
    Value last = deep;
    assertTimeoutPreemptively(
        Duration.ofSeconds(20), () -> assertFalse(RectifiedInput.isSteady(last, b)));
    Node max = Objects.requireNonNull(b.producerOf(b.node(Op.MAX, last, b.scalar(0))));
    int found = assertTimeoutPreemptively(Duration.ofSeconds(20), () -> RectifiedInput.of(max, b));
    assertEquals(0, found);
  }

  private Value row(int i) {
    return b.scalar(i + 1f);
  }
}
