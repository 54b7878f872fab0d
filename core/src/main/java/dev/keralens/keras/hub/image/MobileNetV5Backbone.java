package dev.keralens.keras.hub.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.argument.Inner;
import dev.keralens.keras.hub.argument.RoundedChannels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Inverted bottlenecks and attention, whose last stages may be joined: MobileNet v5. */
public final class MobileNetV5Backbone {
  private static final String BLOCKS = "models.mobilenetv5.mobilenetv5_blocks";
  private static final String LAYERS = "models.mobilenetv5.mobilenetv5_layers";
  private static final String NORM = "norm_layer";
  private static final String ACTIVATION = "act_layer";
  private static final int LARGEST_STRIDE = 32;
  private static final List<String> OF_BLOCKS =
      List.of(
          "act_layers",
          "exp_ratios",
          "se_ratios",
          "dw_kernel_sizes",
          "dw_start_kernel_sizes",
          "dw_end_kernel_sizes",
          "exp_kernel_sizes",
          "pw_kernel_sizes",
          "num_heads",
          "key_dims",
          "value_dims",
          "kv_strides",
          "use_cpe");

  private final ModelBuilder b;
  private final HubArguments arguments;
  private final String norm;
  private final String padding;
  private final Map<String, Integer> names = new LinkedHashMap<>();
  private int reduction = 2;
  private int dilation = 1;

  private MobileNetV5Backbone(ModelBuilder b, HubArguments arguments) {
    this.b = b;
    this.arguments = arguments;
    norm = arguments.choice(NORM, "rms_norm", "batch_norm");
    padding = arguments.choice("pad_type", "same", "valid");
  }

  public static SymbolicTensor build(ModelBuilder b, HubArguments arguments) {
    arguments.channelsLast();
    // KerasHub has them as arguments and does not use them, or uses them in training alone.
    arguments.skip("filters", "drop_path_rate", "se_from_exp");
    // What blocks of other kinds, or stages that are not joined, do not have.
    OF_BLOCKS.forEach(key -> arguments.skip("stackwise_" + key));
    arguments.skip("num_features", "msfa_indices", "msfa_output_resolution");
    arguments.skip("layer_scale_init_value");
    return new MobileNetV5Backbone(b, arguments).network();
  }

  private SymbolicTensor network() {
    int stem = arguments.integer("stem_size", 16);
    int first = arguments.flag("fix_stem", false) ? stem : RoundedChannels.of(stem);
    SymbolicTensor x = b.input(arguments.shape("image_shape"));
    x =
        Inner.of(LAYERS, "ConvNormAct")
            .set("out_chs", first)
            .set("kernel_size", 3)
            .set("stride", 2)
            .set("bias", arguments.flag("stem_bias", true))
            .set("pad_type", padding)
            .set(NORM, norm)
            .copy(arguments, ACTIVATION)
            .call(b, "conv_stem", window(x, 3, 2, 1, first), x);
    List<Integer> counts = arguments.blocks("stackwise_num_blocks");
    List<SymbolicTensor> stages = new ArrayList<>(List.of(x));
    int features = number("strides", 0, 0) > 1 ? 1 : 0;
    for (int i = 0; i < counts.size(); i++) {
      for (int j = 0; j < counts.get(i); j++) {
        x = block(x, i, j);
      }
      stages.add(x);
      boolean last = i + 1 == counts.size();
      if (counts.get(i) > 0 && (last || number("strides", i + 1, 0) > 1)) {
        features++;
      }
    }
    return arguments.flag("use_msfa", true) ? joined(stages, features) : x;
  }

  private JsonNode at(String key, int stack, int block) {
    return arguments.at("stackwise_" + key, stack, block);
  }

  private int number(String key, int stack, int block) {
    return at(key, stack, block).intValue();
  }

  /** The stride, or what stands for it where the picture would become too small: a dilation. */
  private int stride(int stack, int block) {
    int stride = block > 0 ? 1 : number("strides", stack, block);
    if (stride < 1 || stride > 2) {
      throw arguments.invalid("stackwise_strides: %d is no stride of 1 or 2.".formatted(stride));
    }
    if (reduction * stride <= LARGEST_STRIDE) {
      reduction *= stride;
      return stride;
    }
    dilation *= stride;
    return 1;
  }

  private SymbolicTensor block(SymbolicTensor x, int i, int j) {
    int dilated = dilation;
    int stride = stride(i, j);
    int filters = RoundedChannels.of(number("num_filters", i, j));
    String type = at("block_types", i, j).asText();
    return switch (type) {
      case "er" -> {
        int kernel = number("exp_kernel_sizes", i, j);
        Inner edge =
            Inner.of(BLOCKS, "EdgeResidual")
                .set("exp_kernel_size", kernel)
                .set("pw_kernel_size", at("pw_kernel_sizes", i, j))
                .set("exp_ratio", at("exp_ratios", i, j));
        excited(i, j);
        int[] shape = window(x, kernel, stride, dilated, filters);
        int pointwise = number("pw_kernel_sizes", i, j);
        shape = window(shape, pointwise, 1, 1, filters);
        yield called(
            edge.set(ACTIVATION, activation(i, j)), x, "edge_residual", stride, dilated, shape);
      }
      case "uir" -> {
        excited(i, j);
        int start = number("dw_start_kernel_sizes", i, j);
        int middle = number("dw_kernel_sizes", i, j);
        int end = number("dw_end_kernel_sizes", i, j);
        Inner universal =
            Inner.of(BLOCKS, "UniversalInvertedResidual")
                .set("dw_kernel_size_start", start)
                .set("dw_kernel_size_mid", middle)
                .set("dw_kernel_size_end", end)
                .set("exp_ratio", at("exp_ratios", i, j))
                .set(ACTIVATION, activation(i, j))
                .set("layer_scale_init_value", arguments.find("layer_scale_init_value"));
        int[] shape = Sizes.channels(x, filters);
        shape =
            start == 0 ? shape : window(shape, start, middle == 0 ? stride : 1, dilated, filters);
        shape = middle == 0 ? shape : window(shape, middle, stride, dilated, filters);
        int left = start == 0 && middle == 0 ? stride : 1;
        shape = end == 0 ? shape : window(shape, end, left, dilated, filters);
        yield called(universal, x, "universal_inverted_residual", stride, dilated, shape);
      }
      case "mqa" -> {
        Inner attention =
            Inner.of("models.mobilenetv5.mobilenetv5_attention", "MobileAttention")
                .set("num_heads", at("num_heads", i, j))
                .set("key_dim", at("key_dims", i, j))
                .set("value_dim", at("value_dims", i, j))
                .set("kv_stride", at("kv_strides", i, j))
                .set("use_cpe", at("use_cpe", i, j))
                .set("layer_scale_init_value", arguments.find("layer_scale_init_value"));
        int[] shape = Sizes.channels(x, filters);
        yield called(attention, x, "mobile_attention", stride, dilated, shape);
      }
      default ->
          throw arguments.unsupported(
              "stackwise_block_types: '%s' is not known; known are er, uir and mqa: KerasHub 0.32 itself builds no others."
                  .formatted(type));
    };
  }

  private Object activation(int i, int j) {
    JsonNode own = at("act_layers", i, j);
    return own.isNull() ? arguments.any(ACTIVATION, "gelu") : own;
  }

  /** KerasHub itself cannot build these. */
  private void excited(int i, int j) {
    if (at("se_ratios", i, j).asDouble() != 0) {
      throw arguments.unsupported("stackwise_se_ratios other than 0 are not read.");
    }
  }

  private SymbolicTensor called(
      Inner layer, SymbolicTensor x, String name, int stride, int dilated, int[] shape) {
    return layer
        .set("filters", shape[2])
        .set("in_chs", x.channels())
        .set("stride", stride)
        .set("dilation", dilated)
        .set("pad_type", padding)
        .set(NORM, norm)
        .call(b, numbered(name), shape, x);
  }

  private String numbered(String name) {
    int count = names.merge(name, 1, Integer::sum);
    return count == 1 ? name : name + "_" + (count - 1);
  }

  private int[] window(SymbolicTensor x, int kernel, int stride, int dilated, int channels) {
    return window(Sizes.channels(x, channels), kernel, stride, dilated, channels);
  }

  private int[] window(int[] shape, int kernel, int stride, int dilated, int channels) {
    int[] result = {shape[0], shape[1], channels};
    for (int axis = 0; axis < 2; axis++) {
      if (shape[axis] != ModelBuilder.OPEN) {
        int reach = padding.equals("same") ? 1 : dilated * (kernel - 1) + 1;
        result[axis] = (shape[axis] - reach) / stride + 1;
      }
    }
    return result;
  }

  /** Stages of several sizes, joined. */
  private SymbolicTensor joined(List<SymbolicTensor> stages, int features) {
    List<Integer> wanted = new ArrayList<>();
    if (arguments.find("msfa_indices") == null) {
      wanted.addAll(List.of(features - 2, features - 1));
    } else {
      arguments.integers("msfa_indices").forEach(i -> wanted.add(i < 0 ? features + i : i));
    }
    List<SymbolicTensor> chosen = new ArrayList<>();
    for (int i = 0; i < stages.size(); i++) {
      if (wanted.contains(i)) {
        chosen.add(stages.get(i));
      }
    }
    if (chosen.isEmpty()) {
      throw arguments.invalid("msfa_indices name no stage.");
    }
    int[] size = arguments.pair("msfa_output_resolution");
    int filters = arguments.integer("num_features", 2048);
    return Inner.of(BLOCKS, "MobileNetV5MultiScaleFusionAdapter")
        .set("in_chs", chosen.stream().map(SymbolicTensor::channels).toList())
        .set("filters", filters)
        .set("output_resolution", size)
        .set(NORM, norm)
        .copy(arguments, ACTIVATION)
        .call(
            b,
            "msfa",
            new int[] {size[0], size[1], filters},
            chosen.toArray(new SymbolicTensor[0]));
  }

  /** The task: a pooling, where the stages are not joined a convolution, and a dense layer. */
  public static SymbolicTensor classifier(
      ModelBuilder b, SymbolicTensor features, HubArguments arguments) {
    boolean joins = arguments.ofBackbone("use_msfa").asBoolean(true);
    String pooling = arguments.text("global_pool", "avg");
    int channels = features.channels() * (pooling.equals("catavgmax") ? 2 : 1);
    int[] shape = joins ? new int[] {channels} : new int[] {1, 1, channels};
    SymbolicTensor x =
        Inner.of("models.mobilenetv5.mobilenetv5_utils", "SelectAdaptivePool2d")
            .set("pool_type", pooling)
            .set("flatten", joins)
            .call(b, "select_adaptive_pool2d", shape, features);
    int hidden = arguments.integer("head_hidden_size", 2048);
    if (!joins) {
      x =
          Inner.of(LAYERS, "ConvNormAct")
              .set("out_chs", hidden)
              .set("kernel_size", 1)
              .set(NORM, arguments.ofBackbone(NORM))
              .set(ACTIVATION, arguments.ofBackbone(ACTIVATION))
              .call(b, "conv_head", new int[] {1, 1, hidden}, x);
      x = b.flatten().apply(x);
    }
    double rate = arguments.number("drop_rate", 0);
    x = rate > 0 ? b.dropout(rate).apply(x) : x;
    if (arguments.integer("num_classes") < 1) {
      throw arguments.unsupported("num_classes=0 is not read; it has no classes.");
    }
    return b.dense(arguments.integer("num_classes")).name("classifier").apply(x);
  }
}
