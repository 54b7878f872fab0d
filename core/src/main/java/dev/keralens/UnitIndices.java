package dev.keralens;

import dev.keralens.objective.ResolvedObjective;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The units of some images, checked.
 *
 * @param given int64 (images, ..., k); null for the highest
 * @param count how many of each image
 */
record UnitIndices(@Nullable Tensor given, int count) {
  /**
   * The units of images.
   *
   * @param model the model's name
   * @throws IllegalArgumentException if there is no such unit, or they are those of other images
   */
  static UnitIndices of(Units units, int images, ResolvedObjective objective, String model) {
    if (images < 1) {
      throw new IllegalArgumentException("There is no image to explain.");
    }
    int available = objective.units();
    if (units instanceof Units.Top top) {
      return new UnitIndices(null, Math.min(top.count(), available));
    }
    if (units instanceof Units.All) {
      long[] all = new long[available];
      Arrays.setAll(all, i -> i);
      return of(UnitColumns.repeat(Tensor.of(all, 1, available), images));
    }
    Tensor indices = ((Units.Given) units).indices();
    int[] between = Arrays.copyOfRange(indices.shape(), 1, indices.rank() - 1);
    if (between.length > 0 && !Arrays.equals(between, objective.places())) {
      throw new IllegalArgumentException(
          "Units for each place of the output of %s have the axes %s between the images and the units, got %s."
              .formatted(model, Tensor.describe(objective.places()), indices));
    }
    for (long unit : indices.toLongArray()) {
      if (unit < 0 || unit >= available) {
        throw new IllegalArgumentException(
            "There is no unit %d: %s has the units 0 to %d.".formatted(unit, model, available - 1));
      }
    }
    if (indices.size(0) != images && indices.size(0) != 1) {
      throw new IllegalArgumentException(
          "Units are given for %d images, but there are %d.".formatted(indices.size(0), images));
    }
    Tensor int64 =
        indices.type() == ElementType.INT64
            ? indices
            : Tensor.of(indices.toLongArray(), indices.shape());
    return of(int64.size(0) == images ? int64 : UnitColumns.repeat(int64, images));
  }

  /**
   * Requires that units which are named are none that they are compared with.
   *
   * @throws IllegalArgumentException if one is: its difference to itself is nothing to explain
   */
  static void requireOthers(Units units, OptionalInt compared) {
    if (compared.isPresent() && units instanceof Units.Given given) {
      for (long unit : given.indices().toLongArray()) {
        if (unit == compared.getAsInt()) {
          throw new IllegalArgumentException(
              "Unit %d is compared with itself (--versus): the difference is 0. Name another unit to explain, or to compare with."
                  .formatted(unit));
        }
      }
    }
  }

  private static UnitIndices of(Tensor given) {
    return new UnitIndices(given, given.size(-1));
  }

  /** Those of some of the images. */
  UnitIndices rows(int from, int to) {
    return given == null ? this : new UnitIndices(given.rows(from, to), count);
  }
}
