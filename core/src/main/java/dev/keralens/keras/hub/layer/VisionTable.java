package dev.keralens.keras.hub.layer;

import static java.util.Map.entry;

import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.hub.vision.VitLayers;
import java.util.Map;

/** The layers of KerasHub's networks for pictures. */
final class VisionTable {
  static final Map<String, LayerType> TYPES =
      Map.ofEntries(
          entry("models.vit.vit_layers.MLP", VitLayers.MLP),
          entry("models.vit.vit_layers.ViTEncoder", VitLayers.ENCODER),
          entry("models.vit.vit_layers.ViTEncoderBlock", VitLayers.BLOCK),
          entry("models.vit.vit_layers.ViTPatchingAndEmbedding", VitLayers.PATCHES));

  private VisionTable() {}
}
