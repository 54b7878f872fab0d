package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which models take images, and of which size. */
class InputFormatTest {
  private static final Path PHOTO = Cli.IMAGES.resolve("gray.png");
  private static final Path NO_WEIGHTS = Cli.CORE.resolve("golden/known/empty.weights.h5");

  @TempDir Path folder;

  /** A model of layers without weights. */
  private Path model(String sizes, String layer, String arguments) throws IOException {
    String json =
        """
        {"class_name": "Functional", "keras_version": "2.12.0", "config": {"name": "m", "layers": [
          {"class_name": "InputLayer", "name": "x", "inbound_nodes": [],
           "config": {"batch_input_shape": [null, %s], "dtype": "float32", "name": "x"}},
          {"class_name": "%s", "name": "l", "inbound_nodes": [[["x", 0, 0, {}]]],
           "config": {"name": "l", "dtype": "float32"%s}},
          {"class_name": "Flatten", "name": "f", "inbound_nodes": [[["l", 0, 0, {}]]],
           "config": {"name": "f", "dtype": "float32"}}],
         "input_layers": [["x", 0, 0]], "output_layers": [["f", 0, 0]]}}
        """
            .formatted(sizes, layer, arguments);
    return Files.writeString(folder.resolve("model.json"), json);
  }

  private static final String POOL =
      ", \"pool_size\": [4], \"strides\": [4], \"padding\": \"valid\", \"data_format\":"
          + " \"channels_last\"";

  @ParameterizedTest
  @CsvSource({"'256, 1'", "'256, 3'", "'40, 6'", "'128, 12'"})
  void signals_takeNoImages(String sizes) throws IOException {
    Cli.fails(
        1,
        List.of("a signal and no image", ".npy"),
        "predict",
        PHOTO,
        "-m",
        model(sizes, "AveragePooling1D", POOL),
        "--weights",
        NO_WEIGHTS);
  }

  /** Where weights say which axis holds channels; no layer is known by its name. */
  @ParameterizedTest
  @CsvSource({"golden/places/bidirectional.keras"})
  void signals_ofLayersWithWeights_takeNoImages(String model) {
    Cli.fails(1, List.of("a signal and no image"), "predict", PHOTO, "-m", Cli.CORE.resolve(model));
  }

  @ParameterizedTest
  @CsvSource({
    "'28, 28', Activation, ', \"activation\": \"linear\"'",
    "'20, 28', Activation, ', \"activation\": \"linear\"'",
  })
  void picturesWithoutChannels_takeImages(String sizes, String layer, String arguments)
      throws IOException {
    Cli.done("predict", PHOTO, "-m", model(sizes, layer, arguments), "--weights", NO_WEIGHTS);
  }

  @Test
  void size_otherThanTheModels_isSaid() {
    Object model = Cli.PARITY.resolve("conv_mix/model.keras");
    Cli run = Cli.run("predict", PHOTO, "-m", model, "--size", "40x44");
    assertTrue(
        run.err().stream()
            .anyMatch(line -> line.contains("--size 40x44: model.keras was made for")),
        run::toString);
    Cli same = Cli.done("predict", PHOTO, "-m", model);
    assertEquals(0, same.err().stream().filter(line -> line.contains("--size")).count());
  }
}
