package dev.keralens.method.pass;

import dev.keralens.explain.Batch;
import dev.keralens.explain.Probes;
import dev.keralens.tensor.Tensor;
import java.util.List;

/** The drop of the score under each window, by passes that compute what a window reaches. */
public final class WindowPasses extends GivenPasses {
  private final Probes.Windows scores;
  private final WindowGrid grid;
  private final int[] covering;

  public WindowPasses(Probes.Windows scores, Batch batch, WindowGrid grid) {
    super(scores.begin(), batch, List.of(numbers(batch)), grid.count(), scores.length());
    this.scores = scores;
    this.grid = grid;
    this.covering = grid.covering();
  }

  /** A number for each image. */
  private static Tensor numbers(Batch batch) {
    float[] numbers = new float[batch.images()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = i;
    }
    return Tensor.of(numbers, numbers.length, 1);
  }

  @Override
  protected void give(int image, int pass, float[] out, int at) {
    scores.write(pass, out, at);
  }

  @Override
  protected int[] places() {
    return grid.places();
  }

  @Override
  protected float[] map(int image, double[] passes, double plain) {
    double[] sums = new double[grid.area()];
    float[] mask = new float[sums.length];
    for (int pass = 0; pass < passes.length; pass++) {
      grid.mask(pass, mask, 0);
      for (int place = 0; place < mask.length; place++) {
        sums[place] += mask[place] == 0 ? plain - passes[pass] : 0;
      }
    }
    float[] map = new float[sums.length];
    for (int place = 0; place < map.length; place++) {
      map[place] = (float) (sums[place] / covering[place]);
    }
    return map;
  }
}
