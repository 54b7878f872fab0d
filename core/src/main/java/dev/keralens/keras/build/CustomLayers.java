package dev.keralens.keras.build;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Layers of classes that Keras does not have. Who calls one says what it gives. */
public final class CustomLayers {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private CustomLayers() {}

  /**
   * {@return what a layer gives: a tensor for each shape}
   *
   * @param b the model that it belongs to
   * @param module the Python module of its class
   * @param className its class
   * @param name the layer's name, unique in the model
   * @param config its arguments
   * @param shapes what it gives, without the batch
   * @param inputs what it is called with
   */
  public static List<SymbolicTensor> call(
      ModelBuilder b,
      String module,
      String className,
      String name,
      Map<String, ? extends @Nullable Object> config,
      List<int[]> shapes,
      SymbolicTensor... inputs) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("name", name);
    config.forEach((key, value) -> json.set(key, MAPPER.valueToTree(value)));
    Operation operation = new Operation(module, className, name, json);
    b.register(operation);
    return call(b, operation, shapes, inputs);
  }

  /**
   * {@return what a layer gives that was called before: one tensor}
   *
   * @param b the model that it belongs to
   * @param before what it gave
   * @param shape what it gives, without the batch
   * @param inputs what it is called with
   */
  public static SymbolicTensor again(
      ModelBuilder b, SymbolicTensor before, int[] shape, SymbolicTensor... inputs) {
    return call(b, before.operation(), List.of(shape), inputs).get(0);
  }

  private static List<SymbolicTensor> call(
      ModelBuilder b, Operation operation, List<int[]> shapes, SymbolicTensor... inputs) {
    List<SymbolicTensor> tensors = List.of(inputs);
    tensors.forEach(b::checkOwn);
    int node = operation.call(new Operation.Call(List.copyOf(tensors), shapes.get(0)));
    List<SymbolicTensor> outputs = new ArrayList<>();
    for (int[] shape : shapes) {
      outputs.add(new SymbolicTensor(b, operation, node, outputs.size(), shape.clone()));
    }
    return outputs;
  }
}
