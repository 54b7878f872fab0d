package dev.keralens.keras.layer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Layers that turn numbers into categories, and categories into vectors. */
final class CategoryLayers {
  private CategoryLayers() {}

  static KerasTensor categoryEncoding(LayerCall layer) {
    Value x = layer.plain(layer.input());
    String mode = layer.config().text("output_mode", "multi_hot");
    return encode(layer, x, mode, layer.config().positives("num_tokens", 1, 1)[0]);
  }

  /** How many boundaries lie at or below each number. */
  static KerasTensor discretization(LayerCall layer) {
    GraphBuilder graph = layer.graph();
    if (!layer.config().has("bin_boundaries")) {
      throw layer.unsupported("bin_boundaries are not in its arguments.");
    }
    float[] boundaries = layer.config().numbers("bin_boundaries");
    Value x = graph.cast(layer.plain(layer.input()), ElementType.FLOAT32);
    Value column = graph.unsqueeze(x, x.rank());
    Value limits = graph.constant(Tensor.of(boundaries, boundaries.length));
    Value above = graph.cast(graph.node(Op.GREATER_OR_EQUAL, column, limits), ElementType.INT64);
    Value index = graph.reduceSum(above, false, x.rank());
    return encode(layer, index, layer.config().text("output_mode", "int"), boundaries.length + 1);
  }

  /**
   * The place of each number in the vocabulary, behind the place of a masked number and those of
   * numbers that are not in it, which share them by their remainder.
   */
  static KerasTensor integerLookup(LayerCall layer) {
    if (layer.config().flag("invert", false)) {
      throw layer.unsupported("invert=True is not supported.");
    }
    GraphBuilder graph = layer.graph();
    Value x = graph.cast(layer.plain(layer.input()), ElementType.INT64);
    long[] vocabulary = vocabulary(layer);
    int strangers = layer.config().integer("num_oov_indices", 1);
    boolean masked = layer.config().has("mask_token");
    boolean whole = layer.config().text("output_mode", "int").equals("int");
    int first = masked && whole ? 1 : 0;
    Value index = integer(graph, first);
    if (strangers > 1) {
      Value rest = graph.node(Op.MOD, x, integer(graph, strangers));
      index = graph.add(rest, integer(graph, first));
    }
    Value known =
        graph.node(
            Op.EQUAL,
            graph.unsqueeze(x, x.rank()),
            graph.constant(Tensor.of(vocabulary, vocabulary.length)));
    long[] places = new long[vocabulary.length];
    for (int i = 0; i < places.length; i++) {
      places[i] = (long) first + strangers + i;
    }
    Value flags = graph.cast(known, ElementType.INT64);
    Value place =
        graph.reduceSum(
            graph.mul(flags, graph.constant(Tensor.of(places, places.length))), false, x.rank());
    Value found = graph.cast(graph.reduce(Op.REDUCE_MAX, flags, false, x.rank()), ElementType.BOOL);
    index = graph.where(found, place, index);
    if (masked) {
      Value mask = integer(graph, layer.config().integer("mask_token"));
      index = graph.where(graph.node(Op.EQUAL, x, mask), integer(graph, 0), index);
    }
    int depth = first + strangers + vocabulary.length;
    return encode(layer, index, layer.config().text("output_mode", "int"), depth);
  }

  private static long[] vocabulary(LayerCall layer) {
    JsonNode vocabulary = layer.config().node("vocabulary");
    if (!vocabulary.isArray() || vocabulary.isEmpty()) {
      throw layer.unsupported("its vocabulary is not in its arguments.");
    }
    List<Long> numbers = new ArrayList<>();
    for (JsonNode number : vocabulary) {
      if (!number.isIntegralNumber()) {
        throw layer.config().wrong("vocabulary", "whole numbers");
      }
      numbers.add(number.longValue());
    }
    return numbers.stream().mapToLong(Long::longValue).toArray();
  }

  private static KerasTensor encode(LayerCall layer, Value index, String mode, int depth) {
    GraphBuilder graph = layer.graph();
    if (mode.equals("int")) {
      return KerasTensor.plain(index);
    }
    Value category = graph.cast(index, ElementType.INT64);
    int rank = category.rank();
    boolean single = rank > 1 && category.shape().size(rank - 1) == 1;
    if (mode.equals("one_hot") && single) {
      category = graph.squeeze(category, rank - 1);
    }
    Value hot =
        graph.node(
            Op.ONE_HOT,
            Attributes.of("axis", -1),
            category,
            integer(graph, depth),
            graph.constant(Tensor.of(new float[] {0, 1}, 2)));
    return switch (mode) {
      case "one_hot" -> KerasTensor.plain(hot);
      case "multi_hot" -> KerasTensor.plain(over(graph, Op.REDUCE_MAX, hot));
      case "count" -> KerasTensor.plain(over(graph, Op.REDUCE_SUM, hot));
      default -> throw layer.unsupported("output_mode='%s' is not supported.".formatted(mode));
    };
  }

  /** Reduces over the categories of one row; where a row has but one, there is no axis for them. */
  private static Value over(GraphBuilder graph, Op op, Value hot) {
    return hot.rank() < 3 ? hot : graph.reduce(op, hot, false, hot.rank() - 2);
  }

  private static Value integer(GraphBuilder graph, long value) {
    return graph.constant(Tensor.of(new long[] {value}));
  }
}
