package dev.keralens.keras.weights;

import dev.keralens.graph.InvalidModelException;
import dev.keralens.keras.storage.Checkpoint;
import dev.keralens.keras.storage.ModelFiles;
import dev.keralens.keras.storage.ObjectGraph;
import dev.keralens.keras.storage.WeightArray;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Weights in a checkpoint that Keras 2 wrote, of a SavedModel or by itself. From the model's object
 * on, each layer, and each weight in it, is found by attribute.
 *
 * <pre>
 * model's layer = "layer-" index        of model.layers, which in a Sequential lacks the InputLayer
 * other         = the Python attribute: "kernel", "cell", "_query_dense"; a list's member: its index
 * </pre>
 */
public final class CheckpointTree implements WeightSource {
  private static final String GRAPH_KEY = "_CHECKPOINTABLE_OBJECT_GRAPH";

  private final Checkpoint checkpoint;
  private final ObjectGraph objects;
  private final String file;

  private CheckpointTree(String file, Checkpoint checkpoint, ObjectGraph objects) {
    this.file = file;
    this.checkpoint = checkpoint;
    this.objects = objects;
  }

  /**
   * {@return the weights in a checkpoint}
   *
   * @param name the folder or file, for messages
   * @param files where the checkpoint's files lie
   * @param prefix what their names begin with
   * @throws InvalidModelException if it is damaged, or was not written by Keras
   */
  public static CheckpointTree open(String name, ModelFiles files, String prefix)
      throws IOException {
    Checkpoint checkpoint = Checkpoint.open(name, files, prefix);
    ByteBuffer graph =
        checkpoint
            .text(GRAPH_KEY)
            .orElseThrow(
                () -> new InvalidModelException(name + " is a checkpoint without objects."));
    return new CheckpointTree(name, checkpoint, ObjectGraph.read(name, graph));
  }

  @Override
  public Map<String, WeightArray> read(LayerNode layer) {
    int object = objectOf(layer);
    Map<String, WeightArray> found = new LinkedHashMap<>();
    for (WeightSlot slot : layer.slots()) {
      WeightArray array =
          follow(object, slot.name())
              .flatMap(objects::key)
              .flatMap(checkpoint::array)
              .orElseThrow(
                  () ->
                      new InvalidModelException(
                          "%s in %s: there is no weight '%s'."
                              .formatted(layer, file, slot.name())));
      found.put(slot.name(), array);
    }
    return found;
  }

  private int objectOf(LayerNode layer) {
    LayerNode parent = layer.parent();
    if (parent == null) {
      return 0;
    }
    String attribute = parent.isModel() ? "layer-" + indexOf(layer, parent) : layer.step();
    return follow(objectOf(parent), attribute)
        .orElseThrow(
            () ->
                new InvalidModelException(
                    "%s is not in %s: its object '%s' is missing."
                        .formatted(layer, file, attribute)));
  }

  private static int indexOf(LayerNode layer, LayerNode model) {
    List<LayerNode> layers = model.children();
    boolean skips =
        model.className().equals("Sequential")
            && !layers.isEmpty()
            && layers.get(0).className().equals("InputLayer");
    return layers.indexOf(layer) - (skips ? 1 : 0);
  }

  private Optional<Integer> follow(int object, String attributes) {
    Optional<Integer> at = Optional.of(object);
    for (String attribute : attributes.split("/", -1)) {
      at =
          at.flatMap(
              node ->
                  objects.child(node, attribute).or(() -> objects.child(node, "_" + attribute)));
    }
    return at;
  }
}
