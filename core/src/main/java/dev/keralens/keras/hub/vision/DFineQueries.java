package dev.keralens.keras.hub.vision;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.part.Block;
import dev.keralens.keras.hub.part.HubLayer;
import dev.keralens.keras.hub.part.Part;
import dev.keralens.keras.hub.part.Parts;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.Tensor;
import java.util.List;

/** How {@code DFineBackbone} chooses where to look first: anchors, and the best of them. */
public final class DFineQueries {
  public static final LayerType ANCHORS =
      HubLayer.of((parts, a) -> {}, DFineQueries::withoutBorders);
  public static final LayerType QUERIES =
      HubLayer.several(DFineQueries::queryParts, DFineQueries::queries);

  private static final float MARGIN = 0.01f;

  private DFineQueries() {}

  /** Zeros where an anchor is too near to the border. */
  private static KerasTensor withoutBorders(Block b, HubArguments a) {
    float[] anchors = anchors(a.integerLists("spatial_shapes"));
    Value memory = b.plain(b.input());
    int places = anchors.length / 4;
    if (memory.shape().size(1) != places) {
      throw a.invalid(
          "its pictures give %d places, expected those of anchor_image_size: %d."
              .formatted(memory.shape().size(1), places));
    }
    float[] inside = new float[places];
    for (int i = 0; i < places; i++) {
      inside[i] = isInside(anchors, i) ? 1 : 0;
    }
    GraphBuilder graph = b.graph();
    Value zero = graph.constant(Tensor.of(new float[1], 1, 1, 1));
    Value all = graph.constant(Tensor.of(inside, 1, places, 1));
    return KerasTensor.plain(graph.where(graph.node(Op.GREATER, all, zero), memory, zero));
  }

  /** Middle, width and height of an anchor at each place of each level, as shares. */
  private static float[] anchors(List<List<Integer>> levels) {
    int places = levels.stream().mapToInt(size -> size.get(0) * size.get(1)).sum();
    float[] anchors = new float[places * 4];
    int at = 0;
    float size = 0.05f;
    for (List<Integer> level : levels) {
      int width = level.get(1);
      for (int place = 0; place < level.get(0) * width; place++) {
        int row = place / width;
        anchors[at++] = (place % width + 0.5f) / width;
        anchors[at++] = (row + 0.5f) / level.get(0);
        anchors[at++] = size;
        anchors[at++] = size;
      }
      size *= 2;
    }
    return anchors;
  }

  private static boolean isInside(float[] anchors, int place) {
    for (int i = 4 * place; i < 4 * place + 4; i++) {
      if (anchors[i] <= MARGIN || anchors[i] >= 1 - MARGIN) {
        return false;
      }
    }
    return true;
  }

  /** The anchors before a sigmoid; the largest number where one is too near to the border. */
  private static Tensor beforeSigmoid(float[] anchors) {
    float[] values = new float[anchors.length];
    for (int i = 0; i < values.length; i++) {
      double share = anchors[i];
      values[i] =
          isInside(anchors, i / 4) ? (float) Math.log(share / (1 - share)) : Float.MAX_VALUE;
    }
    return Tensor.of(values, 1, values.length / 4, 4);
  }

  private static void queryParts(Parts parts, HubArguments a) {
    if (a.flag("learn_initial_query", false)) {
      Part table = Part.embedding(a.integer("num_queries"), a.integer("hidden_dim"));
      parts.layer("weight_embedding", table);
    }
  }

  /**
   * Of the anchors with the highest logits: where they lie, what is there, their logits, their
   * boxes. No gradient goes through where they lie and what is there.
   */
  private static List<KerasTensor> queries(Block b, HubArguments a) {
    GraphBuilder graph = b.graph();
    Value logits = b.plain(b.layer().inputs().get(0));
    Value places = b.plain(b.argument(1, "places"));
    Value memory = b.plain(b.argument(2, "memory"));
    Tensor anchors = beforeSigmoid(anchors(a.integerLists("spatial_shapes")));
    int count = a.integer("num_queries");
    if (count > logits.shape().size(1)) {
      throw a.invalid(
          "num_queries=%d is more than the %d places.".formatted(count, logits.shape().size(1)));
    }
    Value best = graph.reduce(Op.REDUCE_MAX, logits, false, 2);
    List<Value> top =
        graph.nodes(Op.TOP_K, Attributes.of("axis", 1), 2, List.of(best, graph.ints(count)));
    Value chosen = graph.unsqueeze(top.get(1), 2);
    Value points = chosen(graph, graph.add(places, graph.constant(anchors)), chosen);
    boolean learnt = a.flag("learn_initial_query", false);
    int width = a.integer("hidden_dim");
    Value target =
        learnt
            ? b.forEachRow(graph.unsqueeze(b.table("weight_embedding", count, width), 0), memory)
            : stopped(graph, chosen(graph, memory, chosen));
    return List.of(
        KerasTensor.plain(stopped(graph, points)),
        KerasTensor.plain(target),
        KerasTensor.plain(chosen(graph, logits, chosen)),
        KerasTensor.plain(graph.node(Op.SIGMOID, points)));
  }

  private static Value chosen(GraphBuilder graph, Value x, Value places) {
    Value each = DFineAttention.forAll(graph, places, x.shape().size(2));
    return graph.node(Op.GATHER_ELEMENTS, Attributes.of("axis", 1), x, each);
  }

  /** {@return x, through which no gradient flows} */
  static Value stopped(GraphBuilder graph, Value x) {
    return graph.node(Op.IDENTITY, Attributes.of("stop_gradient", 1), x);
  }
}
