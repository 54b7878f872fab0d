package dev.keralens.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.Model;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models of the real Keras with layers that are not its own. */
class CustomModelTest {
  @TempDir Path folder;

  private List<Path> models(String name) throws IOException {
    return LayerGoldenTest.unpack(Golden.resource("golden/custom").resolve(name + ".zip"), folder);
  }

  private void assertPredicts(Model model) throws IOException {
    try (model) {
      Golden.assertClose(
          Golden.npy(folder.resolve("out.npy")),
          model.predict(Golden.npy(folder.resolve("in.npy"))),
          1e-5,
          model.name());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "custom_class-keras2, scale, Scale",
    "custom_class-keras3, scale, Scale",
    "custom_class_nested-keras2, scale, Scale",
    "custom_class_nested-keras3, scale, Scale",
    "custom_class_named_dense-keras2, twice, Dense",
    "custom_class_named_dense-keras3, twice, Dense",
    "lambda-keras2, square, Lambda",
    "lambda-keras3, square, Lambda"
  })
  void load_withoutABuilder_isRefusedByName(String name, String layer, String className)
      throws IOException {
    for (Path path : models(name)) {
      UnsupportedModelException e =
          assertThrows(UnsupportedModelException.class, () -> Model.load(path).close(), name);
      String message = String.valueOf(e.getMessage());
      assertTrue(message.contains(layer + "' ("), message);
      assertTrue(message.contains(className), message);
      assertTrue(message.contains("LayerRegistry.with"), message);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "custom_class-keras2",
    "custom_class-keras3",
    "custom_class_nested-keras2",
    "custom_class_nested-keras3"
  })
  void with_aBuilder_givesWhatKerasGives(String name) throws IOException {
    List<Path> models = models(name);
    assertEquals(2, models.size());
    for (Path path : models) {
      LayerBuilder scale =
          layer -> {
            GraphBuilder graph = layer.graph();
            Value x = layer.plain(layer.input());
            Value scaled = graph.mul(x, layer.weight("factor").value());
            Value offset = graph.scalar((float) layer.config().number("offset", 0));
            Value shifted = graph.add(graph.add(scaled, layer.weight("shift").value()), offset);
            return List.of(KerasTensor.plain(shifted));
          };
      LayerRegistry registry =
          LayerRegistry.standard().with("Mine>Scale", scale, "factor", "shift");
      Model model = Model.load(path, registry);
      assertPredicts(model);
    }
  }

  @ParameterizedTest
  @CsvSource({"custom_class_named_dense-keras2", "custom_class_named_dense-keras3"})
  void with_aBuilderForAClassNamedAsOneOfKeras_leavesKerasAlone(String name) throws IOException {
    LayerBuilder twice = layer -> List.of(twice(layer));
    LayerRegistry registry = LayerRegistry.standard().with("Mine>Dense", twice);
    for (Path path : models(name)) {
      assertPredicts(Model.load(path, registry));
    }
  }

  private static KerasTensor twice(LayerContext layer) {
    return KerasTensor.plain(layer.graph().mul(layer.plain(layer.input()), 2));
  }

  @ParameterizedTest
  @CsvSource({"lambda-keras2", "lambda-keras3"})
  void withLayer_aBuilderForALambda_givesWhatKerasGives(String name) throws IOException {
    LayerBuilder square =
        layer -> {
          KerasTensor x = layer.input();
          return List.of(new KerasTensor(layer.graph().mul(x.value(), x.value()), x.layout()));
        };
    LayerRegistry registry = LayerRegistry.standard().withLayer("square", square);
    for (Path path : models(name)) {
      assertPredicts(Model.load(path, registry));
    }
  }
}
