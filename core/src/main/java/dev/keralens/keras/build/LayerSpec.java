package dev.keralens.keras.build;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A layer that a {@link ModelBuilder} makes: first its arguments, then its calls.
 *
 * <pre>{@code
 * x = b.conv2d(16, 3).strides(2).padding("same").activation("relu").name("conv1").apply(x);
 * }</pre>
 *
 * <p>Calling a layer twice shares its weights. Arguments cannot change after the first call.
 */
public final class LayerSpec {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final ModelBuilder builder;
  private final String module;
  private final String className;
  private final ObjectNode config;
  private final Map<String, Initializer> initializers = new LinkedHashMap<>();
  private final List<LayerSpec> children;
  private @Nullable String name;
  private @Nullable Operation operation;

  LayerSpec(ModelBuilder builder, String module, String className, ObjectNode config) {
    this(builder, module, className, config, List.of());
  }

  LayerSpec(
      ModelBuilder builder,
      String module,
      String className,
      ObjectNode config,
      List<LayerSpec> children) {
    this.builder = builder;
    this.module = module;
    this.className = className;
    this.config = config;
    this.children = children;
  }

  /**
   * {@return this layer, with a name}
   *
   * @param layerName unique in the model; without it the class in snake case, numbered
   */
  public LayerSpec name(String layerName) {
    checkOpen("name");
    name = layerName;
    return this;
  }

  /**
   * {@return this layer, with one of the arguments that Keras gives its class}
   *
   * @param key Keras' name of the argument, such as {@code data_format}
   * @param value a text, a number, a truth value, or a list of these
   * @throws IllegalArgumentException if the class has no such argument
   */
  public LayerSpec set(String key, Object value) {
    checkOpen(key);
    JsonNode before = config.get(key);
    if (before == null) {
      List<String> keys = new ArrayList<>();
      config.fieldNames().forEachRemaining(keys::add);
      throw new IllegalArgumentException(
          "%s has no argument '%s', only %s.".formatted(className, key, keys));
    }
    JsonNode json = MAPPER.valueToTree(value);
    if (before instanceof ArrayNode list && !json.isArray()) {
      ArrayNode repeated = MAPPER.createArrayNode();
      list.forEach(unused -> repeated.add(json));
      config.set(key, repeated);
    } else {
      config.set(key, json);
    }
    return this;
  }

  /**
   * {@return this layer, with strides}
   *
   * @param strides one for height and width, or one for each
   */
  public LayerSpec strides(int... strides) {
    return set("strides", numbers("strides", strides));
  }

  /**
   * {@return this layer, with a padding}
   *
   * @param padding {@code "valid"}, the default, or {@code "same"}
   */
  public LayerSpec padding(String padding) {
    if (!padding.equals("valid") && !padding.equals("same")) {
      throw new IllegalArgumentException(
          "padding is 'valid' or 'same', got '%s'.".formatted(padding));
    }
    return set("padding", padding);
  }

  /**
   * {@return this layer, with dilated kernels}
   *
   * @param rate one for height and width, or one for each
   */
  public LayerSpec dilationRate(int... rate) {
    return set("dilation_rate", numbers("dilation_rate", rate));
  }

  /**
   * {@return this layer, with channels in groups}
   *
   * @param groups how many groups; each filter sees the channels of one
   */
  public LayerSpec groups(int groups) {
    return set("groups", groups);
  }

  /**
   * {@return this layer, with or without biases}
   *
   * @param useBias true by default
   */
  public LayerSpec useBias(boolean useBias) {
    return set("use_bias", useBias);
  }

  /**
   * {@return this layer, with an activation after it}
   *
   * @param activation Keras' name of it, such as {@code "relu"}; {@code "linear"} for none
   */
  public LayerSpec activation(String activation) {
    return set("activation", activation);
  }

  /**
   * {@return this normalization, with what is added to the variance}
   *
   * @param epsilon 0.001 by default
   */
  public LayerSpec epsilon(double epsilon) {
    return set("epsilon", epsilon);
  }

  /**
   * {@return this normalization, with or without a factor gamma}
   *
   * @param scale true by default
   */
  public LayerSpec scale(boolean scale) {
    return set("scale", scale);
  }

  /**
   * {@return this normalization, with or without an offset beta}
   *
   * @param center true by default
   */
  public LayerSpec center(boolean center) {
    return set("center", center);
  }

  /**
   * {@return this global pooling, with axes of size 1 for height and width, or without}
   *
   * @param keepdims false by default
   */
  public LayerSpec keepdims(boolean keepdims) {
    return set("keepdims", keepdims);
  }

  /**
   * {@return this layer, with another choice of a weight's elements before training}
   *
   * @param weight Keras' name of the weight, such as {@code kernel}
   * @param initializer the choice
   */
  public LayerSpec initializer(String weight, Initializer initializer) {
    checkOpen(weight);
    initializers.put(weight, initializer);
    return this;
  }

  /**
   * Calls the layer.
   *
   * @param inputs what it is called with: one tensor, or several for a layer that merges
   * @return what it gives
   * @throws IllegalArgumentException if it cannot take them; the message names the layer
   */
  public SymbolicTensor apply(SymbolicTensor... inputs) {
    Operation called = operation;
    boolean first = called == null;
    if (called == null) {
      String given = name == null ? builder.autoName(className) : name;
      called = new Operation(module, className, given, config);
    }
    List<SymbolicTensor> tensors = List.of(inputs);
    if (tensors.isEmpty()) {
      throw new IllegalArgumentException("A layer is called with at least one tensor.");
    }
    List<int[]> shapes = tensors.stream().map(SymbolicTensor::shape).toList();
    Shaped shaped;
    try {
      tensors.forEach(builder::checkOwn);
      shaped = shape(called.name(), shapes);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "Layer '%s' (%s): %s".formatted(called.name(), className, e.getMessage()), e);
    }
    if (!first && !sameWeights(called.weights(), shaped.weights())) {
      throw new IllegalArgumentException(
          "Layer '%s' (%s): its weights do not fit %s; it was called with another shape before."
              .formatted(called.name(), className, tensors));
    }
    if (first) {
      builder.register(called);
      finish(called);
      called.hold(shaped.weights());
      operation = called;
    }
    boolean merges = ModelBuilder.MERGING.contains(className);
    Object arguments = merges ? tensors : tensors.get(0);
    int node = called.call(new Operation.Call(List.of(arguments), shaped.shape()));
    return new SymbolicTensor(builder, called, node, shaped.shape());
  }

  private static boolean sameWeights(List<Operation.Held> before, List<Operation.Held> now) {
    boolean same = before.size() == now.size();
    for (int i = 0; same && i < now.size(); i++) {
      same = Arrays.equals(before.get(i).weight().shape(), now.get(i).weight().shape());
    }
    return same;
  }

  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Shaped(int[] shape, List<Operation.Held> weights) {}

  private Shaped shape(String path, List<int[]> inputs) {
    List<Operation.Held> held = new ArrayList<>();
    if (!children.isEmpty()) {
      List<int[]> flowing = inputs;
      for (LayerSpec child : children) {
        Shaped inner = child.shape(path + "/" + child.name, flowing);
        held.addAll(inner.weights());
        flowing = List.of(inner.shape());
      }
      return new Shaped(flowing.get(0), held);
    }
    LayerRules.Rule rule = Objects.requireNonNull(LayerRules.RULES.get(className));
    LayerArguments arguments = new LayerArguments(config, inputs, initializers);
    int[] shape = rule.shape().apply(arguments);
    rule.weights().apply(arguments).forEach(w -> held.add(new Operation.Held(path, w)));
    return new Shaped(shape, held);
  }

  /** Adds an argument of the class. */
  LayerSpec put(String key, @Nullable Object value) {
    config.set(key, MAPPER.valueToTree(value));
    return this;
  }

  /** Adds an argument that is one number for height and width, or one for each. */
  LayerSpec pair(String key, int... values) {
    return put(key, numbers(key, values));
  }

  /** Writes into the configuration what is known now. */
  private void finish(Operation called) {
    config.put("name", called.name());
    writeInitializers();
    if (!children.isEmpty()) {
      ArrayNode layers = config.putArray("layers");
      for (LayerSpec child : children) {
        child.config.put("name", child.name);
        child.writeInitializers();
        layers.add(ModelJson.envelope(child.module, child.className, child.config));
      }
    }
  }

  private void writeInitializers() {
    initializers.forEach(
        (weight, initializer) ->
            config.set(
                weight.replace("_kernel", "") + "_initializer",
                ModelJson.initializer(initializer)));
  }

  /** Gives a layer inside another one its name. */
  void nameInside() {
    if (name == null) {
      name = builder.autoName(className);
    }
  }

  private void checkOpen(String what) {
    if (operation != null) {
      throw new IllegalStateException(
          "Layer '%s' (%s) was called already: set %s before."
              .formatted(operation.name(), className, what));
    }
  }

  private static List<Integer> numbers(String key, int... values) {
    return switch (values.length) {
      case 1 -> List.of(values[0], values[0]);
      case 2 -> List.of(values[0], values[1]);
      default ->
          throw new IllegalArgumentException(
              "%s takes one or two numbers, got %d.".formatted(key, values.length));
    };
  }
}
