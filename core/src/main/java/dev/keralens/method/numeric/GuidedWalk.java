package dev.keralens.method.numeric;

/**
 * The way of one image for one unit, from its baseline to itself, as guided integrated gradients
 * chooses it.
 */
public final class GuidedWalk {
  private static final double CLOSE = 1e-9;

  private final double[] input;
  private final double[] baseline;
  private final double[] x;
  private final double[] sums;
  private final int steps;
  private final double fraction;
  private final double corridor;
  private final double whole;

  public GuidedWalk(
      float[] images,
      float[] baselines,
      int from,
      int size,
      int steps,
      double fraction,
      double corridor) {
    this.input = new double[size];
    this.baseline = new double[size];
    this.x = new double[size];
    this.sums = new double[size];
    this.steps = steps;
    this.fraction = fraction;
    this.corridor = corridor;
    double distance = 0;
    for (int i = 0; i < size; i++) {
      input[i] = images[from + i];
      baseline[i] = baselines[from + i];
      x[i] = baseline[i];
      distance += Math.abs(input[i] - baseline[i]);
    }
    this.whole = distance;
  }

  public void writePoint(float[] out, int at) {
    for (int i = 0; i < x.length; i++) {
      out[at + i] = (float) x[i];
    }
  }

  public float[] attributions() {
    float[] map = new float[sums.length];
    for (int i = 0; i < map.length; i++) {
      map[i] = (float) sums[i];
    }
    return map;
  }

  private double onTheWay(double part, int i) {
    return baseline[i] + part * (input[i] - baseline[i]);
  }

  /** Goes on until what is left of the way is as short as it should be after the step. */
  public void step(int step, float[] gradients, int from) {
    if (whole == 0) {
      return;
    }
    int size = x.length;
    double part = (step + 1.0) / steps;
    double least = Math.max(part - corridor, 0);
    double most = Math.min(part + corridor, 1);
    double target = whole * (1 - part);
    double[] sizes =
        new double[size]; // of gradients; infinite where a pixel is as far as it may be
    for (int i = 0; i < size; i++) {
      sizes[i] = Math.abs((double) gradients[from + i]);
    }
    double share = Double.POSITIVE_INFINITY;
    while (share > 1) {
      double left = catchUp(least, gradients, from);
      if (isClose(left, target)) {
        return;
      }
      for (int i = 0; i < size; i++) {
        if (x[i] == onTheWay(most, i)) {
          sizes[i] = Double.POSITIVE_INFINITY;
        }
      }
      double threshold = Selection.lowest(sizes, (int) (fraction * (size - 1)));
      double possible = 0;
      for (int i = 0; i < size; i++) {
        if (isChosen(sizes[i], threshold)) {
          possible += Math.abs(x[i] - onTheWay(most, i));
        }
      }
      if (possible == 0 && threshold == Double.POSITIVE_INFINITY) {
        return; // all are as far as they may be
      }
      share = possible > 0 ? (left - target) / possible : Double.POSITIVE_INFINITY;
      for (int i = 0; i < size; i++) {
        if (isChosen(sizes[i], threshold)) {
          double end = onTheWay(most, i);
          move(i, share > 1 ? end : x[i] + share * (end - x[i]), gradients[from + i]);
        }
      }
    }
  }

  private static boolean isChosen(double size, double threshold) {
    return size <= threshold && size != Double.POSITIVE_INFINITY;
  }

  private static boolean isClose(double a, double b) {
    double difference = Math.abs(a - b);
    return difference <= CLOSE * Math.max(Math.abs(a), Math.abs(b)) || difference <= CLOSE;
  }

  private void move(int i, double to, double gradient) {
    sums[i] += (to - x[i]) * gradient;
    x[i] = to;
  }

  /** Brings pixels that are behind to the least place. Returns what is left of the way. */
  private double catchUp(double least, float[] gradients, int from) {
    double left = 0;
    for (int i = 0; i < x.length; i++) {
      double way = input[i] - baseline[i];
      if (way != 0 && (x[i] - baseline[i]) / way < least) {
        move(i, onTheWay(least, i), gradients[from + i]);
      }
      left += Math.abs(input[i] - x[i]);
    }
    return left;
  }
}
