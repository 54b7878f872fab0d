package dev.keralens.method.numeric;

import dev.keralens.filter.Resizing;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The regions of a picture that XRAI ranks, and their ranking. */
public final class Regions {
  private static final double[] SCALES = {50, 100, 150, 250, 500, 1200};
  private static final double SMOOTHING = 0.8;
  private static final int SIDE = 224;
  private static final int LEAST = 150;
  private static final int REACH = 5;

  private Regions() {}

  /**
   * Regions of several sizes that overlap, each with a margin.
   *
   * @param image (height, width, channels)
   * @return of each region its pixels
   */
  public static List<int[]> of(float[] image, int height, int width, int channels) {
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (float value : image) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    float[] resized =
        Resizing.linear(Tensor.of(image, 1, height, width, channels), SIDE, SIDE).toFloatArray();
    double[] scaled = new double[resized.length];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = high > low ? 2 * (resized[i] - low) / (high - low) - 1 : 0;
    }
    Felzenszwalb pieces = new Felzenszwalb(scaled, SIDE, SIDE, channels, SMOOTHING);
    List<int[]> regions = new ArrayList<>();
    for (double scale : SCALES) {
      int[] labels = pieces.labels(scale, LEAST);
      int[] own = new int[height * width];
      for (int pixel = 0; pixel < own.length; pixel++) {
        int row = pixel / width;
        int y = (int) ((row + 0.5) * SIDE / height);
        int x = (int) ((pixel % width + 0.5) * SIDE / width);
        own[pixel] = labels[y * SIDE + x];
      }
      int count = Blocks.count(labels);
      for (int label = 0; label < count; label++) {
        int[] grown = grown(own, label, height, width);
        if (grown.length > 0) {
          regions.add(grown);
        }
      }
    }
    return regions;
  }

  /** The pixels within reach of a piece. */
  private static int[] grown(int[] labels, int label, int height, int width) {
    boolean[] mask = new boolean[labels.length];
    for (int pixel = 0; pixel < labels.length; pixel++) {
      if (labels[pixel] == label) {
        boolean inside =
            pixel % width > 0
                && pixel % width < width - 1
                && pixel >= width
                && pixel + width < labels.length
                && labels[pixel - 1] == label
                && labels[pixel + 1] == label
                && labels[pixel - width] == label
                && labels[pixel + width] == label;
        mask[pixel] = true;
        if (!inside) {
          grow(mask, pixel / width, pixel % width, height, width);
        }
      }
    }
    int[] pixels = new int[labels.length];
    int count = 0;
    for (int pixel = 0; pixel < mask.length; pixel++) {
      if (mask[pixel]) {
        pixels[count++] = pixel;
      }
    }
    return Arrays.copyOf(pixels, count);
  }

  private static void grow(boolean[] mask, int y, int x, int height, int width) {
    for (int dy = -REACH; dy <= REACH; dy++) {
      int reach = (int) Math.sqrt(REACH * REACH - dy * dy);
      for (int dx = -reach; dx <= reach; dx++) {
        if (y + dy >= 0 && y + dy < height && x + dx >= 0 && x + dx < width) {
          mask[(y + dy) * width + x + dx] = true;
        }
      }
    }
  }

  /**
   * Adds regions one by one, each time the one whose new pixels have the highest mean attribution,
   * which becomes their value; pixels of no region have the mean of these.
   *
   * @param attributions of each pixel
   * @param least regions with fewer new pixels are left out
   */
  public static float[] ranked(double[] attributions, List<int[]> regions, int least) {
    double[] sums = new double[regions.size()];
    int[] counts = new int[regions.size()];
    List<List<Integer>> holding = new ArrayList<>();
    for (int pixel = 0; pixel < attributions.length; pixel++) {
      holding.add(new ArrayList<>());
    }
    for (int region = 0; region < sums.length; region++) {
      for (int pixel : regions.get(region)) {
        sums[region] += attributions[pixel];
        counts[region]++;
        holding.get(pixel).add(region);
      }
    }
    float[] map = new float[attributions.length];
    boolean[] known = new boolean[attributions.length];
    boolean[] used = new boolean[sums.length];
    for (int best = best(sums, counts, used, least); best >= 0; ) {
      used[best] = true;
      float gain = (float) (sums[best] / counts[best]);
      for (int pixel : regions.get(best)) {
        if (!known[pixel]) {
          known[pixel] = true;
          map[pixel] = gain;
          for (int region : holding.get(pixel)) {
            sums[region] -= attributions[pixel];
            counts[region]--;
          }
        }
      }
      best = best(sums, counts, used, least);
    }
    fill(map, known, attributions);
    return map;
  }

  private static int best(double[] sums, int[] counts, boolean[] used, int least) {
    int best = -1;
    for (int region = 0; region < sums.length; region++) {
      boolean open = !used[region] && counts[region] >= least;
      if (open && (best < 0 || sums[region] / counts[region] > sums[best] / counts[best])) {
        best = region;
      }
    }
    return best;
  }

  private static void fill(float[] map, boolean[] known, double[] attributions) {
    double sum = 0;
    int count = 0;
    for (int pixel = 0; pixel < map.length; pixel++) {
      sum += known[pixel] ? 0 : attributions[pixel];
      count += known[pixel] ? 0 : 1;
    }
    for (int pixel = 0; pixel < map.length; pixel++) {
      map[pixel] = known[pixel] ? map[pixel] : (float) (sum / count);
    }
  }
}
