package dev.keralens.objective;

import dev.keralens.tensor.Tensor;

/**
 * The anchors of KerasHub's RetinaNet with its default arguments: levels 3 to 7, three sizes from 4
 * strides up, three aspect ratios; and the places of YOLOX, of levels 3 to 5.
 */
final class Anchors {
  private static final int FIRST_LEVEL = 3;
  private static final int LAST_LEVEL = 7;
  private static final int LAST_OF_YOLOX = 5;
  private static final int SCALES = 3;
  private static final double SIZE = 4;
  private static final double[] RATIOS = {0.5, 1, 2};

  private Anchors() {}

  /** Whether a number of boxes is that of the anchors of a form, of an input. */
  static boolean fit(BoxForm form, int boxes, int height, int width) {
    return boxes == (form == BoxForm.YOLOX ? places(height, width) : count(height, width));
  }

  /** Centre x, centre y, width and height of the anchors of a form: float (1, anchors, 4). */
  static Tensor of(BoxForm form, int height, int width) {
    return form == BoxForm.YOLOX ? cornersOfPlaces(height, width) : centered(height, width);
  }

  private static int places(int height, int width) {
    int places = 0;
    for (int level = FIRST_LEVEL; level <= LAST_OF_YOLOX; level++) {
      places += cells(height, level) * cells(width, level);
    }
    return places;
  }

  /** The upper left corners of places, with their strides as sizes. */
  private static Tensor cornersOfPlaces(int height, int width) {
    float[] all = new float[4 * places(height, width)];
    int at = 0;
    for (int level = FIRST_LEVEL; level <= LAST_OF_YOLOX; level++) {
      float stride = 1 << level;
      for (int y = 0; y < cells(height, level); y++) {
        for (int x = 0; x < cells(width, level); x++) {
          all[at++] = x * stride;
          all[at++] = y * stride;
          all[at++] = stride;
          all[at++] = stride;
        }
      }
    }
    return Tensor.of(all, 1, all.length / 4, 4);
  }

  /** The number of anchors of an input. */
  static long count(int height, int width) {
    long places = 0;
    for (int level = FIRST_LEVEL; level <= LAST_LEVEL; level++) {
      places += (long) cells(height, level) * cells(width, level);
    }
    return places * SCALES * RATIOS.length;
  }

  private static int cells(int size, int level) {
    int stride = 1 << level;
    return (size + stride - 1) / stride;
  }

  /**
   * Whether a number of boxes is that of the places of two scales or more of a detector, one box
   * for each or up to three: strides of 8, 16, 32 and so on, or from 16 on.
   */
  static boolean areScales(int boxes, int height, int width) {
    for (int first = FIRST_LEVEL; first <= FIRST_LEVEL + 1; first++) {
      long places = (long) cells(height, first) * cells(width, first);
      for (int level = first + 1; level <= LAST_LEVEL; level++) {
        places += (long) cells(height, level) * cells(width, level);
        if (boxes % places == 0 && boxes / places <= SCALES) {
          return true;
        }
      }
    }
    return false;
  }

  /** Centre x, centre y, width and height of each: float (1, anchors, 4). */
  static Tensor centered(int height, int width) {
    int count = Math.toIntExact(count(height, width));
    float[] all = new float[Math.multiplyExact(count, 4)];
    int at = 0;
    for (int level = FIRST_LEVEL; level <= LAST_LEVEL; level++) {
      int rows = cells(height, level);
      int columns = cells(width, level);
      int right = width / columns; // as KerasHub has it, a whole number
      int down = height / rows;
      for (int y = 0; y < rows; y++) {
        for (int x = 0; x < columns; x++) {
          for (double ratio : RATIOS) {
            for (int scale = 0; scale < SCALES; scale++) {
              int size = (int) ((1 << level) * SIZE * Math.pow(2, scale / (double) SCALES));
              all[at++] = x * (float) right;
              all[at++] = y * (float) down;
              all[at++] = rounded(size / Math.sqrt(ratio));
              all[at++] = rounded(size * Math.sqrt(ratio));
            }
          }
        }
      }
    }
    return Tensor.of(all, 1, count, 4);
  }

  /** Corners lie on whole numbers: half of the size is rounded. */
  private static float rounded(double size) {
    return (float) (2 * Math.rint((float) size / 2));
  }
}
