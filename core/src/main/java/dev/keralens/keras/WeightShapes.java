package dev.keralens.keras;

import static java.util.Map.entry;

import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the arguments of a layer say of its weights' shapes. Layers are built from the shapes in the
 * file; here weights of another architecture are refused.
 *
 * <p>An axis is the name of an argument, {@code kernel_size} for the spatial axes, or {@code ?} for
 * any size; {@code 4*units} is a multiple. To add one, edit here, test in {@code WrongWeightsTest}.
 */
final class WeightShapes {
  private static final String SPATIAL = "kernel_size";
  private static final String ANY = "?";

  private static final List<String> CONVOLUTION = List.of(SPATIAL, ANY, "filters");
  private static final List<String> TRANSPOSED = List.of(SPATIAL, "filters", ANY);
  private static final List<String> DEPTHWISE = List.of(SPATIAL, ANY, "depth_multiplier");

  /** Class and weight to the axes. */
  private static final Map<String, List<String>> AXES =
      Map.ofEntries(
          entry("Dense/kernel", List.of(ANY, "units")),
          entry("Embedding/embeddings", List.of("input_dim", "output_dim")),
          entry("Conv1D/kernel", CONVOLUTION),
          entry("Conv2D/kernel", CONVOLUTION),
          entry("Conv3D/kernel", CONVOLUTION),
          entry("Conv1DTranspose/kernel", TRANSPOSED),
          entry("Conv2DTranspose/kernel", TRANSPOSED),
          entry("Conv3DTranspose/kernel", TRANSPOSED),
          entry("DepthwiseConv1D/depthwise_kernel", DEPTHWISE),
          entry("DepthwiseConv2D/depthwise_kernel", DEPTHWISE),
          entry("SeparableConv1D/depthwise_kernel", DEPTHWISE),
          entry("SeparableConv2D/depthwise_kernel", DEPTHWISE),
          entry("SeparableConv1D/pointwise_kernel", List.of("?", "?", "filters")),
          entry("SeparableConv2D/pointwise_kernel", List.of("?", "?", "?", "filters")),
          entry("LSTM/cell/recurrent_kernel", List.of("units", "4*units")),
          entry("LSTM/cell/kernel", List.of(ANY, "4*units")),
          entry("GRU/cell/recurrent_kernel", List.of("units", "3*units")),
          entry("GRU/cell/kernel", List.of(ANY, "3*units")),
          entry("SimpleRNN/cell/recurrent_kernel", List.of("units", "units")),
          entry("SimpleRNN/cell/kernel", List.of(ANY, "units")));

  private WeightShapes() {}

  /**
   * Compares.
   *
   * @param location the layer
   * @param config its arguments
   * @param weight Keras' name of the weight
   * @param shape its shape in the file
   * @throws dev.keralens.graph.InvalidModelException if the arguments say another shape
   */
  static void check(LayerLocation location, LayerConfig config, String weight, int[] shape) {
    List<String> axes = AXES.get(location.className() + "/" + weight);
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
