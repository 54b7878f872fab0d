package dev.keralens.applications;

import dev.keralens.keras.build.Initializer;
import dev.keralens.keras.build.LayerSpec;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;

/**
 * MobileNetV2's blocks with squeeze-and-excitation, scaled in width, depth and size together.
 *
 * <p>Tan, Le: EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks, 2019,
 * https://arxiv.org/abs/1905.11946, table 1.
 *
 * <p>The network scales its pixels itself. As in Keras, the published weights belong to a network
 * with one more factor, 1 / sqrt(standard deviation), which their training had.
 */
final class EfficientNet {
  static final Initializer KERNELS =
      new Initializer.VarianceScaling(
          2, Initializer.Fan.OUT, Initializer.Distribution.TRUNCATED_NORMAL);
  static final Initializer CLASSIFIER =
      new Initializer.VarianceScaling(
          1. / 3, Initializer.Fan.OUT, Initializer.Distribution.UNIFORM);

  private static final double[] DEVIATIONS = {0.229, 0.224, 0.225};

  /** Kernel, number of blocks, filters in, filters out, expansion, strides of the first block. */
  private static final int[][] STAGES = {
    {3, 1, 32, 16, 1, 1},
    {3, 2, 16, 24, 6, 2},
    {5, 2, 24, 40, 6, 2},
    {3, 3, 40, 80, 6, 2},
    {5, 3, 80, 112, 6, 1},
    {5, 4, 112, 192, 6, 2},
    {3, 1, 192, 320, 6, 1}
  };

  private final ModelBuilder b;
  private final double width;
  private final double depth;
  private final double dropout;

  private EfficientNet(ModelBuilder b, double width, double depth, double dropout) {
    this.b = b;
    this.width = width;
    this.depth = depth;
    this.dropout = dropout;
  }

  static Architecture of(double width, double depth, double dropout) {
    return (b, x, o) -> new EfficientNet(b, width, depth, dropout).build(x, o);
  }

  private SymbolicTensor build(SymbolicTensor input, Options o) {
    SymbolicTensor x =
        b.normalization().set("axis", 3).apply(b.rescaling(1 / 255., 0).apply(input));
    if (o.isImageNet()) {
      double[] factors = new double[DEVIATIONS.length];
      for (int i = 0; i < factors.length; i++) {
        factors[i] = 1 / Math.sqrt(DEVIATIONS[i]);
      }
      x = b.rescaling(1, 0).set("scale", factors).apply(x);
    }
    x = Blocks.evenPadding(b, x, 3).name("stem_conv_pad").apply(x);
    x =
        conv(filters(32), 1, "stem_conv")
            .set("kernel_size", 3)
            .strides(2)
            .padding("valid")
            .apply(x);
    x = activated(x, "stem_bn", "stem_activation");
    int total = 0;
    for (int[] stage : STAGES) {
      total += repeats(stage[1]);
    }
    int number = 0;
    for (int i = 0; i < STAGES.length; i++) {
      int[] stage = STAGES[i];
      for (int j = 0; j < repeats(stage[1]); j++) {
        String name = "block" + (i + 1) + (char) ('a' + j) + "_";
        x = block(x, stage, j == 0 ? stage[5] : 1, 0.2 * number++ / total, name);
      }
    }
    x = conv(filters(1280), 1, "top_conv").apply(x);
    x = activated(x, "top_bn", "top_activation");
    return head(b, x, o, dropout);
  }

  /** Mean, dropout and dense classifier, or what the pooling option says. */
  static SymbolicTensor head(ModelBuilder b, SymbolicTensor x, Options o, double dropout) {
    if (!o.includeTop) {
      return Blocks.pooled(b, x, o, "avg_pool", "max_pool");
    }
    SymbolicTensor pooled = b.globalAveragePooling2d().name("avg_pool").apply(x);
    return b.dense(o.classes)
        .activation(o.classifierActivation)
        .initializer("kernel", CLASSIFIER)
        .name("predictions")
        .apply(b.dropout(dropout).name("top_dropout").apply(pooled));
  }

  private SymbolicTensor block(
      SymbolicTensor input, int[] stage, int stride, double drop, String name) {
    int kernel = stage[0];
    int inside = input.channels() * stage[4];
    int out = filters(stage[3]);
    SymbolicTensor x = input;
    if (stage[4] != 1) {
      x = conv(inside, 1, name + "expand_conv").apply(x);
      x = activated(x, name + "expand_bn", name + "expand_activation");
    }
    if (stride == 2) {
      x = Blocks.evenPadding(b, x, kernel).name(name + "dwconv_pad").apply(x);
    }
    x =
        b.depthwiseConv2d(kernel)
            .strides(stride)
            .padding(stride == 2 ? "valid" : "same")
            .useBias(false)
            .initializer("depthwise_kernel", KERNELS)
            .name(name + "dwconv")
            .apply(x);
    x = activated(x, name + "bn", name + "activation");
    x = excited(b, x, Math.max(1, input.channels() / 4), name);
    x = conv(out, 1, name + "project_conv").apply(x);
    x = b.batchNormalization().set("axis", 3).name(name + "project_bn").apply(x);
    if (stride == 1 && input.channels() == out) {
      x = dropped(b, x, drop, name);
      x = b.add().name(name + "add").apply(x, input);
    }
    return x;
  }

  /** Squeeze-and-excitation: each channel times a number that comes from the means of all. */
  static SymbolicTensor excited(ModelBuilder b, SymbolicTensor x, int squeezed, String name) {
    SymbolicTensor se = b.globalAveragePooling2d().name(name + "se_squeeze").apply(x);
    se = b.reshape(1, 1, x.channels()).name(name + "se_reshape").apply(se);
    se =
        b.conv2d(squeezed, 1)
            .padding("same")
            .activation("silu")
            .initializer("kernel", KERNELS)
            .name(name + "se_reduce")
            .apply(se);
    se =
        b.conv2d(x.channels(), 1)
            .padding("same")
            .activation("sigmoid")
            .initializer("kernel", KERNELS)
            .name(name + "se_expand")
            .apply(se);
    return b.multiply().name(name + "se_excite").apply(x, se);
  }

  /** Leaves whole pictures out in training. */
  static SymbolicTensor dropped(ModelBuilder b, SymbolicTensor x, double rate, String name) {
    Integer[] shape = {null, 1, 1, 1};
    return rate > 0 ? b.dropout(rate).set("noise_shape", shape).name(name + "drop").apply(x) : x;
  }

  private LayerSpec conv(int filters, int kernel, String name) {
    return b.conv2d(filters, kernel)
        .padding("same")
        .useBias(false)
        .initializer("kernel", KERNELS)
        .name(name);
  }

  private SymbolicTensor activated(SymbolicTensor x, String normalization, String activation) {
    SymbolicTensor y = b.batchNormalization().set("axis", 3).name(normalization).apply(x);
    return b.activation("silu").name(activation).apply(y);
  }

  private int filters(int base) {
    return Blocks.eighths(base * width);
  }

  private int repeats(int base) {
    return (int) Math.ceil(depth * base);
  }
}
