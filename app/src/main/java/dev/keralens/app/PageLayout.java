package dev.keralens.app;

import dev.keralens.picture.Picture;
import java.util.List;

/**
 * How images lie on pages. Each image has a block of cells: itself and its maps. Blocks stand side
 * by side, so that a page is about 4:3, and images that do not fit go on further pages.
 *
 * @param width the cells of a block from left to right
 * @param height the cells of a block from top to bottom
 */
record PageLayout(int width, int height) {
  private static final double SHAPE = 4.0 / 3;
  private static final int MOST_IMAGES = 60;
  private static final int MOST_CELLS = 600;

  /** The room of a caption, as a part of a cell's width. */
  private static final double CAPTION = 0.15;

  /** A grid draws higher pictures narrower. */
  private static final double HIGHEST = 1.5;

  /** What an empty place costs, against a page of another shape. */
  private static final double EMPTY = 0.3;

  /** How many images a page has. */
  int imagesOfPage() {
    return Math.max(1, Math.min(MOST_IMAGES, MOST_CELLS / (width * height)));
  }

  /** How many blocks of the images of a page stand side by side. */
  int blocks(List<Picture> pictures) {
    double ratio =
        pictures.stream()
            .mapToDouble(p -> Math.min(HIGHEST, (double) p.height() / p.width()))
            .average()
            .orElse(1);
    int count = pictures.size();
    int best = 1;
    double least = Double.POSITIVE_INFINITY;
    for (int blocks = 1; blocks <= count; blocks++) {
      int rows = (count + blocks - 1) / blocks;
      double shape = blocks * width / (rows * height * (ratio + CAPTION));
      double empty = (double) (rows * blocks - count) / count;
      double cost = Math.abs(Math.log(shape / SHAPE)) + EMPTY * empty;
      if (cost < least) {
        least = cost;
        best = blocks;
      }
    }
    return best;
  }
}
