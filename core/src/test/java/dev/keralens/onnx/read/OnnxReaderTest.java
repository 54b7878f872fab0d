package dev.keralens.onnx.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.keralens.graph.Shape;
import dev.keralens.network.Network;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OnnxReaderTest {
  private static final double TOLERANCE = 1e-5;

  @TempDir private Path folder;

  static List<String> models() throws IOException {
    return OnnxArchive.names();
  }

  private static List<Shape> shapes(List<Tensor> inputs) {
    List<Shape> shapes = new ArrayList<>();
    for (Tensor input : inputs) {
      int[] sizes = input.shape();
      sizes[0] = Shape.BATCH;
      shapes.add(Shape.of(sizes));
    }
    return shapes;
  }

  /** What ONNX Runtime, or the framework that wrote the file, computes from it. */
  @ParameterizedTest
  @MethodSource("models")
  void outputs_areThoseOfTheFile(String name) throws IOException {
    OnnxArchive archive = OnnxArchive.unpack(name, folder);
    List<Tensor> inputs = archive.arrays("in");
    List<Tensor> expected = archive.arrays("out");
    assertFalse(expected.isEmpty());

    Network network = OnnxReader.open(archive.model()).network(shapes(inputs));
    try (CompiledGraph compiled = CompiledGraph.compile(network.graph())) {
      List<Tensor> actual = compiled.run(inputs);
      assertEquals(expected.size(), actual.size());
      for (int i = 0; i < expected.size(); i++) {
        String what = "%s, output %d (%s)".formatted(name, i, network.outputs().get(i));
        OnnxArchive.assertClose(expected.get(i), actual.get(i), TOLERANCE, what);
      }
    }
  }
}
