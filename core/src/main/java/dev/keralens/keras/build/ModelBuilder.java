package dev.keralens.keras.build;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Defines a model layer by layer, as Keras' functional interface does in Python.
 *
 * <pre>{@code
 * ModelBuilder b = ModelBuilder.create("tiny");
 * SymbolicTensor x = b.input(96, 96, 3);
 * x = b.conv2d(16, 3).strides(2).padding("same").activation("relu").name("conv1").apply(x);
 * x = b.globalAveragePooling2d().apply(x);
 * x = b.dense(10).name("logits").apply(x);
 * Model tiny = Model.of(b.build(x), 42);
 * }</pre>
 *
 * <p>Arguments have Keras' names and defaults, images are channels last. Layers without a name are
 * named and numbered as Keras does. A builder serves one model and one thread.
 */
public final class ModelBuilder {
  /** The size of an axis that the model leaves open, as {@code None} does in Python. */
  public static final int OPEN = -1;

  /** Classes that are called with a list of tensors. */
  static final Set<String> MERGING =
      Set.of(
          "Add",
          "Average",
          "Concatenate",
          "CustomScaleLayer",
          "Maximum",
          "Minimum",
          "Multiply",
          "Subtract");

  private static final String OPERATORS = "keras.src.ops.numpy";

  private final String name;
  private final List<SymbolicTensor> inputs = new ArrayList<>();
  private final Set<String> names = new HashSet<>();
  private final Map<String, Integer> counts = new HashMap<>();

  private ModelBuilder(String name) {
    this.name = name;
  }

  /**
   * {@return a builder without layers}
   *
   * @param name the model's name
   */
  public static ModelBuilder create(String name) {
    return new ModelBuilder(name);
  }

  /**
   * Adds an input.
   *
   * @param shape the size of each axis after the batch's, {@link #OPEN} where any is taken
   * @return the input
   */
  public SymbolicTensor input(int... shape) {
    return namedInput(autoName("InputLayer"), shape);
  }

  /**
   * Adds an input.
   *
   * @param layer the name of its layer
   * @param shape the size of each axis after the batch's, {@link #OPEN} where any is taken
   * @return the input
   */
  public SymbolicTensor namedInput(String layer, int... shape) {
    for (int size : shape) {
      if (size < 1 && size != OPEN) {
        throw new IllegalArgumentException(
            "An input has sizes above 0 or OPEN, got %s.".formatted(Arrays.toString(shape)));
      }
    }
    ObjectNode config = config();
    ArrayNode batchShape = config.putArray("batch_shape").addNull();
    ModelJson.shape(batchShape, shape);
    config.put("dtype", "float32").put("sparse", false).put("ragged", false).put("name", layer);
    Operation operation = new Operation(ModelJson.LAYERS, "InputLayer", layer, config);
    register(operation);
    int node = operation.call(new Operation.Call(List.of(), shape.clone()));
    SymbolicTensor input = new SymbolicTensor(this, operation, node, shape.clone());
    inputs.add(input);
    return input;
  }

  /**
   * {@return a convolution}
   *
   * @param filters the number of output channels
   * @param kernelSize one size for height and width, or one for each
   */
  public LayerSpec conv2d(int filters, int... kernelSize) {
    return convolution("Conv2D", kernelSize).put("filters", filters).put("groups", 1);
  }

  /**
   * {@return a convolution of each channel by itself}
   *
   * @param kernelSize one size for height and width, or one for each
   */
  public LayerSpec depthwiseConv2d(int... kernelSize) {
    return convolution("DepthwiseConv2D", kernelSize).put("depth_multiplier", 1);
  }

  /**
   * {@return a depthwise convolution and a 1x1 convolution after it}
   *
   * @param filters the number of output channels
   * @param kernelSize one size for height and width, or one for each
   */
  public LayerSpec separableConv2d(int filters, int... kernelSize) {
    return convolution("SeparableConv2D", kernelSize)
        .put("filters", filters)
        .put("depth_multiplier", 1);
  }

  /**
   * {@return a transposed convolution}
   *
   * @param filters the number of output channels
   * @param kernelSize one size for height and width, or one for each
   */
  public LayerSpec conv2dTranspose(int filters, int... kernelSize) {
    return convolution("Conv2DTranspose", kernelSize).put("filters", filters);
  }

  /**
   * {@return a dense layer, on the last axis}
   *
   * @param units the size of the last axis of the output
   */
  public LayerSpec dense(int units) {
    return start("Dense").put("units", units).put("activation", "linear").put("use_bias", true);
  }

  /** {@return a batch normalization of the last axis} */
  public LayerSpec batchNormalization() {
    return start("BatchNormalization")
        .put("axis", -1)
        .put("momentum", 0.99)
        .put("epsilon", 1e-3)
        .put("center", true)
        .put("scale", true);
  }

  /** {@return a layer normalization of the last axis} */
  public LayerSpec layerNormalization() {
    return start("LayerNormalization")
        .put("axis", -1)
        .put("epsilon", 1e-3)
        .put("center", true)
        .put("scale", true);
  }

  /** {@return a normalization by a mean and a variance, which are weights} */
  public LayerSpec normalization() {
    return start("Normalization")
        .put("axis", -1)
        .put("invert", false)
        .put("mean", null)
        .put("variance", null);
  }

  /**
   * {@return a normalization by a mean and a variance}
   *
   * @param mean one number for each channel
   * @param variance one number for each channel
   */
  public LayerSpec normalization(double[] mean, double[] variance) {
    return normalization().set("mean", mean).set("variance", variance);
  }

  /**
   * {@return a layer that applies an activation}
   *
   * @param activation Keras' name of it, such as {@code "relu"}
   */
  public LayerSpec activation(String activation) {
    return start("Activation").put("activation", activation);
  }

  /** {@return a rectifier; arguments {@code max_value, negative_slope, threshold}} */
  public LayerSpec relu() {
    return start("ReLU").put("max_value", null).put("negative_slope", 0.0).put("threshold", 0.0);
  }

  /**
   * {@return a rectifier with an upper bound}
   *
   * @param maxValue the bound
   */
  public LayerSpec relu(double maxValue) {
    return relu().set("max_value", maxValue);
  }

  /** {@return a leaky rectifier, with the argument {@code negative_slope}} */
  public LayerSpec leakyRelu() {
    return start("LeakyReLU").put("negative_slope", 0.3);
  }

  /** {@return an exponential linear unit, with the argument {@code alpha}} */
  public LayerSpec elu() {
    return start("ELU").put("alpha", 1.0);
  }

  /** {@return a softmax over the last axis} */
  public LayerSpec softmax() {
    return start("Softmax").put("axis", -1);
  }

  /**
   * {@return a maximum pooling; its strides are its size unless set}
   *
   * @param poolSize one size for height and width, or one for each
   */
  public LayerSpec maxPooling2d(int... poolSize) {
    return pooling("MaxPooling2D", poolSize);
  }

  /**
   * {@return an average pooling; its strides are its size unless set}
   *
   * @param poolSize one size for height and width, or one for each
   */
  public LayerSpec averagePooling2d(int... poolSize) {
    return pooling("AveragePooling2D", poolSize);
  }

  /** {@return a mean over height and width} */
  public LayerSpec globalAveragePooling2d() {
    return image("GlobalAveragePooling2D").put("keepdims", false);
  }

  /** {@return a maximum over height and width} */
  public LayerSpec globalMaxPooling2d() {
    return image("GlobalMaxPooling2D").put("keepdims", false);
  }

  /** {@return a sum of tensors} */
  public LayerSpec add() {
    return start("Add");
  }

  /** {@return a difference of two tensors} */
  public LayerSpec subtract() {
    return start("Subtract");
  }

  /** {@return a product of tensors} */
  public LayerSpec multiply() {
    return start("Multiply");
  }

  /** {@return a mean of tensors} */
  public LayerSpec average() {
    return start("Average");
  }

  /** {@return a maximum of tensors} */
  public LayerSpec maximum() {
    return start("Maximum");
  }

  /** {@return a minimum of tensors} */
  public LayerSpec minimum() {
    return start("Minimum");
  }

  /** {@return a layer that joins tensors along their last axis} */
  public LayerSpec concatenate() {
    return start("Concatenate").put("axis", -1);
  }

  /** {@return a layer that makes one axis of all but the batch} */
  public LayerSpec flatten() {
    return image("Flatten");
  }

  /**
   * {@return a layer that gives another shape}
   *
   * @param shape the size of each axis after the batch's; one may be -1 and is computed
   */
  public LayerSpec reshape(int... shape) {
    return start("Reshape").put("target_shape", shape);
  }

  /**
   * {@return a layer that puts zeros around an image}
   *
   * @param margins one number for all sides; two, for height and width; or four: top, bottom, left,
   *     right
   */
  public LayerSpec zeroPadding2d(int... margins) {
    return margins("ZeroPadding2D", "padding", margins);
  }

  /**
   * {@return a layer that cuts the sides of an image off}
   *
   * @param margins one number for all sides; two, for height and width; or four: top, bottom, left,
   *     right
   */
  public LayerSpec cropping2d(int... margins) {
    return margins("Cropping2D", "cropping", margins);
  }

  /**
   * {@return a layer that enlarges an image; its {@code interpolation} is {@code nearest} unless
   * set}
   *
   * @param size one factor for height and width, or one for each
   */
  public LayerSpec upSampling2d(int... size) {
    return image("UpSampling2D").pair("size", size).put("interpolation", "nearest");
  }

  /**
   * {@return a layer that brings an image to another size; its {@code interpolation} is {@code
   * bilinear} unless set}
   *
   * @param height the new height
   * @param width the new width
   */
  public LayerSpec resizing(int height, int width) {
    return image("Resizing")
        .put("height", height)
        .put("width", width)
        .put("interpolation", "bilinear")
        .put("antialias", false);
  }

  /**
   * {@return a dropout, which does nothing outside of training}
   *
   * @param rate the part of the elements that is dropped
   */
  public LayerSpec dropout(double rate) {
    return start("Dropout").put("rate", rate).put("seed", null).put("noise_shape", null);
  }

  /**
   * {@return a layer that computes x * scale + offset}
   *
   * @param scale the factor
   * @param offset what is added
   */
  public LayerSpec rescaling(double scale, double offset) {
    return start("Rescaling").put("scale", scale).put("offset", offset);
  }

  /**
   * {@return a model of layers one after another, used as a layer}
   *
   * @param layers layers of this builder that were not called yet; at least one
   */
  public LayerSpec sequential(LayerSpec... layers) {
    List<LayerSpec> children = List.of(layers);
    if (children.isEmpty()) {
      throw new IllegalArgumentException("A sequential model has at least one layer.");
    }
    children.forEach(LayerSpec::nameInside);
    return new LayerSpec(this, "keras", "Sequential", config(), children);
  }

  /**
   * {@return a layer of a class that is not Keras' public one, of which the shape is known here}
   *
   * @param module the Python module of the class
   * @param className the class
   * @param arguments its arguments
   */
  LayerSpec custom(String module, String className, Map<String, Double> arguments) {
    LayerSpec layer = new LayerSpec(this, module, className, config());
    arguments.forEach((key, value) -> layer.put(key, value));
    return layer;
  }

  /**
   * Ends the definition.
   *
   * @param outputs what the model gives; at least one
   * @return the model, of the layers that lead to the outputs, in Keras' order
   * @throws IllegalArgumentException if there is no output, or one is of another builder
   */
  public ModelDefinition build(SymbolicTensor... outputs) {
    List<SymbolicTensor> ends = List.of(outputs);
    if (ends.isEmpty()) {
      throw new IllegalArgumentException("A model has at least one output.");
    }
    ends.forEach(this::checkOwn);
    List<Operation> operations = LayerOrder.of(ends);
    List<SymbolicTensor> used =
        inputs.stream().filter(input -> operations.contains(input.operation())).toList();
    return new ModelDefinition(name, operations, used, ends);
  }

  SymbolicTensor operator(String className, SymbolicTensor x, Object other) {
    checkOwn(x);
    List<int[]> shapes = new ArrayList<>(List.of(x.shape()));
    if (other instanceof SymbolicTensor tensor) {
      checkOwn(tensor);
      shapes.add(tensor.shape());
    }
    String operator = autoName(className);
    Operation operation =
        new Operation(OPERATORS, className, operator, config().put("name", operator));
    register(operation);
    int[] shape = SymbolicShapes.broadcast(shapes);
    int node = operation.call(new Operation.Call(List.of(x, other), shape));
    return new SymbolicTensor(this, operation, node, shape);
  }

  void checkOwn(SymbolicTensor tensor) {
    if (tensor.builder() != this) {
      throw new IllegalArgumentException(
          "%s belongs to another builder than '%s'.".formatted(tensor, name));
    }
  }

  void register(Operation operation) {
    if (!names.add(operation.name())) {
      throw new IllegalArgumentException(
          "Layer '%s' (%s): there is a layer of this name already; names are unique in a model."
              .formatted(operation.name(), operation.className()));
    }
  }

  /** {@return the class in snake case, with a number from the second on} */
  String autoName(String className) {
    String snake =
        className
            .replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
            .replaceAll("([a-z])([A-Z])", "$1_$2")
            .toLowerCase(Locale.ROOT);
    int count = counts.merge(snake, 1, Integer::sum);
    return count == 1 ? snake : snake + "_" + (count - 1);
  }

  private LayerSpec pooling(String className, int... poolSize) {
    return image(className)
        .pair("pool_size", poolSize)
        .pair("strides", poolSize)
        .put("padding", "valid");
  }

  private LayerSpec margins(String className, String key, int... margins) {
    int[] all =
        switch (margins.length) {
          case 1 -> new int[] {margins[0], margins[0], margins[0], margins[0]};
          case 2 -> new int[] {margins[0], margins[0], margins[1], margins[1]};
          case 4 -> margins;
          default ->
              throw new IllegalArgumentException(
                  "%s takes one, two or four numbers, got %d."
                      .formatted(className, margins.length));
        };
    int[][] pairs = {{all[0], all[1]}, {all[2], all[3]}};
    return image(className).put(key, pairs);
  }

  private LayerSpec convolution(String className, int... kernelSize) {
    return image(className)
        .pair("kernel_size", kernelSize)
        .pair("strides", 1)
        .put("padding", "valid")
        .pair("dilation_rate", 1)
        .put("activation", "linear")
        .put("use_bias", true);
  }

  private LayerSpec image(String className) {
    return start(className).put("data_format", "channels_last");
  }

  private LayerSpec start(String className) {
    return new LayerSpec(this, ModelJson.LAYERS, className, config());
  }

  private static ObjectNode config() {
    return JsonNodeFactory.instance.objectNode();
  }
}
