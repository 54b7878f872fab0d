package dev.keralens.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TranspositionTest {
  @Test
  void kernels_ofAllSizesAroundThePanels() {
    check(new int[] {3, 3, 5, 33}, 3, 2, 0, 1);
    check(new int[] {3, 2, 700, 31}, 3, 2, 0, 1);
    check(new int[] {1, 1, 64, 32}, 3, 2, 0, 1);
    check(new int[] {2049, 65}, 1, 0);
    check(new int[] {2048, 1}, 1, 0);
    check(new int[] {1, 70}, 1, 0);
    check(new int[] {3, 3, 40, 2}, 2, 3, 0, 1);
    check(new int[] {3, 3, 40, 1}, 2, 3, 0, 1);
    check(new int[] {2, 3, 3, 4, 35}, 4, 3, 0, 1, 2);
  }

  @Test
  void everyOrderOfFourAxes() {
    int[] shape = {2, 3, 4, 5};
    for (int code = 0; code < 256; code++) {
      int[] axes = {code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6};
      if (Arrays.stream(axes).distinct().count() == 4) {
        check(shape, axes);
      }
    }
  }

  @Test
  void noElements_andOneElement() {
    check(new int[] {0, 3, 4}, 2, 0, 1);
    check(new int[] {3, 0}, 1, 0);
    check(new int[] {}, new int[] {});
    check(new int[] {7}, 0);
  }

  @Test
  void otherTypes() {
    int[] shape = {3, 2, 33};
    int[] source = places(shape, 2, 0, 1);
    long[] longs = IntStream.range(0, 198).asLongStream().map(i -> i << 40).toArray();
    assertArrayEquals(
        Arrays.stream(source).mapToLong(i -> longs[i]).toArray(),
        Tensor.of(longs, shape).transpose(2, 0, 1).toLongArray());
    ByteBuffer bytes = ByteBuffer.allocate(198);
    IntStream.range(0, 198).forEach(i -> bytes.put(i, (byte) i));
    Tensor moved = Tensor.wrap(ElementType.UINT8, bytes, shape).transpose(2, 0, 1);
    for (int i = 0; i < source.length; i++) {
      assertEquals((byte) source[i], moved.bytes().get(i));
    }
  }

  @Test
  void slices_andDirectBuffers() {
    ByteBuffer bytes = ByteBuffer.allocateDirect(4 * 48 + 3).position(3);
    ByteBuffer data = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    IntStream.range(0, 48).forEach(i -> data.putFloat(i * 4, i));
    Tensor tensor = Tensor.wrap(ElementType.FLOAT32, data, 4, 3, 4).row(1).transpose(1, 0);
    assertArrayEquals(
        new float[] {12, 16, 20, 13, 17, 21, 14, 18, 22, 15, 19, 23}, tensor.toFloatArray());
  }

  private static void check(int[] shape, int... axes) {
    int count = (int) Tensor.elements(shape);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = i;
    }
    Tensor result = Tensor.of(values, shape).transpose(axes);
    assertArrayEquals(Arrays.stream(axes).map(axis -> shape[axis]).toArray(), result.shape());
    int[] source = places(shape, axes);
    float[] moved = result.toFloatArray();
    for (int i = 0; i < count; i++) {
      assertEquals(values[source[i]], moved[i]);
    }
  }

  /**
   * The definition: element (i0, i1, ...) of the result is the source's whose axis axes[k] has ik.
   */
  private static int[] places(int[] shape, int... axes) {
    int[] sizes = Arrays.stream(axes).map(axis -> shape[axis]).toArray();
    int[] result = new int[(int) Tensor.elements(shape)];
    for (int i = 0; i < result.length; i++) {
      int[] index = new int[shape.length];
      for (int k = axes.length - 1, rest = i; k >= 0; rest /= sizes[k--]) {
        index[axes[k]] = rest % sizes[k];
      }
      for (int axis = 0; axis < shape.length; axis++) {
        result[i] = result[i] * shape[axis] + index[axis];
      }
    }
    return result;
  }
}
