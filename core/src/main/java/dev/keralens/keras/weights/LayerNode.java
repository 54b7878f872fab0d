package dev.keralens.keras.weights;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.keras.storage.Architecture;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A layer in the tree that an architecture is: models hold layers, wrappers hold layers, layers
 * hold weights. A layer that is shared, that is, held in two places, is a node in each.
 */
public final class LayerNode {
  private final LayerPath path;
  private final String step;
  private final JsonNode envelope;
  private final @Nullable LayerNode parent;
  private final WeightLayout layout;
  private @Nullable List<WeightPart> parts;
  private @Nullable List<LayerNode> children;

  private LayerNode(
      LayerPath path,
      String step,
      JsonNode envelope,
      @Nullable LayerNode parent,
      WeightLayout layout) {
    this.path = path;
    this.step = step;
    this.envelope = envelope;
    this.parent = parent;
    this.layout = layout;
  }

  public static LayerNode root(JsonNode architecture, WeightLayout layout) {
    return new LayerNode(LayerPath.ROOT, "", architecture, null, layout);
  }

  public LayerPath path() {
    return path;
  }

  /** {@return the last name of the path} */
  String step() {
    return step;
  }

  JsonNode envelope() {
    return envelope;
  }

  @Nullable LayerNode parent() {
    return parent;
  }

  /** {@return the class without the package that a custom class is registered under} */
  String className() {
    return Architecture.className(envelope);
  }

  String name() {
    return Architecture.name(envelope);
  }

  /**
   * {@return the number that all places where a layer is held have in common; empty if it is held
   * once, or the file does not say}
   */
  String sharedId() {
    return envelope.path("shared_object_id").asText("");
  }

  public LayerNode root() {
    return parent == null ? this : parent.root();
  }

  boolean isTrainable() {
    return envelope.path("config").path("trainable").asBoolean(true);
  }

  /** {@return whether it is a model of KerasHub, whose file does not list its layers} */
  boolean isWrittenOut() {
    return envelope.path("registered_name").asText("").startsWith("keras_hub>")
        || envelope.path("config").has("weight_shapes");
  }

  /**
   * {@return whether a model of KerasHub was written out without one of its layers}
   *
   * @param member what the layer's weights are called among those of the model's layers
   */
  boolean leavesOut(String member) {
    for (JsonNode name : envelope.path("config").path("left_out")) {
      if (name.asText().equals(member)) {
        return true;
      }
    }
    return false;
  }

  /** {@return whether it is a layer of KerasHub's own} */
  boolean isOfKerasHub() {
    return isWrittenOut() || envelope.path("module").asText("").startsWith("keras_hub.");
  }

  boolean isModel() {
    return Architecture.isModel(envelope);
  }

  /** {@return the layer's own slots, in the layout's order; a model has none} */
  public List<WeightSlot> slots() {
    return parts().stream()
        .filter(WeightSlot.class::isInstance)
        .map(WeightSlot.class::cast)
        .toList();
  }

  /** {@return the layers of this model or inside this wrapper} */
  public synchronized List<LayerNode> children() {
    if (children == null) {
      List<LayerNode> found = new ArrayList<>();
      if (isModel()) {
        for (JsonNode layer : Architecture.layers(envelope)) {
          found.add(child(Architecture.name(layer), layer));
        }
      } else {
        for (WeightPart part : parts()) {
          if (part instanceof SubLayer inner) {
            found.add(child(inner.attribute(), inner.layer()));
          }
        }
      }
      children = List.copyOf(found);
    }
    return children;
  }

  Optional<LayerNode> find(String name) {
    return children().stream().filter(child -> child.step.equals(name)).findFirst();
  }

  private LayerNode child(String name, JsonNode layer) {
    return new LayerNode(path.child(name), name, layer, this, layout);
  }

  /** {@return the layout's parts; for a model one for each layer} */
  synchronized List<WeightPart> parts() {
    if (parts == null) {
      parts = isModel() ? List.of() : List.copyOf(layout.parts(envelope));
    }
    return parts;
  }

  @Override
  public String toString() {
    return "Layer '%s' (%s)".formatted(path, className());
  }
}
