package dev.keralens.keras.hub.vision;

import dev.keralens.graph.Value;
import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.part.Block;
import dev.keralens.keras.hub.part.HubLayer;
import dev.keralens.keras.hub.part.Part;
import dev.keralens.keras.hub.part.Parts;
import dev.keralens.network.KerasTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** What the layers of {@code DINOV2Backbone} and {@code DINOV3Backbone} have in common. */
final class DinoLayers {
  /** Patches as tokens. */
  static final LayerType PATCHES =
      HubLayer.of(DinoLayers::patchParts, (b, a) -> b.flat(b.call("projection", b.input())));

  /** What each branch is multiplied with before it is added. */
  static final LayerType SCALE = HubLayer.of(DinoLayers::scaleParts, DinoLayers::scale);

  private DinoLayers() {}

  private static void patchParts(Parts parts, HubArguments a) {
    a.channelsLast();
    int patch = a.integer("patch_size");
    Part conv = Part.conv2d(a.integer("hidden_dim"), patch).set("strides", patch);
    parts.layer("projection", conv);
  }

  /** The tokens that are learned: the class's, that of a mask, registers. */
  static void tokenParts(Parts parts, HubArguments a) {
    a.channelsLast();
    parts.weight("cls_token");
    if (a.flag("use_mask_token", true)) {
      parts.weight("mask_token");
    }
    if (a.integer("num_register_tokens", 0) > 0) {
      parts.weight("register_tokens");
    }
  }

  /** The layer that makes the patches. */
  static void embeddedParts(Parts parts, HubArguments a, Part patches) {
    patches.set("hidden_dim", a.integer("hidden_dim")).set("patch_size", a.integer("patch_size"));
    parts.layer("patch_embeddings", patches);
  }

  static Value classToken(Block b, HubArguments a) {
    return b.weight("cls_token", 1, 1, a.integer("hidden_dim"));
  }

  /** The class's token, registers, and patches. */
  static KerasTensor tokens(Block b, HubArguments a, Value classToken, Value patches) {
    List<Value> tokens = new ArrayList<>(List.of(b.forEachRow(classToken, patches)));
    int registers = a.integer("num_register_tokens", 0);
    if (registers > 0) {
      Value table = b.weight("register_tokens", 1, registers, a.integer("hidden_dim"));
      tokens.add(b.forEachRow(table, patches));
    }
    tokens.add(patches);
    return KerasTensor.plain(b.graph().concat(1, tokens));
  }

  private static void scaleParts(Parts parts, HubArguments a) {
    a.skip("init_values");
    parts.weight("lambda1");
  }

  private static KerasTensor scale(Block b, HubArguments a) {
    Value factor = b.weight("lambda1", a.integer("hidden_dim"));
    return KerasTensor.plain(b.graph().mul(b.plain(b.input()), factor));
  }

  /**
   * The parts of a block: attention and an MLP, each behind a normalization and before a scale.
   *
   * @param scale makes a layer that scales
   */
  static void blockParts(
      Parts parts, HubArguments a, double epsilon, Part attention, Part mlp, Supplier<Part> scale) {
    int width = a.integer("hidden_dim");
    attention.set("hidden_dim", width).set("num_heads", a.integer("num_heads"));
    mlp.set("hidden_dim", width).set("intermediate_dim", a.integer("intermediate_dim"));
    parts
        .layer("norm1", Part.layerNormalization(epsilon))
        .layer("attention", attention)
        .layer("layer_scale1", scale.get().set("hidden_dim", width))
        .layer("norm2", Part.layerNormalization(epsilon))
        .layer("mlp", mlp)
        .layer("layer_scale2", scale.get().set("hidden_dim", width));
  }

  static KerasTensor block(Block b, HubArguments a) {
    KerasTensor x = b.add(b.chain(b.input(), "norm1", "attention", "layer_scale1"), b.input());
    return b.add(b.chain(x, "norm2", "mlp", "layer_scale2"), x);
  }
}
