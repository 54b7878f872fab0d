package dev.keralens.keras.hub.language;

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
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;

/** Which words may stand at some places: by the vectors of the embedding. */
public final class MaskedWords {
  public static final LayerType HEAD = HubLayer.of(MaskedWords::parts, MaskedWords::head);

  private MaskedWords() {}

  private static void parts(Parts parts, HubArguments a) {
    if (a.find("tied_to") == null) {
      throw a.unsupported("outside of a task, whose embedding it has, it is not read.");
    }
    int width = a.integer("embedding_dim");
    Part words = Part.keras("ReversibleEmbedding").set("input_dim", a.integer("vocabulary_size"));
    parts
        .layer("token_embedding", words.set("output_dim", width).shared(a.text("tied_to")))
        .layer("_intermediate_dense", Part.dense(width))
        .layer("_intermediate_layer_norm", Part.layerNormalization(1e-5))
        .weight("output_bias");
  }

  private static KerasTensor head(Block b, HubArguments a) {
    GraphBuilder graph = b.graph();
    Value x = b.plain(b.layer().inputs().get(0));
    Value places = graph.cast(b.plain(b.argument(1, "mask_positions")), ElementType.INT64);
    Value zeros = graph.constant(Tensor.of(new long[x.shape().size(2)], 1, 1, x.shape().size(2)));
    Value each = graph.add(graph.unsqueeze(places, 2), zeros);
    Value chosen = graph.node(Op.GATHER_ELEMENTS, Attributes.of("axis", 1), x, each);
    KerasTensor y = b.call("_intermediate_dense", KerasTensor.plain(chosen));
    y = Attending.activate(b, Attending.activation(a, "intermediate_activation", "relu"), y);
    y = b.call("_intermediate_layer_norm", y);
    int words = a.integer("vocabulary_size");
    Value table = b.table("token_embedding", words, a.integer("embedding_dim"));
    Value scores = graph.matMul(b.plain(y), graph.transpose(table, 1, 0));
    return KerasTensor.plain(graph.add(scores, b.weight("output_bias", words)));
  }
}
