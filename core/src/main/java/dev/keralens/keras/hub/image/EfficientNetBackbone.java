package dev.keralens.keras.hub.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.keras.build.LayerSpec;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.argument.Inner;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Inverted bottlenecks with squeeze and excitation, of the first version and the second. */
public final class EfficientNetBackbone {
  /** What the constructor does where the file, as always, does not hold {@code num_features}. */
  private static final int FEATURES = 1280;

  /** The types of blocks; the first version's is no class of its own. */
  private static final Map<String, String> CLASSES =
      new TreeMap<>(
          Map.of(
              "v1", "", "unfused", "MBConvBlock", "fused", "FusedMBConvBlock", "cba", "CBABlock"));

  private static final Map<String, String> MODULES =
      Map.of("unfused", "mbconv", "fused", "fusedmbconv", "cba", "cba");

  private final ModelBuilder b;
  private final String activation;
  private final @Nullable JsonNode projection;
  private final double epsilon;
  private final int divisor;
  private final int least;
  private final boolean caps;

  private EfficientNetBackbone(ModelBuilder b, HubArguments arguments) {
    this.b = b;
    activation = arguments.text("activation", "swish");
    projection = arguments.find("projection_activation");
    epsilon = arguments.number("batch_norm_epsilon", 1e-5);
    divisor = arguments.integer("depth_divisor", 8);
    int minimum = arguments.integer("min_depth", 8);
    least = arguments.flag("use_depth_divisor_as_min_depth", false) ? divisor : minimum;
    caps = arguments.flag("cap_round_filter_decrease", false);
    if (divisor < 1) {
      throw arguments.invalid("depth_divisor=%d, expected 1 or more.".formatted(divisor));
    }
  }

  /** What is the same for all blocks of a stack. */
  private record Stack(int kernel, int expansion, double squeeze) {}

  public static SymbolicTensor build(ModelBuilder b, HubArguments arguments) {
    EfficientNetBackbone network = new EfficientNetBackbone(b, arguments);
    arguments.channelsLast();
    arguments.skip("batch_norm_momentum");
    double dropout = arguments.number("dropout", 0.2);
    List<Integer> kernels = arguments.integers("stackwise_kernel_sizes");
    List<Integer> repeats = arguments.blocks("stackwise_num_repeats");
    List<Integer> inputs = arguments.integers("stackwise_input_filters");
    List<Integer> outputs = arguments.integers("stackwise_output_filters");
    List<Integer> expansions = arguments.integers("stackwise_expansion_ratios");
    List<Double> squeezes = arguments.numbers("stackwise_squeeze_and_excite_ratios");
    List<Integer> strides = arguments.integers("stackwise_strides");
    List<String> types = arguments.texts("stackwise_block_types");
    List<Double> widths = arguments.numbers("stackwise_width_coefficients");
    List<Double> depths = arguments.numbers("stackwise_depth_coefficients");
    arguments.sameLength(
        "its lists",
        kernels,
        repeats,
        inputs,
        outputs,
        expansions,
        squeezes,
        strides,
        types,
        widths,
        depths);
    if (!CLASSES.keySet().containsAll(types)) {
      throw arguments.unsupported(
          "stackwise_block_types=%s is not known; known are %s."
              .formatted(types, CLASSES.keySet()));
    }
    List<Integer> forced = arguments.integers("stackwise_force_input_filters");
    SymbolicTensor x = b.input(arguments.shape("input_shape"));
    x = network.stem(x, network.filters(inputs.get(0), widths.get(0)), arguments);
    int id = 0;
    int count = repeats.stream().mapToInt(Integer::intValue).sum();
    for (int i = 0; i < kernels.size(); i++) {
      double width = widths.get(i);
      int in = network.filters(inputs.get(i), width);
      int out = network.filters(outputs.get(i), width);
      Stack stack = new Stack(kernels.get(i), expansions.get(i), squeezes.get(i));
      int blocks = (int) Math.ceil(depths.get(i) * repeats.get(i));
      arguments.checkBlocks(blocks);
      for (int j = 0; j < blocks; j++) {
        int given = j > 0 ? out : in;
        if (i < forced.size() && forced.get(i) > 0) {
          given = network.filters(forced.get(i), width);
        }
        String name = "block%d%c_".formatted(i + 1, 'a' + j);
        double rate = dropout * id++ / count;
        int stride = j > 0 ? 1 : strides.get(i);
        if (stride != 1) {
          arguments.level("P" + (arguments.levels().size() + 1), x);
        }
        x =
            types.get(i).equals("v1")
                ? network.block(x, stack, given, out, stride, rate, name)
                : network.layer(x, types.get(i), stack, given, out, stride, name);
      }
    }
    int top =
        network.filters(arguments.integer("num_features", FEATURES), widths.get(widths.size() - 1));
    x = network.conv(top, 1).name("top_conv").apply(x);
    x = network.normalized(x, "top_bn");
    x = b.activation(network.activation).name("top_activation").apply(x);
    arguments.level("P" + (arguments.levels().size() + 1), x);
    return x;
  }

  /**
   * A block that is a layer. The file does not say which of them have no shortcut: read again,
   * KerasHub's own model has all.
   */
  private SymbolicTensor layer(
      SymbolicTensor x, String type, Stack stack, int in, int out, int stride, String name) {
    Inner block =
        Inner.of("models.efficientnet." + MODULES.get(type), CLASSES.getOrDefault(type, ""));
    block.set("input_filters", in).set("output_filters", out).set("strides", stride);
    block.set("kernel_size", stack.kernel()).set("activation", activation);
    block.set("batch_norm_epsilon", epsilon);
    if (!type.equals("cba")) {
      block.set("expand_ratio", stack.expansion()).set("se_ratio", stack.squeeze());
    }
    if (type.equals("fused")) {
      block.set("projection_activation", projection);
    }
    int kernel = stack.kernel();
    int[] shape = Sizes.windows(x, kernel, stride, kernel / 2, out);
    return block.call(b, name, shape, x);
  }

  private SymbolicTensor stem(SymbolicTensor image, int filters, HubArguments arguments) {
    SymbolicTensor x = image;
    if (arguments.flag("include_stem_padding", true)) {
      x = b.zeroPadding2d(1).name("stem_conv_pad").apply(x);
    }
    LayerSpec conv = b.conv2d(filters, 3).strides(2).useBias(false).name("stem_conv");
    x = conv.padding(arguments.text("stem_conv_padding", "valid")).apply(x);
    return activated(x, "stem_bn", "stem_activation");
  }

  private SymbolicTensor block(
      SymbolicTensor input, Stack stack, int in, int out, int stride, double rate, String name) {
    int filters = in * stack.expansion();
    SymbolicTensor x = input;
    if (stack.expansion() != 1) {
      x = conv(filters, 1).name(name + "expand_conv").apply(x);
      x = activated(x, name + "expand_bn", name + "expand_activation");
    }
    x = b.zeroPadding2d(stack.kernel() / 2).name(name + "dwconv_pad").apply(x);
    LayerSpec depthwise = b.depthwiseConv2d(stack.kernel()).strides(stride).useBias(false);
    x = depthwise.name(name + "dwconv").apply(x);
    x = activated(x, name + "dwconv_bn", name + "dwconv_activation");
    if (stack.squeeze() > 0 && stack.squeeze() <= 1) {
      x = excited(x, filters, Math.max(1, (int) (in * stack.squeeze())), name);
    }
    x = normalized(conv(out, 1).name(name + "project").apply(x), name + "project_bn");
    if (projection != null) {
      LayerSpec layer = b.activation("linear").set("activation", projection);
      x = layer.name(name + "projection_activation").apply(x);
    }
    if (stride == 1 && in == out) {
      x = rate > 0 ? b.dropout(rate).name(name + "drop").apply(x) : x;
      x = b.add().name(name + "add").apply(x, input);
    }
    return x;
  }

  private SymbolicTensor excited(SymbolicTensor x, int filters, int squeezed, String name) {
    SymbolicTensor se = b.globalAveragePooling2d().name(name + "se_squeeze").apply(x);
    se = b.reshape(1, 1, filters).name(name + "se_reshape").apply(se);
    LayerSpec reduce = b.conv2d(squeezed, 1).padding("same").activation(activation);
    se = reduce.name(name + "se_reduce").apply(se);
    LayerSpec expand = b.conv2d(filters, 1).padding("same").activation("sigmoid");
    se = expand.name(name + "se_expand").apply(se);
    return b.multiply().name(name + "se_excite").apply(x, se);
  }

  private LayerSpec conv(int filters, int kernel) {
    return b.conv2d(filters, kernel).padding("same").useBias(false);
  }

  private SymbolicTensor normalized(SymbolicTensor x, String name) {
    return b.batchNormalization().epsilon(epsilon).name(name).apply(x);
  }

  private SymbolicTensor activated(SymbolicTensor x, String normalization, String name) {
    return b.activation(activation).name(name).apply(normalized(x, normalization));
  }

  /** A number of filters, rounded to a multiple of the divisor. */
  private int filters(int filters, double width) {
    double wanted = filters * width;
    int rounded = Math.max(least, Math.floorDiv((int) (wanted + divisor / 2.0), divisor) * divisor);
    return caps && rounded < 0.9 * wanted ? rounded + divisor : rounded;
  }
}
