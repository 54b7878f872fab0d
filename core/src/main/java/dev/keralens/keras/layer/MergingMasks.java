package dev.keralens.keras.layer;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.Axes;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Masks of sequences that are merged. In Keras 2 a step of the result counts if it counts in all
 * inputs that have a mask; in Keras 3, where all have one, if it counts in any, and steps that do
 * not count are left out of products and extrema.
 */
final class MergingMasks {
  private MergingMasks() {}

  /** {@return the merged mask; null where all elements count} */
  static @Nullable Value merged(LayerCall layer) {
    boolean keras2 = layer.kerasVersion() < 3;
    Value merged = null;
    for (KerasTensor input : layer.inputs()) {
      Value mask = layer.mask(input);
      if (mask == null && !keras2) {
        return null;
      }
      if (mask != null) {
        merged = merged == null ? mask : layer.graph().node(keras2 ? Op.AND : Op.OR, merged, mask);
      }
    }
    return merged;
  }

  /** {@return whether a merge must look at masks while it computes} */
  static boolean matter(LayerCall layer) {
    return layer.kerasVersion() >= 3
        && layer.inputs().stream().anyMatch(input -> layer.mask(input) != null);
  }

  /** Steps that do not count are 1 in the product; the product of none is 0. */
  static KerasTensor product(LayerCall layer) {
    GraphBuilder graph = layer.graph();
    Value product = null;
    for (KerasTensor input : layer.inputs()) {
      Value mask = column(layer, input);
      Value x = layer.plain(input);
      Value factor = mask == null ? x : graph.where(mask, x, graph.scalar(1));
      product = product == null ? factor : graph.mul(product, factor);
    }
    Value any = merged(layer);
    if (product == null) {
      throw layer.invalid("it merges no tensors.");
    }
    return KerasTensor.plain(
        any == null
            ? product
            : graph.where(graph.unsqueeze(any, any.rank()), product, graph.scalar(0)));
  }

  /** Where one of two does not count, the other is the result. */
  static KerasTensor extremum(LayerCall layer, BinaryOperator<Value> operation) {
    GraphBuilder graph = layer.graph();
    Value result = null;
    Value resultMask = null;
    for (KerasTensor input : layer.inputs()) {
      Value mask = column(layer, input);
      Value x = layer.plain(input);
      if (result == null) {
        result = x;
        resultMask = mask;
        continue;
      }
      x = mask == null ? x : graph.where(mask, x, result);
      result = resultMask == null ? result : graph.where(resultMask, result, x);
      resultMask = mask == null || resultMask == null ? null : graph.node(Op.OR, resultMask, mask);
      result = operation.apply(result, x);
    }
    if (result == null) {
      throw layer.invalid("it merges no tensors.");
    }
    return KerasTensor.plain(result);
  }

  private static @Nullable Value column(LayerCall layer, KerasTensor input) {
    Value mask = layer.mask(input);
    return mask == null ? null : layer.graph().unsqueeze(mask, mask.rank());
  }

  /** {@return the mask of joined sequences; null where no input has one} */
  static @Nullable Value joined(LayerCall layer, int axis) {
    GraphBuilder graph = layer.graph();
    if (layer.inputs().stream().allMatch(input -> layer.mask(input) == null)) {
      return null;
    }
    List<Value> parts = new ArrayList<>();
    for (KerasTensor input : layer.inputs()) {
      Value mask = column(layer, input);
      Value x = layer.plain(input);
      Value ones = graph.cast(graph.node(Op.EQUAL, x, x), ElementType.FLOAT32);
      parts.add(mask == null ? ones : graph.mul(ones, graph.cast(mask, ElementType.FLOAT32)));
    }
    int rank = parts.get(0).rank();
    Value all = graph.concat(Axes.inGraph(axis, rank, Layout.PLAIN), parts);
    Op op = layer.kerasVersion() < 3 ? Op.REDUCE_MIN : Op.REDUCE_MAX;
    return graph.cast(graph.reduce(op, all, false, rank - 1), ElementType.BOOL);
  }
}
