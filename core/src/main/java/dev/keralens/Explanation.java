package dev.keralens;

import dev.keralens.explain.run.BatchMaps;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Why a model gave its scores: one map per image and unit. */
public final class Explanation {
  private final String method;
  private final String explained;
  private final Tensor maps;
  private final Tensor scores;
  private final Tensor outputs;
  private final Tensor units;
  private final Tensor lowest;
  private final Tensor highest;
  private final @Nullable Tensor gaps;

  Explanation(
      String method,
      String explained,
      Tensor maps,
      Tensor scores,
      Tensor outputs,
      Tensor units,
      Tensor lowest,
      Tensor highest,
      @Nullable Tensor gaps) {
    this.method = method;
    this.explained = explained;
    this.maps = maps;
    this.scores = scores;
    this.outputs = outputs;
    this.units = units;
    this.lowest = lowest;
    this.highest = highest;
    this.gaps = gaps;
  }

  /** {@return the name of the method} */
  public String method() {
    return method;
  }

  /** {@return what is explained: the name of a layer, or of an input} */
  public String explained() {
    return explained;
  }

  /**
   * {@return float (images, height, width, k), or as many spatial axes as the input has; in [0, 1]
   * after a normalizing filter}
   */
  public Tensor maps() {
    return maps;
  }

  /** {@return float (images, k): what is explained of each unit, by default its logit} */
  public Tensor scores() {
    return scores;
  }

  /**
   * {@return float (images, k): the model's output for each unit, such as its probability where the
   * model ends in a softmax or sigmoid, and of an output that is a map its mean over the places;
   * the score where nothing comes after it}
   */
  public Tensor outputs() {
    return outputs;
  }

  /** {@return int64 (images, k): the units that are explained} */
  public Tensor units() {
    return units;
  }

  /** {@return float (images, k): the smallest element of each map before the filter} */
  public Tensor lowest() {
    return lowest;
  }

  /** {@return float (images, k): the largest element of each map before the filter} */
  public Tensor highest() {
    return highest;
  }

  /**
   * {@return float (images, k): how far the sum of each map, before the filter, is from what it
   * should be by the method's theorem, as a part of that; null where maps need not add up to
   * anything}
   *
   * <p>For integrated gradients, maps should add up to the rise of the score from the baseline to
   * the image, and more steps make the gap smaller.
   */
  public @Nullable Tensor gaps() {
    return gaps;
  }

  /** What there is to say of a map, as the method gave it before the filter. */
  public enum Finding {
    /** Some values are above zero: evidence for the unit. */
    EVIDENCE,
    /** No value is above zero: only evidence against the unit, of which most filters leave zero. */
    NEGATIVE,
    /** All values are the same: no place is evidence more than another. */
    CONSTANT,
    /** A value is NaN or infinite: the network overflowed. */
    NOT_FINITE
  }

  static Explanation join(String method, String explained, List<BatchMaps> batches) {
    return new Explanation(
        method,
        explained,
        concat(batches, BatchMaps::maps),
        concat(batches, BatchMaps::scores),
        concat(batches, BatchMaps::outputs),
        concat(batches, BatchMaps::units),
        concat(batches, BatchMaps::lowest),
        concat(batches, BatchMaps::highest),
        batches.get(0).gaps() == null
            ? null
            : concat(batches, batch -> Objects.requireNonNull(batch.gaps())));
  }

  private static Tensor concat(List<BatchMaps> batches, Function<BatchMaps, Tensor> part) {
    List<Tensor> parts = new ArrayList<>();
    batches.forEach(batch -> parts.add(part.apply(batch)));
    return Tensor.concat(parts);
  }

  /** {@return the number of images} */
  public int images() {
    return maps.size(0);
  }

  /** {@return the number of units that are explained of each image} */
  public int unitsPerImage() {
    return maps.size(-1);
  }

  /**
   * {@return one map: float (height, width), or as many spatial axes as the input has}
   *
   * @param image the image, from 0
   * @param unit the place of the unit among those that are explained of the image, from 0
   * @throws IndexOutOfBoundsException if there is no such image or unit
   */
  public Tensor map(int image, int unit) {
    int k = unitsPerImage();
    if (unit < 0 || unit >= k) {
      throw new IndexOutOfBoundsException("There is no unit %d among %d.".formatted(unit, k));
    }
    float[] all = maps.row(image).toFloatArray();
    float[] one = new float[all.length / k];
    for (int i = 0; i < one.length; i++) {
      one[i] = all[i * k + unit];
    }
    return Tensor.of(one, Arrays.copyOfRange(maps.shape(), 1, maps.rank() - 1));
  }

  /**
   * {@return the unit that a map explains: its place in the model's output}
   *
   * @param image the image, from 0
   * @param unit the place of the unit among those that are explained of the image, from 0
   */
  public int unit(int image, int unit) {
    return Math.toIntExact(units.getLong(image, unit));
  }

  /**
   * {@return what there is to say of a map, as the method gave it before the filter}
   *
   * @param image the image, from 0
   * @param unit the place of the unit among those that are explained of the image, from 0
   */
  public Finding finding(int image, int unit) {
    float low = lowest.get(image, unit);
    float high = highest.get(image, unit);
    if (!Float.isFinite(low) || !Float.isFinite(high) || !isFinite(map(image, unit))) {
      return Finding.NOT_FINITE;
    } else if (low == high) {
      return Finding.CONSTANT;
    }
    return high <= 0 ? Finding.NEGATIVE : Finding.EVIDENCE;
  }

  private static boolean isFinite(Tensor map) {
    for (float element : map.toFloatArray()) {
      if (!Float.isFinite(element)) {
        return false;
      }
    }
    return true;
  }

  /**
   * {@return whether a map says nothing: it is zero everywhere, since the method's output is
   * constant or the filter left nothing of it}
   *
   * @param image the image, from 0
   * @param unit the place of the unit among those that are explained of the image, from 0
   */
  public boolean isEmpty(int image, int unit) {
    for (float element : map(image, unit).toFloatArray()) {
      if (element != 0) {
        return false;
      }
    }
    return true;
  }

  /** {@return the method, what it explains, and the shape of the maps} */
  @Override
  public String toString() {
    return method + " of " + explained + ": " + maps.typeAndShape();
  }
}
