package dev.keralens.keras.build;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.Model;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.keras.model.KerasModel;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The model of parity/published/make_builder.py has every layer that the builder makes. */
class ModelBuilderTest {
  @TempDir static Path golden;

  @BeforeAll
  static void unpack() throws IOException {
    unpack(golden);
  }

  static void unpack(Path folder) throws IOException {
    try (InputStream in =
            Objects.requireNonNull(
                ModelBuilderTest.class.getResourceAsStream("/golden/published/builder.zip"));
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Files.copy(zip, folder.resolve(entry.getName()));
      }
    }
  }

  static ModelDefinition everyLayer() {
    ModelBuilder b = ModelBuilder.create("builder");
    SymbolicTensor x = b.rescaling(1 / 128., -1).apply(b.input(13, 17, 3));
    double[] mean = {0.1, 0.2, 0.3};
    double[] variance = {1.1, 1.2, 1.3};
    x = b.normalization(mean, variance).apply(x);
    x = b.normalization().apply(x);
    x = b.zeroPadding2d(1, 0, 2, 1).apply(x);
    x = b.conv2d(8, 3).strides(2).padding("same").activation("relu").name("conv1").apply(x);
    x = b.relu(6).apply(b.batchNormalization().apply(x));
    x = b.depthwiseConv2d(3).set("depth_multiplier", 2).padding("same").dilationRate(2).apply(x);
    x = b.leakyRelu().apply(x);
    x = b.separableConv2d(12, 3, 5).padding("same").useBias(false).apply(x);
    x = b.layerNormalization().apply(b.elu().apply(x));
    x = b.upSampling2d(2).apply(x);
    x = b.resizing(13, 19).apply(x);
    x = b.conv2dTranspose(8, 3).strides(2).padding("same").apply(x);
    x = b.conv2dTranspose(8, 3).strides(2).apply(x);
    x = b.cropping2d(1, 2, 0, 1).apply(x);
    x = b.averagePooling2d(3).strides(1).padding("same").apply(b.maxPooling2d(2).apply(x));
    LayerSpec shared = b.conv2d(8, 1).groups(2).name("shared");
    SymbolicTensor left = shared.apply(x);
    SymbolicTensor right = shared.apply(b.activation("hard_silu").apply(x));
    x =
        b.concatenate()
            .apply(
                b.add().apply(left, right),
                b.subtract().apply(left, right),
                b.multiply().apply(left, right),
                b.average().apply(left, right),
                b.maximum().apply(left, right),
                b.minimum().apply(left, right));
    x = x.times(0.5).plus(3);
    LayerSpec conv = b.conv2d(6, 2).strides(2).name("stem_conv");
    x =
        b.sequential(conv, b.batchNormalization().scale(false).name("stem_bn"))
            .name("stem")
            .apply(x);
    x = x.plus(ApplicationLayers.layerScale(b, 0.1, 6).name("gamma").apply(x));
    x = ApplicationLayers.customScale(b, 0.3).apply(x, b.activation("tanh").apply(x));
    x = b.dropout(0.2).apply(x);
    SymbolicTensor pooled = b.globalAveragePooling2d().keepdims(true).apply(x);
    SymbolicTensor flat = b.flatten().apply(x.times(pooled));
    x = b.concatenate().apply(flat, b.globalMaxPooling2d().apply(x));
    x = b.flatten().apply(b.reshape(-1, 2, 3).apply(x));
    x = b.dense(5).name("logits").apply(x);
    return b.build(b.softmax().apply(x));
  }

  @Test
  void layers_areThoseOfKeras() throws IOException {
    List<String> rows =
        everyLayer().layers().stream()
            .map(
                layer ->
                    "%s|%s|%s|%d"
                        .formatted(
                            layer.name(),
                            layer.className(),
                            layer.outputShape().stream()
                                .map(String::valueOf)
                                .collect(Collectors.joining(",")),
                            layer.parameters()))
            .toList();
    assertEquals(Files.readAllLines(golden.resolve("layers.txt")), rows);
  }

  @Test
  void rules_areAllInTheModel() {
    Set<String> classes =
        everyLayer().layers().stream()
            .map(DefinedLayer::className)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> missing = new TreeSet<>(LayerRules.RULES.keySet());
    missing.removeAll(classes);
    assertEquals(Set.of(), missing, "rules that no layer of this test uses");
  }

  @Test
  void seed_decidesTheWeights() {
    float[] once = scores(3);
    assertArrayEquals(once, scores(3));
    assertTrue(Math.abs(once[0] - scores(4)[0]) > 1e-6);
  }

  private static float[] scores(long seed) {
    ModelBuilder b = ModelBuilder.create("tiny");
    SymbolicTensor x = b.conv2d(4, 3).activation("relu").apply(b.input(6, 6, 2));
    ModelDefinition definition = b.build(b.dense(3).apply(b.flatten().apply(x)));
    float[] ones = new float[72];
    java.util.Arrays.fill(ones, 1);
    try (Model model = Model.of("tiny", KerasModel.initialize(definition, seed))) {
      return model.predict(Tensor.of(ones, 1, 6, 6, 2)).toFloatArray();
    }
  }

  @Test
  void glorotUniform_hasItsVarianceAndBounds() {
    float[] values = Initializer.GLOROT_UNIFORM.tensor(new int[] {3, 3, 50, 60}, 1).toFloatArray();
    double limit = Math.sqrt(6. / (9 * 50 + 9 * 60));
    double squares = 0;
    for (float value : values) {
      assertTrue(Math.abs(value) <= limit);
      squares += value * value;
    }
    assertEquals(limit * limit / 3, squares / values.length, 1e-4 * limit);
  }

  @Test
  void truncatedNormal_hasItsVarianceAndBounds() {
    float[] values = Initializer.HE_NORMAL.tensor(new int[] {3, 3, 50, 60}, 1).toFloatArray();
    double variance = 2. / (9 * 50);
    double squares = 0;
    for (float value : values) {
      assertTrue(Math.abs(value) <= 2 * Math.sqrt(variance) / 0.8796 + 1e-6);
      squares += value * value;
    }
    assertEquals(variance, squares / values.length, 0.03 * variance);
  }

  @Test
  void weightsOfAnotherModel_areRefused() {
    ModelBuilder b = ModelBuilder.create("other");
    ModelDefinition other = b.build(b.dense(3).name("logits").apply(b.input(7)));
    InvalidModelException e =
        assertThrows(
            InvalidModelException.class, () -> KerasModel.load(other, golden.resolve("model.h5")));
    assertTrue(String.valueOf(e.getMessage()).contains("logits"), e.getMessage());
  }

  @Test
  void layerThatCannotTakeItsInput_isNamed() {
    ModelBuilder b = ModelBuilder.create("m");
    SymbolicTensor x = b.input(4, 4, 3);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> b.conv2d(8, 5).name("big").apply(x));
    assertEquals(
        "Layer 'big' (Conv2D): a window of 5 does not fit into 4; use padding 'same' or a larger"
            + " input.",
        e.getMessage());
  }

  @Test
  void nameThatIsTaken_isRefused() {
    ModelBuilder b = ModelBuilder.create("m");
    SymbolicTensor x = b.dense(3).name("same").apply(b.input(4));
    LayerSpec second = b.dense(3).name("same");
    assertThrows(IllegalArgumentException.class, () -> second.apply(x));
  }

  @Test
  void argumentOfAnotherClass_isRefused() {
    LayerSpec dense = ModelBuilder.create("m").dense(3);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> dense.strides(2));
    assertTrue(
        String.valueOf(e.getMessage()).startsWith("Dense has no argument 'strides', only [units,"),
        e.getMessage());
  }

  @Test
  void argumentAfterTheFirstCall_isRefused() {
    ModelBuilder b = ModelBuilder.create("m");
    LayerSpec dense = b.dense(3);
    dense.apply(b.input(4));
    assertThrows(IllegalStateException.class, () -> dense.useBias(false));
  }

  @Test
  void tensorOfAnotherBuilder_isRefused() {
    SymbolicTensor foreign = ModelBuilder.create("m").input(4);
    LayerSpec dense = ModelBuilder.create("n").dense(3);
    assertThrows(IllegalArgumentException.class, () -> dense.apply(foreign));
  }

  @Test
  void sharedLayerWithAnotherShape_isRefused() {
    ModelBuilder b = ModelBuilder.create("m");
    LayerSpec dense = b.dense(3).name("shared");
    dense.apply(b.input(4));
    SymbolicTensor wider = b.input(5);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> dense.apply(wider));
    assertEquals(
        "Layer 'shared' (Dense): its weights do not fit [input_layer_1(None, 5)]; it was called with"
            + " another shape before.",
        e.getMessage());
  }
}
