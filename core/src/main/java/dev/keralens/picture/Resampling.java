package dev.keralens.picture;

import java.util.Arrays;

/**
 * Resizes samples as Pillow does, in a horizontal and a vertical pass, each rounded.
 *
 * <p>8-bit samples are summed in integers with weights of 22 bits behind the point; 16-bit ones in
 * double precision with rounding; float planes in double precision. Alpha is premultiplied for the
 * sums and divided out after them.
 */
final class Resampling {
  private static final int HALF = 1 << (Weights.PRECISION_BITS - 1);

  private Resampling() {}

  static Picture resize(Picture picture, Region from, int height, int width, Interpolation filter) {
    if (from.width() == width && from.height() == height) {
      return crop(picture, from);
    }
    if (filter == Interpolation.NEAREST) {
      return nearest(picture, from, height, width);
    }
    if (picture.colorMode() == ColorMode.RGBA) {
      Picture premultiplied = Conversion.premultiply(picture);
      return Conversion.unpremultiply(filtered(premultiplied, from, height, width, filter));
    }
    return filtered(picture, from, height, width, filter);
  }

  static Picture crop(Picture picture, Region from) {
    if (from.equals(Region.all(picture.height(), picture.width()))) {
      return picture;
    }
    int channels = picture.channels();
    byte[] out = new byte[from.width() * from.height() * channels];
    for (int y = 0; y < from.height(); y++) {
      System.arraycopy(
          picture.samples(),
          ((from.top() + y) * picture.width() + from.left()) * channels,
          out,
          y * from.width() * channels,
          from.width() * channels);
    }
    return new Picture(picture.colorMode(), from.height(), from.width(), out);
  }

  private static Picture nearest(Picture picture, Region from, int height, int width) {
    int channels = picture.channels();
    int[] columns = nearestIndices(from.left(), from.width(), width);
    int[] rows = nearestIndices(from.top(), from.height(), height);
    byte[] in = picture.samples();
    byte[] out = new byte[height * width * channels];
    int at = 0;
    for (int y = 0; y < height; y++) {
      int row = rows[y] * picture.width();
      for (int x = 0; x < width; x++) {
        int source = (row + columns[x]) * channels;
        for (int c = 0; c < channels; c++) {
          out[at++] = in[source + c];
        }
      }
    }
    return new Picture(picture.colorMode(), height, width, out);
  }

  /**
   * The source index of each target pixel; the positions are summed step by step as Pillow sums
   * them, rounding included.
   */
  static int[] nearestIndices(int start, int length, int target) {
    double step = (double) length / target;
    double position = start + step * 0.5;
    int[] indices = new int[target];
    for (int i = 0; i < target; i++) {
      indices[i] = Math.min((int) position, start + length - 1);
      position += step;
    }
    return indices;
  }

  private static Picture filtered(
      Picture picture, Region from, int height, int width, Interpolation filter) {
    ResizePlan plan = ResizePlan.of(picture, from, height, width, filter);
    int channels = picture.channels();
    byte[] samples = picture.samples();
    Weights horizontal = plan.horizontal();
    Weights vertical = plan.vertical();
    if (horizontal == null) {
      samples = vertical == null ? samples : vertically(samples, width * channels, 0, vertical);
    } else if (vertical == null) {
      samples = horizontally(samples, picture.width(), channels, 0, height, horizontal);
    } else if (plan.verticalFirst()) {
      samples = vertically(samples, picture.width() * channels, 0, vertical);
      samples = horizontally(samples, picture.width(), channels, 0, height, horizontal);
    } else {
      int first = vertical.first()[0];
      samples = horizontally(samples, picture.width(), channels, first, vertical.end(), horizontal);
      samples = vertically(samples, width * channels, first, vertical);
    }
    return new Picture(picture.colorMode(), height, width, samples);
  }

  private static byte[] horizontally(
      byte[] in, int inWidth, int channels, int firstRow, int endRow, Weights weights) {
    Taps taps = Taps.of(weights, inWidth);
    int width = weights.first().length;
    byte[] out = new byte[(endRow - firstRow) * width * channels];
    for (int y = firstRow; y < endRow; y++) {
      int from = y * inWidth * channels;
      int to = (y - firstRow) * width * channels;
      if (channels == 3) {
        colorRow(in, from, out, to, taps);
      } else {
        row(in, from, out, to, channels, taps);
      }
    }
    return out;
  }

  /**
   * The same number of weights for every target pixel, some of them zero: a loop whose length
   * changes from pixel to pixel takes longer, for a processor does not guess it well.
   *
   * @param first the first source pixel of each target pixel
   * @param count how many source pixels each target pixel takes
   * @param fixed the weights as integers, those of one target pixel after those of another
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Taps(int[] first, int count, int[] fixed) {
    static Taps of(Weights weights, int inWidth) {
      int[] some = weights.fixedPoint();
      int count = Arrays.stream(weights.count()).max().orElse(0);
      int[] first = weights.first().clone();
      int[] fixed = new int[first.length * count];
      for (int x = 0; x < first.length; x++) {
        int back = Math.max(0, first[x] + count - inWidth);
        first[x] -= back;
        System.arraycopy(some, x * weights.size(), fixed, x * count + back, weights.count()[x]);
      }
      return new Taps(first, count, fixed);
    }
  }

  /** One row of three channels: a weight is read once for all of them. */
  private static void colorRow(byte[] in, int from, byte[] out, int to, Taps taps) {
    int[] first = taps.first();
    int[] fixed = taps.fixed();
    int count = taps.count();
    for (int x = 0, at = to, w = 0; x < first.length; x++, at += 3) {
      int red = HALF;
      int green = HALF;
      int blue = HALF;
      int s = from + first[x] * 3;
      for (int k = 0; k < count; k++, s += 3, w++) {
        int weight = fixed[w];
        red += (in[s] & 0xFF) * weight;
        green += (in[s + 1] & 0xFF) * weight;
        blue += (in[s + 2] & 0xFF) * weight;
      }
      out[at] = (byte) clip(red);
      out[at + 1] = (byte) clip(green);
      out[at + 2] = (byte) clip(blue);
    }
  }

  private static void row(byte[] in, int from, byte[] out, int to, int channels, Taps taps) {
    int count = taps.count();
    for (int x = 0, at = to; x < taps.first().length; x++) {
      int source = from + taps.first()[x] * channels;
      for (int c = 0; c < channels; c++) {
        int sum = HALF;
        for (int k = 0, s = source + c; k < count; k++, s += channels) {
          sum += (in[s] & 0xFF) * taps.fixed()[x * count + k];
        }
        out[at++] = (byte) clip(sum);
      }
    }
  }

  /**
   * Sums rows. Each is widened to integers once and kept while target rows need it: Java's compiler
   * makes vector instructions of loops over integers only.
   */
  private static byte[] vertically(byte[] in, int rowLength, int firstRow, Weights weights) {
    int[] fixed = weights.fixedPoint();
    int height = weights.first().length;
    byte[] out = new byte[height * rowLength];
    int[][] wide = new int[weights.size()][rowLength];
    int[] sums = new int[rowLength];
    int next = firstRow;
    for (int y = 0; y < height; y++) {
      int first = weights.first()[y];
      int end = first + weights.count()[y];
      for (next = Math.max(next, first); next < end; next++) {
        widen(in, (next - firstRow) * rowLength, wide[next % wide.length]);
      }
      Arrays.fill(sums, HALF);
      for (int row = first; row < end; row++) {
        add(wide[row % wide.length], fixed[y * weights.size() + row - first], sums);
      }
      narrow(sums, out, y * rowLength);
    }
    return out;
  }

  private static void widen(byte[] in, int from, int[] row) {
    for (int i = 0; i < row.length; i++) {
      row[i] = in[from + i] & 0xFF;
    }
  }

  private static void add(int[] row, int weight, int[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += row[i] * weight;
    }
  }

  private static void narrow(int[] sums, byte[] out, int to) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] = clip(sums[i]);
    }
    for (int i = 0; i < sums.length; i++) {
      out[to + i] = (byte) sums[i];
    }
  }

  private static int clip(int sum) {
    return Math.max(0, Math.min(sum >> Weights.PRECISION_BITS, 255));
  }
}
