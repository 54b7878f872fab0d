package dev.keralens.method.pass;

import dev.keralens.explain.Baseline;
import dev.keralens.explain.Probe;
import dev.keralens.explain.Probes;
import dev.keralens.explain.Unrolling;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.search.Channels;
import java.util.Arrays;

/** Scores of images of which masks leave a part. */
public final class Masking {
  private Masking() {}

  /**
   * Requires an input that parts of can be replaced, with scores of each image.
   *
   * @param change what the method does to the input, such as "Occlusion hides windows of"
   */
  public static void require(Probes probes, String change) {
    if (!probes.isOfWords() || !probes.isInColumns()) {
      probes.requireReal(change);
    }
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
    return probes.changed(probes.input().places(), change(probes, baseline));
  }

  /**
   * How a mask changes an image: mask x + (1 - mask) baseline; of words, those of which less than a
   * half is left are those of the baseline.
   */
  public static Probes.Change change(Probes probes, Baseline baseline) {
    if (probes.isOfWords()) {
      return words(probes, baseline);
    }
    return (b, image, given) -> {
      Value from = baseline.add(b, probes.input(), image);
      return masked(b, image, probes.overChannels(b, given), baseline, from);
    };
  }

  private static Probes.Change words(Probes probes, Baseline baseline) {
    boolean isNumber = baseline instanceof Baseline.Uniform uniform && isWord(uniform.value());
    if (!isNumber && !(baseline instanceof Baseline.Image)) {
      throw new UnsupportedModelException(
          "What stands in for a word of the input '%s' is a word's number, from 0 on, or a row of them."
              .formatted(probes.input().value().name()));
    }
    return (b, image, given) -> {
      Value from = b.cast(baseline.add(b, probes.input(), image), image.type());
      return b.where(b.node(Op.GREATER_OR_EQUAL, given, b.scalar(0.5f)), image, from);
    };
  }

  private static boolean isWord(float value) {
    return value >= 0 && value == Math.rint(value);
  }

  private static Value masked(
      GraphBuilder b, Value image, Value masks, Baseline baseline, Value from) {
    Value left = b.mul(image, masks);
    return baseline.equals(Baseline.ZERO)
        ? left
        : b.add(left, b.mul(b.sub(b.scalar(1), masks), from));
  }

  /**
   * The scores of images under masks: float (batch, masks, k).
   *
   * @param masks (masks, places...)
   */
  public static Value scores(Unrolling rows, Value masks, Baseline baseline) {
    GraphBuilder b = rows.builder();
    Value over = b.unsqueeze(Channels.over(b, masks, rows.input()), 0);
    Value image = b.unsqueeze(rows.input().value(), 1);
    Value from = baseline.add(b, rows.input(), rows.input().value());
    Value beside = from.rank() == 0 ? from : b.unsqueeze(from, 1);
    Value masked = rows.together(masked(b, image, over, baseline, beside));
    return rows.scores(masked, masks.shape().size(0));
  }

  /**
   * The sum of masks, each weighted for each unit: float (batch, places..., k).
   *
   * @param weights (batch, masks, k)
   * @param masks (masks, places...), or (batch, masks, places...)
   */
  public static Value sum(GraphBuilder b, Value weights, Value masks) {
    int batchAxes = masks.shape().hasBatch() ? 2 : 1;
    int[] shape = masks.shape().sizes();
    int count = shape[batchAxes - 1];
    int[] places = Arrays.copyOfRange(shape, batchAxes, shape.length);
    int area = Arrays.stream(places).reduce(1, Math::multiplyExact);
    Shape flat = batchAxes == 2 ? Shape.of(shape[0], count, area) : Shape.of(count, area);
    Value sums = b.matMul(b.transpose(weights, 0, 2, 1), b.reshape(masks, flat));
    int[] sizes = new int[places.length + 2];
    sizes[0] = weights.shape().size(0);
    System.arraycopy(places, 0, sizes, 1, places.length);
    sizes[places.length + 1] = weights.shape().size(2);
    return b.reshape(b.transpose(sums, 0, 2, 1), Shape.of(sizes));
  }
}
