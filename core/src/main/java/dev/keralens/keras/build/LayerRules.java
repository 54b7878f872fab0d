package dev.keralens.keras.build;

import static java.util.Map.entry;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The shapes that layers give and the weights that they hold, by class. What a layer computes is
 * said elsewhere: in the table from which files are read.
 *
 * <p>To add a class, add its row here, a method to {@link ModelBuilder}, and a case to {@code
 * ModelBuilderTest}, which fails for a row without one.
 */
final class LayerRules {
  /**
   * The rule of a class.
   *
   * @param shape the shape of the output
   * @param weights the weights in the order in which Keras makes them
   */
  record Rule(
      Function<LayerArguments, int[]> shape, Function<LayerArguments, List<WeightSpec>> weights) {}

  static final Map<String, Rule> RULES =
      Map.ofEntries(
          row("Activation", LayerArguments::input),
          row("Add", layer -> SymbolicShapes.broadcast(layer.inputs())),
          row("Average", layer -> SymbolicShapes.broadcast(layer.inputs())),
          row("AveragePooling2D", LayerRules::pooling),
          row("BatchNormalization", LayerArguments::input, LayerRules::batchNormalization),
          row(
              "Concatenate",
              layer -> SymbolicShapes.concatenate(layer.inputs(), layer.axis("axis"))),
          row("Conv2D", LayerRules::convolution, LayerRules::kernel),
          row("Conv2DTranspose", LayerRules::transposed, LayerRules::transposedKernel),
          row("Cropping2D", layer -> margins(layer, "cropping", -1)),
          row("CustomScaleLayer", layer -> layer.inputs().get(0)),
          row("Dense", LayerRules::dense, LayerRules::denseKernel),
          row("DepthwiseConv2D", LayerRules::depthwise, LayerRules::depthwiseKernel),
          row("Dropout", LayerArguments::input),
          row("ELU", LayerArguments::input),
          row("Flatten", layer -> new int[] {SymbolicShapes.product(layer.input())}),
          row("GlobalAveragePooling2D", LayerRules::global),
          row("GlobalMaxPooling2D", LayerRules::global),
          row("LayerNormalization", LayerArguments::input, LayerRules::scaleAndCenter),
          row("LayerScale", LayerArguments::input, LayerRules::layerScale),
          row("LeakyReLU", LayerArguments::input),
          row("MaxPooling2D", LayerRules::pooling),
          row("Maximum", layer -> SymbolicShapes.broadcast(layer.inputs())),
          row("Minimum", layer -> SymbolicShapes.broadcast(layer.inputs())),
          row("Multiply", layer -> SymbolicShapes.broadcast(layer.inputs())),
          row("Normalization", LayerArguments::input, LayerRules::normalization),
          row("ReLU", LayerArguments::input),
          row("Rescaling", LayerArguments::input),
          row("Reshape", LayerRules::reshape),
          row(
              "Resizing",
              layer ->
                  new int[] {layer.integer("height"), layer.integer("width"), layer.channels()}),
          row("SeparableConv2D", LayerRules::convolution, LayerRules::separableKernels),
          row("Softmax", LayerArguments::input),
          row("Subtract", layer -> SymbolicShapes.broadcast(layer.inputs())),
          row("UpSampling2D", LayerRules::upSampling),
          row("ZeroPadding2D", layer -> margins(layer, "padding", 1)));

  private LayerRules() {}

  private static Map.Entry<String, Rule> row(
      String className, Function<LayerArguments, int[]> shape) {
    return row(className, shape, layer -> List.of());
  }

  private static Map.Entry<String, Rule> row(
      String className,
      Function<LayerArguments, int[]> shape,
      Function<LayerArguments, List<WeightSpec>> weights) {
    return entry(className, new Rule(shape, weights));
  }

  private static int[] convolution(LayerArguments layer) {
    return windows(layer, layer.integer("filters"));
  }

  private static int[] depthwise(LayerArguments layer) {
    return windows(layer, layer.channels() * layer.integer("depth_multiplier"));
  }

  private static int[] windows(LayerArguments layer, int channels) {
    int[] image = layer.image();
    int[] out = {0, 0, channels};
    for (int axis = 0; axis < 2; axis++) {
      int reach = layer.pair("dilation_rate", axis) * (layer.pair("kernel_size", axis) - 1) + 1;
      out[axis] =
          SymbolicShapes.windows(image[axis], reach, layer.pair("strides", axis), layer.isSame());
    }
    return out;
  }

  private static int[] pooling(LayerArguments layer) {
    int[] out = layer.image().clone();
    for (int axis = 0; axis < 2; axis++) {
      out[axis] =
          SymbolicShapes.windows(
              out[axis],
              layer.pair("pool_size", axis),
              layer.pair("strides", axis),
              layer.isSame());
    }
    return out;
  }

  private static int[] transposed(LayerArguments layer) {
    int[] image = layer.image();
    int[] out = {0, 0, layer.integer("filters")};
    for (int axis = 0; axis < 2; axis++) {
      int stride = layer.pair("strides", axis);
      int reach = layer.pair("dilation_rate", axis) * (layer.pair("kernel_size", axis) - 1) + 1;
      int more = layer.isSame() ? 0 : Math.max(reach - stride, 0);
      out[axis] = image[axis] == ModelBuilder.OPEN ? image[axis] : image[axis] * stride + more;
    }
    return out;
  }

  private static int[] upSampling(LayerArguments layer) {
    int[] out = layer.image().clone();
    for (int axis = 0; axis < 2; axis++) {
      out[axis] *= out[axis] == ModelBuilder.OPEN ? 1 : layer.pair("size", axis);
    }
    return out;
  }

  private static int[] margins(LayerArguments layer, String key, int sign) {
    int[] out = layer.image().clone();
    for (int axis = 0; axis < 2; axis++) {
      if (out[axis] != ModelBuilder.OPEN) {
        out[axis] += sign * (layer.pair(key, axis, 0) + layer.pair(key, axis, 1));
        if (out[axis] < 1) {
          throw new IllegalArgumentException(
              "nothing is left of %s.".formatted(SymbolicShapes.describe(layer.image())));
        }
      }
    }
    return out;
  }

  private static int[] global(LayerArguments layer) {
    int[] image = layer.image();
    return layer.flag("keepdims") ? new int[] {1, 1, image[2]} : new int[] {image[2]};
  }

  private static int[] dense(LayerArguments layer) {
    int[] out = layer.input().clone();
    out[out.length - 1] = layer.integer("units");
    return out;
  }

  private static int[] reshape(LayerArguments layer) {
    JsonNode target = layer.config().path("target_shape");
    int[] out = new int[target.size()];
    int given = SymbolicShapes.product(layer.input());
    int known = 1;
    int computed = -1;
    for (int axis = 0; axis < out.length; axis++) {
      out[axis] = target.get(axis).intValue();
      if (out[axis] == -1) {
        computed = axis;
      } else {
        known *= out[axis];
      }
    }
    if (computed >= 0) {
      out[computed] = given == ModelBuilder.OPEN ? given : given / Math.max(1, known);
      known *= Math.max(1, out[computed]);
    }
    if (given != ModelBuilder.OPEN && known != given) {
      throw new IllegalArgumentException(
          "%s has %d elements, %s has %d."
              .formatted(
                  SymbolicShapes.describe(layer.input()),
                  given,
                  SymbolicShapes.describe(out),
                  known));
    }
    return out;
  }

  private static List<WeightSpec> kernel(LayerArguments layer) {
    int groups = layer.integer("groups");
    if (layer.channels() % groups != 0 || layer.integer("filters") % groups != 0) {
      throw new IllegalArgumentException(
          "%d channels and %d filters do not divide into %d groups."
              .formatted(layer.channels(), layer.integer("filters"), groups));
    }
    return biased(
        layer,
        layer.integer("filters"),
        layer.weight(
            "kernel",
            Initializer.GLOROT_UNIFORM,
            layer.pair("kernel_size", 0),
            layer.pair("kernel_size", 1),
            layer.channels() / groups,
            layer.integer("filters")));
  }

  private static List<WeightSpec> transposedKernel(LayerArguments layer) {
    return biased(
        layer,
        layer.integer("filters"),
        layer.weight(
            "kernel",
            Initializer.GLOROT_UNIFORM,
            layer.pair("kernel_size", 0),
            layer.pair("kernel_size", 1),
            layer.integer("filters"),
            layer.channels()));
  }

  private static WeightSpec depthwiseWeight(LayerArguments layer) {
    return layer.weight(
        "depthwise_kernel",
        Initializer.GLOROT_UNIFORM,
        layer.pair("kernel_size", 0),
        layer.pair("kernel_size", 1),
        layer.channels(),
        layer.integer("depth_multiplier"));
  }

  private static List<WeightSpec> depthwiseKernel(LayerArguments layer) {
    int channels = layer.channels() * layer.integer("depth_multiplier");
    return biased(layer, channels, depthwiseWeight(layer));
  }

  private static List<WeightSpec> separableKernels(LayerArguments layer) {
    int channels = layer.channels() * layer.integer("depth_multiplier");
    int filters = layer.integer("filters");
    return biased(
        layer,
        filters,
        depthwiseWeight(layer),
        layer.weight("pointwise_kernel", Initializer.GLOROT_UNIFORM, 1, 1, channels, filters));
  }

  private static List<WeightSpec> denseKernel(LayerArguments layer) {
    int units = layer.integer("units");
    return biased(
        layer, units, layer.weight("kernel", Initializer.GLOROT_UNIFORM, layer.channels(), units));
  }

  private static List<WeightSpec> biased(LayerArguments layer, int size, WeightSpec... kernels) {
    List<WeightSpec> weights = new ArrayList<>(Arrays.asList(kernels));
    if (layer.flag("use_bias")) {
      weights.add(layer.weight("bias", Initializer.ZEROS, size));
    }
    return weights;
  }

  private static List<WeightSpec> batchNormalization(LayerArguments layer) {
    int size = sizeOfAxis(layer);
    List<WeightSpec> weights = scaleAndCenter(layer);
    weights.add(layer.weight("moving_mean", Initializer.ZEROS, size));
    weights.add(layer.weight("moving_variance", Initializer.ONES, size));
    return weights;
  }

  private static List<WeightSpec> scaleAndCenter(LayerArguments layer) {
    int size = sizeOfAxis(layer);
    List<WeightSpec> weights = new ArrayList<>();
    if (layer.flag("scale")) {
      weights.add(layer.weight("gamma", Initializer.ONES, size));
    }
    if (layer.flag("center")) {
      weights.add(layer.weight("beta", Initializer.ZEROS, size));
    }
    return weights;
  }

  private static int sizeOfAxis(LayerArguments layer) {
    int size = layer.input()[layer.axis("axis")];
    if (size == ModelBuilder.OPEN) {
      throw new IllegalArgumentException(
          "the normalized axis of %s must be known."
              .formatted(SymbolicShapes.describe(layer.input())));
    }
    return size;
  }

  private static List<WeightSpec> layerScale(LayerArguments layer) {
    double value = layer.config().path("init_values").doubleValue();
    return List.of(
        layer.weight("gamma", new Initializer.Constant(value), layer.integer("projection_dim")));
  }

  /** Without mean and variance as arguments, they are weights, and so is how many were counted. */
  private static List<WeightSpec> normalization(LayerArguments layer) {
    if (layer.config().path("mean").isArray()) {
      return List.of();
    }
    int size = sizeOfAxis(layer);
    return List.of(
        layer.weight("mean", Initializer.ZEROS, size),
        layer.weight("variance", Initializer.ONES, size),
        layer.weight("count", Initializer.ZEROS));
  }
}
