package dev.keralens.keras.build;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.keralens.Model;
import dev.keralens.keras.model.KerasModel;
import dev.keralens.network.Network;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A model that was defined in Java computes what Keras computes. */
class ModelBuilderScoresTest {
  @TempDir static Path golden;

  @BeforeAll
  static void unpack() throws IOException {
    ModelBuilderTest.unpack(golden);
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.h5", "model.keras", "model.weights.h5"})
  void weightsOfKeras_giveItsScores(String file) throws IOException {
    KerasModel loaded = KerasModel.load(ModelBuilderTest.everyLayer(), golden.resolve(file));
    try (Model model = Model.of("builder", loaded)) {
      Tensor y = model.predict(Npy.read(golden.resolve("x.npy")));
      assertArrayEquals(Npy.read(golden.resolve("y.npy")).toFloatArray(), y.toFloatArray(), 1e-5f);
    }
  }

  @Test
  void network_hasTheShapesOfTheDefinition() {
    ModelDefinition definition = ModelBuilderTest.everyLayer();
    Network network = KerasModel.initialize(definition, 1).network();
    for (DefinedLayer layer : definition.layers()) {
      int[] found =
          network.layer(layer.name()).orElseThrow().calls().get(0).outputs().get(0).shape().sizes();
      for (int axis = 1; axis < found.length; axis++) {
        assertEquals(layer.outputShape().get(axis - 1), found[axis], layer.name());
      }
    }
  }
}
