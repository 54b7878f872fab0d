package dev.keralens.keras.hub.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.argument.Inner;
import java.util.ArrayList;
import java.util.List;

/** Stages of blocks that join what all their convolutions give: HGNet v2. */
public final class HgNetBackbone {
  private HgNetBackbone() {}

  public static SymbolicTensor build(ModelBuilder b, HubArguments arguments) {
    arguments.channelsLast();
    arguments.skip("depths", "embedding_size", "hidden_sizes");
    List<List<Integer>> stages = arguments.integerLists("stackwise_stage_filters");
    List<Boolean> downsample = arguments.flags("apply_downsample");
    arguments.sameLength("its stages", stages, downsample);
    if (stages.stream().anyMatch(stage -> stage.size() != 6)) {
      throw arguments.invalid("stackwise_stage_filters: expected six numbers for each stage.");
    }
    arguments.checkBlocks(
        stages.stream().mapToLong(stage -> (long) stage.get(3) * stage.get(4)).sum());
    JsonNode name = arguments.find("name");
    String prefix = name == null ? "" : name.asText() + "_";
    List<Integer> stem = arguments.integers("stem_channels");
    SymbolicTensor x = b.namedInput("pixel_values_input", arguments.shape("image_shape"));
    int[] half = Sizes.windows(x, 3, 2, 1, stem.get(1));
    int[] quarter = {Sizes.places(half[0], 3, 2, 1), Sizes.places(half[1], 3, 2, 1), stem.get(2)};
    x =
        Inner.registered("HGNetV2Embeddings")
            .copy(arguments, "stem_channels", "hidden_act", "use_learnable_affine_block")
            .call(b, prefix + "embedder", quarter, x);
    List<int[]> shapes = new ArrayList<>(List.of(quarter));
    for (int i = 0; i < stages.size(); i++) {
      int[] before = shapes.get(i);
      int stride = downsample.get(i) ? 2 : 1;
      shapes.add(
          new int[] {
            Sizes.places(before[0], 3, stride, 1),
            Sizes.places(before[1], 3, stride, 1),
            stages.get(i).get(2)
          });
    }
    List<SymbolicTensor> states =
        Inner.registered("HGNetV2Encoder")
            .set("stage_in_channels", column(stages, 0))
            .set("stage_mid_channels", column(stages, 1))
            .set("stage_out_channels", column(stages, 2))
            .set("stage_num_blocks", column(stages, 3))
            .set("stage_num_of_layers", column(stages, 4))
            .set("stage_kernel_size", column(stages, 5))
            .copy(arguments, "apply_downsample", "use_lightweight_conv_block")
            .copy(arguments, "use_learnable_affine_block")
            .several(b, prefix + "encoder", shapes, x);
    List<String> names = new ArrayList<>(List.of("stem"));
    stages.forEach(stage -> names.add("stage" + names.size()));
    List<String> wanted =
        arguments.find("out_features") == null ? names : arguments.texts("out_features");
    for (int i = 0; i < states.size(); i++) {
      if (wanted.contains(names.get(i))) {
        arguments.output(names.get(i), states.get(i));
      }
    }
    return states.get(states.size() - 1);
  }

  private static List<Integer> column(List<List<Integer>> rows, int place) {
    return rows.stream().map(row -> row.get(place)).toList();
  }

  /** The task: a convolution of the last stage, and what other tasks have. */
  public static SymbolicTensor classifier(
      ModelBuilder b, SymbolicTensor features, HubArguments arguments) {
    String stage = "stage" + arguments.ofBackbone("stackwise_stage_filters").size();
    boolean several = !arguments.outputs().isEmpty();
    SymbolicTensor x = several ? arguments.output(stage) : features;
    int filters = arguments.integer("head_filters", x.channels());
    String name = arguments.text("name", "hgnetv2_image_classifier");
    x =
        Inner.registered("HGNetV2ConvLayer")
            .set("out_channels", filters)
            .set("kernel_size", 1)
            .set("stride", 1)
            .set("groups", 1)
            .set("activation", "relu")
            .set("use_learnable_affine_block", arguments.ofBackbone("use_learnable_affine_block"))
            .call(b, "head_last", Sizes.channels(x, filters), x);
    String pooling = arguments.choice("pooling", "avg", "max");
    x = ImageClassifier.pooled(b, pooling).name(name + "_" + pooling + "_pool").apply(x);
    x = b.flatten().name(name + "_flatten").apply(x);
    x = b.dropout(arguments.number("dropout", 0)).name(name + "_output_dropout").apply(x);
    if (arguments.integer("num_classes") < 1) {
      throw arguments.unsupported("num_classes=0 is not read; it has no classes.");
    }
    return ImageClassifier.predictions(b, arguments).apply(x);
  }
}
