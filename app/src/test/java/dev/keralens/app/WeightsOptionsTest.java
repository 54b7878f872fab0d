package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models in other forms than one file. */
class WeightsOptionsTest {
  private static final Path MODEL = Cli.PARITY.resolve("conv_mix/model.keras");
  private static final Path H5 = Cli.PARITY.resolve("conv_mix/model.h5");
  private static final Path X = Cli.PARITY.resolve("conv_mix/x.npy");

  @TempDir private Path folder;
  private Path json;
  private Path weights;

  @BeforeEach
  void unpack() throws IOException {
    try (InputStream in = Files.newInputStream(MODEL);
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Files.copy(zip, folder.resolve(entry.getName()));
      }
    }
    json = folder.resolve("config.json");
    weights = folder.resolve("model.weights.h5");
  }

  @Test
  void predict_architectureAndWeights() {
    List<String> right = Cli.done("predict", X, "--model", MODEL).out();
    assertEquals(right, Cli.done("predict", X, "-m", json, "-w", weights).out());
    assertEquals(right, Cli.done("predict", X, "-m", json, "--weights", H5).out());
    assertEquals(right, Cli.done("predict", X, "-m", json, "-w", H5, "--weights-by-name").out());
    assertEquals(right, Cli.done("predict", X, "--model", folder).out());
  }

  @Test
  void inspect_saysTheFormat() {
    assertTrue(Cli.done("inspect", MODEL).out().contains("Format: Keras archive by Keras 2.12.0"));
    assertTrue(Cli.done("inspect", H5).out().contains("Format: HDF5 by Keras 2.12.0"));
    assertTrue(
        Cli.done("inspect", json, "--weights", weights)
            .out()
            .contains("Format: architecture and weights by Keras 2"));
  }

  @Test
  void explain_architectureWithoutWeights() {
    Cli.fails(1, List.of("config.json", "--weights"), "predict", X, "--model", json);
    Cli.fails(1, List.of("model.weights.h5", "--weights"), "predict", X, "--model", weights);
  }

  @Test
  void weightsByName_withoutWeights() {
    Cli.fails(
        2, List.of("--weights-by-name needs --weights"), "inspect", MODEL, "--weights-by-name");
  }
}
