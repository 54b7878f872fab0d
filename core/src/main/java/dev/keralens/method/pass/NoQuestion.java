package dev.keralens.method.pass;

import dev.keralens.explain.Batch;
import dev.keralens.explain.Passes;
import dev.keralens.explain.Probe;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;

/** Maps of an activation that is known: there is nothing to ask. All units have the same map. */
public final class NoQuestion implements Passes {
  private final Batch batch;
  private final Tensor activations;
  private final Maker maker;

  /** Makes a map of the activation of an image. */
  @FunctionalInterface
  public interface Maker {
    /**
     * The map.
     *
     * @param values (channels, places...)
     */
    float[] map(float[] values, int channels);
  }

  /**
   * Maps of a batch.
   *
   * @param activations (batch, channels, places...)
   */
  public NoQuestion(Batch batch, Tensor activations, Maker maker) {
    this.batch = batch;
    this.activations = activations;
    this.maker = maker;
  }

  @Override
  public int count() {
    return 0;
  }

  @Override
  public Question question(int index) {
    throw new IllegalStateException("There is no question.");
  }

  @Override
  public void add(int index, Probe.Answer answer) {
    throw new IllegalStateException("There was no question.");
  }

  @Override
  public Tensor maps() {
    float[][] maps = new float[batch.images()][];
    for (int image = 0; image < maps.length; image++) {
      maps[image] = maker.map(activations.row(image).toFloatArray(), activations.size(1));
    }
    int[] places = Arrays.copyOfRange(activations.shape(), 2, activations.rank());
    return UnitMaps.of(
        batch.images(), batch.units().size(-1), places, (image, unit) -> maps[image]);
  }
}
