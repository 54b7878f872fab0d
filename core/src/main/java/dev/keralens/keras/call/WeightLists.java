package dev.keralens.keras.call;

import dev.keralens.keras.LayerConfig;
import dev.keralens.keras.weights.SubLayer;
import dev.keralens.keras.weights.WeightPart;
import dev.keralens.keras.weights.WeightSlot;
import java.util.ArrayList;
import java.util.List;

/**
 * Which weights the layers of a class hold, in the order in which Keras makes them, from their
 * arguments.
 */
public final class WeightLists {
  private WeightLists() {}

  /** {@return weights that a layer always has} */
  public static List<WeightPart> trainable(String... names) {
    List<WeightPart> parts = new ArrayList<>();
    for (String name : names) {
      parts.add(WeightSlot.of(name));
    }
    return parts;
  }

  public static List<WeightPart> kernelAndBias(LayerConfig config) {
    return biased(config, "kernel");
  }

  public static List<WeightPart> depthwise(LayerConfig config) {
    return biased(config, "depthwise_kernel");
  }

  public static List<WeightPart> separable(LayerConfig config) {
    return biased(config, "depthwise_kernel", "pointwise_kernel");
  }

  public static List<WeightPart> batchNormalization(LayerConfig config) {
    List<WeightPart> parts = scaleAndCenter(config);
    parts.add(WeightSlot.notTrainable("moving_mean"));
    parts.add(WeightSlot.notTrainable("moving_variance"));
    if (config.flag("renorm", false)) {
      for (String name : List.of("moving_stddev", "renorm_mean", "renorm_stddev")) {
        parts.add(WeightSlot.notTrainable(name));
      }
    }
    return parts;
  }

  public static List<WeightPart> randomFourierFeatures(LayerConfig config) {
    return List.of(
        WeightSlot.of("kernel_scale"),
        WeightSlot.notTrainable("unscaled_kernel"),
        WeightSlot.notTrainable("bias"));
  }

  public static List<WeightPart> reversibleEmbedding(LayerConfig config) {
    return config.flag("tie_weights", true)
        ? trainable("embeddings")
        : trainable("embeddings", "reverse_embeddings");
  }

  public static List<WeightPart> attention(LayerConfig config) {
    List<WeightPart> parts = new ArrayList<>();
    if (config.flag("use_scale", false)) {
      parts.add(WeightSlot.of("scale"));
    }
    if (config.text("score_mode", "dot").equals("concat")) {
      parts.add(WeightSlot.of("concat_score_weight"));
    }
    return parts;
  }

  public static List<WeightPart> additiveAttention(LayerConfig config) {
    return config.flag("use_scale", true) ? trainable("scale") : List.of();
  }

  public static List<WeightPart> einsumDense(LayerConfig config) {
    return config.has("bias_axes") ? trainable("kernel", "bias") : trainable("kernel");
  }

  /** {@return what was learned from data, unless it was given when the layer was made} */
  public static List<WeightPart> normalization(LayerConfig config) {
    return config.has("mean")
        ? List.of()
        : List.of(
            WeightSlot.notTrainable("mean"),
            WeightSlot.notTrainable("variance"),
            WeightSlot.notTrainable("count"));
  }

  public static List<WeightPart> spectralNormalization(LayerConfig config) {
    return List.of(
        WeightSlot.shared("kernel"),
        WeightSlot.notTrainable("vector_u"),
        new SubLayer("layer", config.node("layer")));
  }

  /** {@return gamma and beta, each if the layer has it} */
  public static List<WeightPart> scaleAndCenter(LayerConfig config) {
    List<WeightPart> parts = new ArrayList<>();
    if (config.flag("scale", true)) {
      parts.add(WeightSlot.of("gamma"));
    }
    if (config.flag("center", true)) {
      parts.add(WeightSlot.of("beta"));
    }
    return parts;
  }

  private static List<WeightPart> biased(LayerConfig config, String... kernels) {
    List<WeightPart> parts = trainable(kernels);
    if (config.flag("use_bias", true)) {
      parts.add(WeightSlot.of("bias"));
    }
    return parts;
  }
}
