package dev.keralens.applications;

import dev.keralens.keras.build.ApplicationLayers;
import dev.keralens.keras.build.LayerSpec;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;

/**
 * Convolutions arranged as transformers arrange attention.
 *
 * <p>Liu et al.: A ConvNet for the 2020s, 2022, https://arxiv.org/abs/2201.03545. The network
 * scales its pixels itself.
 */
final class ConvNeXt {
  private static final double EPSILON = 1e-6;
  private static final double[] MEAN = {0.485 * 255, 0.456 * 255, 0.406 * 255};
  private static final double[] VARIANCE = {
    Math.pow(0.229 * 255, 2), Math.pow(0.224 * 255, 2), Math.pow(0.225 * 255, 2)
  };

  private final ModelBuilder b;
  private final String name;

  private ConvNeXt(ModelBuilder b, String name) {
    this.b = b;
    this.name = name;
  }

  /**
   * {@return a network}
   *
   * @param name what the names of its layers begin with
   * @param deep the number of blocks of the third stage; the others have 3
   * @param width the channels of the first stage; each has twice those before it
   */
  static Architecture of(String name, int deep, int width) {
    return (b, x, o) -> new ConvNeXt(b, name).build(x, o, new int[] {3, 3, deep, 3}, width);
  }

  private SymbolicTensor build(SymbolicTensor input, Options o, int[] depths, int width) {
    SymbolicTensor x = input;
    if (o.includePreprocessing && x.channels() == 3) {
      x = b.normalization(MEAN, VARIANCE).name(name + "_prestem_normalization").apply(x);
    }
    for (int stage = 0; stage < depths.length; stage++) {
      int channels = width << stage;
      x = downsampling(stage, channels).apply(x);
      for (int block = 0; block < depths[stage]; block++) {
        x = block(x, channels, name + "_stage_" + stage + "_block_" + block);
      }
    }
    if (!o.includeTop) {
      return normalization("").apply(Blocks.pooled(b, x, o, "", ""));
    }
    x = b.globalAveragePooling2d().name(name + "_head_gap").apply(x);
    x = normalization(name + "_head_layernorm").apply(x);
    return b.dense(o.classes)
        .activation(o.classifierActivation)
        .name(name + "_head_dense")
        .apply(x);
  }

  /** A strided convolution; the first has its normalization after it, the others before. */
  private LayerSpec downsampling(int stage, int channels) {
    if (stage == 0) {
      LayerSpec conv = b.conv2d(channels, 4).strides(4).name(name + "_stem_conv");
      return b.sequential(conv, normalization(name + "_stem_layernorm")).name(name + "_stem");
    }
    int number = stage - 1;
    LayerSpec conv = b.conv2d(channels, 2).strides(2).name(name + "_downsampling_conv_" + number);
    return b.sequential(normalization(name + "_downsampling_layernorm_" + number), conv)
        .name(name + "_downsampling_block_" + number);
  }

  private SymbolicTensor block(SymbolicTensor input, int channels, String block) {
    SymbolicTensor x =
        b.conv2d(channels, 7)
            .padding("same")
            .groups(channels)
            .name(block + "_depthwise_conv")
            .apply(input);
    x = normalization(block + "_layernorm").apply(x);
    x = b.dense(4 * channels).name(block + "_pointwise_conv_1").apply(x);
    x = b.activation("gelu").name(block + "_gelu").apply(x);
    x = b.dense(channels).name(block + "_pointwise_conv_2").apply(x);
    x = ApplicationLayers.layerScale(b, 1e-6, channels).name(block + "_layer_scale").apply(x);
    x = b.activation("linear").name(block + "_identity").apply(x);
    return input.plus(x);
  }

  private LayerSpec normalization(String layer) {
    return Blocks.named(b.layerNormalization().epsilon(EPSILON), layer);
  }
}
