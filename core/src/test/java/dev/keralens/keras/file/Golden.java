package dev.keralens.keras.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keralens.graph.Constant;
import dev.keralens.keras.storage.WeightArray;
import dev.keralens.keras.weights.LayerNode;
import dev.keralens.keras.weights.LayerPath;
import dev.keralens.keras.weights.WeightLayout;
import dev.keralens.keras.weights.WeightStore;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.function.Executable;

/** The golden files of parity/files: a zip file for each version of Keras and model. */
public final class Golden {
  private Golden() {}

  /** {@return the zip files, sorted by name} */
  static List<Path> archives() {
    try (Stream<Path> files = Files.list(resource("golden"))) {
      return files.sorted(Comparator.comparing(Path::toString)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static Path resource(String name) {
    URL url = Objects.requireNonNull(Golden.class.getResource(name), name);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Unpacks a zip file into a folder. */
  static void unpack(Path archive, Path folder) throws IOException {
    try (InputStream in = Files.newInputStream(archive);
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = folder.resolve(entry.getName());
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.copy(zip, file);
      }
    }
  }

  /** {@return the files and folders in an unpacked archive that are whole models} */
  static List<Path> wholeModels(Path folder) throws IOException {
    return files(
        folder,
        name ->
            name.endsWith(".keras")
                || name.endsWith("_unpacked")
                || name.endsWith("_saved_model")
                || (name.endsWith(".h5") && !name.contains("weights")));
  }

  /** {@return the architecture in an unpacked archive} */
  static Path architecture(Path folder) throws IOException {
    return files(folder, name -> name.endsWith(".json") && !name.contains("weights")).get(0);
  }

  /** {@return the weights in an unpacked archive, in all their formats} */
  static List<Path> weights(Path folder) throws IOException {
    return files(
        folder,
        name ->
            name.endsWith("_weights.h5")
                || (name.endsWith(".weights.h5") && !name.contains("sharded"))
                || name.endsWith("_sharded.weights.json")
                || name.endsWith("_checkpoint.index"));
  }

  private static List<Path> files(Path folder, Predicate<String> name) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(path -> name.test(path.getFileName().toString())).sorted().toList();
    }
  }

  /** {@return what the folder's weights.json says} */
  static JsonNode expected(Path folder) throws IOException {
    return new ObjectMapper().readTree(folder.resolve("weights.json").toFile());
  }

  /** Checks that a file holds exactly the weights of weights.json. */
  static void check(KerasFile file, JsonNode expected) {
    WeightStore weights = file.weights(new GoldenLayout());
    int count = 0;
    for (JsonNode row : expected.get("weights")) {
      List<String> path = new ArrayList<>();
      row.get("path").forEach(name -> path.add(name.asText()));
      LayerPath layer = new LayerPath(path);
      WeightArray array = weights.of(layer).get(row.get("slot").asText());
      String where = file.path().getFileName() + ": " + layer + " " + array;
      Tensor tensor = array.read();
      ByteBuffer into = ByteBuffer.allocate(tensor.bytes().remaining());
      Constant constant = Constant.deferred(array.type(), array.shape(), array);
      constant.readInto(into);
      assertEquals(tensor.bytes(), into.flip(), where);
      ByteBuffer parts = ByteBuffer.allocate(into.limit());
      constant.visitRows(2, (first, rows) -> parts.put(rows.bytes()));
      assertEquals(tensor.bytes(), parts.flip(), where);
      float[] values = tensor.toFloatArray();
      float[] right = new float[values.length];
      boolean positive = row.get("slot").asText().equals("moving_variance");
      for (int i = 0; i < right.length; i++) {
        float value = value(row.get("k").asInt(), i);
        right[i] = positive ? Math.abs(value) + 0.5f : value;
      }
      assertArrayEquals(right, values, where);
      assertEquals(row.get("shape").size(), array.shape().length, where);
      for (int axis = 0; axis < array.shape().length; axis++) {
        assertEquals(row.get("shape").get(axis).asInt(), array.shape()[axis], where);
      }
      count++;
    }
    assertEquals(count, total(LayerNode.root(file.architecture(), new GoldenLayout())));
  }

  /** {@return what make_models.py gives the kth weight at its ith element} */
  private static float value(int k, int i) {
    return ((k * 37 + i * 11) % 61 - 30) / 64f;
  }

  /** {@return the message of the exception that some code must throw} */
  public static String message(Class<? extends Exception> type, Executable code) {
    return String.valueOf(assertThrows(type, code).getMessage());
  }

  /** Reads all weights, as the layout names them. */
  static void readAll(KerasFile file, WeightLayout layout) {
    readAll(LayerNode.root(file.architecture(), layout), file.weights(layout));
  }

  private static void readAll(LayerNode layer, WeightStore weights) {
    weights.of(layer.path()).all().forEach(WeightArray::read);
    layer.children().forEach(child -> readAll(child, weights));
  }

  private static int total(LayerNode layer) {
    return layer.slots().size() + layer.children().stream().mapToInt(Golden::total).sum();
  }
}
