package dev.keralens.method.numeric;

import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Which masks are tried: random ones, or those that are given. */
public final class WeightedMasks {
  private final int count;
  private final int cells;
  private final double probability;
  private final long seed;
  private final @Nullable Tensor given;

  private WeightedMasks(
      int count, int cells, double probability, long seed, @Nullable Tensor given) {
    this.count = count;
    this.cells = cells;
    this.probability = probability;
    this.seed = seed;
    this.given = given;
  }

  /** Random masks. */
  public static WeightedMasks random(int count, int cells, double probability) {
    return new WeightedMasks(count, cells, probability, 0, null);
  }

  /**
   * {@return a copy with another number of random masks}
   *
   * @throws IllegalArgumentException if that is below 1
   */
  public WeightedMasks count(int number) {
    if (number < 1) {
      throw new IllegalArgumentException("At least one mask is needed, got " + number + ".");
    }
    return new WeightedMasks(number, cells, probability, seed, null);
  }

  /**
   * {@return a copy with so many cells along each axis}
   *
   * @throws IllegalArgumentException if that is below 1
   */
  public WeightedMasks cells(int perSide) {
    if (perSide < 1) {
      throw new IllegalArgumentException("At least one cell is needed, got " + perSide + ".");
    }
    return new WeightedMasks(count, perSide, probability, seed, given);
  }

  /**
   * {@return a copy whose cells are left with another probability}
   *
   * @throws IllegalArgumentException if that is none, or 0
   */
  public WeightedMasks probability(double left) {
    if (!(left > 0 && left <= 1)) {
      throw new IllegalArgumentException("A probability lies above 0 and up to 1, got " + left);
    }
    return new WeightedMasks(count, cells, left, seed, given);
  }

  /** {@return a copy with other random masks} */
  public WeightedMasks seed(long number) {
    return new WeightedMasks(count, cells, probability, number, given);
  }

  /**
   * {@return masks that are given}
   *
   * @param masks (masks, places...), 1 where the image is left
   */
  public WeightedMasks given(Tensor masks) {
    if (masks.rank() < 2 || masks.size(0) < 1) {
      throw new IllegalArgumentException(
          "Masks are (masks, places of the input...), got %s.".formatted(masks.typeAndShape()));
    }
    return new WeightedMasks(masks.size(0), cells, probability, seed, masks);
  }

  /** {@return how many masks there are} */
  public int count() {
    return count;
  }

  /** {@return the cells of a random mask along each axis} */
  public int cells() {
    return cells;
  }

  /** {@return whether masks are drawn} */
  public boolean isRandom() {
    return given == null;
  }

  /** {@return what a sum over all masks is divided by: their number times the part that is left} */
  public double divisor() {
    return probability * count;
  }

  /** {@return the random masks of an input} */
  public RandomMasks drawn(int... places) {
    return new RandomMasks(cells, probability, seed, places);
  }

  /**
   * {@return what writes a mask of an input}
   *
   * @throws UnsupportedModelException if the masks are of another size
   */
  public Writer writer(int... places) {
    if (given == null) {
      return drawn(places)::write;
    }
    Tensor masks = given;
    int[] own = Arrays.copyOfRange(masks.shape(), 1, masks.rank());
    if (!Arrays.equals(own, places)) {
      throw new UnsupportedModelException(
          "The masks have the shape %s, and the places of the input %s."
              .formatted(Tensor.describe(own), Tensor.describe(places)));
    }
    return (index, out, at) -> {
      float[] mask = masks.row(index).toFloatArray();
      System.arraycopy(mask, 0, out, at, mask.length);
    };
  }

  /**
   * {@return what writes masks of columns: each is left by itself}
   *
   * @param columns how many there are
   */
  public Writer ofColumns(int columns) {
    if (given != null) {
      return writer(columns);
    }
    return (index, out, at) -> {
      SplittableRandom random = new SplittableRandom(seed * 1_000_003L + index);
      for (int i = 0; i < columns; i++) {
        out[at + i] = random.nextDouble() < probability ? 1 : 0;
      }
    };
  }

  /** Writes a mask from a position on, the last axis varying fastest. */
  @FunctionalInterface
  public interface Writer {
    void write(int index, float[] out, int at);
  }
}
