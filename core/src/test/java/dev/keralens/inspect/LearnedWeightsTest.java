package dev.keralens.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.Model;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Node;
import dev.keralens.graph.Value;
import dev.keralens.keras.LayerBuilder;
import dev.keralens.keras.LayerContext;
import dev.keralens.keras.LayerRegistry;
import dev.keralens.keras.file.KerasFile;
import dev.keralens.keras.model.KerasModel;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LearnedWeightsTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  /** Layers that resample, pool, cut, pad or turn into spectra; a name with a mask has more. */
  private static final Pattern FIXED =
      Pattern.compile(
          "(adaptive_|average_|global_|max_|center_|cropping|resiz|up_?sampling|zero_pad|mel_|stft).*");

  @TempDir private Path folder;

  private List<Path> models(Path archive) throws IOException {
    List<Path> models = new ArrayList<>();
    try (InputStream in = Files.newInputStream(archive);
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.getName().startsWith("model")) {
          Path model = folder.resolve(models.size() + archive.getFileName().toString() + entry);
          Files.copy(zip, model);
          models.add(model);
        }
      }
    }
    return models;
  }

  private static List<Node> learned(Network network) {
    LearnedWeights weights = new LearnedWeights(network);
    return network.graph().nodes().stream().filter(weights::applies).toList();
  }

  @Test
  void numbersOfAFormula_areNotLearned() throws IOException {
    List<Path> archives;
    try (Stream<Path> files = Files.list(GOLDEN.resolve("layers"))) {
      archives =
          files.filter(f -> FIXED.matcher(f.getFileName().toString()).matches()).sorted().toList();
    }
    assertTrue(archives.size() > 100, "archives: " + archives.size());
    for (Path archive : archives) {
      for (Path file : models(archive)) {
        try (Model model = Model.load(file)) {
          assertEquals(List.of(), learned(model.network()), file.getFileName()::toString);
        }
      }
    }
  }

  @Test
  void layerOfAUser_learnsByItsWeightsWhateverItIsCalled() {
    String json =
        """
        {"class_name": "Functional", "name": "m", "config": {"name": "m", "layers": [
        {"class_name": "InputLayer", "name": "x", "inbound_nodes": [],
        "config": {"name": "x", "batch_shape": [null, 8, 8, 3], "dtype": "float32"}},
        {"class_name": "BlurPooling", "name": "y", "config": {"name": "y"},
        "inbound_nodes": [[["x", 0, 0, {}]]]}],
        "input_layers": [["x", 0, 0]], "output_layers": [["y", 0, 0]]}}\
        """;
    Tensor kernel = Tensor.of(new float[6], 3, 2);
    LayerBuilder byWeight = layer -> List.of(product(layer, layer.weight("kernel").value()));
    LayerBuilder byFormula = layer -> List.of(product(layer, layer.graph().fixed(kernel)));
    LayerRegistry standard = LayerRegistry.standard();
    Map<String, Map<String, Constant>> weights = Map.of("y", Map.of("kernel", Constant.of(kernel)));
    assertEquals(1, learned(json, weights, standard.with("BlurPooling", byWeight, "kernel")));
    assertEquals(0, learned(json, Map.of(), standard.with("BlurPooling", byFormula)));
  }

  private static KerasTensor product(LayerContext layer, Value kernel) {
    return KerasTensor.plain(layer.graph().matMul(layer.plain(layer.input()), kernel));
  }

  private static int learned(
      String json, Map<String, Map<String, Constant>> weights, LayerRegistry registry) {
    KerasFile file = KerasFile.of("model.keras", json, weights);
    return learned(KerasModel.of(file, registry).network()).size();
  }
}
