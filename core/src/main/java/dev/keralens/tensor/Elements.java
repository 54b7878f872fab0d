package dev.keralens.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Single elements of arrays: read, printed, and in another type. */
final class Elements {
  /** From here on, a double is no long. */
  private static final double LONG_LIMIT = 0x1p63;

  private Elements() {}

  /** An element as a double; integers above 2^53 are rounded. */
  static double at(ElementType type, ByteBuffer data, int offset) {
    return switch (type) {
      case FLOAT32 -> data.getFloat(offset * 4);
      case FLOAT64 -> data.getDouble(offset * 8);
      case INT32 -> data.getInt(offset * 4);
      case INT64 -> data.getLong(offset * 8);
      case INT8 -> data.get(offset);
      case UINT8 -> data.get(offset) & 0xff;
      case BOOL -> data.get(offset) != 0 ? 1 : 0;
    };
  }

  /** An element as Java prints it. */
  static String text(ElementType type, ByteBuffer data, int offset) {
    return switch (type) {
      case FLOAT32 -> String.valueOf(data.getFloat(offset * 4));
      case FLOAT64 -> String.valueOf(data.getDouble(offset * 8));
      case INT64 -> String.valueOf(data.getLong(offset * 8));
      case INT32, INT8, UINT8 -> String.valueOf((long) at(type, data, offset));
      case BOOL -> String.valueOf(data.get(offset) != 0);
    };
  }

  /**
   * The elements of an array in another type.
   *
   * @throws IllegalArgumentException if one does not fit
   */
  static ByteBuffer convert(Tensor tensor, ByteBuffer data, ElementType other) {
    int count = tensor.elements();
    ByteBuffer out =
        ByteBuffer.allocate(Math.multiplyExact(count, other.bytes()))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      switch (other) {
        case FLOAT32 -> out.putFloat((float) at(tensor.type(), data, i));
        case FLOAT64 -> out.putDouble(at(tensor.type(), data, i));
        case INT32 -> out.putInt((int) whole(tensor, data, i, other));
        case INT64 -> out.putLong(whole(tensor, data, i, other));
        case INT8 -> out.put((byte) whole(tensor, data, i, other));
        case UINT8 -> out.put((byte) whole(tensor, data, i, other));
        case BOOL -> out.put((byte) (at(tensor.type(), data, i) != 0 ? 1 : 0));
      }
    }
    return out.flip();
  }

  private static long whole(Tensor tensor, ByteBuffer data, int i, ElementType other) {
    if (tensor.type() == ElementType.INT64) {
      return inside(data.getLong(i * 8), other);
    }
    double value = at(tensor.type(), data, i);
    if (!(Math.abs(value) < LONG_LIMIT)) { // NaN as well
      throw outside(String.valueOf(value), other);
    }
    return inside(Math.round(value), other);
  }

  private static long inside(long value, ElementType type) {
    long least = type == ElementType.UINT8 ? 0 : -1L << (8 * type.bytes() - 1);
    long most = type == ElementType.UINT8 ? 255 : ~least;
    if (value < least || value > most) {
      throw outside(String.valueOf(value), type);
    }
    return value;
  }

  private static IllegalArgumentException outside(String value, ElementType type) {
    return new IllegalArgumentException(value + " does not fit into the type " + type + ".");
  }
}
