package dev.keralens.method.pass;

import dev.keralens.tensor.Tensor;

/** How far maps are from adding up to what they explain. */
public final class Completeness {
  /** What is less than this part of the scores is rounding, and no rise. */
  private static final double ROUNDING = 1e-5;

  private Completeness() {}

  /**
   * The error of the sum of each map, as a part of the rise of the score that it should be.
   *
   * @param maps float (batch, axes..., k)
   * @param scores of the images: float (batch, k)
   * @param baselines of the baselines: float (batch, k)
   * @return float (batch, k); zero where the score does not rise and the map adds up to nothing
   */
  public static Tensor gaps(Tensor maps, Tensor scores, Tensor baselines) {
    int rows = maps.size(0);
    int units = maps.size(-1);
    float[] all = maps.toFloatArray();
    int places = all.length / rows / units;
    float[] gaps = new float[rows * units];
    for (int row = 0; row < rows; row++) {
      for (int unit = 0; unit < units; unit++) {
        double sum = 0;
        double size = 0;
        for (int place = 0; place < places; place++) {
          float value = all[(row * places + place) * units + unit];
          sum += value;
          size += Math.abs(value);
        }
        double score = scores.get(row, unit);
        double from = baselines.get(row, unit);
        double rise = score - from;
        double least = ROUNDING * (Math.abs(score) + Math.abs(from) + size);
        double error = Math.abs(sum - rise);
        gaps[row * units + unit] =
            error <= least ? 0 : (float) (error / Math.max(least, Math.abs(rise)));
      }
    }
    return Tensor.of(gaps, rows, units);
  }
}
