package dev.keralens.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  @Test
  void to_keepsWhatAFloatWouldRound() {
    long large = (1L << 53) + 1;
    Tensor ids = Tensor.of(new long[] {large, -16_777_217}, 2);
    assertEquals(-16_777_217, ids.to(ElementType.FLOAT64).toDoubleArray()[1]);
    assertEquals(-16_777_217, ids.row(1).to(ElementType.INT32).getLong());
    assertEquals(large, ids.row(0).to(ElementType.INT64).getLong());
    double third = 1.0 / 3;
    Tensor parts = Tensor.of(new double[] {third, 16_777_217}, 2);
    assertEquals(16_777_217, parts.to(ElementType.INT32).getLong(1));
  }

  @ParameterizedTest
  @CsvSource({
    "256, UINT8",
    "-1, UINT8",
    "128, INT8",
    "-129, INT8",
    "2147483648, INT32",
    "1e19, INT64",
    "NaN, INT32"
  })
  void to_refusesWhatDoesNotFit(double value, ElementType type) {
    Tensor x = Tensor.of(new double[] {0, value}, 2);
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> x.to(type));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.endsWith("does not fit into the type " + type + "."), message);
  }

  @Test
  void to_boolIsTrueForAllButZero() {
    Tensor x = Tensor.of(new float[] {0, 0.25f, -3, 255}, 4);
    assertArrayEquals(new long[] {0, 1, 1, 1}, x.to(ElementType.BOOL).toLongArray());
  }
}
