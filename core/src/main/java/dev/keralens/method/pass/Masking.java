package dev.keralens.method.pass;

import dev.keralens.explain.Baseline;
import dev.keralens.explain.Probe;
import dev.keralens.explain.Probes;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;

/** Scores of images of which masks leave a part. */
public final class Masking {
  private Masking() {}

  /**
   * Requires an input that parts of can be replaced, with scores of each image.
   *
   * @param change what the method does to the input, such as "Occlusion hides windows of"
   */
  public static void require(Probes probes, String change) {
    probes.requireReal(change);
    if (probes.byPlace()) {
      throw new UnsupportedModelException(
          "%s the input and takes units for each image, not for each place of an output that is a map."
              .formatted(change));
    }
  }

  /**
   * A probe of images under masks: mask x + (1 - mask) baseline, with masks (passes, places...) of
   * the size of the input.
   */
  public static Probe scores(Probes probes, Baseline baseline) {
    return probes.changed(
        probes.input().places(),
        (b, image, given) -> {
          Value masks = probes.overChannels(b, given);
          Value left = b.mul(image, masks);
          return baseline.equals(Baseline.ZERO)
              ? left
              : b.add(
                  left, b.mul(b.sub(b.scalar(1), masks), baseline.add(b, probes.input(), image)));
        });
  }
}
