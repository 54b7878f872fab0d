package dev.keralens.keras.hub.image;

import dev.keralens.keras.build.KerasFunctions;
import dev.keralens.keras.build.LayerSpec;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.hub.argument.HubArguments;
import java.util.List;

/**
 * Residual networks: v1 with the activation behind each convolution, v2 before it, and vd, whose
 * stem has several convolutions and whose shortcuts are averaged.
 */
public final class ResNetBackbone {
  private static final double EPSILON = 1e-5;

  private final ModelBuilder b;
  private final boolean before;
  private final boolean bottleneck;
  private final boolean averaged;

  private ResNetBackbone(ModelBuilder b, boolean before, String blockType) {
    this.b = b;
    this.before = before;
    this.bottleneck = blockType.startsWith("bottleneck");
    this.averaged = blockType.endsWith("_vd");
  }

  public static SymbolicTensor build(ModelBuilder b, HubArguments arguments) {
    List<Integer> stem = arguments.integers("input_conv_filters");
    List<Integer> kernels = arguments.integers("input_conv_kernel_sizes");
    arguments.sameLength("input_conv_filters and input_conv_kernel_sizes", stem, kernels);
    List<Integer> filters = arguments.integers("stackwise_num_filters");
    List<Integer> blocks = arguments.blocks("stackwise_num_blocks");
    List<Integer> strides = arguments.integers("stackwise_num_strides");
    arguments.sameLength(
        "stackwise_num_filters, stackwise_num_blocks and stackwise_num_strides",
        filters,
        blocks,
        strides);
    String type =
        arguments.choice(
            "block_type",
            "basic_block",
            "bottleneck_block",
            "basic_block_vd",
            "bottleneck_block_vd");
    boolean before = arguments.flag("use_pre_activation", false);
    arguments.channelsLast();
    ResNetBackbone network = new ResNetBackbone(b, before, type);
    SymbolicTensor x = network.stem(b.input(arguments.shape("image_shape")), stem, kernels);
    for (int stack = 0; stack < filters.size(); stack++) {
      boolean shortcut = stack > 0 || !type.equals("basic_block");
      for (int i = 0; i < blocks.get(stack); i++) {
        String name = "stack%d_block%d".formatted(stack, i);
        int stride = i == 0 ? strides.get(stack) : 1;
        x = network.block(x, filters.get(stack), stride, i == 0 && shortcut, name);
      }
      arguments.level("P" + (stack + 2), x);
    }
    return before ? network.activated(x, "post_bn", "post_relu") : x;
  }

  private SymbolicTensor stem(SymbolicTensor image, List<Integer> filters, List<Integer> kernels) {
    SymbolicTensor x = b.zeroPadding2d((kernels.get(0) - 1) / 2).name("conv1_pad").apply(image);
    x = conv(filters.get(0), kernels.get(0)).strides(2).name("conv1_conv").apply(x);
    for (int i = 1; i < filters.size(); i++) {
      x = activated(x, "conv%d_bn".formatted(i), "conv%d_relu".formatted(i));
      LayerSpec conv = conv(filters.get(i), kernels.get(i)).padding("same");
      x = conv.name("conv%d_conv".formatted(i + 1)).apply(x);
    }
    if (before) {
      x = KerasFunctions.pad(b, x, 1, -Float.MAX_VALUE);
    } else {
      String last = "conv" + filters.size();
      x = activated(x, last + "_bn", last + "_relu");
      x = b.zeroPadding2d(1).name("pool1_pad").apply(x);
    }
    return b.maxPooling2d(3).strides(2).name("pool1_pool").apply(x);
  }

  private SymbolicTensor block(
      SymbolicTensor input, int filters, int stride, boolean projects, String name) {
    SymbolicTensor start = input;
    if (before) {
      String first = name + "_pre_activation";
      start = activated(input, first + "_bn", first + "_relu");
    }
    int wide = bottleneck ? 4 * filters : filters;
    SymbolicTensor shortcut = projects ? shortcut(start, wide, stride, name) : input;
    SymbolicTensor x = start;
    if (bottleneck) {
      x = conv(filters, 1).name(name + "_1_conv").apply(x);
      x = activated(x, name + "_1_bn", name + "_1_relu");
      x = strided(x, filters, stride, name + "_2");
      x = activated(x, name + "_2_bn", name + "_2_relu");
      x = conv(wide, 1).name(name + "_3_conv").apply(x);
    } else {
      x = strided(x, filters, stride, name + "_1");
      x = activated(x, name + "_1_bn", name + "_1_relu");
      x = conv(filters, 3).padding("same").name(name + "_2_conv").apply(x);
    }
    if (before) {
      return b.add().name(name + "_out").apply(shortcut, x);
    }
    x = normalized(x, name + (bottleneck ? "_3_bn" : "_2_bn"));
    x = b.add().name(name + "_add").apply(shortcut, x);
    return b.activation("relu").name(name + "_out").apply(x);
  }

  /** A shortcut of vd that is activated before has no stride, as KerasHub has it. */
  private SymbolicTensor shortcut(SymbolicTensor start, int filters, int stride, String name) {
    SymbolicTensor x = start;
    if (averaged && !before && stride > 1) {
      x = b.averagePooling2d(2).strides(stride).padding("same").apply(x);
    }
    x = conv(filters, 1).strides(averaged ? 1 : stride).name(name + "_0_conv").apply(x);
    return before ? x : normalized(x, name + "_0_bn");
  }

  private SymbolicTensor strided(SymbolicTensor input, int filters, int stride, String name) {
    SymbolicTensor x = input;
    if (stride > 1) {
      x = b.zeroPadding2d(1).name(name + "_pad").apply(x);
    }
    LayerSpec conv = conv(filters, 3).strides(stride).padding(stride > 1 ? "valid" : "same");
    return conv.name(name + "_conv").apply(x);
  }

  private LayerSpec conv(int filters, int kernel) {
    return b.conv2d(filters, kernel).useBias(false);
  }

  private SymbolicTensor normalized(SymbolicTensor x, String name) {
    return b.batchNormalization().epsilon(EPSILON).name(name).apply(x);
  }

  private SymbolicTensor activated(SymbolicTensor x, String normalization, String activation) {
    return b.activation("relu").name(activation).apply(normalized(x, normalization));
  }
}
