package dev.keralens.inspect;

import dev.keralens.applications.Preprocessing;
import dev.keralens.graph.Value;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Knows networks of torchvision by the names that its modules leave in ONNX files. All of them were
 * trained on ImageNet's mean and deviation.
 */
final class TorchNames {
  /** How many different modules must have such names. */
  private static final int ENOUGH = 4;

  private static final Map<String, Pattern> FAMILIES = families();

  private TorchNames() {}

  private static Map<String, Pattern> families() {
    Map<String, Pattern> table = new LinkedHashMap<>();
    table.put("ResNet", Pattern.compile("(?<![\\w.])layer[1-4]\\.\\d+[./](conv\\d|downsample)"));
    table.put("DenseNet", Pattern.compile("(?<![\\w.])features\\.denseblock\\d\\.denselayer\\d+"));
    table.put(
        "Inception", Pattern.compile("(?<![\\w.])(Mixed_\\d\\w|inception\\d\\w)\\.branch\\w+"));
    table.put(
        "VisionTransformer", Pattern.compile("(?<![\\w.])encoder\\.layers\\.encoder_layer_\\d+"));
    table.put(
        "a network of features and classifier",
        Pattern.compile("(?<![\\w.])features\\.\\d+(\\.\\d+)*(?=[./])"));
    return table;
  }

  /** Looks at the names of layers and constants. */
  static Optional<Recognition> of(Network network) {
    if (network.named().isEmpty()) {
      return Optional.empty();
    }
    Set<String> names = new LinkedHashSet<>();
    network.graph().constants().keySet().stream().map(Value::name).forEach(names::add);
    network.layers().stream().map(Layer::name).forEach(names::add);
    for (Map.Entry<String, Pattern> family : FAMILIES.entrySet()) {
      Set<String> modules = new LinkedHashSet<>();
      for (String name : names) {
        Matcher matcher = family.getValue().matcher(name);
        while (matcher.find()) {
          modules.add(matcher.group());
        }
      }
      if (modules.size() >= ENOUGH) {
        return Optional.of(
            new Recognition(
                Preprocessing.TORCH,
                "nothing in the model scales them, and its modules have the names of torchvision's (%s), such as '%s'"
                    .formatted(family.getKey(), modules.iterator().next())));
      }
    }
    return Optional.empty();
  }
}
