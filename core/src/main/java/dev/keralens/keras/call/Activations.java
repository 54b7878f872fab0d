package dev.keralens.keras.call;

import static java.util.Map.entry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * Keras' activation functions by name. An alias is a row of its own.
 *
 * <p>To add one, add a row here and a case to {@code LayerGoldenTest}'s data.
 */
public final class Activations {
  /** An activation function; which version of Keras wrote the model can matter. */
  @FunctionalInterface
  public interface Activation {
    KerasTensor apply(LayerCall layer, KerasTensor x);
  }

  public static final Map<String, Activation> BY_NAME =
      Map.ofEntries(
          each("celu", (graph, x) -> graph.node(Op.CELU, x)),
          each("elu", (graph, x) -> elu(graph, x, 1)),
          each("exponential", (graph, x) -> graph.node(Op.EXP, x)),
          each("gelu", (graph, x) -> graph.node(Op.GELU, x)),
          entry("glu", Activations::glu),
          each("hard_shrink", (graph, x) -> shrink(graph, x, 0.5, 0)),
          entry("hard_sigmoid", Activations::hardSigmoid),
          each("hard_silu", (graph, x) -> graph.node(Op.HARD_SWISH, x)),
          each("hard_tanh", (graph, x) -> clip(graph, x, -1, 1)),
          each("leaky_relu", (graph, x) -> leakyRelu(graph, x, 0.2)),
          each("linear", (graph, x) -> x),
          each("log_sigmoid", (graph, x) -> graph.neg(graph.node(Op.SOFTPLUS, graph.neg(x)))),
          entry("log_softmax", (layer, x) -> alongAxis(layer, Op.LOG_SOFTMAX, x, -1)),
          entry("log_softmax_v2", (layer, x) -> alongAxis(layer, Op.LOG_SOFTMAX, x, -1)),
          each("mish", (graph, x) -> graph.node(Op.MISH, x)),
          each("relu", (graph, x) -> graph.relu(x)),
          each("relu6", (graph, x) -> relu(graph, x, 0, 6, 0)),
          each("selu", (graph, x) -> graph.node(Op.SELU, x)),
          each("sigmoid", (graph, x) -> graph.node(Op.SIGMOID, x)),
          each("silu", Activations::silu),
          each("soft_shrink", (graph, x) -> shrink(graph, x, 0.5, 0.5)),
          entry("softmax", (layer, x) -> alongAxis(layer, Op.SOFTMAX, x, -1)),
          each("softplus", (graph, x) -> graph.node(Op.SOFTPLUS, x)),
          each("softsign", (graph, x) -> graph.node(Op.SOFTSIGN, x)),
          each("sparse_plus", Activations::sparsePlus),
          each("sparse_sigmoid", (graph, x) -> hardSigmoid(graph, x, 0.5f)),
          entry("sparsemax", (layer, x) -> sparsemax(layer, x, -1)),
          each("squareplus", (graph, x) -> squareplus(graph, x, 4)),
          each("swish", Activations::silu),
          each("tanh", (graph, x) -> graph.node(Op.TANH, x)),
          each("tanh_shrink", (graph, x) -> graph.sub(x, graph.node(Op.TANH, x))));

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
  public static KerasTensor apply(LayerCall layer, String key, KerasTensor x) {
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

  private static KerasTensor named(LayerCall layer, String key, JsonNode name, KerasTensor x) {
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
  private static KerasTensor hardSigmoid(LayerCall layer, KerasTensor x) {
    float slope = layer.kerasVersion() < 3 ? 0.2f : 1f / 6;
    return LayerCall.like(x, hardSigmoid(layer.graph(), x.value(), slope));
  }

  private static Value hardSigmoid(GraphBuilder graph, Value x, float slope) {
    Attributes attributes = Attributes.NONE.with("alpha", slope).with("beta", 0.5f);
    return graph.node(Op.HARD_SIGMOID, attributes, x);
  }

  /** The first half of the features times the sigmoid of the second. */
  private static KerasTensor glu(LayerCall layer, KerasTensor x) {
    return glu(layer, x, -1);
  }

  public static KerasTensor glu(LayerCall layer, KerasTensor x, int axis) {
    GraphBuilder graph = layer.graph();
    int inGraph = Axes.inGraph(axis, x.value().rank(), x.layout());
    int half = x.value().shape().size(inGraph) / 2;
    int[] axes = {inGraph};
    Value first = graph.slice(x.value(), axes, new int[] {0}, new int[] {half});
    Value second = graph.slice(x.value(), axes, new int[] {half}, new int[] {2 * half});
    return LayerCall.like(x, graph.mul(first, graph.node(Op.SIGMOID, second)));
  }

  public static Value clip(GraphBuilder graph, Value x, double low, double high) {
    return graph.node(Op.CLIP, x, graph.scalar((float) low), graph.scalar((float) high));
  }

  /** 0 within the threshold; beyond it x, drawn to 0 by {@code bias}. */
  public static Value shrink(GraphBuilder graph, Value x, double threshold, double bias) {
    Attributes attributes =
        Attributes.NONE.with("lambd", (float) threshold).with("bias", (float) bias);
    return graph.node(Op.SHRINK, attributes, x);
  }

  /** 0 below -1, x above 1, and (x + 1)^2 / 4 between. */
  private static Value sparsePlus(GraphBuilder graph, Value x) {
    Value one = graph.scalar(1);
    Value between = graph.mul(hardSigmoid(graph, x, 0.5f), hardSigmoid(graph, x, 0.5f));
    return graph.add(between, graph.sub(graph.max(x, one), one));
  }

  /** (x + sqrt(x^2 + b)) / 2. */
  public static Value squareplus(GraphBuilder graph, Value x, double b) {
    Value root = graph.node(Op.SQRT, graph.add(graph.mul(x, x), graph.scalar((float) b)));
    return graph.mul(graph.add(x, root), 0.5);
  }

  /**
   * max(x - tau, 0) with the tau of Keras: (s - 1) / k, where k is the number of values that stay
   * positive and s the sum of their running sums. In the paper (Martins and Astudillo, 2016) s is
   * the sum of the values themselves; the two differ where k is above 1, and then the results of
   * Keras do not sum to 1.
   */
  public static KerasTensor sparsemax(LayerCall layer, KerasTensor x, int axis) {
    GraphBuilder graph = layer.graph();
    int inGraph = Axes.inGraph(axis, x.value().rank(), x.layout());
    int size = x.value().shape().size(inGraph);
    Value sorted =
        graph
            .nodes(
                Op.TOP_K, Attributes.of("axis", inGraph), 2, List.of(x.value(), graph.ints(size)))
            .get(0);
    Value sums = graph.node(Op.CUM_SUM, sorted, graph.constant(scalar(inGraph)));
    Value mean =
        graph.div(graph.sub(sums, graph.scalar(1)), graph.constant(ranks(x.value(), inGraph)));
    Value support = graph.node(Op.GREATER, sorted, mean);
    Value count = graph.reduceSum(graph.cast(support, ElementType.FLOAT32), true, inGraph);
    Value sum = graph.reduceSum(graph.where(support, sums, graph.scalar(0)), true, inGraph);
    Value tau = graph.div(graph.sub(sum, graph.scalar(1)), count);
    return LayerCall.like(x, graph.relu(graph.sub(x.value(), tau)));
  }

  /** 1, 2, 3, .. along an axis. */
  private static Tensor ranks(Value x, int axis) {
    int[] shape = new int[x.rank()];
    Arrays.fill(shape, 1);
    shape[axis] = x.shape().size(axis);
    float[] ranks = new float[shape[axis]];
    for (int i = 0; i < ranks.length; i++) {
      ranks[i] = i + 1;
    }
    return Tensor.of(ranks, shape);
  }

  private static Tensor scalar(long value) {
    return Tensor.of(new long[] {value});
  }

  private static Value silu(GraphBuilder graph, Value x) {
    return graph.mul(x, graph.node(Op.SIGMOID, x));
  }

  public static Value elu(GraphBuilder graph, Value x, double alpha) {
    return graph.node(Op.ELU, Attributes.NONE.with("alpha", (float) alpha), x);
  }

  public static Value leakyRelu(GraphBuilder graph, Value x, double slope) {
    return graph.node(Op.LEAKY_RELU, Attributes.NONE.with("alpha", (float) slope), x);
  }

  /**
   * x above {@code threshold}, at most {@code max}; below it slope * (x - threshold).
   *
   * @param max infinity for none
   */
  public static Value relu(
      GraphBuilder graph, Value x, double slope, double max, double threshold) {
    boolean bounded = max < Double.POSITIVE_INFINITY;
    if (slope != 0 && !bounded && threshold == 0) {
      return leakyRelu(graph, x, slope);
    }
    if (slope > 0 && max >= 0) {
      return leaky(graph, x, slope, max, threshold);
    }
    Value positive;
    if (threshold != 0) {
      Value above = graph.node(Op.GREATER, x, graph.scalar((float) threshold));
      positive = graph.where(above, x, graph.scalar(0));
    } else {
      positive = bounded ? x : graph.relu(x);
    }
    if (bounded) {
      positive = clip(graph, positive, 0, max);
    }
    if (slope == 0) {
      return positive;
    }
    Value below = graph.relu(graph.sub(graph.scalar((float) threshold), x));
    return graph.sub(positive, graph.mul(below, slope));
  }

  /**
   * With a slope below the threshold. It is made of no ReLU: rules of its own for ReLU would take
   * what lies above the threshold and what lies below it apart.
   */
  private static Value leaky(
      GraphBuilder graph, Value x, double slope, double max, double threshold) {
    Value most = graph.scalar((float) max);
    if (threshold == 0) {
      return graph.min(leakyRelu(graph, x, slope), most);
    }
    Value limit = graph.scalar((float) threshold);
    Value below = graph.mul(graph.sub(x, limit), slope);
    Value above = max < Double.POSITIVE_INFINITY ? graph.min(x, most) : x;
    return graph.where(graph.node(Op.GREATER, x, limit), above, below);
  }

  /** {@return softmax or its logarithm along an axis as Keras counts it} */
  public static KerasTensor alongAxis(LayerCall layer, Op op, KerasTensor x, int axis) {
    int inGraph = Axes.inGraph(axis, x.value().rank(), x.layout());
    return new KerasTensor(
        layer.graph().node(op, Attributes.of("axis", inGraph), x.value()), x.layout());
  }
}
