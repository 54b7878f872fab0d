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

/** The layers of {@code HGNetV2Backbone}. They are registered in KerasHub's package. */
public final class HgNetLayers {
  private static final String LIST = "layer_list/";

  public static final LayerType AFFINE = HubLayer.of(HgNetLayers::affineParts, HgNetLayers::affine);
  public static final LayerType CONVOLUTION =
      HubLayer.of(HgNetLayers::convolutionParts, HgNetLayers::convolution);
  public static final LayerType LIGHT =
      HubLayer.of(
          HgNetLayers::lightParts, (b, a) -> b.chain(b.input(), "conv1_layer", "conv2_layer"));
  public static final LayerType EMBEDDINGS =
      HubLayer.of(HgNetLayers::embeddingParts, HgNetLayers::embeddings);
  public static final LayerType BASIC = HubLayer.of(HgNetLayers::basicParts, HgNetLayers::basic);
  public static final LayerType STAGE = HubLayer.of(HgNetLayers::stageParts, HgNetLayers::stage);
  public static final LayerType ENCODER =
      HubLayer.several(HgNetLayers::encoderParts, HgNetLayers::encoder);

  private HgNetLayers() {}

  /** {@return a convolution with what is behind it} */
  private static Part conv(int filters, int kernel, int stride, int groups, boolean affine) {
    return Part.registered("HGNetV2ConvLayer")
        .set("out_channels", filters)
        .set("kernel_size", kernel)
        .set("stride", stride)
        .set("groups", groups)
        .set("activation", "relu")
        .set("use_learnable_affine_block", affine);
  }

  private static boolean affine(HubArguments a) {
    a.channelsLast();
    a.skip("channel_axis", "in_channels");
    return a.flag("use_learnable_affine_block", false);
  }

  private static void affineParts(Parts parts, HubArguments a) {
    a.skip("scale_value", "bias_value");
    parts.weight("scale").weight("bias");
  }

  private static KerasTensor affine(Block b, HubArguments a) {
    Value x = b.graph().mul(b.input().value(), b.weight("scale"));
    return new KerasTensor(b.graph().add(x, b.weight("bias")), b.input().layout());
  }

  private static void convolutionParts(Parts parts, HubArguments a) {
    boolean affine = affine(a);
    int kernel = a.integer("kernel_size");
    Part conv = Part.conv2d(a.integer("out_channels"), kernel).set("strides", a.integer("stride"));
    parts
        .layer("padding", Part.zeroPadding2d((kernel - 1) / 2))
        .layer("convolution", conv.set("groups", a.integer("groups")).bias(false))
        .layer("normalization", Part.batchNormalization(1e-5));
    if (a.find("activation") != null) {
      String activation = a.choice("activation", "relu", "gelu", "tanh");
      parts.layer("activation_layer", Part.activation(activation));
    }
    if (affine) {
      parts.layer("lab", Part.registered("HGNetV2LearnableAffineBlock"));
    }
  }

  private static KerasTensor convolution(Block b, HubArguments a) {
    KerasTensor x = b.chain(b.input(), "padding", "convolution", "normalization");
    return b.callIf("lab", b.callIf("activation_layer", x));
  }

  private static void lightParts(Parts parts, HubArguments a) {
    boolean affine = affine(a);
    int filters = a.integer("out_channels");
    parts
        .layer("conv1_layer", conv(filters, 1, 1, 1, false).set("activation", null))
        .layer("conv2_layer", conv(filters, a.integer("kernel_size"), 1, filters, affine));
  }

  private static void embeddingParts(Parts parts, HubArguments a) {
    boolean affine = affine(a);
    List<Integer> stem = a.integers("stem_channels");
    Object activation = a.any("hidden_act", "relu");
    int wide = stem.get(1);
    Part margin = Part.keras("ZeroPadding2D");
    margin.set("padding", List.of(List.of(0, 1), List.of(0, 1)));
    Part pool = Part.keras("MaxPooling2D").set("pool_size", 2).set("strides", 1);
    parts
        .layer("stem1_layer", conv(wide, 3, 2, 1, affine).set("activation", activation))
        .layer("padding1", margin)
        .layer("stem2a_layer", conv(wide / 2, 2, 1, 1, affine).set("activation", activation))
        .layer("padding2", margin)
        .layer("stem2b_layer", conv(wide, 2, 1, 1, affine).set("activation", activation))
        .layer("pool_layer", pool)
        .layer("stem3_layer", conv(wide, 3, 2, 1, affine).set("activation", activation))
        .layer("stem4_layer", conv(stem.get(2), 1, 1, 1, affine).set("activation", activation));
  }

  private static KerasTensor embeddings(Block b, HubArguments a) {
    KerasTensor x = b.chain(b.input(), "stem1_layer", "padding1");
    KerasTensor narrow = b.chain(x, "stem2a_layer", "padding2", "stem2b_layer");
    x = b.concat(3, b.call("pool_layer", x), narrow);
    return b.chain(x, "stem3_layer", "stem4_layer");
  }

  private static void basicParts(Parts parts, HubArguments a) {
    boolean affine = affine(a);
    a.skip("drop_path");
    int middle = a.integer("middle_channels");
    int out = a.integer("out_channels");
    int count = a.integer("layer_num");
    int kernel = a.integer("kernel_size", 3);
    a.checkBlocks(count);
    for (int i = 0; i < count; i++) {
      Part light = Part.registered("HGNetV2ConvLayerLight").set("out_channels", middle);
      light.set("kernel_size", kernel).set("use_learnable_affine_block", affine);
      boolean isLight = a.flag("light_block", false);
      parts.layer(LIST + i, isLight ? light : conv(middle, kernel, 1, 1, affine));
    }
    parts
        .layer("aggregation_squeeze_conv", conv(out / 2, 1, 1, 1, affine))
        .layer("aggregation_excitation_conv", conv(out, 1, 1, 1, affine));
  }

  private static KerasTensor basic(Block b, HubArguments a) {
    List<KerasTensor> all = new ArrayList<>(List.of(b.input()));
    for (int i = 0; i < b.count("layer_list"); i++) {
      all.add(b.call(LIST + i, all.get(i)));
    }
    KerasTensor x = b.concat(3, all.toArray(new KerasTensor[0]));
    x = b.chain(x, "aggregation_squeeze_conv", "aggregation_excitation_conv");
    return a.flag("residual", false) ? b.add(x, b.input()) : x;
  }

  private static void stageParts(Parts parts, HubArguments a) {
    boolean affine = affine(a);
    int i = a.integer("stage_index");
    a.skip("drop_path");
    int in = a.integers("stage_in_channels").get(i);
    int count = a.integers("stage_num_blocks").get(i);
    a.checkBlocks(count);
    if (a.flags("apply_downsample").get(i)) {
      parts.layer("downsample_layer", conv(in, 3, 2, in, false).set("activation", null));
    }
    for (int block = 0; block < count; block++) {
      Part layer = Part.registered("HGNetV2BasicLayer");
      layer
          .set("middle_channels", a.integers("stage_mid_channels").get(i))
          .set("out_channels", a.integers("stage_out_channels").get(i))
          .set("layer_num", a.integers("stage_num_of_layers").get(i))
          .set("kernel_size", a.integers("stage_kernel_size").get(i))
          .set("light_block", a.flags("use_lightweight_conv_block").get(i))
          .set("residual", block > 0)
          .set("use_learnable_affine_block", affine);
      parts.layer("blocks_list/" + block, layer);
    }
  }

  private static KerasTensor stage(Block b, HubArguments a) {
    return b.list("blocks_list", b.callIf("downsample_layer", b.input()));
  }

  private static void encoderParts(Parts parts, HubArguments a) {
    boolean affine = affine(a);
    int count = a.integers("stage_in_channels").size();
    for (int i = 0; i < count; i++) {
      Part stage = Part.registered("HGNetV2Stage").set("stage_index", i);
      for (String key :
          List.of(
              "stage_in_channels",
              "stage_mid_channels",
              "stage_out_channels",
              "stage_num_blocks",
              "stage_num_of_layers",
              "apply_downsample",
              "use_lightweight_conv_block",
              "stage_kernel_size")) {
        stage.set(key, a.any(key, List.of()));
      }
      parts.layer("stages_list/" + i, stage.set("use_learnable_affine_block", affine));
    }
  }

  /** What it takes, and what each stage gives. */
  private static List<KerasTensor> encoder(Block b, HubArguments a) {
    List<KerasTensor> all = new ArrayList<>(List.of(b.input()));
    for (int i = 0; i < b.count("stages_list"); i++) {
      all.add(b.call("stages_list/" + i, all.get(i)));
    }
    return all;
  }
}
