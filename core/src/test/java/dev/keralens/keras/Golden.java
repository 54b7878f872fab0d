package dev.keralens.keras;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.keralens.keras.file.KerasFile;
import dev.keralens.keras.model.KerasModel;
import dev.keralens.network.Network;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Golden data of the real Keras: where they lie, how they are read and compared. */
final class Golden {
  private static final Pattern HEADER =
      Pattern.compile("'descr': '(.*?)', 'fortran_order': False, 'shape': \\((.*?)\\)");

  private Golden() {}

  /** {@return a file or folder of the test resources} */
  public static Path resource(String name) {
    URL url = Golden.class.getResource("/" + name);
    if (url == null) {
      throw new AssertionError("There is no test resource " + name + ".");
    }
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** {@return a NumPy array of floats, doubles, integers or truth values} */
  static Tensor npy(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int length = bytes.getShort(8);
    String header = new String(bytes.array(), 10, length, StandardCharsets.ISO_8859_1);
    Matcher matcher = HEADER.matcher(header);
    if (!matcher.find()) {
      throw new IOException(file + ": " + header);
    }
    int[] shape =
        Arrays.stream(matcher.group(2).split(","))
            .map(String::strip)
            .filter(size -> !size.isEmpty())
            .mapToInt(Integer::parseInt)
            .toArray();
    bytes.position(10 + length);
    return Tensor.wrap(type(matcher.group(1)), bytes, shape);
  }

  private static ElementType type(String description) {
    return switch (description) {
      case "<f4" -> ElementType.FLOAT32;
      case "<f8" -> ElementType.FLOAT64;
      case "<i4" -> ElementType.INT32;
      case "<i8" -> ElementType.INT64;
      case "|u1" -> ElementType.UINT8;
      case "|i1" -> ElementType.INT8;
      case "|b1" -> ElementType.BOOL;
      default -> throw new AssertionError(description);
    };
  }

  /** {@return the network of a model's own sizes} */
  static Network network(Path file) throws IOException {
    return KerasModel.of(KerasFile.open(file), LayerRegistry.standard()).network();
  }

  /** {@return what a network gives} */
  static List<Tensor> run(Network network, Tensor... inputs) {
    try (CompiledGraph compiled = CompiledGraph.compile(network.graph())) {
      return compiled.run(List.of(inputs));
    }
  }

  /** Compares absolutely, and relatively above 1. */
  static void assertClose(Tensor expected, Tensor actual, double tolerance, String what) {
    assertArrayEquals(expected.shape(), actual.shape(), what + ": shape");
    float[] wanted = expected.toFloatArray();
    float[] got = actual.toFloatArray();
    for (int i = 0; i < wanted.length; i++) {
      boolean same = Float.compare(wanted[i], got[i]) == 0;
      double allowed = tolerance * Math.max(1, Math.abs(wanted[i]));
      if (!same && !(Math.abs((double) wanted[i] - got[i]) <= allowed)) {
        throw new AssertionError(
            "%s: element %d of %s is %s, expected %s."
                .formatted(what, i, actual, got[i], wanted[i]));
      }
    }
  }
}
