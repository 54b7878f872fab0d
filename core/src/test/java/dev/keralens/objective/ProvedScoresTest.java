package dev.keralens.objective;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProvedScoresTest {
  private final GraphBuilder b = new GraphBuilder();
  private final Value x = b.input("x", ElementType.FLOAT32, Shape.of(-1, 4));

  private boolean proves(Value value) {
    return ProvedScores.of(b.build(List.of(value)), value);
  }

  @Test
  void products_ofSigmoidsAreProved() {
    Value sigmoid = b.node(Op.SIGMOID, x);
    assertTrue(proves(b.mul(sigmoid, sigmoid)));
    assertFalse(proves(b.mul(sigmoid, x)));
    assertFalse(proves(b.add(sigmoid, sigmoid)));
  }

  @Test
  void products_ofProductsEndSoon() {
    Value value = b.node(Op.SIGMOID, x);
    Value other = b.node(Op.SIGMOID, b.mul(x, 2));
    for (int i = 0; i < 100; i++) {
      Value product = b.mul(value, other);
      other = value;
      value = product;
    }
    Value last = value;
    assertTimeoutPreemptively(Duration.ofSeconds(20), () -> assertFalse(proves(last)));
  }
}
