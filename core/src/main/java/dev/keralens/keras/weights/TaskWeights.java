package dev.keralens.keras.weights;

import dev.keralens.keras.storage.WeightArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a task of KerasHub in a preset's folder: those of its backbone lie in a file of
 * their own, as if it were the whole model.
 *
 * <pre>
 * task.weights.h5  = groups of the task, without the backbone's; missing where it has none
 * model.weights.h5 = groups of the backbone
 * </pre>
 */
public final class TaskWeights implements ObjectTree.WeightGroups {
  private static final String LIST = "layers";

  private final ObjectTree.@Nullable WeightGroups task;
  private final ObjectTree.WeightGroups backbone;
  private final String member;
  private final String prefix;

  /**
   * Joins the two.
   *
   * @param task the task's own groups, or null
   * @param backbone the backbone's
   * @param className the class of the backbone, by which it is named among the task's layers
   */
  public TaskWeights(
      ObjectTree.@Nullable WeightGroups task, ObjectTree.WeightGroups backbone, String className) {
    this.task = task;
    this.backbone = backbone;
    this.member = ContainerNames.snakeCase(className);
    this.prefix = LIST + "/" + member;
  }

  @Override
  public String name() {
    return backbone.name();
  }

  private @Nullable String inBackbone(String path) {
    return path.equals(prefix)
        ? ""
        : path.startsWith(prefix + "/") ? path.substring(prefix.length() + 1) : null;
  }

  @Override
  public boolean has(String path) {
    String inner = inBackbone(path);
    if (inner != null) {
      return inner.isEmpty() || backbone.has(inner);
    }
    return path.equals(LIST) || (task != null && task.has(path));
  }

  @Override
  public boolean hasArrays(String path) {
    String inner = inBackbone(path);
    if (inner != null) {
      return inner.isEmpty() || backbone.hasArrays(inner);
    }
    return path.equals(LIST) || (task != null && task.hasArrays(path));
  }

  @Override
  public List<String> names(String path) {
    String inner = inBackbone(path);
    if (inner != null) {
      return backbone.names(inner);
    }
    List<String> names = task == null ? List.of() : task.names(path);
    if (!path.equals(LIST) || names.contains(member)) {
      return names;
    }
    List<String> all = new ArrayList<>(names);
    all.add(member);
    return all;
  }

  @Override
  public Optional<WeightArray> array(String path) {
    String inner = inBackbone(path);
    if (inner != null) {
      return backbone.array(inner);
    }
    return task == null ? Optional.empty() : task.array(path);
  }
}
