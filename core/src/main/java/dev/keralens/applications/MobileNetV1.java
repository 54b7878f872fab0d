package dev.keralens.applications;

import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;

/**
 * Depthwise and pointwise convolutions in turn.
 *
 * <p>Howard et al.: MobileNets: Efficient Convolutional Neural Networks for Mobile Vision
 * Applications, 2017, https://arxiv.org/abs/1704.04861, table 1.
 */
final class MobileNetV1 {
  private static final int[] FILTERS = {
    64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024
  };

  /** The blocks that halve the image, counted from 1. */
  private static final boolean[] HALVES = {
    false, true, false, true, false, true, false, false, false, false, false, true, false
  };

  private final ModelBuilder b;

  private MobileNetV1(ModelBuilder b) {
    this.b = b;
  }

  static SymbolicTensor build(ModelBuilder b, SymbolicTensor input, Options o) {
    MobileNetV1 network = new MobileNetV1(b);
    SymbolicTensor x =
        b.conv2d((int) (32 * o.alpha), 3)
            .strides(2)
            .padding("same")
            .useBias(false)
            .name("conv1")
            .apply(input);
    x = network.activated(x, "conv1");
    for (int i = 0; i < FILTERS.length; i++) {
      x = network.block(x, (int) (FILTERS[i] * o.alpha), HALVES[i], i + 1);
    }
    if (!o.includeTop) {
      return Blocks.pooled(b, x, o, "", "");
    }
    x = b.globalAveragePooling2d().keepdims(true).apply(x);
    x = b.dropout(1e-3).name("dropout").apply(x);
    x = b.conv2d(o.classes, 1).padding("same").name("conv_preds").apply(x);
    x = b.reshape(o.classes).name("reshape_2").apply(x);
    return b.activation(o.classifierActivation).name("predictions").apply(x);
  }

  private SymbolicTensor block(SymbolicTensor input, int filters, boolean halves, int number) {
    SymbolicTensor x = input;
    if (halves) {
      x = b.zeroPadding2d(0, 1, 0, 1).name("conv_pad_" + number).apply(x);
    }
    String depthwise = "conv_dw_" + number;
    x =
        b.depthwiseConv2d(3)
            .strides(halves ? 2 : 1)
            .padding(halves ? "valid" : "same")
            .useBias(false)
            .name(depthwise)
            .apply(x);
    x = activated(x, depthwise);
    String pointwise = "conv_pw_" + number;
    x = b.conv2d(filters, 1).padding("same").useBias(false).name(pointwise).apply(x);
    return activated(x, pointwise);
  }

  private SymbolicTensor activated(SymbolicTensor x, String name) {
    return b.relu(6).name(name + "_relu").apply(b.batchNormalization().name(name + "_bn").apply(x));
  }
}
