package dev.keralens.keras.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.InvalidModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
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
    List<Path> files = files(name -> !name.contains("weights") && !name.endsWith(".json"));
    assertFalse(files.isEmpty());
    for (Path path : files) {
      KerasFile file = KerasFile.open(path);
      Golden.check(file, expected);
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
    Path json = files(name -> name.endsWith(".json") && !name.contains("weights")).get(0);
    for (Path path : files(GoldenFilesTest::isWeights)) {
      for (WeightMatching matching : WeightMatching.values()) {
        KerasFile file = KerasFile.open(json, path, matching);
        assertEquals(FileFormat.JSON_AND_WEIGHTS, file.format());
        if (losesSharing(archive, path)) {
          assertThrows(InvalidModelException.class, () -> Golden.check(file, expected));
        } else {
          Golden.check(file, expected);
        }
      }
    }
  }

  /**
   * Since Keras 2.13 the JSON does not say that a layer is held twice, while the object tree holds
   * its weights once. Keras itself cannot load them either.
   */
  private static boolean losesSharing(String archive, Path weights) {
    return archive.contains("shared")
        && !archive.startsWith("keras-2.12")
        && !weights.toString().endsWith("_weights.h5");
  }

  @Test
  void open_weightsWithoutArchitecture() throws IOException {
    Golden.unpack(Golden.resource("golden/keras-2.12.0-images.zip"), folder);
    for (String name : List.of("images_weights.h5", "images.weights.h5")) {
      Path path = folder.resolve(name);
      String message = Golden.message(InvalidModelException.class, () -> KerasFile.open(path));
      assertEquals(
          path
              + " holds weights only. Give the architecture too, as JSON from model.to_json(),"
              + " or save the whole model: model.save('model.keras').",
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

  private List<Path> files(Predicate<String> name) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(path -> name.test(path.getFileName().toString())).sorted().toList();
    }
  }

  private static boolean isWeights(String name) {
    return name.endsWith("_weights.h5")
        || (name.endsWith(".weights.h5") && !name.contains("sharded"))
        || name.endsWith("_sharded.weights.json");
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
