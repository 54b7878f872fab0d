package dev.keralens.keras;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keralens.grad.Differentiator;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.Activations;
import dev.keralens.keras.file.KerasFile;
import dev.keralens.keras.function.KerasOperations;
import dev.keralens.keras.function.TensorFlowFunctions;
import dev.keralens.keras.layer.LayerTable;
import dev.keralens.keras.model.KerasModel;
import dev.keralens.keras.recurrent.RecurrentCells;
import dev.keralens.network.Network;
import dev.keralens.runtime.Optimization;
import dev.keralens.runtime.Precision;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every row of the layer table against the real Keras: tiny models of Keras 2 and 3, their outputs,
 * and the gradients of their outputs with respect to their inputs. {@code parity/README.md} says
 * what the archives hold and which scripts make them.
 */
class LayerGoldenTest {
  private static final double TOLERANCE = 1e-5;

  /** Files take longer than models of this size: each archive is unpacked once. */
  private static final Map<Path, List<Path>> UNPACKED = new HashMap<>();

  @TempDir static Path folder;

  @TestFactory
  Stream<DynamicTest> layers_matchKeras() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path archive : archives()) {
      String name = archive.getFileName().toString().replace(".zip", "");
      tests.add(DynamicTest.dynamicTest(name, () -> check(archive, Precision.FLOAT32)));
    }
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> layers_matchKerasInDoublePrecision() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path archive : archives()) {
      String name = archive.getFileName().toString().replace(".zip", "");
      tests.add(DynamicTest.dynamicTest(name, () -> check(archive, Precision.FLOAT64)));
    }
    return tests.stream();
  }

  @Test
  void tables_haveGoldenDataForEveryRow() throws IOException {
    GoldenNames seen = new GoldenNames();
    for (Path archive : archives()) {
      for (Path model : unpacked(archive)) {
        seen.add(KerasFile.open(model).architecture());
      }
    }
    assertAll(
        () -> assertSeen("layers", LayerTable.TYPES.keySet(), seen.classes()),
        () -> assertSeen("cells", RecurrentCells.TYPES.keySet(), seen.classes()),
        () -> assertSeen("keras.ops", KerasOperations.TYPES.keySet(), seen.classes()),
        () -> assertSeen("TensorFlow", TensorFlowFunctions.BY_NAME.keySet(), seen.functions()),
        () -> assertSeen("activations", Activations.BY_NAME.keySet(), seen.activations()));
  }

  private static void assertSeen(String table, Set<String> rows, Set<String> seen) {
    Set<String> without = new TreeSet<>(rows);
    without.removeAll(seen);
    assertEquals(Set.of(), without, table + ": rows without golden data");
  }

  private static Path archiveFolder() {
    return Golden.resource("golden/layers");
  }

  private static List<Path> archives() throws IOException {
    try (Stream<Path> files = Files.list(archiveFolder())) {
      return files.filter(file -> file.toString().endsWith(".zip")).sorted().toList();
    }
  }

  /** Checks all model files of a case. */
  private static void check(Path archive, Precision precision) throws IOException {
    List<Path> models = unpacked(archive);
    Path unpacked = unpackedFolder(archive);
    JsonNode about = new ObjectMapper().readTree(unpacked.resolve("case.json").toFile());
    double tolerance = about.path("tolerance").asDouble(TOLERANCE);
    assertEquals(about.path("files").size(), models.size(), "model files");
    for (Path model : models) {
      Network network = KerasModel.of(KerasFile.open(model), LayerRegistry.standard()).network();
      GraphBuilder graph = GraphBuilder.from(network.graph());
      List<Value> inputs = new ArrayList<>(network.graph().inputs());
      List<Value> outputs = new ArrayList<>(network.graph().outputs());
      List<Tensor> tensors = new ArrayList<>(typed(arrays(unpacked, "in"), inputs));
      List<Tensor> expected = new ArrayList<>(arrays(unpacked, "out"));
      List<Tensor> seeds = arrays(unpacked, "seed");
      List<Tensor> gradients = arrays(unpacked, "grad");
      assertEquals(expected.size(), outputs.size(), model + ": outputs");
      if (!gradients.isEmpty()) {
        Map<Value, Value> weights = new LinkedHashMap<>();
        int next = 0;
        for (Value output : network.graph().outputs()) {
          if (output.type() == ElementType.FLOAT32) {
            Value seed = graph.input("seed" + next, ElementType.FLOAT32, output.shape());
            weights.merge(output, seed, graph::add);
            tensors.add(seeds.get(next++));
          }
        }
        List<Value> floats =
            inputs.stream().filter(value -> value.type() == ElementType.FLOAT32).toList();
        Map<Value, Value> found = Differentiator.of(graph).gradients(weights, floats);
        for (int i = 0; i < floats.size(); i++) {
          Value gradient = found.get(floats.get(i));
          outputs.add(gradient != null ? gradient : graph.mul(floats.get(i), 0));
          expected.add(gradients.get(i));
        }
      }
      compare(model, graph.build(outputs), precision, tensors, expected, tolerance);
    }
  }

  private static void compare(
      Path model,
      Graph graph,
      Precision precision,
      List<Tensor> tensors,
      List<Tensor> expected,
      double tolerance) {
    RuntimeOptions options = RuntimeOptions.defaults().withPrecision(precision);
    if (precision == Precision.FLOAT64) { // the engine fuses nothing there
      options = options.withOptimization(Optimization.NONE);
    }
    try (CompiledGraph compiled = CompiledGraph.compile(graph, options)) {
      List<Tensor> results = compiled.run(tensors);
      for (int i = 0; i < expected.size(); i++) {
        Golden.assertClose(expected.get(i), results.get(i), tolerance, model + " " + i);
      }
    }
  }

  private static List<Tensor> arrays(Path folder, String name) throws IOException {
    if (Files.exists(folder.resolve(name + ".npy"))) {
      return List.of(Golden.npy(folder.resolve(name + ".npy")));
    }
    List<Tensor> tensors = new ArrayList<>();
    while (Files.exists(folder.resolve(name + tensors.size() + ".npy"))) {
      tensors.add(Golden.npy(folder.resolve(name + tensors.size() + ".npy")));
    }
    return tensors;
  }

  /** The data hold integers of 32 bits, whatever the model takes. */
  private static List<Tensor> typed(List<Tensor> tensors, List<Value> inputs) {
    List<Tensor> typed = new ArrayList<>();
    for (int i = 0; i < tensors.size(); i++) {
      Tensor tensor = tensors.get(i);
      typed.add(
          inputs.get(i).type() == ElementType.INT64
              ? Tensor.of(tensor.toLongArray(), tensor.shape())
              : tensor);
    }
    return typed;
  }

  private static Path unpackedFolder(Path archive) {
    return folder.resolve(archive.getFileName().toString());
  }

  private static List<Path> unpacked(Path archive) throws IOException {
    List<Path> models = UNPACKED.get(archive);
    if (models == null) {
      models = unpack(archive, unpackedFolder(archive));
      UNPACKED.put(archive, models);
    }
    return models;
  }

  /** Unpacks an archive; says which of its files are models. */
  static List<Path> unpack(Path archive, Path folder) throws IOException {
    Files.createDirectories(folder);
    List<Path> models = new ArrayList<>();
    try (InputStream in = Files.newInputStream(archive);
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Files.copy(zip, folder.resolve(entry.getName()));
        if (entry.getName().startsWith("model")) {
          models.add(folder.resolve(entry.getName()));
        }
      }
    }
    return models;
  }
}
