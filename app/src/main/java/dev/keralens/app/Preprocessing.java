package dev.keralens.app;

import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Layer;
import dev.keralens.graph.Network;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How the numbers of 0 to 255 of a picture become those that a model was trained on; the names are
 * those of {@code keras.applications.imagenet_utils.preprocess_input}.
 *
 * <p>To add one: a row in {@link #BY_NAME}, its test in {@code PreprocessingTest}.
 */
final class Preprocessing {
  /** Changes the samples of a picture in place, channels last. */
  @FunctionalInterface
  interface Function {
    void apply(float[] samples, int channels);
  }

  private static final Map<String, Function> BY_NAME = byName();

  /** Layers that scale, so that the model takes 0 to 255. */
  private static final Set<String> SCALING = Set.of("Rescaling", "Normalization");

  /** Layers that may stand before these and keep the range. */
  private static final Set<String> KEEPING_THE_RANGE =
      Set.of(
          "InputLayer",
          "Resizing",
          "CenterCrop",
          "RandomCrop",
          "RandomFlip",
          "RandomRotation",
          "RandomTranslation",
          "RandomZoom",
          "RandomContrast",
          "RandomBrightness",
          "ZeroPadding2D");

  private Preprocessing() {}

  private static Map<String, Function> byName() {
    Map<String, Function> table = new LinkedHashMap<>();
    table.put("none", (samples, channels) -> {});
    table.put("unit", (samples, channels) -> scale(samples, 255, 0));
    table.put("tf", (samples, channels) -> scale(samples, 127.5f, -1));
    table.put("torch", Preprocessing::torch);
    table.put("caffe", Preprocessing::caffe);
    return Collections.unmodifiableMap(table);
  }

  /** All by their names. */
  static Map<String, Function> byNames() {
    return BY_NAME;
  }

  private static void scale(float[] samples, float divisor, float offset) {
    for (int i = 0; i < samples.length; i++) {
      samples[i] = samples[i] / divisor + offset;
    }
  }

  /** To 0 to 1, then to ImageNet's mean and standard deviation. */
  private static void torch(float[] samples, int channels) {
    float[] mean = {0.485f, 0.456f, 0.406f};
    float[] deviation = {0.229f, 0.224f, 0.225f};
    needColors("torch", channels);
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (samples[i] / 255 - mean[i % 3]) / deviation[i % 3];
    }
  }

  /** To blue, green, red, then ImageNet's mean is taken off. */
  private static void caffe(float[] samples, int channels) {
    needColors("caffe", channels);
    for (int i = 0; i < samples.length; i += 3) {
      float red = samples[i];
      samples[i] = samples[i + 2] - 103.939f;
      samples[i + 1] -= 116.779f;
      samples[i + 2] = red - 123.68f;
    }
  }

  private static void needColors(String name, int channels) {
    if (channels != 3) {
      throw new UsageException(
          "--preprocess %s is for three channels, but the model takes %d; use none, unit or tf."
              .formatted(name, channels));
    }
  }

  /** The layer by which a network scales its input itself, if it does. */
  static Optional<Layer> ownScaling(Network network, KerasTensor input) {
    Set<Value> reached = new HashSet<>(Set.of(input.value()));
    Set<Op> moving = Set.of(Op.TRANSPOSE, Op.IDENTITY, Op.CAST);
    for (Node node : network.graph().nodes()) {
      if (moving.contains(node.op()) && reached.contains(node.input(0))) {
        reached.addAll(node.outputs());
      }
    }
    for (Layer layer : network.layers()) {
      for (Layer.Call call : layer.calls()) {
        List<KerasTensor> inputs = call.inputs();
        if (inputs.stream().noneMatch(tensor -> reached.contains(tensor.value()))) {
          continue;
        }
        if (SCALING.contains(layer.className())) {
          return Optional.of(layer);
        }
        if (KEEPING_THE_RANGE.contains(layer.className())) {
          call.outputs().forEach(output -> reached.add(output.value()));
        }
      }
    }
    return Optional.empty();
  }
}
