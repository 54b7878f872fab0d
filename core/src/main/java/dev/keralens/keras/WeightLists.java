package dev.keralens.keras;

import dev.keralens.keras.file.WeightPart;
import dev.keralens.keras.file.WeightSlot;
import java.util.ArrayList;
import java.util.List;

/**
 * Which weights the layers of a class hold, in the order in which Keras makes them, from their
 * arguments.
 */
final class WeightLists {
  private WeightLists() {}

  static List<WeightPart> kernelAndBias(LayerConfig config) {
    return biased(config, "kernel");
  }

  static List<WeightPart> depthwise(LayerConfig config) {
    return biased(config, "depthwise_kernel");
  }

  static List<WeightPart> separable(LayerConfig config) {
    return biased(config, "depthwise_kernel", "pointwise_kernel");
  }

  static List<WeightPart> batchNormalization(LayerConfig config) {
    List<WeightPart> parts = scaleAndCenter(config);
    parts.add(WeightSlot.notTrainable("moving_mean"));
    parts.add(WeightSlot.notTrainable("moving_variance"));
    return parts;
  }

  /** {@return gamma and beta, each if the layer has it} */
  static List<WeightPart> scaleAndCenter(LayerConfig config) {
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
    List<WeightPart> parts = new ArrayList<>();
    for (String kernel : kernels) {
      parts.add(WeightSlot.of(kernel));
    }
    if (config.flag("use_bias", true)) {
      parts.add(WeightSlot.of("bias"));
    }
    return parts;
  }
}
