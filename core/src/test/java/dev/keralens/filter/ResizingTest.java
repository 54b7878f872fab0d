package dev.keralens.filter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResizingTest {
  private static Tensor resized(Resizing.Mode mode, Tensor map, int... sizes) {
    GraphBuilder b = new GraphBuilder();
    int[] shape = map.shape();
    shape[0] = Shape.BATCH;
    Value input = b.input("maps", ElementType.FLOAT32, Shape.of(shape));
    Value out = Resizing.of(b, mode, input, sizes);
    try (CompiledGraph graph = CompiledGraph.compile(b.build(List.of(out)))) {
      return graph.run(List.of(map)).get(0);
    }
  }

  /** The value at floor((i + 0.5) 3 / 5). */
  @Test
  void nearest_takesTheValueUnderTheCentre() {
    Tensor line = Tensor.of(new float[] {1, 2, 3}, 1, 3);
    assertArrayEquals(
        new float[] {1, 1, 2, 3, 3}, resized(Resizing.Mode.NEAREST, line, 5).toFloatArray());
  }

  @Test
  void linear_hasHalfPixelCentres() {
    Tensor map = Tensor.of(new float[] {0, 4, 8, 12}, 1, 2, 2);
    assertArrayEquals(
        new float[] {0, 1, 3, 4, 2, 3, 5, 6, 6, 7, 9, 10, 8, 9, 11, 12},
        resized(Resizing.Mode.LINEAR, map, 4, 4).toFloatArray());
  }

  @Test
  void cubic_keepsARampInside() {
    float[] ramp = new float[64];
    for (int i = 0; i < 64; i++) {
      ramp[i] = i % 8;
    }
    Tensor twice = resized(Resizing.Mode.CUBIC, Tensor.of(ramp, 1, 8, 8), 16, 16);
    for (int column = 4; column < 12; column++) {
      assertEquals((column + 0.5) / 2 - 0.5, twice.get(0, 7, column), 1e-5);
    }
  }

  @Test
  void ofExplanations_keepsUnitsLast() {
    Tensor maps = Tensor.of(new float[] {1, 10, 3, 30}, 1, 2, 2);
    assertArrayEquals(
        new float[] {1, 10, 1.5f, 15, 2.5f, 25, 3, 30}, Resizing.linear(maps, 4).toFloatArray());
  }
}
