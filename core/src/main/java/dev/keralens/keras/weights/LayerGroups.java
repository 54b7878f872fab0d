package dev.keralens.keras.weights;

import dev.keralens.graph.InvalidModelException;
import dev.keralens.keras.storage.Hdf5Group;
import dev.keralens.keras.storage.WeightArray;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Weights in the groups that Keras' older HDF5 files have: one for each layer of the outermost
 * model. The weights of a nested model, or of the layers inside a wrapper, all lie in the group of
 * the outermost layer that holds them.
 *
 * <pre>
 * file    = attributes layer_names, backend, keras_version, { layer }
 * layer   = attribute weight_names, { array }
 * array   = path in weight_names, such as "conv1/kernel:0" (Keras 2) or "conv1/kernel" (Keras 3)
 * </pre>
 *
 * <p>Keras matches weights with layers by their order alone, and so it is done here: first the
 * trainable weights of all layers inside, then the others. The names in the file only serve to
 * refuse a match that cannot be: Keras numbers them, keeps them when a layer is renamed, and up to
 * 2.2 appends a number where two are equal.
 */
public final class LayerGroups implements WeightSource {
  private record Owned(LayerNode layer, WeightSlot slot) {}

  private final String file;
  private final Hdf5Group root;
  private final Map<LayerNode, String> groupNames;
  private final boolean theano;
  private final Map<LayerNode, Map<LayerNode, Map<String, WeightArray>>> assigned =
      new ConcurrentHashMap<>();

  /**
   * Reads from a file's layer groups.
   *
   * @param file for messages
   * @param root the group that has the attribute {@code layer_names}
   * @param groupNames for each layer of the outermost model with weights the name of its group
   * @param backend what Keras ran on
   */
  public LayerGroups(
      String file, Hdf5Group root, Map<LayerNode, String> groupNames, String backend) {
    this.theano = backend.equals("theano");
    this.file = file;
    this.root = root;
    this.groupNames = new LinkedHashMap<>(groupNames);
  }

  @Override
  public Map<String, WeightArray> read(LayerNode layer) {
    LayerNode outermost = layer;
    for (LayerNode up = layer.parent(); up != null && up.parent() != null; up = up.parent()) {
      outermost = up;
    }
    Map<LayerNode, Map<String, WeightArray>> found =
        assigned.computeIfAbsent(outermost, this::assign);
    Map<String, WeightArray> own = found.get(layer);
    if (own != null) {
      return own;
    }
    // The same layer, held in another place of the same group.
    return found.entrySet().stream()
        .filter(entry -> entry.getKey().sharedId().equals(layer.sharedId()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(Map.of());
  }

  private Map<LayerNode, Map<String, WeightArray>> assign(LayerNode outermost) {
    List<WeightArray> arrays = arrays(outermost);
    List<Owned> expected = new ArrayList<>();
    collect(outermost, true, expected, new HashSet<>());
    collect(outermost, false, expected, new HashSet<>());
    if (arrays.size() != expected.size()) {
      throw new InvalidModelException(
          "%s in %s: expected %d weights %s, found %d %s."
              .formatted(
                  outermost,
                  file,
                  expected.size(),
                  expected.stream().map(LayerGroups::describe).toList(),
                  arrays.size(),
                  arrays.stream().map(WeightArray::name).toList()));
    }
    Map<LayerNode, Map<String, WeightArray>> result = new LinkedHashMap<>();
    for (int i = 0; i < arrays.size(); i++) {
      Owned owned = expected.get(i);
      check(owned, arrays.get(i));
      result
          .computeIfAbsent(owned.layer, key -> new LinkedHashMap<>())
          .put(owned.slot.name(), kernel(owned, arrays.get(i)));
    }
    return result;
  }

  private WeightArray kernel(Owned owned, WeightArray array) {
    boolean turned = theano && owned.slot.turnedByTheano() && array.shape().length > 2;
    return turned ? array.turnedAround() : array;
  }

  private List<WeightArray> arrays(LayerNode outermost) {
    String name = groupNames.get(outermost);
    if (name == null) {
      throw new InvalidModelException(
          "%s has no weights in %s; the file has weights for %s."
              .formatted(outermost, file, groupNames.values()));
    }
    Hdf5Group group =
        root.group(name)
            .orElseThrow(
                () -> new InvalidModelException("%s has no group '%s'.".formatted(file, name)));
    List<WeightArray> arrays = new ArrayList<>();
    for (String weight : group.texts("weight_names").orElse(List.of())) {
      Optional<WeightArray> array = group.array(weight);
      arrays.add(
          array.orElseThrow(
              () ->
                  new InvalidModelException(
                      "%s has no array '%s' in the group of layer '%s'."
                          .formatted(file, weight, name))));
    }
    return arrays;
  }

  /**
   * Appends a layer's weights that Keras counts as trainable, or those that it does not. All
   * weights of a layer that is not trainable are not. A layer that is held in two places counts
   * once.
   */
  private static void collect(
      LayerNode layer, boolean trainable, List<Owned> to, Set<String> shared) {
    if (!layer.sharedId().isEmpty() && !shared.add(layer.sharedId())) {
      return;
    }
    if (layer.isModel()) {
      layer.children().forEach(child -> collect(child, trainable, to, shared));
      return;
    }
    for (WeightPart part : layer.parts()) {
      if (part instanceof WeightSlot slot) {
        if (!slot.shared() && (slot.trainable() && layer.isTrainable()) == trainable) {
          to.add(new Owned(layer, slot));
        }
      } else if (part instanceof SubLayer inner) {
        layer.find(inner.attribute()).ifPresent(child -> collect(child, trainable, to, shared));
      }
    }
  }

  /**
   * {@return for each layer of a model that has weights the name of its group, matched by order}
   *
   * @param file for messages
   * @param model the outermost model
   * @param root the group that has the attribute {@code layer_names}
   * @param beginning whether the file may have more groups at its end
   * @throws InvalidModelException if the file has weights for more or fewer layers
   */
  public static Map<LayerNode, String> byOrder(
      String file, LayerNode model, Hdf5Group root, boolean beginning) {
    List<String> names =
        root.texts("layer_names").orElse(List.of()).stream()
            .filter(name -> !weightNames(root, name).isEmpty())
            .toList();
    List<LayerNode> layers = model.children().stream().filter(LayerGroups::hasWeights).toList();
    boolean fits = beginning ? layers.size() <= names.size() : layers.size() == names.size();
    if (!fits) {
      throw new InvalidModelException(
          "%s has weights for %d layers %s, the architecture has %d layers with weights: %s."
              .formatted(
                  file,
                  names.size(),
                  names,
                  layers.size(),
                  layers.stream().map(LayerNode::name).toList()));
    }
    Map<LayerNode, String> groups = new LinkedHashMap<>();
    for (int i = 0; i < layers.size(); i++) {
      groups.put(layers.get(i), names.get(i));
    }
    return groups;
  }

  /** {@return for each layer of a model whose name is that of a group, that name} */
  public static Map<LayerNode, String> byName(LayerNode model, Hdf5Group root) {
    Set<String> names = new HashSet<>(root.texts("layer_names").orElse(List.of()));
    Map<LayerNode, String> groups = new LinkedHashMap<>();
    for (LayerNode layer : model.children()) {
      if (names.contains(layer.name())) {
        groups.put(layer, layer.name());
      }
    }
    return groups;
  }

  private static boolean hasWeights(LayerNode layer) {
    return !layer.slots().isEmpty() || layer.children().stream().anyMatch(LayerGroups::hasWeights);
  }

  private static List<String> weightNames(Hdf5Group root, String layer) {
    return root.group(layer).flatMap(group -> group.texts("weight_names")).orElse(List.of());
  }

  /** Refuses a weight whose name in the file is that of another of the layer's weights. */
  private void check(Owned owned, WeightArray array) {
    String stored = lastName(array.name());
    String wanted = lastName(owned.slot.name());
    boolean anothers =
        owned.layer.slots().stream().anyMatch(slot -> lastName(slot.name()).equals(stored));
    if (!stored.equals(wanted) && anothers) {
      throw new InvalidModelException(
          "%s in %s: its weight '%s' would be '%s'; the weights are in an unknown order."
              .formatted(owned.layer, file, owned.slot.name(), array.name()));
    }
  }

  private static String lastName(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    int colon = name.indexOf(':');
    return colon < 0 ? name : name.substring(0, colon);
  }

  private static String describe(Owned owned) {
    return owned.layer.path() + "/" + owned.slot.name();
  }
}
