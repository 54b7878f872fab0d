package dev.keralens.keras.layer;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.Argument;
import dev.keralens.keras.call.AttentionScores;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Attention of a query to values, without projections: called with [query, value] or [query, value,
 * key].
 */
final class AttentionLayers {
  private AttentionLayers() {}

  /** Scores are dot products, or with {@code score_mode="concat"} sums of tanh(query + key). */
  public static List<KerasTensor> attention(LayerCall layer) {
    GraphBuilder graph = layer.graph();
    Value query = layer.plain(input(layer, 0));
    Value key = layer.plain(input(layer, layer.inputs().size() > 2 ? 2 : 1));
    boolean scaled = layer.config().flag("use_scale", false);
    Value scores;
    if (layer.config().text("score_mode", "dot").equals("concat")) {
      Value sum = pairwiseSum(graph, query, key);
      if (scaled) {
        sum = graph.mul(sum, layer.weight("scale").value());
      }
      Value tanh = graph.node(Op.TANH, sum);
      scores =
          graph.mul(
              graph.reduceSum(tanh, false, tanh.rank() - 1),
              layer.weight("concat_score_weight").value());
    } else {
      scores = graph.matMul(query, swapped(graph, key));
      scores = scaled ? graph.mul(scores, layer.weight("scale").value()) : scores;
    }
    return attend(layer, scores);
  }

  /** Scores are sums of scale * tanh(query + key). */
  public static List<KerasTensor> additive(LayerCall layer) {
    GraphBuilder graph = layer.graph();
    Value query = layer.plain(input(layer, 0));
    Value key = layer.plain(input(layer, layer.inputs().size() > 2 ? 2 : 1));
    Value tanh = graph.node(Op.TANH, pairwiseSum(graph, query, key));
    if (layer.config().flag("use_scale", true)) {
      tanh = graph.mul(tanh, layer.weight("scale").value());
    }
    return attend(layer, graph.reduceSum(tanh, false, tanh.rank() - 1));
  }

  private static KerasTensor input(LayerCall layer, int index) {
    int count = layer.inputs().size();
    if (count < 2 || count > 3) {
      throw layer.invalid(
          "it takes [query, value] or [query, value, key], got %d.".formatted(count));
    }
    return layer.inputs().get(index);
  }

  private static Value pairwiseSum(GraphBuilder graph, Value query, Value key) {
    int rank = query.rank();
    return graph.add(graph.unsqueeze(query, rank - 1), graph.unsqueeze(key, rank - 2));
  }

  private static Value swapped(GraphBuilder graph, Value x) {
    int[] order = IntStream.range(0, x.rank()).toArray();
    order[x.rank() - 1] = x.rank() - 2;
    order[x.rank() - 2] = x.rank() - 1;
    return graph.transpose(x, order);
  }

  private static List<KerasTensor> attend(LayerCall layer, Value scores) {
    layer.refuseTraining();
    GraphBuilder graph = layer.graph();
    Value queryMask = mask(layer, 0);
    Value valueMask = mask(layer, 1);
    Value counts = valueMask == null ? null : graph.unsqueeze(valueMask, valueMask.rank() - 1);
    boolean causal =
        layer.config().flag("causal", false) || layer.arguments().flag("use_causal_mask");
    if (causal) {
      Value past =
          AttentionScores.causalMask(graph, scores.shape().size(-2), scores.shape().size(-1));
      counts = counts == null ? past : graph.node(Op.AND, counts, past);
    }
    Value weights =
        AttentionScores.softmax(
            graph, counts == null ? scores : AttentionScores.masked(graph, scores, counts));
    Value result = graph.matMul(weights, layer.plain(input(layer, 1)));
    if (queryMask != null) {
      Value column = graph.unsqueeze(queryMask, queryMask.rank());
      result = graph.mul(result, graph.cast(column, ElementType.FLOAT32));
    }
    List<KerasTensor> outputs = new ArrayList<>();
    outputs.add(KerasTensor.plain(result));
    layer.setMask(outputs.get(0), queryMask);
    if (layer.arguments().flag("return_attention_scores")) {
      outputs.add(KerasTensor.plain(weights));
    }
    return outputs;
  }

  /** The mask that is given for an input, or else that of the input. */
  private static @Nullable Value mask(LayerCall layer, int index) {
    Argument given = layer.arguments().get(1, "mask");
    if (given instanceof Argument.Items list && index < list.items().size()) {
      KerasTensor tensor = list.items().get(index).tensors().findFirst().orElse(null);
      if (tensor != null) {
        return layer.graph().cast(tensor.value(), ElementType.BOOL);
      }
    }
    return layer.mask(layer.inputs().get(index));
  }
}
