package dev.keralens.method.pass;

import dev.keralens.explain.Batch;
import dev.keralens.explain.Probe;

/** The drop of the score under each window, by full passes. */
public final class WindowMasks extends MaskedPasses {
  private final WindowGrid grid;
  private final int[] covering;

  public WindowMasks(Probe probe, Batch batch, WindowGrid grid) {
    super(probe, batch, grid.count(), grid.places());
    this.grid = grid;
    this.covering = grid.covering();
  }

  @Override
  protected void mask(int index, float[] out, int at) {
    grid.mask(index, out, at);
  }

  @Override
  protected double share(float left, double score, double plain) {
    return left == 0 ? plain - score : 0;
  }

  @Override
  protected double divisor(int place) {
    return covering[place];
  }
}
