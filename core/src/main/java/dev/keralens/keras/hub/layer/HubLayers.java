package dev.keralens.keras.hub.layer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.hub.part.Part;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds KerasHub's classes of layers. Several classes have one name, so a row is named by module
 * and class: {@code models.vit.vit_layers.MLP}. A class that is registered in a package is named by
 * the package, wherever it lies: {@code keras_hub>TransformerEncoder}.
 *
 * <p>To add a class: what it holds and computes in a class of its family, and a row in the table of
 * its kind. {@code HubTest} fails for a row that is in no file of the golden data.
 */
public final class HubLayers {
  private static final List<Map<String, LayerType>> TABLES =
      List.of(VisionTable.TYPES, LanguageTable.TYPES);

  private static final String PACKAGE = "keras_hub>";

  private HubLayers() {}

  /**
   * {@return the class of a layer, or null where it is none that is read}
   *
   * @param envelope a class and its arguments
   */
  public static @Nullable LayerType find(JsonNode envelope) {
    String name = name(envelope);
    return TABLES.stream()
        .filter(table -> table.containsKey(name))
        .map(table -> table.get(name))
        .findFirst()
        .orElse(null);
  }

  /** {@return the names of all rows} */
  public static Stream<String> names() {
    return TABLES.stream().flatMap(table -> table.keySet().stream());
  }

  private static String name(JsonNode envelope) {
    String registered = envelope.path("registered_name").asText("");
    if (registered.contains(">")) {
      return registered;
    }
    String module = envelope.path("module").asText("");
    String className = envelope.path("class_name").asText("");
    if (module.equals(Part.HUB)) {
      return PACKAGE + className;
    }
    return module.startsWith(Part.HUB)
        ? module.substring(Part.HUB.length()) + "." + className
        : className;
  }
}
