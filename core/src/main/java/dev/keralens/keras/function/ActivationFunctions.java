package dev.keralens.keras.function;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.Activations;
import dev.keralens.network.KerasTensor;
import java.util.List;
import java.util.function.BiFunction;

/** Activations that are called as functions, with options. */
final class ActivationFunctions {
  private ActivationFunctions() {}

  /** One of {@link Activations}, with its defaults. */
  static FunctionBuilder named(String name) {
    return operands -> {
      KerasTensor x = operands.tensor(0, "x", "features", "inputs", "logits");
      Activations.Activation activation = Activations.BY_NAME.get(name);
      if (activation == null) {
        throw new AssertionError(name);
      }
      KerasTensor floats = Operands.like(x, operands.floating(x));
      return List.of(activation.apply(operands.layer(), floats));
    };
  }

  private static List<KerasTensor> each(
      Operands operands, BiFunction<GraphBuilder, Value, Value> function) {
    KerasTensor x = operands.tensor(0, "x", "features", "inputs");
    return List.of(Operands.like(x, function.apply(operands.graph(), operands.floating(x))));
  }

  static List<KerasTensor> celu(Operands operands) {
    float alpha = (float) operands.number(1, 1, "alpha");
    return each(
        operands, (graph, x) -> graph.node(Op.CELU, Attributes.NONE.with("alpha", alpha), x));
  }

  static List<KerasTensor> elu(Operands operands) {
    double alpha = operands.number(1, 1, "alpha");
    return each(operands, (graph, x) -> Activations.elu(graph, x, alpha));
  }

  /** By the error function, or approximately by tanh. */
  static List<KerasTensor> gelu(Operands operands) {
    boolean keras3 = operands.layer().kerasVersion() >= 3;
    boolean approximate = operands.flag(keras3, 1, "approximate");
    Attributes attributes = Attributes.NONE.with("approximate", approximate ? "tanh" : "none");
    return each(operands, (graph, x) -> graph.node(Op.GELU, attributes, x));
  }

  static List<KerasTensor> hardShrink(Operands operands) {
    double threshold = operands.number(0.5, 1, "threshold");
    return each(operands, (graph, x) -> Activations.shrink(graph, x, threshold, 0));
  }

  static List<KerasTensor> softShrink(Operands operands) {
    double threshold = operands.number(0.5, 1, "threshold");
    return each(operands, (graph, x) -> Activations.shrink(graph, x, threshold, threshold));
  }

  static List<KerasTensor> leakyRelu(Operands operands) {
    double slope = operands.number(0.2, 1, "negative_slope", "alpha");
    return each(operands, (graph, x) -> Activations.leakyRelu(graph, x, slope));
  }

  static List<KerasTensor> relu(Operands operands) {
    double slope = operands.number(0, 1, "negative_slope", "alpha");
    double max = operands.number(Double.POSITIVE_INFINITY, 2, "max_value");
    double threshold = operands.number(0, 3, "threshold");
    return each(operands, (graph, x) -> Activations.relu(graph, x, slope, max, threshold));
  }

  static List<KerasTensor> squareplus(Operands operands) {
    double b = operands.number(4, 1, "b");
    return each(operands, (graph, x) -> Activations.squareplus(graph, x, b));
  }

  /** x above the threshold, else the default. */
  static List<KerasTensor> threshold(Operands operands) {
    float threshold = (float) operands.number(0, 1, "threshold", "threshold_value");
    float otherwise = (float) operands.number(0, 2, "default_value", "value");
    return each(
        operands,
        (graph, x) ->
            graph.where(
                graph.node(Op.GREATER, x, graph.scalar(threshold)), x, graph.scalar(otherwise)));
  }
}
