package dev.keralens.objective;

import java.util.Locale;
import java.util.Objects;

/** A box in pixels of the model's input, the upper left pixel from 0 to 1. */
public final class Box {
  private final double left;
  private final double top;
  private final double right;
  private final double bottom;

  /**
   * A box.
   *
   * @param left its left edge
   * @param top its upper edge
   * @param right its right edge
   * @param bottom its lower edge
   * @throws IllegalArgumentException if it has no area
   */
  public Box(double left, double top, double right, double bottom) {
    if (!(left < right && top < bottom) || !Double.isFinite((right - left) * (bottom - top))) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "A box is left, top, right, bottom, with an area; got %s,%s,%s,%s.",
              left,
              top,
              right,
              bottom));
    }
    this.left = left;
    this.top = top;
    this.right = right;
    this.bottom = bottom;
  }

  /** {@return its left edge} */
  public double left() {
    return left;
  }

  /** {@return its upper edge} */
  public double top() {
    return top;
  }

  /** {@return its right edge} */
  public double right() {
    return right;
  }

  /** {@return its lower edge} */
  public double bottom() {
    return bottom;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Box box
        && left == box.left
        && top == box.top
        && right == box.right
        && bottom == box.bottom;
  }

  @Override
  public int hashCode() {
    return Objects.hash(left, top, right, bottom);
  }

  @Override
  public String toString() {
    return String.join(",", rounded(left), rounded(top), rounded(right), rounded(bottom));
  }

  private static String rounded(double edge) {
    String text = String.format(Locale.ROOT, "%.1f", edge);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }
}
