package dev.keralens.onnx.operator;

import dev.keralens.tensor.ElementType;

/**
 * A number that may depend on the batch: fixed + perBatch * batch, where the batch is at least one.
 *
 * <p>Results that are no such number, or that differ from one batch to another where a decision is
 * needed (is it larger than 5?), are refused by {@link Refusal}.
 *
 * @param fixed what does not depend on the batch
 * @param perBatch what the size of the batch is multiplied with
 */
public record Linear(double fixed, double perBatch) {
  static final Linear ZERO = new Linear(0, 0);

  public static Linear of(double number) {
    return new Linear(number, 0);
  }

  public static Linear of(boolean truth) {
    return of(truth ? 1 : 0);
  }

  /** {@return a size of a shape, where a negative number is a multiple of the batch} */
  static Linear ofSize(int size) {
    return size < 0 ? new Linear(0, -size) : of(size);
  }

  boolean isFixed() {
    return perBatch == 0;
  }

  /** {@return the number, which must not depend on the batch} */
  double number() {
    if (!isFixed()) {
      throw new Refusal("a number that it needs depends on the batch");
    }
    return fixed;
  }

  boolean isTrue() {
    return sign() != 0;
  }

  /** {@return the sign, which must be the same for every batch} */
  int sign() {
    double atOne = fixed + perBatch;
    if (perBatch == 0 || (perBatch > 0 && atOne > 0) || (perBatch < 0 && atOne < 0)) {
      return (int) Math.signum(atOne);
    }
    throw new Refusal("a comparison that it needs depends on the batch");
  }

  Linear plus(Linear other) {
    return new Linear(fixed + other.fixed, perBatch + other.perBatch);
  }

  Linear minus(Linear other) {
    return new Linear(fixed - other.fixed, perBatch - other.perBatch);
  }

  Linear times(Linear other) {
    if (!isFixed() && !other.isFixed()) {
      throw new Refusal("a product that it needs has the batch twice");
    }
    Linear scaled = isFixed() ? other : this;
    double factor = isFixed() ? fixed : other.fixed;
    return new Linear(scaled.fixed * factor, scaled.perBatch * factor);
  }

  /**
   * {@return the quotient; of integers, cut towards zero}
   *
   * @param other the divisor
   * @param whole whether these are integers
   */
  Linear over(Linear other, boolean whole) {
    if (fixed == 0 && other.fixed == 0 && !other.isFixed()) {
      return of(perBatch).over(of(other.perBatch), whole);
    }
    double divisor = other.number();
    if (!whole) {
      return new Linear(fixed / divisor, perBatch / divisor);
    }
    if (divisor == 0) {
      throw new Refusal("a size is divided by zero");
    }
    if (isFixed()) {
      long quotient = (long) fixed / (long) divisor;
      return of((double) quotient);
    }
    if (fixed % divisor != 0 || perBatch % divisor != 0) {
      throw new Refusal("a quotient that it needs depends on the batch");
    }
    return new Linear(fixed / divisor, perBatch / divisor);
  }

  /** {@return the same number as a type would hold it} */
  Linear as(ElementType type) {
    return switch (type) {
      case FLOAT32 -> new Linear((float) fixed, (float) perBatch);
      case FLOAT64 -> this;
      case BOOL -> of(isTrue());
      case INT8 -> of((byte) number());
      case UINT8 -> of((int) number() & 0xff);
      case INT32, INT64 -> whole();
    };
  }

  private Linear whole() {
    if (isFixed()) {
      return of((double) (long) fixed);
    }
    if (fixed != Math.rint(fixed) || perBatch != Math.rint(perBatch)) {
      throw new Refusal("a rounding that it needs depends on the batch");
    }
    return this;
  }
}
