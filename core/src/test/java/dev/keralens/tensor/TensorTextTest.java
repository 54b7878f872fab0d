package dev.keralens.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What tensors print, and how they are put together. */
class TensorTextTest {
  @Test
  void toString_hasTheElementsOfSmallOnes() {
    assertEquals(
        "FLOAT32(2, 2) [[5.5, -0.25], [0.0, 3.0]]",
        Tensor.of(new float[] {5.5f, -0.25f, 0, 3}, 2, 2).toString());
    assertEquals(
        "INT64(1,) [9007199254740993]", Tensor.of(new long[] {(1L << 53) + 1}, 1).toString());
    assertEquals("FLOAT32() 2.0", Tensor.scalar(2).toString());
    assertEquals("FLOAT64(0, 3) []", Tensor.of(new double[0], 0, 3).toString());
    assertEquals("FLOAT32(21,)", Tensor.of(new float[21], 21).toString());
  }

  @Test
  void stack_addsAnAxis() {
    Tensor a = Tensor.of(new float[] {1, 2}, 2);
    Tensor b = Tensor.of(new float[] {3, 4}, 2);
    assertEquals("FLOAT32(2, 2) [[1.0, 2.0], [3.0, 4.0]]", Tensor.stack(List.of(a, b)).toString());
    assertEquals("FLOAT32(1, 2) [[1.0, 2.0]]", a.batch().toString());
    assertEquals("FLOAT32(2, 1) [[1.0], [2.0]]", a.expandDims(-1).toString());
    Tensor other = Tensor.of(new double[] {1, 2}, 2);
    assertThrows(IllegalArgumentException.class, () -> Tensor.stack(List.of(a, other)));
    assertThrows(IllegalArgumentException.class, () -> Tensor.stack(List.of()));
    assertThrows(IndexOutOfBoundsException.class, () -> a.expandDims(2));
  }

  @Test
  void argmax_takesTheFirstOfEqualOnes() {
    Tensor x = Tensor.of(new float[] {1, 7, 7, 4, 2, 9, 0, 9, 9, 3, 3, 3}, 2, 3, 2);
    assertEquals("INT64(2, 2) [[1, 2], [1, 0]]", x.argmax(1).toString());
    assertEquals("INT64(2, 3) [[1, 0, 1], [1, 0, 0]]", x.argmax(-1).toString());
    assertEquals("INT64(3, 2) [[0, 1], [1, 0], [1, 0]]", x.argmax(0).toString());
    Tensor nan = Tensor.of(new float[] {1, Float.NaN}, 2);
    assertThrows(IllegalArgumentException.class, () -> nan.argmax(0));
    assertThrows(IndexOutOfBoundsException.class, () -> x.argmax(3));
  }

  @Test
  void doubles_goInAndOut() {
    double[] values = {0.1, 1e300, -2};
    assertArrayEquals(values, Tensor.of(values, 3).toDoubleArray());
    assertArrayEquals(new double[] {3, 4}, Tensor.of(new long[] {3, 4}, 2).toDoubleArray());
  }
}
