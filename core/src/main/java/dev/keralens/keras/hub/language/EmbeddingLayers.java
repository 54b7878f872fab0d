package dev.keralens.keras.hub.language;

import dev.keralens.graph.Value;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.part.Block;
import dev.keralens.keras.hub.part.HubLayer;
import dev.keralens.keras.hub.part.Part;
import dev.keralens.keras.hub.part.Parts;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.Tensor;

/** Layers that give words and places vectors. */
public final class EmbeddingLayers {
  public static final LayerType POSITION =
      HubLayer.of((parts, a) -> parts.weight("embeddings"), EmbeddingLayers::position);
  public static final LayerType TOKEN_AND_POSITION =
      HubLayer.of(EmbeddingLayers::tokenParts, EmbeddingLayers::tokenAndPosition);
  public static final LayerType SINE = HubLayer.of((parts, a) -> {}, EmbeddingLayers::sine);

  private EmbeddingLayers() {}

  private static void refuseShifts(Block b) {
    if (b.layer().arguments().get(-1, "positions") != null
        || b.layer().arguments().get(-1, "start_index") != null
        || b.layer().arguments().positional().size() > 1) {
      throw b.layer().unsupported("it is called with places of its own, which are not read.");
    }
  }

  private static Value first(Block b, HubArguments a, Value table, int places) {
    int longest = a.integer("sequence_length");
    if (places > longest) {
      throw new IllegalArgumentException(
          "a text of %d tokens is longer than the %d places that the model knows."
              .formatted(places, longest));
    }
    return b.slice(table, 0, 0, places);
  }

  private static KerasTensor position(Block b, HubArguments a) {
    refuseShifts(b);
    a.skip("initializer");
    Value x = b.plain(b.layer().inputs().get(0));
    int width = x.shape().size(-1);
    Value table = b.weight("embeddings", a.integer("sequence_length"), width);
    Value rows = b.graph().unsqueeze(first(b, a, table, x.shape().size(1)), 0);
    return KerasTensor.plain(b.forEachRow(rows, x));
  }

  private static void tokenParts(Parts parts, HubArguments a) {
    int width = a.integer("embedding_dim");
    Part tokens = Part.keras("ReversibleEmbedding").set("input_dim", a.integer("vocabulary_size"));
    tokens.set("output_dim", width).set("mask_zero", a.flag("mask_zero", false));
    if (a.find("shared_embedding") != null) {
      tokens.shared(a.text("shared_embedding"));
    }
    parts.layer("token_embedding", tokens.set("tie_weights", a.flag("tie_weights", true)));
    parts.layer("position_embedding", Part.embedding(a.integer("sequence_length"), width));
    a.skip("embeddings_initializer");
  }

  private static KerasTensor tokenAndPosition(Block b, HubArguments a) {
    refuseShifts(b);
    KerasTensor tokens = b.call("token_embedding", b.layer().inputs().get(0));
    Value x = b.plain(tokens);
    Value table =
        b.table("position_embedding", a.integer("sequence_length"), a.integer("embedding_dim"));
    KerasTensor out = KerasTensor.plain(b.graph().add(x, first(b, a, table, x.shape().size(1))));
    b.layer().setMask(out, b.layer().mask(tokens));
    return out;
  }

  /** Sines of even features and cosines of odd ones: of Vaswani et al., 2017. */
  private static KerasTensor sine(Block b, HubArguments a) {
    refuseShifts(b);
    LayerCall layer = b.layer();
    Value x = b.plain(layer.inputs().get(0));
    int places = x.shape().size(1);
    int width = x.shape().size(-1);
    double wave = a.number("max_wavelength", 10000);
    float[] values = new float[Math.multiplyExact(places, width)];
    for (int i = 0; i < values.length; i++) {
      int feature = i % width;
      int place = i / width;
      int even = feature - feature % 2;
      double angle = place * Math.pow(1 / wave, even / (double) width);
      values[i] = (float) (feature % 2 == 0 ? Math.sin(angle) : Math.cos(angle));
    }
    Value table = b.graph().constant(Tensor.of(values, 1, places, width));
    return KerasTensor.plain(b.forEachRow(table, x));
  }
}
