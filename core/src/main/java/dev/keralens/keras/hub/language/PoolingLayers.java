package dev.keralens.keras.hub.language;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.part.Block;
import dev.keralens.keras.hub.part.HubLayer;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.ElementType;
import java.util.Objects;

/** What KerasHub's tasks that embed a text make of its tokens, as one layer. */
public final class PoolingLayers {
  public static final LayerType TEXT = HubLayer.of((parts, a) -> {}, PoolingLayers::pool);

  private PoolingLayers() {}

  private static KerasTensor pool(Block b, HubArguments a) {
    LayerCall layer = b.layer();
    GraphBuilder graph = b.graph();
    Value x = b.plain(layer.inputs().get(0));
    KerasTensor given = Objects.requireNonNull(layer.argument(1, "padding_mask"));
    Value mask = graph.unsqueeze(Attending.truth(b, given), 2);
    Value pooled =
        switch (a.choice("pooling_mode", "mean", "cls", "max")) {
          case "cls" -> b.plain(ClipLayers.token(b, x, 0));
          case "max" ->
              graph.squeeze(
                  graph.reduce(
                      Op.REDUCE_MAX, graph.where(mask, x, graph.scalar(-Float.MAX_VALUE)), true, 1),
                  1);
          default -> mean(graph, x, graph.cast(mask, ElementType.FLOAT32));
        };
    if (!a.flag("normalize", true)) {
      return KerasTensor.plain(pooled);
    }
    Value square = graph.reduce(Op.REDUCE_SUM, graph.mul(pooled, pooled), true, 1);
    Value length = graph.node(Op.SQRT, graph.node(Op.MAX, square, graph.scalar(1e-12f)));
    return KerasTensor.plain(graph.div(pooled, length));
  }

  private static Value mean(GraphBuilder graph, Value x, Value mask) {
    Value sum = graph.reduce(Op.REDUCE_SUM, graph.mul(x, mask), true, 1);
    Value count = graph.reduce(Op.REDUCE_SUM, mask, true, 1);
    return graph.squeeze(graph.div(sum, graph.node(Op.MAX, count, graph.scalar(1e-9f))), 1);
  }
}
