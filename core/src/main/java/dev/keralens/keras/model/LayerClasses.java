package dev.keralens.keras.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.keras.LayerBuilder;
import dev.keralens.keras.LayerConfig;
import dev.keralens.keras.LayerLocation;
import dev.keralens.keras.LayerRegistry;
import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.function.FunctionBuilder;
import dev.keralens.keras.function.FunctionLayers;
import dev.keralens.keras.function.KerasOperations;
import dev.keralens.keras.hub.HubModels;
import dev.keralens.keras.hub.layer.HubLayers;
import dev.keralens.keras.layer.KnownClasses;
import dev.keralens.keras.layer.LayerTable;
import dev.keralens.keras.recurrent.RecurrentCells;
import dev.keralens.keras.weights.WeightPart;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds the class of a layer: one that was added, or one of Keras' own. */
final class LayerClasses {
  /** What classes of Keras are registered under, where they are at all. */
  private static final Set<String> KERAS_PACKAGES = Set.of("keras", "tf_keras");

  private final LayerRegistry registry;

  LayerClasses(LayerRegistry registry) {
    this.registry = registry;
  }

  /** {@return the weights and inner layers that a layer holds; none for an unknown class} */
  List<WeightPart> weights(JsonNode envelope) {
    LayerType type = find(envelope);
    LayerLocation location =
        new LayerLocation(
            "the file", TopologyReader.name(envelope), envelope.path("class_name").asText());
    LayerConfig config = new LayerConfig(envelope.path("config"), location);
    if (type != null) {
      return type.parts().apply(config);
    }
    RecurrentCells.CellType cell = RecurrentCells.TYPES.get(simpleName(envelope));
    return cell == null ? List.of() : cell.parts().apply(config);
  }

  /** {@return what the weights of a class of Keras' own must have for axes, by name} */
  static Map<String, List<String>> axes(JsonNode envelope) {
    LayerType type =
        HubModels.isOfKerasHub(envelope)
            ? null
            : LayerTable.TYPES.get(envelope.path("class_name").asText());
    return type == null ? Map.of() : type.axes();
  }

  /** {@return whether layers of this name hand masks on, whoever builds them} */
  static boolean handsMasksOn(String className) {
    LayerType type = LayerTable.TYPES.get(className);
    return type != null && type.handsMasksOn();
  }

  /**
   * {@return the class of a layer}
   *
   * @throws dev.keralens.graph.UnsupportedModelException if there is none
   */
  LayerType find(JsonNode envelope, LayerLocation location) {
    LayerType type = find(envelope);
    LayerBuilder special = registry.findLayer(location.layer());
    if (special != null) {
      return type == null ? LayerType.of(special::build) : type.withBuilder(special::build);
    }
    if (type != null) {
      return type;
    }
    if (location.className().equals("Lambda")) {
      throw location.unsupported(
          "it holds Python code, which is never run. Give a builder for this layer"
              + " (LayerRegistry.withLayer(\"%s\", builder)), or save the model with a layer of"
                  .formatted(location.layer())
              + " Keras in its place.");
    }
    if (HubModels.isOfKerasHub(envelope)) {
      throw location.unsupported(HubModels.refusal(envelope));
    }
    throw location.unsupported(
        "there is no builder for this class. Give one"
            + " (LayerRegistry.with(\"%s\", builder, weights)), or save the model with layers of"
                .formatted(simpleName(envelope))
            + " Keras in its place. Without Java: export the model to ONNX, in Keras 3 by"
            + " model.export('model.onnx', format='onnx'), before it by tf2onnx.");
  }

  /** A class of the user's, or null. */
  private @Nullable LayerType added(String className) {
    LayerRegistry.Added added = registry.find(className);
    return added == null
        ? null
        : LayerType.of(added.builder()::build, added.weights().toArray(new String[0]));
  }

  private @Nullable LayerType find(JsonNode envelope) {
    String simple = simpleName(envelope);
    LayerType custom = added(qualifiedName(envelope));
    if (custom == null) {
      custom = added(simple);
    }
    if (custom == null && HubModels.isOfKerasHub(envelope)) {
      return HubLayers.find(envelope);
    }
    if (custom != null || !isKeras(envelope)) {
      return custom == null ? KnownClasses.find(simple, envelope.path("config")) : custom;
    }
    if (isOperation(envelope)) {
      FunctionBuilder function = KerasOperations.TYPES.get(simple);
      return function == null ? null : FunctionLayers.type(function);
    }
    LayerType type = LayerTable.TYPES.get(simple);
    return type == null ? KnownClasses.find(simple, envelope.path("config")) : type;
  }

  /**
   * Operations and layers have names in common. Only layers have a {@code dtype}, which tells them
   * apart where the file does not name the module.
   */
  private static boolean isOperation(JsonNode envelope) {
    JsonNode module = envelope.path("module");
    return module.isTextual()
        ? module.textValue().matches("keras(\\.src)?\\.(ops|activations)\\b.*")
        : !envelope.path("config").has("dtype")
            && !envelope.path("config").has("trainable")
            && KerasOperations.TYPES.containsKey(simpleName(envelope));
  }

  private static String simpleName(JsonNode envelope) {
    String name = envelope.path("class_name").asText();
    return name.substring(name.lastIndexOf('>') + 1);
  }

  private static String qualifiedName(JsonNode envelope) {
    String name = envelope.path("class_name").asText();
    return name.contains(">") ? name : envelope.path("registered_name").asText(name);
  }

  /** A class of the user's may have the name of one of Keras'. */
  private static boolean isKeras(JsonNode envelope) {
    String qualified = qualifiedName(envelope);
    int end = qualified.lastIndexOf('>');
    if (end >= 0
        && !KERAS_PACKAGES.contains(qualified.substring(0, end).toLowerCase(Locale.ROOT))) {
      return false;
    }
    JsonNode module = envelope.path("module");
    return !module.isTextual()
        || module
            .textValue()
            .matches("(tf_keras|keras|tensorflow\\.keras|tensorflow\\.python)\\b.*");
  }
}
