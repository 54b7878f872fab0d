package dev.keralens.method.numeric;

import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * Superpixels by SLIC, simple linear iterative clustering (Achanta et al., 2012, "SLIC Superpixels
 * Compared to State-of-the-Art Superpixel Methods", IEEE TPAMI 34, section 3).
 *
 * <p>Centres lie on a grid with the distance S; each pixel joins the nearest centre within 2 S by
 *
 * <pre>
 *   D^2 = |colours|^2 + m^2 |places|^2 / S^2
 * </pre>
 *
 * and centres move to their means, ten times. What is cut off from the rest of its piece, or is
 * smaller than a quarter of S^2, joins a neighbour.
 *
 * <p>Differs from the paper: channels scaled to [0, 1] over the image in place of CIELAB, since
 * inputs of networks need not be colours, and m = 0.1 for them; centres do not begin at low
 * gradients.
 */
public final class Slic {
  private static final int ROUNDS = 10;
  private static final double COMPACTNESS = 0.1;

  private final double[] image;
  private final int height;
  private final int width;
  private final int channels;

  /**
   * A picture.
   *
   * @param pixels the pixels row by row, each with its channels
   */
  public Slic(float[] pixels, int[] places, int channels) {
    this.height = places[0];
    this.width = places[1];
    this.channels = channels;
    this.image = new double[pixels.length];
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (float value : pixels) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    double range = high > low ? (double) high - low : 1;
    for (int i = 0; i < pixels.length; i++) {
      image[i] = (pixels[i] - low) / range;
    }
  }

  /** The piece of each pixel. */
  public int[] labels(int count) {
    int rows = grid(height, Math.sqrt((double) count * height / width));
    int columns = grid(width, (double) count / rows);
    double distance = Math.sqrt((double) height * width / (rows * columns));
    double[][] centres = new double[rows * columns][];
    for (int i = 0; i < centres.length; i++) {
      int row = i / columns;
      double y = (row + 0.5) * height / rows - 0.5;
      double x = (i % columns + 0.5) * width / columns - 0.5;
      centres[i] = centre((int) Math.round(y), (int) Math.round(x), y, x);
    }
    int[] labels = new int[height * width];
    for (int round = 0; round < ROUNDS; round++) {
      assign(centres, distance, labels);
      move(centres, labels);
    }
    return connected(labels, Math.max(1, (int) (distance * distance / 4)));
  }

  private static int grid(int size, double wanted) {
    return Math.max(1, Math.min(size, (int) Math.round(wanted)));
  }

  /** y, x, and the channels of a pixel. */
  private double[] centre(int row, int column, double y, double x) {
    double[] centre = new double[channels + 2];
    centre[0] = y;
    centre[1] = x;
    int at = Math.min(height - 1, row) * width + Math.min(width - 1, column);
    System.arraycopy(image, at * channels, centre, 2, channels);
    return centre;
  }

  private void assign(double[][] centres, double distance, int[] labels) {
    double[] nearest = new double[labels.length];
    Arrays.fill(nearest, Double.POSITIVE_INFINITY);
    double weight = COMPACTNESS * COMPACTNESS / (distance * distance);
    for (int i = 0; i < centres.length; i++) {
      double[] centre = centres[i];
      int top = (int) Math.max(0, Math.floor(centre[0] - 2 * distance));
      int bottom = (int) Math.min(height - 1, Math.ceil(centre[0] + 2 * distance));
      int left = (int) Math.max(0, Math.floor(centre[1] - 2 * distance));
      int right = (int) Math.min(width - 1, Math.ceil(centre[1] + 2 * distance));
      for (int y = top; y <= bottom; y++) {
        for (int x = left; x <= right; x++) {
          double away = weight * (square(y - centre[0]) + square(x - centre[1]));
          int pixel = y * width + x;
          for (int c = 0; c < channels; c++) {
            away += square(image[pixel * channels + c] - centre[c + 2]);
          }
          if (away < nearest[pixel]) {
            nearest[pixel] = away;
            labels[pixel] = i;
          }
        }
      }
    }
  }

  private static double square(double x) {
    return x * x;
  }

  private void move(double[][] centres, int[] labels) {
    double[][] sums = new double[centres.length][channels + 2];
    int[] counts = new int[centres.length];
    for (int pixel = 0; pixel < labels.length; pixel++) {
      double[] sum = sums[labels[pixel]];
      counts[labels[pixel]]++;
      int row = pixel / width;
      sum[0] += row;
      sum[1] += pixel % width;
      for (int c = 0; c < channels; c++) {
        sum[c + 2] += image[pixel * channels + c];
      }
    }
    for (int i = 0; i < centres.length; i++) {
      for (int j = 0; j < channels + 2 && counts[i] > 0; j++) {
        centres[i][j] = sums[i][j] / counts[i];
      }
    }
  }

  /** Pieces that hang together and are large enough, counted from 0. */
  private int[] connected(int[] labels, int least) {
    int[] pieces = new int[labels.length];
    Arrays.fill(pieces, -1);
    int count = 0;
    for (int start = 0; start < labels.length; start++) {
      if (pieces[start] >= 0) {
        continue;
      }
      int neighbour =
          start % width > 0 ? pieces[start - 1] : start >= width ? pieces[start - width] : -1;
      int[] members = flood(labels, pieces, start, count);
      if (members.length < least && neighbour >= 0) {
        for (int pixel : members) {
          pieces[pixel] = neighbour;
        }
      } else {
        count++;
      }
    }
    return pieces;
  }

  private int[] flood(int[] labels, int[] pieces, int start, int piece) {
    ArrayDeque<Integer> open = new ArrayDeque<>();
    int[] members = new int[labels.length];
    int count = 0;
    open.push(start);
    pieces[start] = piece;
    while (!open.isEmpty()) {
      int pixel = open.pop();
      members[count++] = pixel;
      int[] beside = {
        pixel % width > 0 ? pixel - 1 : -1,
        pixel % width < width - 1 ? pixel + 1 : -1,
        pixel - width,
        pixel + width < labels.length ? pixel + width : -1
      };
      for (int other : beside) {
        if (other >= 0 && pieces[other] < 0 && labels[other] == labels[start]) {
          pieces[other] = piece;
          open.push(other);
        }
      }
    }
    return Arrays.copyOf(members, count);
  }
}
