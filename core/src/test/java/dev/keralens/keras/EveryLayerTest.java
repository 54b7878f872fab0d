package dev.keralens.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.grad.Differentiator;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Layer;
import dev.keralens.graph.Network;
import dev.keralens.graph.Value;
import dev.keralens.inspect.LayerSelector;
import dev.keralens.inspect.Logits;
import dev.keralens.keras.file.KerasFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every layer that is listed can be named and explained, or says why not in true words. */
class EveryLayerTest {
  @TempDir Path folder;

  @Test
  void layers_areExplainedOrSayWhyNot() throws IOException {
    Map<String, List<String>> refusals = new TreeMap<>();
    int explained = 0;
    try (Stream<Path> files = Files.list(Golden.resource("golden/layers"))) {
      for (Path archive : files.filter(f -> f.toString().endsWith(".zip")).sorted().toList()) {
        Path unpacked = folder.resolve(archive.getFileName().toString());
        for (Path model : LayerGoldenTest.unpack(archive, unpacked)) {
          Network network =
              KerasModel.of(KerasFile.open(model), LayerRegistry.standard()).network();
          for (Layer layer : network.layers()) {
            String why = refusal(network, layer);
            if (why == null) {
              explained++;
            } else {
              String kind = why.replaceAll("'[^']*'", "'..'").replaceAll("\\([^)]*\\)", "()");
              refusals
                  .computeIfAbsent(kind, unused -> new ArrayList<>())
                  .add(archive.getFileName() + " " + layer.name() + ": " + why);
            }
          }
        }
      }
    }
    System.out.println("explained " + explained);
    refusals.forEach((kind, list) -> { System.out.println(list.size() + " " + kind); list.stream().filter(l -> kind.contains("depend") || list.size() < 100).limit(200).forEach(l -> System.out.println("   " + l)); });
  }

  private static String refusal(Network network, Layer layer) {
    String why = null;
    for (int i = 0; i < network.outputs().size(); i++) {
      KerasTensor target = Logits.of(network, i);
      try {
        Value value = LayerSelector.named(layer.name()).select(network, target).tensor().value();
        GraphBuilder b = GraphBuilder.from(network.graph());
        if (!target.value().type().isFloating() || !value.type().isFloating()) return null;
        Value seed = b.add(b.mul(target.value(), 0), b.scalar(1));
        if (Differentiator.of(b).gradients(Map.of(target.value(), seed), List.of(value)).get(value) == null) {
          why = "no gradient";
          continue;
        }
        return null;
      } catch (IllegalArgumentException e) {
        why = e.getMessage();
      }
    }
    return why;
  }
}
