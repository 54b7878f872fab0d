package dev.keralens.onnx.read;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * A model that a script of {@code parity/onnx} made, with its inputs and outputs, unpacked to a
 * folder.
 *
 * @param folder the folder
 */
public record OnnxArchive(Path folder) {
  private static final Path FOLDER = Path.of("src/test/resources/golden/onnx");

  /** {@return the names of all archives} */
  public static List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".zip"))
          .map(name -> name.substring(0, name.length() - 4))
          .sorted()
          .toList();
    }
  }

  /** Unpacks one. */
  public static OnnxArchive unpack(String name, Path folder) throws IOException {
    try (InputStream file = Files.newInputStream(FOLDER.resolve(name + ".zip"));
        ZipInputStream zip = new ZipInputStream(file)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Files.copy(zip, folder.resolve(entry.getName()));
      }
    }
    return new OnnxArchive(folder);
  }

  /** {@return the model's file} */
  public Path model() {
    return folder.resolve("model.onnx");
  }

  /** {@return the arrays in0, in1, ... or out0, out1, ...} */
  public List<Tensor> arrays(String prefix) throws IOException {
    List<Tensor> arrays = new ArrayList<>();
    while (Files.exists(folder.resolve(prefix + arrays.size() + ".npy"))) {
      arrays.add(array(prefix + arrays.size()));
    }
    return arrays;
  }

  /** {@return an array by its name} */
  public Tensor array(String name) throws IOException {
    return Npy.read(folder.resolve(name + ".npy"));
  }

  /** Compares absolutely, and relatively above 1. */
  public static void assertClose(Tensor expected, Tensor actual, double tolerance, String what) {
    assertArrayEquals(expected.shape(), actual.shape(), what + ": shape");
    float[] wanted = expected.toFloatArray();
    float[] got = actual.toFloatArray();
    for (int i = 0; i < wanted.length; i++) {
      double allowed = tolerance * Math.max(1, Math.abs(wanted[i]));
      if (Float.compare(wanted[i], got[i]) != 0
          && !(Math.abs((double) wanted[i] - got[i]) <= allowed)) {
        throw new AssertionError(
            "%s: element %d of %s is %s, expected %s."
                .formatted(what, i, actual, got[i], wanted[i]));
      }
    }
  }
}
