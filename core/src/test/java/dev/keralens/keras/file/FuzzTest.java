package dev.keralens.keras.file;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.Mutations;
import dev.keralens.keras.storage.Architecture;
import dev.keralens.keras.storage.Checkpoint;
import dev.keralens.keras.storage.FileRegion;
import dev.keralens.keras.storage.ModelFiles;
import dev.keralens.keras.storage.ObjectGraph;
import dev.keralens.keras.weights.WeightMatching;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changed files of every format; see {@link Mutations}. */
@Timeout(1800)
class FuzzTest {
  @TempDir Path folder;

  @BeforeEach
  void unpack() throws IOException {
    Golden.unpack(Golden.resource("odd.zip"), folder);
    Golden.unpack(Golden.resource("golden/keras-2.12.0-shared.zip"), folder);
  }

  private byte[] bytes(String name) throws IOException {
    return Files.readAllBytes(folder.resolve(name));
  }

  private static FileRegion region(String name, byte[] bytes) {
    return FileRegion.of(name, ByteBuffer.wrap(bytes));
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain.keras", "deflated.keras", "plain.h5", "packed.h5", "latest.h5"})
  void open_changedFile(String name) throws IOException {
    Path path = folder.resolve(name);
    Mutations.ofModel(
        bytes(name),
        changed -> Golden.readAll(Opening.file(path, region(name, changed)), new GoldenLayout()));
  }

  /** The archive's checksums hide its content from changes; here they are right again. */
  @ParameterizedTest
  @ValueSource(strings = {"model.weights.h5", "config.json", "metadata.json"})
  void open_changedEntryOfArchive(String entry) throws IOException {
    Path path = folder.resolve("plain.keras");
    Map<String, byte[]> entries = entries(path);
    Mutations.ofModel(
        entries.getOrDefault(entry, new byte[0]),
        changed -> {
          Map<String, byte[]> other = new LinkedHashMap<>(entries);
          other.put(entry, changed);
          Golden.readAll(Opening.file(path, region("x", zip(other))), new GoldenLayout());
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "keras_metadata.pb",
        "variables/variables.index",
        "variables/variables.data-00000-of-00001"
      })
  void open_changedFileOfSavedModel(String name) throws IOException {
    Path model = folder.resolve("shared_saved_model");
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String file :
        new String[] {
          "saved_model.pb",
          "keras_metadata.pb",
          "variables/variables.index",
          "variables/variables.data-00000-of-00001"
        }) {
      files.put(file, Files.readAllBytes(model.resolve(file)));
    }
    Mutations.ofModel(
        files.getOrDefault(name, new byte[0]),
        changed -> {
          ModelFiles mixed =
              (file, limit) ->
                  Optional.ofNullable(file.equals(name) ? changed : files.get(file))
                      .map(content -> region(file, content));
          Golden.readAll(
              Opening.guard(model, () -> new SavedModelReader(model, mixed).read()),
              new GoldenLayout());
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"shared_weights.h5", "shared.weights.h5"})
  void open_changedWeights(String name) throws IOException {
    byte[] json = bytes("shared.json");
    Mutations.ofModel(bytes(name), changed -> readTwo(name, json, changed));
  }

  @Test
  void open_changedArchitecture() throws IOException {
    String name = "shared_weights.h5";
    byte[] weights = bytes(name);
    Mutations.ofModel(bytes("shared.json"), changed -> readTwo(name, changed, weights));
  }

  private void readTwo(String name, byte[] json, byte[] weights) throws IOException {
    Path path = folder.resolve("shared.json");
    KerasFile file =
        Opening.guard(
            path,
            () -> {
              ObjectNode architecture = Architecture.parse(region("shared.json", json));
              return TwoFilesReader.ofJson(path, folder.resolve(name), architecture)
                  .read(region(name, weights), WeightMatching.ORDER);
            });
    Golden.readAll(file, new GoldenLayout());
  }

  @Test
  void read_changedObjectGraph() throws IOException {
    ModelFiles files = ModelFiles.in(folder.resolve("shared_saved_model"));
    ByteBuffer graph =
        Checkpoint.open("model", files, "variables/variables")
            .text("_CHECKPOINTABLE_OBJECT_GRAPH")
            .orElseThrow();
    byte[] whole = new byte[graph.remaining()];
    graph.get(whole);
    Mutations.ofModel(
        whole,
        changed -> {
          ObjectGraph objects = ObjectGraph.read("model", ByteBuffer.wrap(changed));
          int keys = 0;
          for (int i = 0; i < 10; i++) {
            keys += objects.child(i, "layer-1").flatMap(objects::key).isPresent() ? 1 : 0;
          }
          assertTrue(keys <= 10);
        });
  }

  private static Map<String, byte[]> entries(Path file) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (InputStream in = Files.newInputStream(file);
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        entries.put(entry.getName(), zip.readAllBytes());
      }
    }
    return entries;
  }

  private static byte[] zip(Map<String, byte[]> entries) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> content : entries.entrySet()) {
        ZipEntry entry = new ZipEntry(content.getKey());
        CRC32 sum = new CRC32();
        sum.update(content.getValue());
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.getValue().length);
        entry.setCrc(sum.getValue());
        zip.putNextEntry(entry);
        zip.write(content.getValue());
      }
    }
    return out.toByteArray();
  }
}
