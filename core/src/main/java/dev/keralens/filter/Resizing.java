package dev.keralens.filter;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Resizing as {@code tf.image.resize} does it: half-pixel centres, no antialiasing. */
public final class Resizing {
  /** How values between pixels are had. */
  public enum Mode {
    /** From the two nearest along each axis: bilinear for images. */
    LINEAR("linear"),
    /** The nearest. */
    NEAREST("nearest"),
    /** From the four nearest along each axis, with Keys' cubic (a = -0.5); for two spatial axes. */
    CUBIC("cubic");

    private final String onnxName;

    Mode(String onnxName) {
      this.onnxName = onnxName;
    }

    private Attributes attributes() {
      Attributes attributes =
          Attributes.NONE
              .with("mode", onnxName)
              .with("coordinate_transformation_mode", "half_pixel");
      return switch (this) {
        case LINEAR -> attributes;
        case NEAREST -> attributes.with("nearest_mode", "round_prefer_ceil");
        case CUBIC -> attributes.with("cubic_coeff_a", -0.5f).with("exclude_outside", 1);
      };
    }
  }

  private Resizing() {}

  /**
   * Adds the linear resizing of maps of one, two or three spatial axes to a graph.
   *
   * @param builder the graph's builder
   * @param maps the maps, (rows, spatial axes...)
   * @param sizes the new size of each spatial axis
   * @return the maps, (rows, sizes...)
   * @throws IllegalArgumentException if there is not a size for each spatial axis
   */
  public static Value linear(GraphBuilder builder, Value maps, int... sizes) {
    return of(builder, Mode.LINEAR, maps, sizes);
  }

  /**
   * Adds the resizing of maps of one, two or three spatial axes to a graph.
   *
   * @param builder the graph's builder
   * @param mode how values between pixels are had
   * @param maps the maps, (rows, spatial axes...)
   * @param sizes the new size of each spatial axis
   * @return the maps, (rows, sizes...)
   * @throws IllegalArgumentException if there is not a size for each spatial axis
   */
  public static Value of(GraphBuilder builder, Mode mode, Value maps, int... sizes) {
    Shape shape = maps.shape();
    if (Arrays.equals(Arrays.copyOfRange(shape.sizes(), 1, shape.rank()), sizes)) {
      return maps;
    }
    if (sizes.length != shape.rank() - 1 || sizes.length == 0) {
      throw new IllegalArgumentException(
          "Maps %s have %d axes beside the first, and cannot be resized to %s."
              .formatted(shape, shape.rank() - 1, Arrays.toString(sizes)));
    }
    int padding = Math.max(0, 2 - sizes.length);
    Shape images = shape.insert(1, 1);
    int[] target = new int[images.rank() + padding];
    Arrays.fill(target, 1);
    for (int i = 0; i < padding; i++) {
      images = images.insert(2, 1);
    }
    System.arraycopy(sizes, 0, target, 2 + padding, sizes.length);
    Attributes attributes = mode.attributes().with("axes", axes(target.length));
    Value resized =
        builder.node(
            Op.RESIZE,
            attributes,
            builder.reshape(maps, images),
            null,
            null,
            builder.ints(Arrays.copyOfRange(target, 2, target.length)));
    int[] result = new int[sizes.length + 1];
    result[0] = shape.size(0);
    System.arraycopy(sizes, 0, result, 1, sizes.length);
    return builder.reshape(resized, Shape.of(result));
  }

  private static int[] axes(int rank) {
    int[] axes = new int[rank - 2];
    Arrays.setAll(axes, i -> i + 2);
    return axes;
  }

  /**
   * {@return maps that are at hand, resized}
   *
   * @param maps float (images, spatial axes..., k), as an explanation has them
   * @param sizes the new size of each spatial axis
   * @throws IllegalArgumentException if there is not a size for each spatial axis
   */
  public static Tensor linear(Tensor maps, int... sizes) {
    int[] shape = maps.shape();
    int rank = shape.length;
    if (Arrays.equals(Arrays.copyOfRange(shape, 1, rank - 1), sizes)) {
      return maps;
    }
    Tensor apart = maps.transpose(KerasTensor.channelsFirst(rank));
    int[] rows = Arrays.copyOfRange(shape, 0, rank - 1);
    rows[0] = Shape.BATCH;
    GraphBuilder builder = new GraphBuilder();
    Value input = builder.input("maps", ElementType.FLOAT32, Shape.of(rows));
    Value resized = linear(builder, input, sizes);
    rows[0] = shape[0] * shape[rank - 1];
    int[] result = new int[rank];
    result[0] = shape[0];
    result[1] = shape[rank - 1];
    System.arraycopy(sizes, 0, result, 2, sizes.length);
    try (CompiledGraph graph = CompiledGraph.compile(builder.build(List.of(resized)))) {
      return graph
          .run(List.of(apart.reshape(rows)))
          .get(0)
          .reshape(result)
          .transpose(KerasTensor.channelsLast(rank));
    }
  }
}
