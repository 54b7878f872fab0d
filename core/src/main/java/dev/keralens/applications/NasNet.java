package dev.keralens.applications;

import dev.keralens.keras.build.Initializer;
import dev.keralens.keras.build.LayerSpec;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import org.jspecify.annotations.Nullable;

/**
 * Cells found by search; each reads the two cells before it.
 *
 * <p>Zoph et al.: Learning Transferable Architectures for Scalable Image Recognition, 2018,
 * https://arxiv.org/abs/1707.07012, figure 4 (NASNet-A).
 */
final class NasNet {
  private final ModelBuilder b;
  private final int filters;
  private final int blocks;
  private final int stemFilters;
  private final boolean skipsReduction;

  private NasNet(ModelBuilder b, int filters, int blocks, int stemFilters, boolean skipsReduction) {
    this.b = b;
    this.filters = filters;
    this.blocks = blocks;
    this.stemFilters = stemFilters;
    this.skipsReduction = skipsReduction;
  }

  static SymbolicTensor mobile(ModelBuilder b, SymbolicTensor input, Options o) {
    return new NasNet(b, 44, 4, 32, false).build(input, o);
  }

  static SymbolicTensor large(ModelBuilder b, SymbolicTensor input, Options o) {
    return new NasNet(b, 168, 6, 96, true).build(input, o);
  }

  private SymbolicTensor build(SymbolicTensor input, Options o) {
    SymbolicTensor start =
        b.conv2d(stemFilters, 3)
            .strides(2)
            .useBias(false)
            .initializer("kernel", Initializer.HE_NORMAL)
            .name("stem_conv1")
            .apply(input);
    SymbolicTensor before = normalized(start, "stem_bn1");
    SymbolicTensor x = reduction(before, null, filters / 4, "stem_1");
    SymbolicTensor next = reduction(x, before, filters / 2, "stem_2");
    SymbolicTensor previous = x;
    x = next;
    for (int stage = 0; stage < 3; stage++) {
      int width = filters << stage;
      if (stage > 0) {
        next = reduction(x, previous, width, "reduce_" + blocks * stage);
        previous = skipsReduction ? previous : x;
        x = next;
      }
      for (int i = 0; i < blocks; i++) {
        int number = stage * blocks + i + (stage > 0 ? 1 : 0);
        next = normal(x, previous, width, String.valueOf(number));
        previous = x;
        x = next;
      }
    }
    return Blocks.head(b, b.activation("relu").apply(x), o, "", "");
  }

  private SymbolicTensor normal(
      SymbolicTensor input, SymbolicTensor previous, int width, String id) {
    SymbolicTensor p = adjusted(previous, input, width, id);
    SymbolicTensor h = b.activation("relu").apply(input);
    h = normalized(pointwise(width, "normal_conv_1_" + id).apply(h), "normal_bn_1_" + id);
    SymbolicTensor left = separable(h, width, 5, 1, "normal_left1_" + id);
    SymbolicTensor right = separable(p, width, 3, 1, "normal_right1_" + id);
    SymbolicTensor x1 = b.add().name("normal_add_1_" + id).apply(left, right);
    left = separable(p, width, 5, 1, "normal_left2_" + id);
    right = separable(p, width, 3, 1, "normal_right2_" + id);
    SymbolicTensor x2 = b.add().name("normal_add_2_" + id).apply(left, right);
    SymbolicTensor x3 = average(h, "normal_left3_" + id);
    x3 = b.add().name("normal_add_3_" + id).apply(x3, p);
    left = average(p, "normal_left4_" + id);
    right = average(p, "normal_right4_" + id);
    SymbolicTensor x4 = b.add().name("normal_add_4_" + id).apply(left, right);
    SymbolicTensor x5 = separable(h, width, 3, 1, "normal_left5_" + id);
    x5 = b.add().name("normal_add_5_" + id).apply(x5, h);
    return b.concatenate().name("normal_concat_" + id).apply(p, x1, x2, x3, x4, x5);
  }

  private SymbolicTensor reduction(
      SymbolicTensor input, @Nullable SymbolicTensor previous, int width, String id) {
    SymbolicTensor p = adjusted(previous, input, width, id);
    SymbolicTensor h = b.activation("relu").apply(input);
    h = normalized(pointwise(width, "reduction_conv_1_" + id).apply(h), "reduction_bn_1_" + id);
    SymbolicTensor padded = Blocks.evenPadding(b, h, 3).name("reduction_pad_1_" + id).apply(h);
    SymbolicTensor left = separable(h, width, 5, 2, "reduction_left1_" + id);
    SymbolicTensor right = separable(p, width, 7, 2, "reduction_right1_" + id);
    SymbolicTensor x1 = b.add().name("reduction_add_1_" + id).apply(left, right);
    left = b.maxPooling2d(3).strides(2).name("reduction_left2_" + id).apply(padded);
    right = separable(p, width, 7, 2, "reduction_right2_" + id);
    SymbolicTensor x2 = b.add().name("reduction_add_2_" + id).apply(left, right);
    left = b.averagePooling2d(3).strides(2).name("reduction_left3_" + id).apply(padded);
    right = separable(p, width, 5, 2, "reduction_right3_" + id);
    SymbolicTensor x3 = b.add().name("reduction_add3_" + id).apply(left, right);
    SymbolicTensor x4 = average(x1, "reduction_left4_" + id);
    x4 = b.add().apply(x2, x4);
    left = separable(x1, width, 3, 1, "reduction_left4_" + id);
    right = b.maxPooling2d(3).strides(2).name("reduction_right5_" + id).apply(padded);
    SymbolicTensor x5 = b.add().name("reduction_add4_" + id).apply(left, right);
    return b.concatenate().name("reduction_concat_" + id).apply(x2, x3, x4, x5);
  }

  /** Gives the cell before the last the size and the channels of the last. */
  private SymbolicTensor adjusted(
      @Nullable SymbolicTensor previous, SymbolicTensor input, int width, String id) {
    if (previous == null) {
      return input;
    }
    if (previous.size(1) != input.size(1)) {
      return halved(previous, width, id);
    }
    if (previous.channels() == width) {
      return previous;
    }
    SymbolicTensor p = b.activation("relu").apply(previous);
    p = pointwise(width, "adjust_conv_projection_" + id).apply(p);
    return normalized(p, "adjust_bn_" + id);
  }

  private SymbolicTensor halved(SymbolicTensor previous, int width, String id) {
    SymbolicTensor p = b.activation("relu").name("adjust_relu_1_" + id).apply(previous);
    SymbolicTensor p1 = b.averagePooling2d(1).strides(2).name("adjust_avg_pool_1_" + id).apply(p);
    p1 = pointwise(width / 2, "adjust_conv_1_" + id).apply(p1);
    SymbolicTensor p2 = b.zeroPadding2d(0, 1, 0, 1).apply(p);
    p2 = b.cropping2d(1, 0, 1, 0).apply(p2);
    p2 = b.averagePooling2d(1).strides(2).name("adjust_avg_pool_2_" + id).apply(p2);
    p2 = pointwise(width / 2, "adjust_conv_2_" + id).apply(p2);
    return normalized(b.concatenate().apply(p1, p2), "adjust_bn_" + id);
  }

  private SymbolicTensor separable(
      SymbolicTensor input, int width, int kernel, int stride, String id) {
    SymbolicTensor x = b.activation("relu").apply(input);
    if (stride == 2) {
      x = Blocks.evenPadding(b, x, kernel).name("separable_conv_1_pad_" + id).apply(x);
    }
    x =
        b.separableConv2d(width, kernel)
            .strides(stride)
            .padding(stride == 2 ? "valid" : "same")
            .useBias(false)
            .name("separable_conv_1_" + id)
            .apply(x);
    x = b.activation("relu").apply(normalized(x, "separable_conv_1_bn_" + id));
    x =
        b.separableConv2d(width, kernel)
            .padding("same")
            .useBias(false)
            .name("separable_conv_2_" + id)
            .apply(x);
    return normalized(x, "separable_conv_2_bn_" + id);
  }

  private SymbolicTensor average(SymbolicTensor x, String name) {
    return b.averagePooling2d(3).strides(1).padding("same").name(name).apply(x);
  }

  private LayerSpec pointwise(int width, String name) {
    return b.conv2d(width, 1)
        .padding("same")
        .useBias(false)
        .initializer("kernel", Initializer.HE_NORMAL)
        .name(name);
  }

  private SymbolicTensor normalized(SymbolicTensor x, String name) {
    return b.batchNormalization().set("momentum", 0.9997).name(name).apply(x);
  }
}
