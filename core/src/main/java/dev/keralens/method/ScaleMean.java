package dev.keralens.method;

import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** The mean of maps (batch, spatial axes..., k) over scales, each of one or two passes. */
final class ScaleMean {
  private final Tta.Weighing weighing;
  private final int passes;
  private final List<MapSums> scales = new ArrayList<>();
  private int added;

  /**
   * A mean of nothing yet.
   *
   * @param weighing how much a scale counts
   * @param passes how many follow one another of each scale
   */
  ScaleMean(Tta.Weighing weighing, int passes) {
    this.weighing = weighing;
    this.passes = passes;
  }

  void add(Tensor maps) {
    boolean raw = weighing == Tta.Weighing.RAW;
    if (scales.isEmpty() || (!raw && added % passes == 0)) {
      scales.add(new MapSums(Smooth.Form.MEAN));
    }
    scales.get(scales.size() - 1).add(maps);
    added++;
  }

  Tensor result() {
    List<Tensor> maps = scales.stream().map(MapSums::result).toList();
    if (maps.size() == 1) {
      return maps.get(0);
    }
    int[] shape = maps.get(0).shape();
    int units = shape[shape.length - 1];
    int places = maps.get(0).elements() / Math.max(1, shape[0]);
    List<float[]> values = maps.stream().map(Tensor::toFloatArray).toList();
    float[] out = new float[maps.get(0).elements()];
    for (int image = 0; image < shape[0]; image++) {
      for (int unit = 0; unit < units; unit++) {
        int end = (image + 1) * places;
        double[] factors = factors(values, image * places + unit, end, units);
        for (int i = image * places + unit; i < end; i += units) {
          double sum = 0;
          for (int s = 0; s < factors.length; s++) {
            sum += values.get(s)[i] * factors[s];
          }
          out[i] = (float) (sum / factors.length);
        }
      }
    }
    return Tensor.of(out, shape);
  }

  /** What each scale's map is multiplied by: 1 for the first, unless that is zero. */
  private static double[] factors(List<float[]> values, int start, int end, int step) {
    double[] sizes = new double[values.size()];
    double mean = 0;
    for (int s = 0; s < sizes.length; s++) {
      for (int i = start; i < end; i += step) {
        sizes[s] += Math.abs(values.get(s)[i]);
      }
      mean += sizes[s] / sizes.length;
    }
    double wanted = sizes[0] == 0 ? mean : sizes[0];
    double[] factors = new double[sizes.length];
    for (int s = 0; s < sizes.length; s++) {
      factors[s] = sizes[s] == 0 ? 0 : wanted / sizes[s];
    }
    return factors;
  }
}
