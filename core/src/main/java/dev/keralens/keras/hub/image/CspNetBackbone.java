package dev.keralens.keras.hub.image;

import dev.keralens.keras.build.KerasFunctions;
import dev.keralens.keras.build.LayerSpec;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.hub.argument.HubArguments;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Stages through whose blocks go half of the channels, or all of them ({@code stage_type} {@code
 * dark}).
 */
public final class CspNetBackbone {
  private final ModelBuilder b;
  private final String stageType;
  private final String blockType;
  private final int groups;
  private final String activation;
  private final boolean averaged;
  private final boolean grows;
  private final boolean linear;

  private CspNetBackbone(ModelBuilder b, HubArguments arguments) {
    this.b = b;
    stageType = arguments.choice("stage_type", "dark", "csp", "cs3");
    blockType = arguments.choice("block_type", "dark_block", "edge_block", "bottleneck_block");
    groups = arguments.integer("groups", 1);
    activation = arguments.text("activation", "leaky_relu");
    averaged = arguments.flag("avg_down", false);
    grows = arguments.flag("down_growth", false);
    linear = arguments.flag("cross_linear", false);
  }

  /** The numbers of one stage. */
  private record Stage(
      String name,
      int filters,
      int depth,
      int stride,
      double blockRatio,
      double bottleRatio,
      double expandRatio) {
    int blockFilters() {
      return rounded(filters * blockRatio);
    }

    int expanded() {
      return rounded(filters * expandRatio);
    }
  }

  public static SymbolicTensor build(ModelBuilder b, HubArguments arguments) {
    CspNetBackbone network = new CspNetBackbone(b, arguments);
    arguments.channelsLast();
    List<Integer> filters = arguments.integers("stackwise_num_filters");
    List<Integer> depths = arguments.blocks("stackwise_depth");
    arguments.sameLength("stackwise_num_filters and stackwise_depth", filters, depths);
    List<Double> strides = arguments.oneOrMore("stackwise_strides", 1);
    List<Double> blockRatios = arguments.oneOrMore("block_ratio", 1);
    List<Double> bottleRatios = arguments.oneOrMore("bottle_ratio", 1);
    List<Double> expandRatios = arguments.oneOrMore("expand_ratio", 1);
    int coarsest = arguments.integer("output_strides", 32);
    SymbolicTensor x = b.input(arguments.shape("image_shape"));
    int reduction = reduction(arguments);
    x = network.stem(x, arguments);
    for (int i = 0; i < filters.size(); i++) {
      int stride = (int) last(strides, i);
      if (reduction >= coarsest && stride > 1) {
        throw arguments.unsupported(
            "output_strides=%d is reached before the last stage.".formatted(coarsest));
      }
      reduction *= stride;
      x =
          network.stage(
              x,
              new Stage(
                  "stage_" + i,
                  filters.get(i),
                  depths.get(i),
                  stride,
                  last(blockRatios, i),
                  last(bottleRatios, i),
                  last(expandRatios, i)));
      arguments.level("P" + (i + 2), x);
    }
    return x;
  }

  /** Where a list is shorter than there are stages, its last member counts for the others. */
  private static double last(List<Double> values, int stage) {
    return values.get(Math.min(stage, values.size() - 1));
  }

  /** Python's rounding: halves go to the even number. */
  private static int rounded(double value) {
    return (int) Math.rint(value);
  }

  /** Each convolution of the stem, by its strides. */
  private static List<Integer> stemStrides(HubArguments arguments) {
    int strides = arguments.integer("stem_strides");
    int count = arguments.oneOrMore("stem_filters", 32).size();
    boolean pooled = arguments.find("stem_pooling") != null;
    return IntStream.range(0, count)
        .map(i -> (i == 0 && strides > 1) || (i == count - 1 && strides > 2 && !pooled) ? 2 : 1)
        .boxed()
        .toList();
  }

  private static boolean isPooled(HubArguments arguments) {
    return arguments.text("stem_pooling", "").equals("max");
  }

  /** By how much the stem reduces the image. */
  private static int reduction(HubArguments arguments) {
    int reduction = isPooled(arguments) ? 2 : 1;
    for (int stride : stemStrides(arguments)) {
      reduction *= stride;
    }
    return reduction;
  }

  private SymbolicTensor stem(SymbolicTensor image, HubArguments arguments) {
    int kernel = arguments.integer("stem_kernel_size", 3);
    String padding = arguments.text("stem_padding", "valid");
    List<Double> filters = arguments.oneOrMore("stem_filters", 32);
    List<Integer> strides = stemStrides(arguments);
    SymbolicTensor x = image;
    for (int i = 0; i < filters.size(); i++) {
      if (strides.get(i) > 1) {
        x = b.zeroPadding2d((kernel - 1) / 2).name("csp_stem_pad_" + i).apply(x);
      }
      LayerSpec conv = conv((int) (double) filters.get(i), kernel).strides(strides.get(i));
      x = conv.padding(i == 0 ? padding : "valid").name("csp_stem_conv_" + i).apply(x);
      x = activated(x, "csp_stem_bn_" + i, "csp_stem_activation_" + i);
    }
    if (isPooled(arguments)) {
      x = KerasFunctions.pad(b, x, 1, -Float.MAX_VALUE);
      x = b.maxPooling2d(3).strides(2).name("csp_stem_pool").apply(x);
    }
    return x;
  }

  private SymbolicTensor stage(SymbolicTensor x, Stage stage) {
    return switch (stageType) {
      case "dark" -> blocks(down(x, stage, stage.filters(), "dark"), stage);
      case "csp" -> cross(x, stage);
      default -> cross3(x, stage);
    };
  }

  /** Reduces the image; the stages but the dark ones only where they have a stride. */
  private SymbolicTensor down(SymbolicTensor input, Stage stage, int filters, String kind) {
    String name = stage.name() + "_" + kind;
    SymbolicTensor x = input;
    if (averaged) {
      if (stage.stride() == 2) {
        x = b.averagePooling2d(2).name(name + "_avg_pool").apply(x);
      }
      x = conv(stage.filters(), 1).groups(groups).name(name + "_conv_down_1").apply(x);
    } else {
      if (stage.stride() > 1) {
        x = b.zeroPadding2d(1).name(name + "_conv_pad_1").apply(x);
      }
      LayerSpec conv = conv(filters, 3).strides(stage.stride()).groups(groups);
      x = conv.name(name + "_conv_down_1").apply(x);
    }
    return activated(x, name + "_bn_1", name + "_activation_1");
  }

  /** Reduces and widens; gives the two halves of the channels. */
  private List<SymbolicTensor> halves(SymbolicTensor input, Stage stage, String kind) {
    String name = stage.name() + "_" + kind;
    SymbolicTensor x = input;
    if (stage.stride() != 1) {
      x = down(x, stage, grows ? stage.filters() : x.channels(), kind);
    }
    x = conv(stage.expanded(), 1).name(name + "_conv_exp").apply(x);
    x =
        linear
            ? normalized(x, name + "_bn_2")
            : activated(x, name + "_bn_2", name + "_activation_2");
    return KerasFunctions.split(b, x, 2);
  }

  private SymbolicTensor cross(SymbolicTensor input, Stage stage) {
    String name = stage.name() + "_csp";
    List<SymbolicTensor> halves = halves(input, stage, "csp");
    SymbolicTensor x = blocks(halves.get(1), stage);
    x = conv(stage.expanded() / 2, 1).name(name + "_conv_transition_b").apply(x);
    x = activated(x, name + "_transition_b_bn", name + "_transition_b_activation");
    x = b.concatenate().name(name + "_conv_concat").apply(halves.get(0), x);
    x = conv(stage.filters(), 1).name(name + "_conv_transition").apply(x);
    return activated(x, name + "_transition_bn", name + "_transition_activation");
  }

  private SymbolicTensor cross3(SymbolicTensor input, Stage stage) {
    String name = stage.name() + "_cs3";
    List<SymbolicTensor> halves = halves(input, stage, "cs3");
    SymbolicTensor x = blocks(halves.get(0), stage);
    x = b.concatenate().name(name + "_conv_transition_concat").apply(x, halves.get(1));
    x = conv(stage.expanded() / 2, 1).name(name + "_conv_transition").apply(x);
    return activated(x, name + "_transition_bn", name + "_activation_3");
  }

  private SymbolicTensor blocks(SymbolicTensor input, Stage stage) {
    SymbolicTensor x = input;
    for (int i = 0; i < stage.depth(); i++) {
      String name = "%s_block_%d_%s_".formatted(stage.name(), i, blockType);
      int hidden = rounded(stage.blockFilters() * stage.bottleRatio());
      x =
          switch (blockType) {
            case "dark_block" -> dark(x, hidden, stage.blockFilters(), name);
            case "edge_block" -> edge(x, hidden, stage.blockFilters(), name);
            default -> bottleneck(x, hidden, stage.blockFilters(), name);
          };
    }
    return x;
  }

  private SymbolicTensor dark(SymbolicTensor input, int hidden, int filters, String name) {
    SymbolicTensor x = step(conv(hidden, 1), input, name, 1);
    x = step(conv(filters, 3).groups(groups).padding("same"), x, name, 2);
    return b.add().name(name + "add").apply(x, input);
  }

  private SymbolicTensor edge(SymbolicTensor input, int hidden, int filters, String name) {
    SymbolicTensor x = step(conv(hidden, 3).groups(groups).padding("same"), input, name, 1);
    x = step(conv(filters, 1), x, name, 2);
    return b.add().name(name + "add").apply(x, input);
  }

  private SymbolicTensor bottleneck(SymbolicTensor input, int hidden, int filters, String name) {
    SymbolicTensor x = step(conv(hidden, 1), input, name, 1);
    x = step(conv(hidden, 3).groups(groups).padding("same"), x, name, 2);
    x = normalized(conv(filters, 1).name(name + "conv_3").apply(x), name + "bn_3");
    x = b.add().name(name + "add").apply(x, input);
    return activation(name + "activation_4").apply(x);
  }

  private SymbolicTensor step(LayerSpec conv, SymbolicTensor input, String name, int number) {
    SymbolicTensor x = conv.name(name + "conv_" + number).apply(input);
    return activated(x, name + "bn_" + number, name + "activation_" + number);
  }

  private LayerSpec conv(int filters, int kernel) {
    return b.conv2d(filters, kernel).useBias(false);
  }

  private SymbolicTensor normalized(SymbolicTensor x, String name) {
    return b.batchNormalization().epsilon(1e-5).name(name).apply(x);
  }

  private SymbolicTensor activated(SymbolicTensor x, String normalization, String name) {
    return activation(name).apply(normalized(x, normalization));
  }

  private LayerSpec activation(String name) {
    LayerSpec layer =
        activation.equals("leaky_relu")
            ? b.leakyRelu().set("negative_slope", 0.01)
            : b.activation(activation);
    return layer.name(name);
  }
}
