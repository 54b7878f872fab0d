package dev.keralens.keras.weights;

import dev.keralens.graph.InvalidModelException;
import dev.keralens.keras.storage.KerasVersion;
import dev.keralens.keras.storage.WeightArray;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

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
 * <p>A layer that is held in several places lies where Keras came upon it first, going through the
 * tree depth first. The configuration marks such a layer by {@code shared_object_id}.
 */
public final class ObjectTree implements WeightSource {
  private static final String DOUBLED_LIST = "_layer_checkpoint_dependencies";
  private static final String LIST = "layers";
  private static final String VARS = "vars";

  /** What random layers hold beside weights, by its attribute. */
  private static final Set<String> SEEDS = Set.of("seed", "seed_generator");

  /** The members of a list: a model's layers, or those of an attribute. */
  private record Listed(LayerNode holder, String list) {}

  private final WeightGroups groups;
  private final boolean namesSharedOnce;
  private final Map<Listed, Map<LayerNode, String>> names = new ConcurrentHashMap<>();
  private final LayerNode root;
  private @Nullable Map<String, LayerNode> firsts;

  /**
   * Reads weights for one architecture.
   *
   * @param root the architecture
   * @param version the Keras that wrote the groups
   */
  public ObjectTree(WeightGroups groups, KerasVersion version, LayerNode root) {
    this.groups = groups;
    this.namesSharedOnce = version.major() == 2 && version.isAtLeast(2, 14);
    this.root = root;
  }

  /** Where Keras came upon a layer first. */
  private LayerNode first(LayerNode layer) {
    return layer.sharedId().isEmpty() ? layer : firsts().getOrDefault(layer.sharedId(), layer);
  }

  private synchronized Map<String, LayerNode> firsts() {
    if (firsts == null) {
      firsts = new HashMap<>();
      collectShared(root, firsts);
    }
    return firsts;
  }

  private static void collectShared(LayerNode layer, Map<String, LayerNode> to) {
    if (!layer.sharedId().isEmpty()) {
      to.putIfAbsent(layer.sharedId(), layer);
    }
    layer.children().forEach(child -> collectShared(child, to));
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
      ordered.put(slot.name(), Objects.requireNonNull(found.get(slot.name())));
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
  private String objectOf(LayerNode place) {
    LayerNode layer = first(place);
    LayerNode parent = layer.parent();
    if (parent == null) {
      return "";
    }
    String holder = objectOf(parent);
    if (parent.isModel()) {
      String list = groups.has(join(holder, DOUBLED_LIST)) ? DOUBLED_LIST : LIST;
      return member(layer, parent, join(holder, list));
    }
    int slash = layer.step().lastIndexOf('/');
    return slash < 0
        ? resolve(holder, layer.step())
        : member(layer, parent, resolve(holder, layer.step().substring(0, slash)));
  }

  private String member(LayerNode layer, LayerNode parent, String list) {
    Listed key = new Listed(parent, parent.isModel() ? "" : listOf(layer));
    Map<LayerNode, String> members = names.get(key);
    if (members == null) {
      List<LayerNode> siblings =
          parent.children().stream()
              .filter(child -> parent.isModel() || listOf(child).equals(key.list()))
              .toList();
      members = ContainerNames.of(siblings, (child, name) -> step(child, list, name));
      names.put(key, members);
      if (parent.isWrittenOut()) {
        checkAll(parent, list, members);
      }
    }
    return join(list, members.getOrDefault(layer, ""));
  }

  /** The attributes that lead to a layer's list; empty where it is in none. */
  private static String listOf(LayerNode layer) {
    return layer.step().substring(0, Math.max(0, layer.step().lastIndexOf('/')));
  }

  /** Layers that were written out from a constructor's arguments are all that the file has. */
  private void checkAll(LayerNode parent, String list, Map<LayerNode, String> members) {
    for (String name : groups.names(list)) {
      if (!members.containsValue(name)
          && !parent.leavesOut(name)
          && groups.hasArrays(join(list, name))) {
        throw notExpected(parent, join(list, name));
      }
    }
    members.keySet().stream()
        .filter(layer -> !layer.isModel() && layer.isOfKerasHub())
        .forEach(layer -> checkInside(layer, objectOf(layer)));
  }

  /** The same for what lies inside a layer. */
  private void checkInside(LayerNode layer, String object) {
    Set<String> expected = new HashSet<>();
    collectObjects(layer, expected);
    checkBelow(layer, object, expected);
  }

  private void collectObjects(LayerNode layer, Set<String> to) {
    if (!layer.isModel()) {
      String object = objectOf(layer);
      layer.slots().forEach(slot -> to.add(join(resolve(object, owner(slot.name())), VARS)));
    }
    layer.children().forEach(child -> collectObjects(child, to));
  }

  private void checkBelow(LayerNode layer, String path, Set<String> expected) {
    if (expected.contains(path)
        || !groups.hasArrays(path)
        || SEEDS.contains(path.substring(path.lastIndexOf('/') + 1))) {
      return;
    }
    if (path.endsWith("/" + VARS)) {
      throw notExpected(layer, path);
    }
    groups.names(path).forEach(name -> checkBelow(layer, join(path, name), expected));
  }

  private InvalidModelException notExpected(LayerNode layer, String path) {
    return new InvalidModelException(
        "%s in %s: the file has weights at '%s', for which the arguments make no layer."
            .formatted(layer, groups.name(), path));
  }

  private int step(LayerNode member, String list, String name) {
    boolean elsewhere = first(member) != member;
    if (list.endsWith(DOUBLED_LIST)) {
      return groups.hasArrays(elsewhere ? objectOf(member) : join(list, name)) ? 2 : 1;
    }
    return elsewhere && namesSharedOnce ? 0 : 1;
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
  public interface WeightGroups {
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
