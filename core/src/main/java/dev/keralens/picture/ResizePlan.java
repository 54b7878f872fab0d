package dev.keralens.picture;

import org.jspecify.annotations.Nullable;

/**
 * The passes of a filtered resize.
 *
 * @param horizontal the weights along a row; null where the columns stay
 * @param vertical the weights along a column; null where the rows stay
 * @param verticalFirst whether the vertical pass is the first
 */
record ResizePlan(@Nullable Weights horizontal, @Nullable Weights vertical, boolean verticalFirst) {

  /**
   * Pillow's plan, since its version 13: the vertical pass comes first where it takes more than
   * twice as many rows away as the other takes columns. Before, it never did; the order moves
   * rounding only, but by more where a filter with negative weights is clipped.
   */
  static ResizePlan of(Pixels source, Region from, int height, int width, Interpolation filter) {
    boolean columnsStay = width == source.width() && from.left() == 0 && from.width() == width;
    boolean rowsStay = height == source.height() && from.top() == 0 && from.height() == height;
    int lost = source.height() - height;
    return new ResizePlan(
        columnsStay ? null : Weights.of(source.width(), from.left(), from.width(), width, filter),
        rowsStay ? null : Weights.of(source.height(), from.top(), from.height(), height, filter),
        lost > 0 && lost > 2 * (source.width() - width));
  }
}
