package dev.keralens.keras.storage;

import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;

/**
 * How a file stores the elements of an array, and the conversion to a tensor's elements.
 *
 * @param kind what the bits mean
 * @param bytes the size of an element
 * @param order the order of its bytes
 */
public record StoredType(Kind kind, int bytes, ByteOrder order) {
  /** What the bits of an element mean. */
  public enum Kind {
    FLOAT,
    BFLOAT,
    INT,
    UINT,
    BOOL
  }

  /** {@return the element type that the elements are read as} */
  ElementType readAs() {
    return switch (kind) {
      case FLOAT, BFLOAT -> ElementType.FLOAT32;
      case BOOL -> ElementType.BOOL;
      case INT ->
          switch (bytes) {
            case 1 -> ElementType.INT8;
            case 2, 4 -> ElementType.INT32;
            default -> ElementType.INT64;
          };
      case UINT ->
          switch (bytes) {
            case 1 -> ElementType.UINT8;
            case 2 -> ElementType.INT32;
            default -> ElementType.INT64;
          };
    };
  }

  /** {@return whether there is such a type} */
  boolean isKnown() {
    return switch (kind) {
      case FLOAT -> bytes == 2 || bytes == 4 || bytes == 8;
      case BFLOAT -> bytes == 2;
      case INT, UINT -> bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
      case BOOL -> bytes == 1;
    };
  }

  /**
   * {@return a tensor of the elements; over the buffer itself where they need no conversion}
   *
   * @param data the elements, row-major, from the buffer's position to its limit
   * @param shape the size of each axis
   */
  Tensor read(ByteBuffer data, int[] shape) {
    ElementType type = readAs();
    return Tensor.wrap(type, isReadAsItIs() ? data : convert(data, type), shape);
  }

  /** {@return whether the elements need no conversion} */
  boolean isReadAsItIs() {
    return bytes == readAs().bytes() && (bytes == 1 || order == ByteOrder.LITTLE_ENDIAN);
  }

  private ByteBuffer convert(ByteBuffer data, ElementType type) {
    ByteBuffer in = data.slice().order(order);
    int count = in.remaining() / bytes;
    ByteBuffer out =
        ByteBuffer.allocateDirect(Math.multiplyExact(count, type.bytes()))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      switch (type) {
        case FLOAT32 -> out.putFloat(floating(in, i * bytes));
        case INT32 -> out.putInt((int) integer(in, i * bytes));
        default -> out.putLong(integer(in, i * bytes));
      }
    }
    return out.flip();
  }

  private float floating(ByteBuffer in, int at) {
    if (kind == Kind.BFLOAT) {
      return Float.intBitsToFloat(in.getShort(at) << 16);
    }
    return switch (bytes) {
      case 2 -> half(in.getShort(at));
      case 4 -> in.getFloat(at);
      default -> (float) in.getDouble(at);
    };
  }

  private long integer(ByteBuffer in, int at) {
    return switch (bytes) {
      case 2 -> kind == Kind.UINT ? in.getShort(at) & 0xffff : in.getShort(at);
      case 4 -> kind == Kind.UINT ? in.getInt(at) & 0xffffffffL : in.getInt(at);
      default -> in.getLong(at);
    };
  }

  /** IEEE 754 half precision; JDK 17 has no conversion of its own. */
  public static float half(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = (bits >> 10) & 0x1f;
    int fraction = bits & 0x3ff;
    if (exponent == 0) {
      float magnitude = fraction * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    int widened = exponent == 0x1f ? 0xff : exponent - 15 + 127;
    return Float.intBitsToFloat(sign | (widened << 23) | (fraction << 13));
  }

  /** {@return the name that NumPy gives the type, such as {@code float16}} */
  @Override
  public String toString() {
    return kind == Kind.BOOL ? "bool" : kind.name().toLowerCase(Locale.ROOT) + bytes * 8;
  }
}
