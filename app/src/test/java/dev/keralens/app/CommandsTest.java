package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keralens.method.Methods;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code predict}, {@code inspect}, {@code methods} and the help. */
class CommandsTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"conv_mix", "residual", "flatten", "nested"})
  void predict_writesWhatKerasPredicts(String name) throws IOException {
    for (String file : List.of("model.h5", "model.keras")) {
      Path scores = folder.resolve(file + ".npy");
      Path source = Cli.PARITY.resolve(name);
      Cli run =
          Cli.done("predict", source.resolve("x.npy"), "-m", source.resolve(file), "-o", scores);
      Tensor expected = Npy.read(source.resolve("logits.npy"));
      Tensor actual = Npy.read(scores);
      for (int i = 0; i < expected.size(0); i++) {
        for (int unit = 0; unit < expected.size(1); unit++) {
          float wanted = expected.get(i, unit);
          assertEquals(wanted, actual.get(i, unit), 1e-5 * Math.max(1, Math.abs(wanted)));
        }
      }
      int shown = Math.min(5, expected.size(1));
      assertEquals(1 + 3 * shown, run.out().size(), run::toString);
    }
  }

  @Test
  void predict_printsTheHighestUnitsInOrder() throws IOException {
    Path source = Cli.PARITY.resolve("conv_mix");
    Cli run = Cli.done("predict", source.resolve("x.npy"), "-m", source.resolve("model.h5"));
    float[] row = Npy.read(source.resolve("logits.npy")).row(0).toFloatArray();
    int[] best = PredictCommand.highest(row, 5);
    assertTrue(run.out().get(1).startsWith("x.npy 0 "), run::toString);
    for (int place = 0; place < best.length; place++) {
      assertTrue(place == 0 || row[best[place]] <= row[best[place - 1]]);
      String line = run.out().get(1 + place);
      assertTrue(line.contains(" " + best[place] + "  "), run::toString);
    }
    assertEquals(List.of(), run.err());
  }

  @Test
  void inspect_marksWhatIsExplained() throws IOException {
    JsonNode json =
        new ObjectMapper()
            .readTree(
                String.join(
                    "\n",
                    Cli.done("inspect", Cli.PARITY.resolve("conv_mix/model.keras"), "--json")
                        .out()));
    assertEquals("[null,33,29,3]", json.path("inputs").path(0).path("shape").toString());
    assertEquals("[[null,7]]", json.path("outputs").toString());
    JsonNode layers = json.path("layers");
    String logits = json.path("logits_layer").asText();
    String pooling = json.path("pooling_layer").asText();
    String activation = json.path("explained_activation").asText();
    long params = 0;
    for (JsonNode layer : layers) {
      params += layer.path("params").asLong();
      String name = layer.path("name").asText();
      String type = layer.path("class_name").asText();
      String marks = layer.path("marks").toString();
      assertEquals(name.equals(logits), marks.contains("\"logits\""), name);
      assertTrue(!name.equals(logits) || type.equals("Dense"), type);
      assertTrue(!name.equals(pooling) || type.equals("GlobalAveragePooling2D"), type);
      if (name.equals(pooling)) {
        // Between them lies a Dropout, which gives what it reads.
        assertEquals("[\"dropout\"]", layer.path("connected_to").toString());
        assertEquals("last_conv", activation);
      }
    }
    assertEquals(json.path("total_params").asLong(), params);
    assertTrue(!logits.isEmpty() && !pooling.isEmpty() && !activation.isEmpty(), json::toString);
  }

  @Test
  void inspect_printsATable() {
    Cli run = Cli.done("inspect", Cli.PARITY.resolve("nested/model.h5"));
    String text = String.join("\n", run.out());
    assertTrue(text.startsWith("Format: HDF5 by Keras 2.12.0\nTakes: "), text);
    assertTrue(text.contains("\nModel: model.h5\nInput: "), text);
    assertTrue(text.contains("(None, 32, 32, 3)"), text);
    assertTrue(text.contains("<- explained activation"), text);
    assertTrue(text.contains("<- logits"), text);
    assertTrue(text.contains("Total params: "), text);
  }

  @Test
  void methods_areOneLineEach() {
    Cli run = Cli.done("methods");
    assertEquals(1 + Methods.byNames().size() + 2, run.out().size());
    assertTrue(run.out().stream().anyMatch(line -> line.startsWith("scorecam:paper ")));
    assertTrue(run.out().stream().anyMatch(line -> line.startsWith("--smooth ")));
    assertTrue(run.out().get(1).matches("gradcam +\\S.*Selvaraju et al., 2017, https://.*"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"explain", "predict", "inspect", "methods", "demo"})
  void help_isThereForEachCommand(String command) {
    Cli run = Cli.done(command, "--help");
    assertTrue(run.out().toString().contains("keralens " + command), run::toString);
    assertTrue(run.out().stream().allMatch(line -> line.length() <= 100), run::toString);
    assertEquals(run.out(), Cli.done("help", command).out());
  }

  @Test
  void usage_unknownCommandOrOptionIsSuggested() {
    Cli command = Cli.run("explian");
    assertEquals(2, command.code());
    assertTrue(command.err().toString().contains("explain"), command::toString);
    Cli option = Cli.run("explain", "a.png", "--modle", "b.keras", "-o", "c.png");
    assertEquals(2, option.code());
    Cli both = Cli.run("explain", "a.png", "-m", "b", "--top", "1", "--all-units", "-o", "c.png");
    assertEquals(2, both.code());
    assertTrue(both.err().toString().contains("mutually exclusive"), both::toString);
  }
}
