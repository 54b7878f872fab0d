package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.keralens.explain.Ensemble;
import dev.keralens.explain.Info;
import dev.keralens.explain.Plan;
import dev.keralens.explain.Probes;
import dev.keralens.filter.Filters;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.model.KerasModel;
import dev.keralens.method.AblationCam;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Ablation-CAM leaves out channels as late as they stay apart: it gives what a model gives that
 * takes the channels which are kept as an input of its own.
 */
class AblationTailsTest {
  private static final int SIDE = 6;
  private static final int CHANNELS = 4;
  private static final int MAP = SIDE * SIDE * CHANNELS;

  /** What lies behind the activation. */
  private interface Behind {
    SymbolicTensor build(ModelBuilder b, SymbolicTensor activation, SymbolicTensor image);
  }

  private static SymbolicTensor head(ModelBuilder b, SymbolicTensor x) {
    return b.dense(3).apply(b.globalAveragePooling2d().apply(x));
  }

  static Stream<Arguments> tails() {
    return Stream.of(
        tail("a global pooling", CHANNELS, (b, a, x) -> head(b, a)),
        tail(
            "the largest, between functions that are not zero at zero",
            CHANNELS,
            (b, a, x) -> {
              SymbolicTensor s = b.activation("sigmoid").apply(a);
              s = b.activation("softplus").apply(b.globalMaxPooling2d().apply(s));
              return b.dense(3).apply(s);
            }),
        tail(
            "two ways that meet again",
            CHANNELS,
            (b, a, x) -> head(b, b.multiply().apply(a, b.activation("sigmoid").apply(a)))),
        tail(
            "windows of each channel by itself",
            CHANNELS,
            (b, a, x) -> {
              SymbolicTensor y = b.activation("sigmoid").apply(a);
              y = b.depthwiseConv2d(3).padding("same").apply(y);
              y = b.maxPooling2d(2).apply(b.batchNormalization().apply(y));
              return head(b, b.averagePooling2d(2).strides(1).apply(y));
            }),
        tail(
            "channels in other places",
            CHANNELS,
            (b, a, x) -> {
              SymbolicTensor s = b.reshape(1, 1, CHANNELS).apply(b.globalMaxPooling2d().apply(a));
              return b.dense(3).apply(b.flatten().apply(b.activation("tanh").apply(s)));
            }),
        tail(
            "places and channels in one row",
            MAP,
            (b, a, x) -> b.dense(3).apply(b.flatten().apply(b.relu().apply(a)))),
        tail(
            "a convolution of all channels",
            MAP,
            (b, a, x) -> head(b, b.conv2d(5, 3).activation("relu").apply(a))),
        tail(
            "a residual around a convolution",
            MAP,
            (b, a, x) -> head(b, b.add().apply(a, b.conv2d(CHANNELS, 3).padding("same").apply(a)))),
        tail(
            "a branch of the image",
            MAP,
            (b, a, x) ->
                head(
                    b,
                    b.add()
                        .apply(b.activation("sigmoid").apply(a), b.conv2d(CHANNELS, 1).apply(x)))),
        tail(
            "a softmax over the channels",
            MAP,
            (b, a, x) -> head(b, b.softmax().apply(b.relu().apply(a)))),
        tail(
            "weights of channels by all channels",
            MAP,
            (b, a, x) -> {
              SymbolicTensor s = b.dense(CHANNELS).apply(b.globalAveragePooling2d().apply(a));
              s = b.reshape(1, 1, CHANNELS).apply(b.activation("sigmoid").apply(s));
              return head(b, b.multiply().apply(a, s));
            }),
        tail(
            "several depthwise channels of one",
            MAP,
            (b, a, x) -> head(b, b.depthwiseConv2d(3).set("depth_multiplier", 2).apply(a))),
        tail(
            "channels turned into places",
            MAP,
            (b, a, x) -> head(b, b.reshape(CHANNELS, SIDE, SIDE).apply(a))));
  }

  private static Arguments tail(String name, int numbers, Behind behind) {
    return arguments(name, numbers, behind);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tails")
  void channels_areLeftOutAsByAnInput(String name, int numbers, Behind behind) {
    ModelBuilder b = ModelBuilder.create("tail");
    SymbolicTensor x = b.input(SIDE, SIDE, 3);
    SymbolicTensor kept = b.input(1, 1, CHANNELS);
    SymbolicTensor all = b.conv2d(CHANNELS, 3).padding("same").name("all").apply(x);
    SymbolicTensor activation = b.multiply().name("explained").apply(all, kept);
    SymbolicTensor y = behind.build(b, activation, x);
    Tensor image = Tensor.of(SmallNetwork.random(3, MAP / CHANNELS * 3), 1, SIDE, SIDE, 3);
    try (Model model = Model.of("tail", KerasModel.initialize(b.build(y), 7))) {
      float[] map = map(model, AblationCam.create(), image);
      float[] plain = predicted(model, image, ones());
      float[] values = activation(model, image);
      double[] expected = new double[SIDE * SIDE];
      for (int c = 0; c < CHANNELS; c++) {
        float[] without = predicted(model, image, without(c));
        double weight = (plain[1] - without[1]) / Math.abs(plain[1]);
        for (int i = 0; i < expected.length; i++) {
          expected[i] += weight * values[i * CHANNELS + c];
        }
      }
      double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
      for (int i = 0; i < expected.length; i++) {
        assertEquals(expected[i], map[i], 2e-5 * largest, name);
      }
      List<Long> sizes = new ArrayList<>();
      map(model, new SizeOfTail(sizes), image);
      assertEquals(List.of((long) numbers), sizes.stream().distinct().toList(), name);
    }
  }

  private static Tensor ones() {
    return without(-1);
  }

  private static Tensor without(int channel) {
    float[] kept = new float[CHANNELS];
    for (int c = 0; c < CHANNELS; c++) {
      kept[c] = c == channel ? 0 : 1;
    }
    return Tensor.of(kept, 1, 1, 1, CHANNELS);
  }

  private static float[] predicted(Model model, Tensor... inputs) {
    return model.predict(List.of(inputs), ExplainOptions.defaults()).get(0).toFloatArray();
  }

  private static float[] activation(Model model, Tensor image) {
    try (Model exposed = model.expose("explained")) {
      return predicted(exposed, image, ones());
    }
  }

  private static float[] map(Model model, Ensemble method, Tensor image) {
    ExplainOptions raw =
        ExplainOptions.defaults().withFilter(Filters::none).withLayers("explained");
    try (Explainer explainer = Explainer.of(model, raw, method)) {
      return explainer.explainAll(List.of(image, ones()), Units.of(1)).get(0).maps().toFloatArray();
    }
  }

  /** Ablation-CAM that tells how many numbers the largest value of a pass has. */
  private record SizeOfTail(List<Long> sizes) implements Ensemble {
    @Override
    public Info info() {
      return Info.of("size", "Size").ofActivations();
    }

    @Override
    public Plan plan(Probes probes) {
      int axis = probes.activationTensor().layout().channelAxis(4);
      sizes.add(probes.withoutChannels(probes.activationTensor(), axis).size());
      return AblationCam.create().plan(probes);
    }
  }
}
