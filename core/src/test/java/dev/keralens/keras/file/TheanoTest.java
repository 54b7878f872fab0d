package dev.keralens.keras.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.keralens.graph.Constant;
import dev.keralens.keras.LayerConfig;
import dev.keralens.keras.LayerLocation;
import dev.keralens.keras.LayerRegistry;
import dev.keralens.keras.layer.LayerTable;
import dev.keralens.keras.model.KerasModel;
import dev.keralens.keras.storage.FileRegion;
import dev.keralens.keras.storage.Hdf5Group;
import dev.keralens.keras.weights.LayerGroups;
import dev.keralens.keras.weights.WeightSlot;
import dev.keralens.network.Layer;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Files that Keras wrote on Theano, whose convolutions turn their kernels around. */
class TheanoTest {
  /** Those that Keras turns, by the list of its own reader. */
  @Test
  void classes_areThoseThatKerasTurns() {
    Set<String> turning = new TreeSet<>();
    LayerTable.TYPES.forEach(
        (name, type) -> {
          LayerLocation location = new LayerLocation("m", "l", name);
          LayerConfig config = new LayerConfig(JsonNodeFactory.instance.objectNode(), location);
          boolean convolves = name.contains("Conv");
          if (convolves
              && type.parts().apply(config).stream()
                  .anyMatch(part -> part instanceof WeightSlot slot && slot.turnedByTheano())) {
            turning.add(name);
          }
        });
    assertEquals(Set.of("Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "ConvLSTM2D"), turning);
  }

  @Test
  void read_kernelsOfConvolutionsAreTurned_othersAreNot() throws IOException {
    KerasFile file = KerasFile.open(Golden.resource("/parity/conv_mix/model.h5"));
    Hdf5Group weights =
        Hdf5Group.open(FileRegion.of(file.path())).group(Hdf5Reader.MODEL_WEIGHTS).orElseThrow();
    KerasFile theano =
        new KerasFile(
            file.path(),
            file.format(),
            file.version(),
            "theano",
            file.architecture(),
            model -> new LayerGroups("m", weights, LayerGroups.byName(model, weights), "theano"));
    int turned = 0;
    Map<String, Layer> layers = layers(theano);
    for (Layer layer : layers(file).values()) {
      for (Map.Entry<String, Constant> weight : layer.weights().entrySet()) {
        float[] plain = weight.getValue().tensor().toFloatArray();
        int[] shape = weight.getValue().shape();
        if (layer.className().equals("Conv2D") && shape.length == 4) {
          plain = turned(plain, shape[0] * shape[1]);
          turned++;
        }
        Layer same = Objects.requireNonNull(layers.get(layer.name()));
        Constant read = Objects.requireNonNull(same.weights().get(weight.getKey()));
        assertArrayEquals(plain, read.tensor().toFloatArray());
      }
    }
    assertTrue(turned >= 3);
  }

  private static Map<String, Layer> layers(KerasFile file) {
    return KerasModel.of(file, LayerRegistry.standard()).network().layers().stream()
        .collect(Collectors.toMap(Layer::name, Function.identity()));
  }

  /** The places in the opposite order; each holds the weights of all channels. */
  private static float[] turned(float[] all, int places) {
    int each = all.length / places;
    float[] turned = new float[all.length];
    for (int place = 0; place < places; place++) {
      System.arraycopy(all, place * each, turned, (places - 1 - place) * each, each);
    }
    return turned;
  }
}
