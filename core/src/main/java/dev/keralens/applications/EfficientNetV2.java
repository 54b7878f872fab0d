package dev.keralens.applications;

import dev.keralens.keras.build.Initializer;
import dev.keralens.keras.build.LayerSpec;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import java.util.List;

/**
 * EfficientNet with plain convolutions in its first blocks.
 *
 * <p>Tan, Le: EfficientNetV2: Smaller Models and Faster Training, 2021,
 * https://arxiv.org/abs/2104.00298, table 4. The network scales its pixels itself.
 */
final class EfficientNetV2 {
  /**
   * Blocks of one size.
   *
   * @param repeats how many
   * @param in filters before them
   * @param out filters after them
   * @param expansion how much wider they are inside
   * @param stride the stride of the first
   * @param fused whether one plain convolution stands for the pointwise and the depthwise one;
   *     without it, they have squeeze-and-excitation
   */
  record Stage(int repeats, int in, int out, int expansion, int stride, boolean fused) {}

  static final List<Stage> B =
      List.of(
          new Stage(1, 32, 16, 1, 1, true),
          new Stage(2, 16, 32, 4, 2, true),
          new Stage(2, 32, 48, 4, 2, true),
          new Stage(3, 48, 96, 4, 2, false),
          new Stage(5, 96, 112, 6, 1, false),
          new Stage(8, 112, 192, 6, 2, false));

  static final List<Stage> S =
      List.of(
          new Stage(2, 24, 24, 1, 1, true),
          new Stage(4, 24, 48, 4, 2, true),
          new Stage(4, 48, 64, 4, 2, true),
          new Stage(6, 64, 128, 4, 2, false),
          new Stage(9, 128, 160, 6, 1, false),
          new Stage(15, 160, 256, 6, 2, false));

  static final List<Stage> M =
      List.of(
          new Stage(3, 24, 24, 1, 1, true),
          new Stage(5, 24, 48, 4, 2, true),
          new Stage(5, 48, 80, 4, 2, true),
          new Stage(7, 80, 160, 4, 2, false),
          new Stage(14, 160, 176, 6, 1, false),
          new Stage(18, 176, 304, 6, 2, false),
          new Stage(5, 304, 512, 6, 1, false));

  static final List<Stage> L =
      List.of(
          new Stage(4, 32, 32, 1, 1, true),
          new Stage(7, 32, 64, 4, 2, true),
          new Stage(7, 64, 96, 4, 2, true),
          new Stage(10, 96, 192, 4, 2, false),
          new Stage(19, 192, 224, 6, 1, false),
          new Stage(25, 224, 384, 6, 2, false),
          new Stage(7, 384, 640, 6, 1, false));

  private static final double[] MEAN = {0.485, 0.456, 0.406};
  private static final double[] VARIANCE = {0.229 * 0.229, 0.224 * 0.224, 0.225 * 0.225};

  private final ModelBuilder b;
  private final List<Stage> stages;
  private final double width;
  private final double depth;

  private EfficientNetV2(ModelBuilder b, List<Stage> stages, double width, double depth) {
    this.b = b;
    this.stages = stages;
    this.width = width;
    this.depth = depth;
  }

  static Architecture of(List<Stage> stages, double width, double depth) {
    return (b, x, o) -> new EfficientNetV2(b, stages, width, depth).build(x, o);
  }

  private SymbolicTensor build(SymbolicTensor input, Options o) {
    SymbolicTensor x = o.includePreprocessing ? scaled(input) : input;
    x = conv(filters(stages.get(0).in()), 3, 2, "stem_conv").apply(x);
    x = activated(x, "stem_bn", "stem_activation");
    int total = stages.stream().mapToInt(Stage::repeats).sum();
    int number = 0;
    for (int i = 0; i < stages.size(); i++) {
      Stage stage = stages.get(i);
      int repeats = (int) Math.ceil(depth * stage.repeats());
      for (int j = 0; j < repeats; j++) {
        String name = "block" + (i + 1) + (char) ('a' + j) + "_";
        int stride = j == 0 ? stage.stride() : 1;
        double drop = 0.2 * number++ / total;
        x =
            stage.fused()
                ? fused(x, stage, stride, drop, name)
                : block(x, stage, stride, drop, name);
      }
    }
    x = conv(filters(1280), 1, 1, "top_conv").apply(x);
    x = activated(x, "top_bn", "top_activation");
    return EfficientNet.head(b, x, o, 0.2);
  }

  private SymbolicTensor scaled(SymbolicTensor x) {
    return stages == B && x.channels() == 3
        ? b.normalization(MEAN, VARIANCE).set("axis", 3).apply(b.rescaling(1 / 255., 0).apply(x))
        : b.rescaling(1 / 128., -1).apply(x);
  }

  private SymbolicTensor block(
      SymbolicTensor input, Stage stage, int stride, double drop, String name) {
    int inside = input.channels() * stage.expansion();
    SymbolicTensor x = conv(inside, 1, 1, name + "expand_conv").apply(input);
    x = activated(x, name + "expand_bn", name + "expand_activation");
    x =
        b.depthwiseConv2d(3)
            .strides(stride)
            .padding("same")
            .useBias(false)
            .initializer("depthwise_kernel", EfficientNet.KERNELS)
            .name(name + "dwconv2")
            .apply(x);
    x = activated(x, name + "bn", name + "activation");
    x = EfficientNet.excited(b, x, Math.max(1, input.channels() / 4), name);
    x = conv(filters(stage.out()), 1, 1, name + "project_conv").apply(x);
    return added(normalized(x, name + "project_bn"), input, stride, drop, name);
  }

  private SymbolicTensor fused(
      SymbolicTensor input, Stage stage, int stride, double drop, String name) {
    SymbolicTensor x = input;
    if (stage.expansion() == 1) {
      x = conv(filters(stage.out()), 3, stride, name + "project_conv").apply(x);
      x = activated(x, name + "project_bn", name + "project_activation");
    } else {
      x = conv(input.channels() * stage.expansion(), 3, stride, name + "expand_conv").apply(x);
      x = activated(x, name + "expand_bn", name + "expand_activation");
      x = conv(filters(stage.out()), 1, 1, name + "project_conv").apply(x);
      x = normalized(x, name + "project_bn");
    }
    return added(x, input, stride, drop, name);
  }

  private SymbolicTensor added(
      SymbolicTensor x, SymbolicTensor input, int stride, double drop, String name) {
    return stride == 1 && input.channels() == x.channels()
        ? b.add().name(name + "add").apply(EfficientNet.dropped(b, x, drop, name), input)
        : x;
  }

  private LayerSpec conv(int filters, int kernel, int stride, String name) {
    Initializer kernels = EfficientNet.KERNELS;
    return b.conv2d(filters, kernel)
        .strides(stride)
        .padding("same")
        .useBias(false)
        .initializer("kernel", kernels)
        .name(name);
  }

  private SymbolicTensor activated(SymbolicTensor x, String normalization, String activation) {
    return b.activation("silu").name(activation).apply(normalized(x, normalization));
  }

  private SymbolicTensor normalized(SymbolicTensor x, String name) {
    return b.batchNormalization().set("axis", 3).set("momentum", 0.9).name(name).apply(x);
  }

  /** Rounds to a multiple of 8, down also where a tenth is lost. */
  private int filters(int base) {
    return Math.max(8, (int) (base * width + 4) / 8 * 8);
  }
}
