package dev.keralens.keras.file;

import dev.keralens.graph.InvalidModelException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Weights in the tree of groups that Keras' v3 format writes: a group for every object, named by
 * the Python attribute that holds it, and in it the object's own weights, numbered.
 *
 * <pre>
 * object    = { attribute "/" object | list } [ "vars" { index } ]
 * list      = attribute { member "/" object }
 * attribute = "layers" | "layer" | "cell" | "forward_layer" | "_query_dense" | ..
 * list of a model's layers:
 *             "_layer_checkpoint_dependencies" up to Keras 2.13, "layers" since 2.14
 * member    = class in snake case [ "_" number ]                          see ContainerNames
 * index     = "0" | "1" | ..       trainable weights first, in the order of their creation
 * </pre>
 *
 * <p>An object that is held in several places lies where Keras came upon it first.
 */
final class ObjectTree implements WeightSource {
  private static final String DOUBLED_LIST = "_layer_checkpoint_dependencies";
  private static final String LIST = "layers";
  private static final String VARS = "vars";

  private final WeightGroups groups;
  private final Map<LayerNode, Map<LayerNode, String>> names = new ConcurrentHashMap<>();

  ObjectTree(WeightGroups groups) {
    this.groups = groups;
  }

  @Override
  public Map<String, WeightArray> read(LayerNode layer) {
    String object = objectOf(layer);
    Map<String, List<WeightSlot>> byOwner = new LinkedHashMap<>();
    for (WeightSlot slot : layer.slots()) {
      byOwner.computeIfAbsent(owner(slot.name()), key -> new ArrayList<>()).add(slot);
    }
    Map<String, WeightArray> found = new LinkedHashMap<>();
    byOwner.forEach((owner, slots) -> found.putAll(own(layer, resolve(object, owner), slots)));
    Map<String, WeightArray> ordered = new LinkedHashMap<>();
    for (WeightSlot slot : layer.slots()) {
      ordered.put(slot.name(), java.util.Objects.requireNonNull(found.get(slot.name())));
    }
    return ordered;
  }

  private Map<String, WeightArray> own(LayerNode layer, String object, List<WeightSlot> slots) {
    String vars = join(object, VARS);
    List<WeightSlot> numbered = new ArrayList<>(slots);
    numbered.sort(Comparator.comparing(slot -> !slot.trainable()));
    int stored = groups.names(vars).size();
    if (stored != numbered.size()) {
      throw new InvalidModelException(
          "%s in %s: expected %d weights %s at '%s', found %d."
              .formatted(
                  layer,
                  groups.name(),
                  numbered.size(),
                  numbered.stream().map(WeightSlot::name).toList(),
                  vars,
                  stored));
    }
    Map<String, WeightArray> found = new LinkedHashMap<>();
    for (int i = 0; i < numbered.size(); i++) {
      String path = join(vars, String.valueOf(i));
      WeightArray array =
          groups
              .array(path)
              .orElseThrow(
                  () ->
                      new InvalidModelException(
                          "%s in %s: there is no array '%s'."
                              .formatted(layer, groups.name(), path)));
      found.put(numbered.get(i).name(), array);
    }
    return found;
  }

  /** The path of the group of a layer's object. */
  private String objectOf(LayerNode layer) {
    LayerNode parent = layer.parent();
    if (parent == null) {
      return "";
    }
    String holder = objectOf(parent);
    if (parent.isModel()) {
      String list = listOf(holder);
      return join(join(holder, list), memberNames(parent, holder, list).getOrDefault(layer, ""));
    }
    int slash = layer.step().lastIndexOf('/');
    if (slash < 0) {
      return resolve(holder, layer.step());
    }
    String list = resolve(holder, layer.step().substring(0, slash));
    return join(list, memberNames(parent, holder, list).getOrDefault(layer, ""));
  }

  private String listOf(String model) {
    return groups.has(join(model, DOUBLED_LIST)) ? DOUBLED_LIST : LIST;
  }

  private Map<LayerNode, String> memberNames(LayerNode parent, String holder, String list) {
    return names.computeIfAbsent(
        parent,
        key -> {
          boolean doubled = list.equals(DOUBLED_LIST);
          String base = join(holder, list);
          return ContainerNames.of(
              parent.children(), name -> doubled && groups.hasArrays(join(base, name)));
        });
  }

  /** Follows attributes from an object; Keras 2 and 3 differ in the underscore before some. */
  private String resolve(String object, String attributes) {
    String at = object;
    for (String attribute : attributes.split("/", -1)) {
      if (attribute.isEmpty()) {
        continue;
      }
      String plain = join(at, attribute);
      String hidden = join(at, "_" + attribute);
      at = !groups.has(plain) && groups.has(hidden) ? hidden : plain;
    }
    return at;
  }

  private static String owner(String slot) {
    return slot.substring(0, Math.max(0, slot.lastIndexOf('/')));
  }

  private static String join(String path, String name) {
    return path.isEmpty() ? name : path + "/" + name;
  }

  /** Groups of arrays by path, in one file or spread over several. */
  interface WeightGroups {
    /** {@return the file, for messages} */
    String name();

    boolean has(String path);

    /** {@return whether an array lies in the group or below it} */
    boolean hasArrays(String path);

    /** {@return the names of what lies in the group; none if there is no such group} */
    List<String> names(String path);

    Optional<WeightArray> array(String path);
  }
}
