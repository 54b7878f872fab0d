package dev.keralens.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

/** Tensors in other types. */
class TensorTypesTest {
  @Test
  void to_roundsWholeNumbers() {
    Tensor x = Tensor.of(new float[] {0.4f, 1.6f, 200}, 3);
    assertArrayEquals(new long[] {0, 2, 200}, x.to(ElementType.UINT8).toLongArray());
    assertArrayEquals(new long[] {0, 2, 200}, x.to(ElementType.INT64).toLongArray());
    assertArrayEquals(x.toFloatArray(), x.to(ElementType.FLOAT64).toFloatArray());
    assertSame(x, x.to(ElementType.FLOAT32));
  }
}
