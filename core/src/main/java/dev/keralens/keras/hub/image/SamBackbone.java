package dev.keralens.keras.hub.image;

import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.hub.argument.HubArguments;

/**
 * The encoder of SAM: what it makes of a picture, before any prompt. Masks need points or boxes,
 * and are no part of what is read.
 */
public final class SamBackbone {
  private static final String ENCODER = "image_encoder";

  private SamBackbone() {}

  public static SymbolicTensor build(ModelBuilder b, HubArguments arguments) {
    arguments.skip("prompt_encoder", "mask_decoder");
    arguments.leaveOut("sam_prompt_encoder", "sam_mask_decoder");
    String encoder = arguments.model(ENCODER).path("class_name").asText();
    if (!encoder.equals("ViTDetBackbone")) {
      throw arguments.unsupported(
          "its image_encoder is a %s; read is ViTDetBackbone.".formatted(encoder));
    }
    return VitDetBackbone.build(b, arguments.argumentsOf(ENCODER));
  }

  /** The task, up to what its encoder gives. */
  public static SymbolicTensor segmenter(
      ModelBuilder b, SymbolicTensor features, HubArguments arguments) {
    arguments.leaveOut("sam_mask_decoder");
    return b.activation("linear").name("image_embeddings").apply(features);
  }
}
