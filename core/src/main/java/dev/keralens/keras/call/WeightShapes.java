package dev.keralens.keras.call;

import dev.keralens.keras.LayerConfig;
import dev.keralens.keras.LayerLocation;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the arguments of a layer say of its weights' shapes. Layers are built from the shapes in the
 * file; here weights of another architecture are refused.
 *
 * <p>An axis is the name of an argument, {@code kernel_size} for the spatial axes, or {@code ?} for
 * any size; {@code 4*units} is a multiple. They stand in the row of the class; {@code
 * WrongWeightsTest} tests them.
 */
public final class WeightShapes {
  /** The spatial axes of a kernel. */
  public static final String SPATIAL = "kernel_size";

  /** An axis of any size. */
  public static final String ANY = "?";

  private WeightShapes() {}

  /**
   * Compares.
   *
   * @param location the layer
   * @param config its arguments
   * @param axes the axes of the weight in the row of its class; null where it has none
   * @param weight Keras' name of the weight
   * @param shape its shape in the file
   * @throws dev.keralens.graph.InvalidModelException if the arguments say another shape
   */
  static void check(
      LayerLocation location,
      LayerConfig config,
      @Nullable List<String> axes,
      String weight,
      int[] shape) {
    if (axes == null) {
      return;
    }
    List<String> expected = new ArrayList<>();
    for (String axis : axes) {
      if (axis.equals(SPATIAL)) {
        int rank = shape.length - axes.size() + 1;
        for (int i = 0; i < rank; i++) {
          expected.add(config.has(axis) ? "" + config.integers(axis, rank, 1)[i] : ANY);
        }
      } else {
        expected.add(size(config, axis));
      }
    }
    boolean same = expected.size() == shape.length;
    for (int i = 0; same && i < shape.length; i++) {
      same = expected.get(i).equals(ANY) || expected.get(i).equals("" + shape[i]);
    }
    if (!same) {
      throw location.invalid(
          "%s has the shape %s in the file, its arguments say (%s)."
              .formatted(weight, Tensor.describe(shape), String.join(", ", expected)));
    }
  }

  private static String size(LayerConfig config, String axis) {
    int star = axis.indexOf('*');
    String argument = axis.substring(star + 1);
    if (axis.equals(ANY) || !config.has(argument)) {
      return ANY;
    }
    int times = star < 0 ? 1 : Integer.parseInt(axis.substring(0, star));
    return "" + (long) times * config.integer(argument, 0);
  }
}
