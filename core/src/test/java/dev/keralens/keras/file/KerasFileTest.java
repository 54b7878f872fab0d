package dev.keralens.keras.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.keras.storage.WeightArray;
import dev.keralens.keras.weights.LayerPath;
import dev.keralens.keras.weights.LayerWeights;
import dev.keralens.keras.weights.WeightLayout;
import dev.keralens.keras.weights.WeightPart;
import dev.keralens.keras.weights.WeightSlot;
import dev.keralens.keras.weights.WeightStore;
import dev.keralens.tensor.Tensor;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KerasFileTest {
  private static final List<WeightPart> KERNEL_AND_BIAS =
      List.of(WeightSlot.of("kernel"), WeightSlot.of("bias"));

  private static List<WeightPart> layout(JsonNode layer) {
    return switch (layer.path("class_name").asText()) {
      case "Dense", "Conv2D" -> KERNEL_AND_BIAS;
      case "SeparableConv2D" ->
          List.of(
              WeightSlot.of("depthwise_kernel"),
              WeightSlot.of("pointwise_kernel"),
              WeightSlot.of("bias"));
      case "BatchNormalization" ->
          List.of(
              WeightSlot.of("gamma"),
              WeightSlot.of("beta"),
              WeightSlot.notTrainable("moving_mean"),
              WeightSlot.notTrainable("moving_variance"));
      default -> List.of();
    };
  }

  private static Path golden(String name) throws URISyntaxException {
    URL url = KerasFileTest.class.getResource(name);
    return Path.of(Objects.requireNonNull(url, name).toURI());
  }

  @ParameterizedTest
  @ValueSource(strings = {"nested.h5", "nested.keras"})
  void open_nestedModelOfKeras212(String name) throws Exception {
    KerasFile file = KerasFile.open(golden(name));

    assertEquals("2.12.0", file.version().text());
    assertEquals("Functional", file.architecture().get("class_name").asText());
    WeightStore weights = file.weights(KerasFileTest::layout);
    LayerWeights dense = weights.of(LayerPath.of("dense"));
    assertArrayEquals(new int[] {12, 4}, dense.get("kernel").shape());
    assertArrayEquals(new int[] {4}, dense.get("bias").read().shape());
    LayerPath inner = LayerPath.of("backbone", "separable_conv2d");
    assertArrayEquals(
        new int[] {1, 1, 8, 12}, weights.of(inner).get("pointwise_kernel").read().shape());
    assertTrue(weights.of(LayerPath.of("backbone", "activation")).all().isEmpty());
    assertFalse(dense.has("gamma"));
    assertThrows(InvalidModelException.class, () -> dense.get("gamma"));
    assertThrows(InvalidModelException.class, () -> weights.of(LayerPath.of("backbone", "nix")));
  }

  @Test
  void open_sameWeightsFromBothFormats() throws Exception {
    WeightStore h5 = KerasFile.open(golden("nested.h5")).weights(KerasFileTest::layout);
    WeightStore archive = KerasFile.open(golden("nested.keras")).weights(KerasFileTest::layout);
    for (String layer : List.of("conv2d", "separable_conv2d", "batch_normalization")) {
      LayerPath path = LayerPath.of("backbone", layer);
      List<WeightArray> expected = h5.of(path).all();
      List<WeightArray> actual = archive.of(path).all();
      assertEquals(expected.size(), actual.size());
      for (int i = 0; i < expected.size(); i++) {
        assertArrayEquals(
            expected.get(i).read().toFloatArray(), actual.get(i).read().toFloatArray());
      }
    }
  }

  @Test
  void weights_oneArrayOfOneLayer() throws Exception {
    Path path = golden("nested.keras");
    WeightLayout layout = KerasFileTest::layout;

    KerasFile file = KerasFile.open(path);
    WeightStore weights = file.weights(layout);
    Tensor kernel = weights.of(LayerPath.of("backbone", "conv2d")).get("kernel").read();

    assertArrayEquals(new int[] {3, 3, 3, 8}, kernel.shape());
  }
}
