package dev.keralens.keras;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.inspect.LayerSelector;
import dev.keralens.inspect.Logits;
import dev.keralens.keras.file.KerasFile;
import dev.keralens.keras.model.KerasModel;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every layer of the golden models can be named and explained, or is refused in true words. What
 * they are is proved here by the graph alone.
 */
class EveryLayerTest {
  @TempDir Path folder;

  @TestFactory
  Stream<DynamicTest> layers_areExplainedOrRefusedWithATrueReason() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    try (Stream<Path> files = Files.list(Golden.resource("golden/layers"))) {
      files
          .filter(file -> file.toString().endsWith(".zip"))
          .sorted()
          .forEach(
              file -> {
                String name = file.getFileName().toString().replace(".zip", "");
                tests.add(DynamicTest.dynamicTest(name, () -> check(file, folder.resolve(name))));
              });
    }
    return tests.stream();
  }

  private static void check(Path archive, Path folder) throws IOException {
    for (Path model : LayerGoldenTest.unpack(archive, folder)) {
      Network network = KerasModel.of(KerasFile.open(model), LayerRegistry.standard()).network();
      for (int output = 0; output < network.outputs().size(); output++) {
        Logits logits = Logits.of(network, output);
        for (Layer layer : network.layers()) {
          check(logits.network(), logits.tensor(), layer);
        }
      }
    }
  }

  private static void check(Network network, KerasTensor target, Layer layer) {
    Set<Value> before = before(network.graph(), target.value());
    List<KerasTensor> given =
        layer.calls().stream().flatMap(call -> call.outputs().stream()).toList();
    List<KerasTensor> reached =
        given.stream().filter(tensor -> before.contains(tensor.value())).toList();
    Value selected = null;
    String why = "";
    try {
      selected = LayerSelector.named(layer.name()).select(network, target).tensor().value();
    } catch (IllegalArgumentException e) {
      why = String.valueOf(e.getMessage());
    }
    if (selected != null) {
      assertTrue(before.contains(selected), layer.name());
    } else if (why.contains("has no spatial axes")) {
      assertFalse(reached.isEmpty(), why);
      assertTrue(reached.stream().allMatch(tensor -> tensor.value().rank() < 3), why);
    } else if (why.contains("whose first axis is not the batch")) {
      assertTrue(reached.stream().allMatch(tensor -> tensor.shape().size(0) != Shape.BATCH), why);
    } else if (why.contains("side by side")) {
      assertTrue(layer.calls().size() > 1, why);
      assertTrue(why.contains(layer.name() + "@0"), why);
    } else if (why.contains("by itself")) {
      assertTrue(given.isEmpty(), why);
      assertTrue(why.contains("name that one"), why);
    } else if (why.contains("is computed from what is explained")) {
      assertTrue(
          given.stream().anyMatch(t -> before(network.graph(), t.value()).contains(target.value())),
          why);
    } else {
      assertTrue(why.contains("does not depend on the layer"), why);
      assertTrue(isForAnotherOutput(network, given), why);
    }
  }

  /** Whether a layer serves another output alone, or gives what the file knows beforehand. */
  private static boolean isForAnotherOutput(Network network, List<KerasTensor> given) {
    boolean computes =
        given.stream().anyMatch(tensor -> network.graph().producer(tensor.value()).isPresent());
    boolean isInput = given.stream().anyMatch(t -> network.graph().inputs().contains(t.value()));
    return network.outputs().size() > 1 || !(computes || isInput);
  }

  private static Set<Value> before(Graph graph, Value target) {
    Set<Value> found = new HashSet<>(List.of(target));
    List<Node> nodes = graph.nodes();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      if (nodes.get(i).outputs().stream().anyMatch(found::contains)) {
        nodes.get(i).inputs().stream().filter(Objects::nonNull).forEach(found::add);
      }
    }
    return found;
  }
}
