package dev.keralens.onnx.write;

import dev.keralens.graph.Constant;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Constants in half precision: IEEE 754's binary16, rounded to nearest, ties to even. */
final class HalfPrecision {
  private static final float LARGEST = 65504;
  private static final int ROWS = 64;

  private HalfPrecision() {}

  /**
   * {@return whether a constant is worth it, and no element too large}
   *
   * @param above the number of bytes that it has to have more than
   */
  static boolean fits(Constant constant, long above) {
    long bytes = Tensor.elements(constant.shape()) * constant.type().bytes();
    if (constant.type() != ElementType.FLOAT32 || bytes <= above) {
      return false;
    }
    boolean[] fits = {true};
    constant.visitRows(
        ROWS,
        (first, rows) -> {
          for (float value : rows.toFloatArray()) {
            fits[0] &= !(Math.abs(value) > LARGEST);
          }
        });
    return fits[0];
  }

  /** {@return a constant's elements in half precision: uint8 (axes..., 2)} */
  static Constant of(Constant constant) {
    int[] shape = constant.shape();
    int[] bytes = Arrays.copyOf(shape, shape.length + 1);
    bytes[shape.length] = 2;
    return Constant.deferred(
        ElementType.UINT8, bytes, () -> Tensor.wrap(ElementType.UINT8, halves(constant), bytes));
  }

  private static ByteBuffer halves(Constant constant) {
    float[] values = constant.tensor().toFloatArray();
    ByteBuffer out =
        ByteBuffer.allocate(Math.multiplyExact(values.length, 2)).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      out.putShort(half(value));
    }
    return out.flip();
  }

  /** {@return the nearest number of half precision, as its bits} */
  static short half(float value) {
    int bits = Float.floatToIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    if (Float.isNaN(value)) {
      return (short) (sign | 0x7e00);
    }
    float size = Math.abs(value);
    if (size >= LARGEST + 16) {
      return (short) (sign | 0x7c00);
    }
    // Of a number below 2^-14 the last place is 2^-24, of others 2^-10 of their own power of two.
    int exponent = Math.max(-14, Math.getExponent(size));
    int fraction = (int) Math.rint(Math.scalb((double) size, 10 - exponent));
    // A fraction that is rounded up to the next power of two moves on into the exponent.
    return (short) (sign | (((exponent + 14) << 10) + fraction));
  }
}
