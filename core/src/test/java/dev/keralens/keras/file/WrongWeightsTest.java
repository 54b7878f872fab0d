package dev.keralens.keras.file;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.LoadOptions;
import dev.keralens.Model;
import dev.keralens.graph.InvalidModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Weights that are not those of the architecture: the message says which layer, and what differs.
 */
class WrongWeightsTest {
  @TempDir Path folder;

  @BeforeEach
  void unpack() throws IOException {
    Golden.unpack(Golden.resource("golden/keras-2.12.0-nested.zip"), folder);
  }

  /** The architecture with one text replaced by another. */
  private Path changed(String from, String to) throws IOException {
    String json = Files.readString(folder.resolve("nested.json"));
    assertTrue(json.contains(from), from);
    return Files.writeString(folder.resolve("changed.json"), json.replace(from, to));
  }

  private static void fails(Path model, LoadOptions options, String... texts) {
    String message =
        Golden.message(
            InvalidModelException.class,
            () -> {
              try (Model read = Model.load(model, options)) {
                read.network().graph().constants().values().forEach(constant -> constant.tensor());
              }
            });
    for (String text : texts) {
      assertTrue(message.contains(text), message);
    }
    assertTrue(message.lines().count() == 1, message);
  }

  private LoadOptions weights(String name) {
    return LoadOptions.defaults().withWeights(folder.resolve(name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"nested_weights.h5", "nested.weights.h5", "nested.h5", "nested_checkpoint"})
  void network_otherShape(String name) throws IOException {
    Path json = changed("\"units\": 4", "\"units\": 5");
    fails(json, weights(name), "'head/a'", "kernel has the shape (3, 4)", "(?, 5)");
  }

  @Test
  void network_otherKernelSize() throws IOException {
    Path json = changed("\"kernel_size\": [1, 1]", "\"kernel_size\": [3, 1]");
    fails(json, weights("nested_weights.h5"), "kernel has the shape (1, 1, 3, 3)", "(3, 1, ?, 3)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nested_weights.h5", "nested.weights.h5"})
  void network_otherNumberOfWeights(String name) throws IOException {
    Path json = changed("\"scale\": true", "\"scale\": false");
    fails(json, weights(name), "backbone", "n1", "expected", "found");
  }

  @Test
  void network_otherName() throws IOException {
    Path json = changed("\"out\"", "\"last\"");
    LoadOptions byName =
        LoadOptions.defaults().withWeightsByName(folder.resolve("nested_weights.h5"));
    fails(json, byName, "'last'", "has no weights in", "[one, two, backbone, ");
  }

  @Test
  void read_missingShard() throws IOException {
    String shard = "images_sharded_00001.weights.h5";
    unpackShards();
    Files.delete(folder.resolve(shard));
    assertTrue(
        shards().contains("images_sharded.weights.json names the file '" + shard + "'"), shards());
  }

  @Test
  void read_truncatedShard() throws IOException {
    String shard = "images_sharded_00001.weights.h5";
    unpackShards();
    truncate(shard, 0.5);
    assertTrue(shards().contains(shard + " is cut short"), shards());
  }

  private void unpackShards() throws IOException {
    folder = Files.createDirectory(folder.resolve("keras3"));
    Golden.unpack(Golden.resource("golden/keras-3.15.1-images.zip"), folder);
  }

  private String shards() {
    Path json = folder.resolve("images.json");
    Path weights = folder.resolve("images_sharded.weights.json");
    return Golden.message(
        InvalidModelException.class,
        () -> Golden.readAll(KerasFile.open(json, weights), new GoldenLayout()));
  }

  @Test
  void network_truncatedSavedModel() throws IOException {
    Path model = folder.resolve("nested_saved_model");
    for (String file :
        List.of(
            "variables/variables.data-00000-of-00001",
            "variables/variables.index",
            "keras_metadata.pb")) {
      byte[] whole = Files.readAllBytes(model.resolve(file));
      truncate("nested_saved_model/" + file, 0.5);
      fails(model, LoadOptions.defaults(), "nested_saved_model");
      Files.write(model.resolve(file), whole);
    }
  }

  @Test
  void network_savedModelWithoutData() throws IOException {
    String file = "variables/variables.data-00000-of-00001";
    Path model = folder.resolve("nested_saved_model");
    Files.delete(model.resolve(file));
    fails(model, LoadOptions.defaults(), "is not whole: there is no file '" + file + "'");
  }

  @Test
  void network_savedModelWithDamagedData() throws IOException {
    Path data = folder.resolve("nested_saved_model/variables/variables.data-00000-of-00001");
    byte[] bytes = Files.readAllBytes(data);
    for (int i = 0; i < bytes.length; i += 4) {
      bytes[i] ^= 1;
    }
    Files.write(data, bytes);
    fails(folder.resolve("nested_saved_model"), LoadOptions.defaults(), "nested_saved_model");
  }

  @Test
  void load_missingWeights() {
    LoadOptions missing = weights("none.h5");
    assertThrows(
        NoSuchFileException.class, () -> Model.load(folder.resolve("nested.json"), missing));
  }

  @Test
  void load_weightsThatAreNone() throws IOException {
    Files.writeString(folder.resolve("text.h5"), "no weights");
    fails(folder.resolve("nested.json"), weights("text.h5"), "text.h5 holds no weights of Keras");
  }

  private void truncate(String name, double part) throws IOException {
    Path file = folder.resolve(name);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, (int) (whole.length * part)));
  }
}
