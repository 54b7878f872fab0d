package dev.keralens.keras.build;

import dev.keralens.graph.Constant;
import dev.keralens.tensor.ElementType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A model that was defined by a {@link ModelBuilder}: its layers, without the weights. */
public final class ModelDefinition {
  private final String name;
  private final List<DefinedLayer> layers;
  private final List<Operation.Held> weights;
  private final String json;

  ModelDefinition(
      String name, List<Operation> operations, List<SymbolicTensor> in, List<SymbolicTensor> out) {
    this.name = name;
    this.json = ModelJson.functional(name, operations, in, out).toString();
    this.weights = operations.stream().flatMap(layer -> layer.weights().stream()).toList();
    this.layers = operations.stream().map(DefinedLayer::of).toList();
  }

  /** {@return the model's name} */
  public String name() {
    return name;
  }

  /** {@return the layers and operators in Keras' order} */
  public List<DefinedLayer> layers() {
    return layers;
  }

  /** {@return the number of elements of all weights, trainable or not} */
  public long parameters() {
    return layers.stream().mapToLong(DefinedLayer::parameters).sum();
  }

  /**
   * {@return the definition as JSON, which {@code keras.models.model_from_json} of Keras 3 reads}
   */
  public String toJson() {
    return json;
  }

  /**
   * {@return the weights that training would begin with, by their layer's path and by name}
   *
   * @param seed the same seed gives the same weights; they are not those that Keras draws
   */
  public Map<String, Map<String, Constant>> initialWeights(long seed) {
    Map<String, Map<String, Constant>> values = new LinkedHashMap<>();
    for (Operation.Held held : weights) {
      WeightSpec weight = held.weight();
      long own = seed * 31 + (held.path() + "/" + weight.name()).hashCode();
      values
          .computeIfAbsent(held.path(), path -> new LinkedHashMap<>())
          .put(
              weight.name(),
              Constant.deferred(
                  ElementType.FLOAT32,
                  weight.shape(),
                  () -> weight.initializer().tensor(weight.shape(), own)));
    }
    return values;
  }

  /** {@return the shape of each weight, by its layer's path and by name} */
  public Map<String, Map<String, int[]>> shapes() {
    Map<String, Map<String, int[]>> shapes = new LinkedHashMap<>();
    for (Operation.Held held : weights) {
      shapes
          .computeIfAbsent(held.path(), path -> new LinkedHashMap<>())
          .put(held.weight().name(), held.weight().shape());
    }
    return shapes;
  }
}
