package dev.keralens.keras;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.keralens.Model;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Builders that users register for layers of their own. */
class CustomLayerTest {
  private static final Path FOLDER = Golden.resource("parity/conv_mix");

  private static float[] predict(LayerRegistry registry) throws IOException {
    try (Model model = Model.load(FOLDER.resolve("model.keras"), registry)) {
      Tensor x = Npy.read(FOLDER.resolve("x.npy"));
      return model.predict(x).toFloatArray();
    }
  }

  @Test
  void with_anotherBuilder_isUsedForItsClassOnly() throws IOException {
    LayerBuilder scale =
        layer -> {
          KerasTensor x = layer.input();
          Value factor = layer.graph().scalar((float) layer.config().number("factor", 1));
          return List.of(new KerasTensor(layer.graph().mul(x.value(), factor), x.layout()));
        };
    LayerRegistry registry = LayerRegistry.standard().with("Scale", scale);

    float[] expected = predict(LayerRegistry.standard());
    assertArrayEquals(expected, predict(registry));
    assertFalse(Arrays.equals(expected, predict(registry.with("LeakyReLU", scale))));
  }

  @Test
  void weight_rearranged_isReadWhenTheGraphIsCompiled() throws IOException {
    LayerBuilder dense =
        layer -> {
          Value kernel = layer.weight("kernel").transpose(1, 0).value();
          Value x = layer.input().value();
          Value product = layer.graph().matMul(x, layer.graph().transpose(kernel, 1, 0));
          Value bias = layer.weight("bias").value();
          return List.of(KerasTensor.plain(layer.graph().add(product, bias)));
        };
    LayerRegistry registry = LayerRegistry.standard().with("Dense", dense, "kernel", "bias");
    assertArrayEquals(predict(LayerRegistry.standard()), predict(registry), 1e-6f);
  }
}
