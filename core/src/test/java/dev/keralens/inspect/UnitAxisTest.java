package dev.keralens.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.tensor.ElementType;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** Where the units of scores (batch, units) lie once these are rearranged. */
class UnitAxisTest {
  private static UnitAxis of(int units, BiFunction<GraphBuilder, Value, Value> form) {
    GraphBuilder b = new GraphBuilder();
    Value z = b.input("z", ElementType.FLOAT32, Shape.of(Shape.BATCH, units));
    Value output = form.apply(b, b.node(Op.SOFTMAX, Attributes.of("axis", -1), z));
    KerasTensor given = KerasTensor.plain(output);
    Network network =
        new Network(
            b.build(List.of(output)), List.of(KerasTensor.plain(z)), List.of(given), List.of());
    Logits logits = Logits.of(network, 0);
    assertTrue(logits.isFound(), logits.ground());
    return UnitAxis.of(logits.network(), logits.tensor(), null);
  }

  private static Value shaped(GraphBuilder b, Value p, int... sizes) {
    return b.reshape(p, Shape.of(sizes));
  }

  @Test
  void rearrangedScores_takeTheirUnitsAlong() {
    Map<String, BiFunction<GraphBuilder, Value, Value>> forms = new TreeMap<>();
    forms.put("1 column", (b, p) -> shaped(b, p, Shape.BATCH, 3, 1));
    forms.put("1 permuted", (b, p) -> b.transpose(shaped(b, p, Shape.BATCH, 1, 3), 0, 2, 1));
    forms.put("1 of a map", (b, p) -> shaped(b, p, Shape.BATCH, 3, 1, 1));
    forms.put("2 row", (b, p) -> shaped(b, p, Shape.BATCH, 1, 3));
    forms.put("3 of a map", (b, p) -> shaped(b, p, Shape.BATCH, 1, 1, 3));
    forms.put("2 of a map", (b, p) -> b.transpose(shaped(b, p, Shape.BATCH, 1, 3, 1), 0, 3, 2, 1));
    forms.forEach(
        (name, form) -> {
          UnitAxis axis = of(3, form);
          assertEquals(Integer.parseInt(name.substring(0, 1)), axis.axis(), name);
          assertTrue(axis.reason().startsWith("the 3 of 'z' go there"), axis::reason);
          assertEquals(name.startsWith("2 row") || name.startsWith("3"), axis.isUsual(), name);
        });
  }

  /** Scores that are cut up in rows no longer lie on one axis. */
  @Test
  void scoresInRows_areNotFollowed() {
    UnitAxis axis = of(6, (b, p) -> shaped(b, p, Shape.BATCH, 2, 3));
    assertEquals(2, axis.axis());
    assertFalse(axis.isUsual(), axis::reason);
  }

  @Test
  void oneNumber_isAMatterOfCourse() {
    GraphBuilder b = new GraphBuilder();
    Value z = b.input("z", ElementType.FLOAT32, Shape.of(Shape.BATCH, 1));
    KerasTensor given = KerasTensor.plain(shaped(b, z, Shape.BATCH, 1, 1, 1));
    Network network =
        new Network(
            b.build(List.of(given.value())),
            List.of(KerasTensor.plain(z)),
            List.of(given),
            List.of());
    assertTrue(UnitAxis.of(network, given, null).isUsual());
  }
}
