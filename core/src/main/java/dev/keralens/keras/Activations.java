package dev.keralens.keras;

import static java.util.Map.entry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * Keras' activation functions by name. An alias is a row of its own.
 *
 * <p>To add one, add a row here and a case to {@code LayerGoldenTest}'s data.
 */
final class Activations {
  /** An activation function; which version of Keras wrote the model can matter. */
  @FunctionalInterface
  interface Activation {
    KerasTensor apply(LayerContext layer, KerasTensor x);
  }

  static final Map<String, Activation> BY_NAME =
      Map.ofEntries(
          each("elu", (graph, x) -> elu(graph, x, 1)),
          each("exponential", (graph, x) -> graph.node(Op.EXP, x)),
          each("gelu", (graph, x) -> graph.node(Op.GELU, x)),
          entry("hard_sigmoid", Activations::hardSigmoid),
          each("leaky_relu", (graph, x) -> leakyRelu(graph, x, 0.2)),
          each("linear", (graph, x) -> x),
          entry("log_softmax", (layer, x) -> alongAxis(layer, Op.LOG_SOFTMAX, x, -1)),
          each("mish", (graph, x) -> graph.node(Op.MISH, x)),
          each("relu", GraphBuilder::relu),
          each("relu6", (graph, x) -> relu(graph, x, 0, 6, 0)),
          each("selu", (graph, x) -> graph.node(Op.SELU, x)),
          each("sigmoid", (graph, x) -> graph.node(Op.SIGMOID, x)),
          each("silu", Activations::silu),
          entry("softmax", (layer, x) -> alongAxis(layer, Op.SOFTMAX, x, -1)),
          each("softplus", (graph, x) -> graph.node(Op.SOFTPLUS, x)),
          each("softsign", (graph, x) -> graph.node(Op.SOFTSIGN, x)),
          each("swish", Activations::silu),
          each("tanh", (graph, x) -> graph.node(Op.TANH, x)));

  private Activations() {}

  private static Map.Entry<String, Activation> each(
      String name, BiFunction<GraphBuilder, Value, Value> function) {
    return entry(
        name, (layer, x) -> new KerasTensor(function.apply(layer.graph(), x.value()), x.layout()));
  }

  /**
   * {@return x with the activation applied that an argument of the layer names}
   *
   * @param layer the layer
   * @param key the argument, such as {@code activation}: a name, or a serialized function or layer
   * @param x what it is applied to
   */
  static KerasTensor apply(LayerContext layer, String key, KerasTensor x) {
    if (!layer.config().has(key)) {
      return x;
    }
    JsonNode activation = layer.config().node(key);
    if (activation.isObject() && !activation.path("class_name").asText().equals("function")) {
      JsonNode config = activation.path("config");
      return config.isObject() && !BY_NAME.containsKey(activation.path("class_name").asText())
          ? layer.call(key, activation, CallArguments.of(x)).get(0)
          : named(layer, key, activation.path("class_name"), x);
    }
    return named(layer, key, activation.isObject() ? activation.path("config") : activation, x);
  }

  private static KerasTensor named(LayerContext layer, String key, JsonNode name, KerasTensor x) {
    if (!name.isTextual()) {
      throw layer.config().wrong(key, "the name of an activation");
    }
    Activation activation = BY_NAME.get(name.textValue());
    if (activation == null) {
      throw layer.unsupported(
          "%s='%s' is not known. Give a builder for this layer".formatted(key, name.textValue())
              + " (LayerRegistry.withLayer(\"%s\", builder)).".formatted(layer.name()));
    }
    return activation.apply(layer, x);
  }

  /** Keras 2: clip(x / 5 + 1/2, 0, 1). Keras 3: clip(x / 6 + 1/2, 0, 1). */
  private static KerasTensor hardSigmoid(LayerContext layer, KerasTensor x) {
    float slope = layer.kerasVersion() < 3 ? 0.2f : 1f / 6;
    Attributes attributes = Attributes.NONE.with("alpha", slope).with("beta", 0.5f);
    return new KerasTensor(layer.graph().node(Op.HARD_SIGMOID, attributes, x.value()), x.layout());
  }

  private static Value silu(GraphBuilder graph, Value x) {
    return graph.mul(x, graph.node(Op.SIGMOID, x));
  }

  static Value elu(GraphBuilder graph, Value x, double alpha) {
    return graph.node(Op.ELU, Attributes.NONE.with("alpha", (float) alpha), x);
  }

  static Value leakyRelu(GraphBuilder graph, Value x, double slope) {
    return graph.node(Op.LEAKY_RELU, Attributes.NONE.with("alpha", (float) slope), x);
  }

  /**
   * x above {@code threshold}, at most {@code max}; below it slope * (x - threshold).
   *
   * @param max infinity for none
   */
  static Value relu(GraphBuilder graph, Value x, double slope, double max, double threshold) {
    boolean bounded = max < Double.POSITIVE_INFINITY;
    if (slope != 0 && !bounded && threshold == 0) {
      return leakyRelu(graph, x, slope);
    }
    Value positive;
    if (threshold != 0) {
      Value above = graph.node(Op.GREATER, x, graph.scalar((float) threshold));
      positive = graph.where(above, x, graph.scalar(0));
    } else {
      positive = bounded ? x : graph.relu(x);
    }
    if (bounded) {
      positive = graph.node(Op.CLIP, positive, graph.scalar(0), graph.scalar((float) max));
    }
    if (slope == 0) {
      return positive;
    }
    Value below = graph.relu(graph.sub(graph.scalar((float) threshold), x));
    return graph.sub(positive, graph.mul(below, slope));
  }

  /** {@return softmax or its logarithm along an axis as Keras counts it} */
  static KerasTensor alongAxis(LayerContext layer, Op op, KerasTensor x, int axis) {
    int inGraph = Axes.inGraph(axis, x.value().rank(), x.layout());
    return new KerasTensor(
        layer.graph().node(op, Attributes.of("axis", inGraph), x.value()), x.layout());
  }
}
