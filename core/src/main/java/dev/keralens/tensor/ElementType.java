package dev.keralens.tensor;

/** The type of a tensor's elements, and its size in bytes. */
public enum ElementType {
  /** IEEE 754 single precision: what networks compute in. */
  FLOAT32(4),
  /** IEEE 754 double precision. */
  FLOAT64(8),
  /** Signed 32-bit integers. */
  INT32(4),
  /** Signed 64-bit integers: indices, shapes and axes. */
  INT64(8),
  /** Signed 8-bit integers. */
  INT8(1),
  /** Unsigned 8-bit integers. */
  UINT8(1),
  /** Truth values, one byte each, 0 or 1. */
  BOOL(1);

  private final int bytes;

  ElementType(int bytes) {
    this.bytes = bytes;
  }

  /** {@return the size of one element in bytes} */
  public int bytes() {
    return bytes;
  }

  /** {@return whether the elements are floating-point numbers} */
  public boolean isFloating() {
    return this == FLOAT32 || this == FLOAT64;
  }
}
