package dev.keralens.applications;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Four small networks with the weights that Keras wrote; docs/published.md has all. */
class ApplicationScoresTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"MobileNet", "MobileNetV2", "MobileNetV3Small", "EfficientNetB0"})
  void network_computesWhatKerasComputes(String name) throws IOException {
    unpack(name);
    ScoreCheck found = ScoreCheck.of(folder);
    assertTrue(found.scores() < 1e-4, found::toString);
    assertTrue(found.gradCam() < 1e-3, found::toString);
  }

  private void unpack(String name) throws IOException {
    try (InputStream in =
            Objects.requireNonNull(
                getClass().getResourceAsStream("/golden/published/" + name + ".zip"));
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Files.copy(zip, folder.resolve(entry.getName()));
      }
    }
  }
}
