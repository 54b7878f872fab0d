package dev.keralens.keras.hub.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.keras.build.LayerSpec;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.argument.Inner;
import dev.keralens.keras.hub.argument.Levels;
import java.util.List;
import java.util.Map;

/** A level of a pyramid seen with several reaches, joined with a finer one: DeepLab v3+. */
public final class DeepLabBackbone {
  private DeepLabBackbone() {}

  public static SymbolicTensor build(ModelBuilder b, HubArguments arguments) {
    String key = arguments.text("spatial_pyramid_pooling_key");
    int size = arguments.integer("upsampling_size");
    Levels encoder = arguments.encoder("image_encoder");
    SymbolicTensor image = b.namedInput("inputs", arguments.shape("image_shape"));
    Map<String, SymbolicTensor> levels = encoder.call(b, "functional", image);
    SymbolicTensor deep = arguments.level(levels, key);
    List<Integer> rates = arguments.integers("dilation_rates");
    SymbolicTensor x =
        Inner.of("models.deeplab_v3.deeplab_v3_layers", "SpatialPyramidPooling")
            .set("dilation_rates", rates)
            .call(b, "spatial_pyramid_pooling", Sizes.channels(deep, 256), deep);
    x = enlarged(b, size, "encoder_output_upsampling").apply(x);
    int filters = arguments.integer("projection_filters", 48);
    if (arguments.find("low_level_feature_key") != null) {
      SymbolicTensor fine = arguments.level(levels, arguments.text("low_level_feature_key"));
      fine = conv(b, filters).name("decoder_conv").apply(fine);
      fine = b.batchNormalization().name("decoder_norm").apply(fine);
      fine = b.relu().name("decoder_relu").apply(fine);
      x = b.concatenate().name("encoder_decoder_concat").apply(x, fine);
    }
    int level = key.isEmpty() ? -1 : Character.digit(key.charAt(key.length() - 1), 10);
    if (level < 0 || size < 1 || (1 << level) / size < 1) {
      throw arguments.invalid("upsampling_size=%d does not fit the level %s.".formatted(size, key));
    }
    x = conv(b, 256).name("segmentation_head_conv").apply(x);
    x = b.batchNormalization().name("segmentation_head_norm").apply(x);
    x = b.relu().name("segmentation_head_relu").apply(x);
    return enlarged(b, (1 << level) / size, "backbone_output_upsampling").apply(x);
  }

  private static LayerSpec conv(ModelBuilder b, int filters) {
    return b.conv2d(filters, 1).padding("same").useBias(false);
  }

  private static LayerSpec enlarged(ModelBuilder b, int factor, String name) {
    return b.upSampling2d(factor).set("interpolation", "bilinear").name(name);
  }

  /** The task: classes of places. */
  public static SymbolicTensor segmenter(
      ModelBuilder b, SymbolicTensor features, HubArguments arguments) {
    LayerSpec layer = conv(b, arguments.integer("num_classes")).name("segmentation_output");
    JsonNode activation = arguments.find("activation");
    return (activation == null ? layer : layer.set("activation", activation)).apply(features);
  }
}
