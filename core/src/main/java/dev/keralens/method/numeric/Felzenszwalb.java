package dev.keralens.method.numeric;

import java.util.Arrays;

/**
 * Pieces of a picture by merging along its weakest edges (Felzenszwalb and Huttenlocher, 2004,
 * "Efficient Graph-Based Image Segmentation", IJCV 59, algorithm 1).
 *
 * <p>Pixels are joined with their eight neighbours by edges as heavy as their colours differ. In
 * rising order, an edge merges two pieces where it is no heavier than the heaviest edge within
 * either, plus scale / size of it; then pieces that are too small join a neighbour.
 *
 * <p>As scikit-image, scales are divided by 255, and the picture is smoothed first by a Gaussian.
 */
public final class Felzenszwalb {
  private final int height;
  private final int width;
  private final int[] from;
  private final int[] to;
  private final double[] costs;

  /**
   * A picture.
   *
   * @param image (height, width, channels), the pixels row by row
   * @param deviation the standard deviation of the Gaussian
   */
  public Felzenszwalb(double[] image, int height, int width, int channels, double deviation) {
    this.height = height;
    this.width = width;
    double[] smooth = smoothed(image, channels, deviation);
    int most = 4 * height * width;
    int[] starts = new int[most];
    int[] ends = new int[most];
    double[] weights = new double[most];
    int count = 0;
    int[][] directions = {{0, 1}, {1, 0}, {1, 1}, {1, -1}};
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int[] direction : directions) {
          int otherY = y + direction[0];
          int otherX = x + direction[1];
          if (otherY < height && otherX >= 0 && otherX < width) {
            starts[count] = y * width + x;
            ends[count] = otherY * width + otherX;
            weights[count] = distance(smooth, channels, starts[count], ends[count]);
            count++;
          }
        }
      }
    }
    long[] order = new long[count]; // the weight, which is not negative, before the edge's number
    for (int i = 0; i < count; i++) {
      order[i] = (long) Float.floatToIntBits((float) weights[i]) << 32 | i;
    }
    Arrays.sort(order);
    this.from = new int[count];
    this.to = new int[count];
    this.costs = new double[count];
    for (int i = 0; i < count; i++) {
      int edge = (int) order[i];
      from[i] = starts[edge];
      to[i] = ends[edge];
      costs[i] = weights[edge];
    }
  }

  private static double distance(double[] image, int channels, int a, int b) {
    double sum = 0;
    for (int c = 0; c < channels; c++) {
      double difference = image[a * channels + c] - image[b * channels + c];
      sum += difference * difference;
    }
    return Math.sqrt(sum);
  }

  /** Blurred along rows and columns; beyond the edge lies the mirrored picture. */
  private double[] smoothed(double[] image, int channels, double deviation) {
    int radius = (int) (4 * deviation + 0.5);
    double[] kernel = new double[2 * radius + 1];
    double sum = 0;
    for (int i = -radius; i <= radius; i++) {
      kernel[i + radius] = Math.exp(-0.5 * i * i / (deviation * deviation));
      sum += kernel[i + radius];
    }
    double[] columns = new double[image.length];
    double[] rows = new double[image.length];
    for (int axis = 0; axis < 2; axis++) {
      double[] source = axis == 0 ? image : columns;
      double[] target = axis == 0 ? columns : rows;
      for (int pixel = 0; pixel < height * width; pixel++) {
        int y = pixel / width;
        int x = pixel % width;
        for (int i = -radius; i <= radius; i++) {
          int otherY = axis == 0 ? mirrored(y + i, height) : y;
          int otherX = axis == 0 ? x : mirrored(x + i, width);
          int other = otherY * width + otherX;
          for (int c = 0; c < channels; c++) {
            target[pixel * channels + c] += kernel[i + radius] / sum * source[other * channels + c];
          }
        }
      }
    }
    return rows;
  }

  private static int mirrored(int i, int size) {
    int period = Math.floorMod(i, 2 * size);
    return period < size ? period : 2 * size - 1 - period;
  }

  /**
   * The piece of each pixel, counted from 0.
   *
   * @param scale the larger, the larger the pieces
   * @param least how many pixels a piece has at least
   */
  public int[] labels(double scale, int least) {
    int[] parents = new int[height * width];
    int[] sizes = new int[parents.length];
    double[] heaviest = new double[parents.length];
    Arrays.setAll(parents, i -> i);
    Arrays.fill(sizes, 1);
    double slack = scale / 255;
    for (int i = 0; i < costs.length; i++) {
      int a = root(parents, from[i]);
      int b = root(parents, to[i]);
      if (a != b
          && costs[i] < Math.min(heaviest[a] + slack / sizes[a], heaviest[b] + slack / sizes[b])) {
        int joined = join(parents, sizes, a, b);
        heaviest[joined] = costs[i];
      }
    }
    for (int i = 0; i < costs.length; i++) {
      int a = root(parents, from[i]);
      int b = root(parents, to[i]);
      if (a != b && (sizes[a] < least || sizes[b] < least)) {
        join(parents, sizes, a, b);
      }
    }
    int[] labels = new int[parents.length];
    Arrays.setAll(labels, i -> root(parents, i));
    return Blocks.counted(labels);
  }

  private static int join(int[] parents, int[] sizes, int a, int b) {
    int root = Math.min(a, b);
    int other = Math.max(a, b);
    parents[other] = root;
    sizes[root] += sizes[other];
    return root;
  }

  private static int root(int[] parents, int i) {
    int root = i;
    while (parents[root] != root) {
      root = parents[root];
    }
    int at = i;
    while (parents[at] != root) {
      int next = parents[at];
      parents[at] = root;
      at = next;
    }
    return root;
  }
}
