package dev.keralens.keras.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.keras.weights.LayerPath;
import dev.keralens.keras.weights.WeightStore;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are no models, or no whole ones, give one message that helps. */
class WrongFilesTest {
  @TempDir Path folder;

  @Test
  void open_noSuchFile() {
    Path path = folder.resolve("nix.keras");
    NoSuchFileException missing =
        assertThrows(NoSuchFileException.class, () -> KerasFile.open(path));
    assertEquals(path.toString(), missing.getFile());
    assertEquals(path + ": there is no such file", missing.getMessage());
  }

  @Test
  void open_folderWithoutModel() {
    assertEquals(
        folder
            + " is a folder without a Keras model: it has neither 'config.json' nor"
            + " 'saved_model.pb'.",
        invalid(folder));
  }

  @Test
  void open_emptyFile() throws IOException {
    Path path = write("empty.keras", new byte[0]);
    assertEquals(path + " is empty.", invalid(path));
  }

  @Test
  void open_textFile() throws IOException {
    Path path = write("model.h5", "This is no model.".getBytes(StandardCharsets.UTF_8));
    assertContains(invalid(path), "is no Keras model: it is neither a .keras archive");
  }

  @Test
  void open_architectureWithoutWeights() throws IOException {
    Path path = write("model.json", "{\"class_name\": \"Model\"}".getBytes(StandardCharsets.UTF_8));
    assertContains(invalid(path), "is JSON: an architecture without weights. Give the weights too");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nested.keras", "nested.h5"})
  void open_truncated(String name) throws IOException {
    byte[] whole = Files.readAllBytes(Golden.resource(name));
    for (int kept : new int[] {5, 100, 1000, 5000, whole.length / 2, whole.length - 1}) {
      Path path = write(kept + name, Arrays.copyOf(whole, kept));
      assertThrows(
          InvalidModelException.class,
          () -> Golden.readAll(KerasFile.open(path), new GoldenLayout()),
          path.toString());
    }
  }

  @Test
  void open_zipThatIsNoModel() throws IOException {
    Path path = zip("photos.zip", "photo.jpg", "x");
    assertEquals(path + " is no Keras model: it has no 'config.json'.", invalid(path));
  }

  @Test
  void open_zipWithoutWeights() throws IOException {
    Path path = zip("model.keras", "config.json", "{\"class_name\": \"M\", \"config\": {}}");
    assertEquals(path + " is no whole Keras model: it has no 'model.weights.h5'.", invalid(path));
  }

  @ParameterizedTest
  @ValueSource(strings = {"../config.json", "/config.json", "a/../../x", "C:\\x", "..\\x"})
  void open_zipWithEntryOutside(String entry) throws IOException {
    Path path = zip("model.keras", entry, "{}");
    assertContains(invalid(path), "lies outside the archive");
  }

  @Test
  void open_zipBombInConfig() throws IOException {
    Path path = folder.resolve("bomb.keras");
    try (OutputStream out = Files.newOutputStream(path);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("config.json"));
      byte[] spaces = new byte[1 << 20];
      for (int i = 0; i < 300; i++) {
        zip.write(spaces);
      }
    }
    assertContains(invalid(path), "entry 'config.json' claims 314572800 bytes");
  }

  @Test
  void open_zipBombInWeights() throws IOException {
    Path path = folder.resolve("bomb.keras");
    try (OutputStream out = Files.newOutputStream(path);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("config.json"));
      zip.write("{\"class_name\": \"M\", \"config\": {}}".getBytes(StandardCharsets.UTF_8));
      zip.putNextEntry(new ZipEntry("model.weights.h5"));
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 100; i++) {
        zip.write(zeros);
      }
    }
    assertContains(invalid(path), "entry 'model.weights.h5' claims to unpack from");
  }

  @Test
  void open_zipEntryLargerThanItSays() throws IOException {
    Path path = zip("model.keras", "config.json", "{\"class_name\": \"M\", \"config\": {}}");
    byte[] bytes = Files.readAllBytes(path);
    int directory = indexOf(bytes, new byte[] {'P', 'K', 1, 2}, 0);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(directory + 24, 10);
    assertContains(invalid(write("short.keras", bytes)), "checksum");
  }

  @Test
  void open_deepJson() throws IOException {
    String deep = "{\"class_name\": \"M\", \"config\": " + "[".repeat(1_000_000);
    Path path = zip("model.keras", "config.json", deep);
    assertContains(invalid(path), "config.json is no JSON that can be read");
  }

  @Test
  void open_jsonThatIsNoModel() throws IOException {
    Path path = zip("model.keras", "config.json", "{\"a\": 1}");
    assertContains(invalid(path), "describes no Keras model");
  }

  @Test
  void read_arrayThatClaimsTooMuch() throws IOException {
    byte[] bytes = Files.readAllBytes(Golden.resource("nested.h5"));
    byte[] shape = new byte[16];
    ByteBuffer.wrap(shape).order(ByteOrder.LITTLE_ENDIAN).putLong(12).putLong(4);
    int at = indexOf(bytes, shape, 0);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(at, 1L << 40);
    WeightStore weights = KerasFile.open(write("huge.h5", bytes)).weights(new GoldenLayout());
    String message =
        Golden.message(InvalidModelException.class, () -> weights.of(LayerPath.of("dense")));
    assertContains(message, "claims the shape [1099511627776, 4], more than the file can hold");
  }

  @Test
  void open_savedModelWithoutKeras() throws IOException {
    Files.createDirectory(folder.resolve("export"));
    write("export/saved_model.pb", new byte[0]);
    String message =
        Golden.message(
            UnsupportedModelException.class, () -> KerasFile.open(folder.resolve("export")));
    assertContains(message, "is a SavedModel without Keras' metadata");
    assertContains(message, "tf2onnx");
  }

  private String invalid(Path path) {
    return Golden.message(InvalidModelException.class, () -> KerasFile.open(path));
  }

  private static void assertContains(String message, String part) {
    assertTrue(message.contains(part), message);
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  private Path zip(String name, String entry, String text) throws IOException {
    Path path = folder.resolve(name);
    try (OutputStream out = Files.newOutputStream(path);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry(entry));
      zip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return path;
  }

  private static int indexOf(byte[] bytes, byte[] part, int from) {
    for (int at = from; at + part.length <= bytes.length; at++) {
      if (Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
        return at;
      }
    }
    throw new AssertionError("not found");
  }
}
