package dev.keralens.keras.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.keras.storage.FileFormat;
import dev.keralens.keras.weights.WeightMatching;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What each version of Keras wrote is read as Keras had it, from every kind of file. */
class GoldenFilesTest {
  @TempDir Path folder;

  static Stream<String> archives() {
    return Golden.archives().stream().map(path -> path.getFileName().toString());
  }

  @ParameterizedTest
  @MethodSource("archives")
  void open_wholeModel(String archive) throws IOException {
    Golden.unpack(Golden.resource("golden/" + archive), folder);
    JsonNode expected = Golden.expected(folder);
    List<Path> files = Golden.wholeModels(folder);
    assertFalse(files.isEmpty());
    for (Path path : files) {
      KerasFile file = KerasFile.open(path);
      if (losesSharing(archive, path)) {
        assertRefused(file);
      } else {
        Golden.check(file, expected);
      }
      assertEquals(version(expected), file.version().text(), path.toString());
      assertEquals(format(path.toString()), file.format(), path.toString());
      assertEquals(path, file.path());
    }
  }

  @ParameterizedTest
  @MethodSource("archives")
  void open_architectureAndWeights(String archive) throws IOException {
    Golden.unpack(Golden.resource("golden/" + archive), folder);
    JsonNode expected = Golden.expected(folder);
    Path json = Golden.architecture(folder);
    for (Path path : Golden.weights(folder)) {
      for (WeightMatching matching : WeightMatching.values()) {
        KerasFile file = KerasFile.open(json, path, matching);
        assertEquals(FileFormat.TWO_FILES, file.format());
        if (losesSharing(archive, path)) {
          assertRefused(file);
        } else {
          Golden.check(file, expected);
        }
      }
    }
  }

  /**
   * Since Keras 2.13 the JSON, and in 2.14 and 2.15 the archive, does not say that a layer is held
   * twice, while the object tree holds its weights once. Keras cannot load them either.
   */
  private static boolean losesSharing(String archive, Path file) {
    if (!archive.contains("shared")) {
      return false;
    }
    String name = String.valueOf(file.getFileName());
    boolean json = archive.matches("keras-(3|2\\.13|2\\.15).*") && name.contains(".weights.");
    return json || (archive.startsWith("keras-2.15") && name.endsWith(".keras"));
  }

  private static void assertRefused(KerasFile file) {
    assertThrows(InvalidModelException.class, () -> Golden.readAll(file, new GoldenLayout()));
  }

  @Test
  void open_weightsWithoutArchitecture() throws IOException {
    Golden.unpack(Golden.resource("golden/keras-2.12.0-images.zip"), folder);
    for (String name : List.of("images_weights.h5", "images.weights.h5")) {
      Path path = folder.resolve(name);
      String message = Golden.message(InvalidModelException.class, () -> KerasFile.open(path));
      assertEquals(
          path
              + " holds weights only. Give the architecture as the model, as JSON from"
              + " model.to_json(), and this file as its weights (--weights; in Java"
              + " Model.load(architecture, weights)), or save the whole model:"
              + " model.save('model.keras').",
          message);
    }
  }

  @Test
  void open_architectureOfAnotherModel() throws IOException {
    Golden.unpack(Golden.resource("golden/keras-2.12.0-images.zip"), folder);
    Path other = folder.resolve("other");
    Files.createDirectory(other);
    Golden.unpack(Golden.resource("golden/keras-2.12.0-nested.zip"), other);
    KerasFile file =
        KerasFile.open(folder.resolve("images.json"), other.resolve("nested_weights.h5"));
    String message =
        Golden.message(InvalidModelException.class, () -> file.weights(new GoldenLayout()));
    assertEquals(
        other.resolve("nested_weights.h5")
            + " has weights for 5 layers [backbone, k1, still, head, out], the architecture has"
            + " 10 layers with weights: [c1, b1, block/c2, b2, p, s, d, t, fc1, fc2].",
        message);
  }

  private static String version(JsonNode expected) {
    return expected.get("keras").asText();
  }

  private static FileFormat format(String name) {
    if (name.endsWith(".h5")) {
      return FileFormat.HDF5;
    }
    return name.endsWith("_saved_model") ? FileFormat.SAVED_MODEL : FileFormat.KERAS_ARCHIVE;
  }
}
