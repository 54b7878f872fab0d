package dev.keralens.method.pass;

import dev.keralens.explain.Batch;
import dev.keralens.explain.Probe;
import dev.keralens.method.numeric.WeightedMasks;
import dev.keralens.tensor.Tensor;
import java.util.List;

/** The sum of masks, each weighted by the score under it. */
public final class MaskSums extends MaskedPasses {
  private final WeightedMasks masks;
  private final WeightedMasks.Writer writer;

  /**
   * Passes over a batch.
   *
   * @param beside what is fed between the inputs and the masks, batch first
   * @param writer writes the masks
   */
  public MaskSums(
      Probe probe,
      Batch batch,
      List<Tensor> beside,
      WeightedMasks masks,
      WeightedMasks.Writer writer,
      int[] places) {
    super(probe, batch, beside, masks.count(), places);
    this.masks = masks;
    this.writer = writer;
  }

  @Override
  protected void mask(int index, float[] out, int at) {
    writer.write(index, out, at);
  }

  @Override
  protected double share(float left, double score, double plain) {
    return left * score;
  }

  @Override
  protected double divisor(int place) {
    return masks.divisor();
  }
}
