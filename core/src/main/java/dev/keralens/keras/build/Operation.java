package dev.keralens.keras.build;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * A layer, or an operator between tensors, with its calls. Belongs to one builder, on one thread.
 */
final class Operation {
  private final String module;
  private final String className;
  private final String name;
  private final ObjectNode config;
  private final List<Call> calls = new ArrayList<>();
  private List<Held> weights = List.of();

  /**
   * A call.
   *
   * @param arguments {@link SymbolicTensor}s, numbers, other literals as JSON, or one list of
   *     tensors
   * @param shape what the call gives
   */
  @SuppressWarnings("ArrayRecordComponent") // Calls are never compared.
  record Call(List<Object> arguments, int[] shape) {
    List<SymbolicTensor> inputs() {
      List<SymbolicTensor> inputs = new ArrayList<>();
      for (Object argument : arguments) {
        if (argument instanceof SymbolicTensor tensor) {
          inputs.add(tensor);
        } else if (argument instanceof List<?> list) {
          list.forEach(item -> inputs.add((SymbolicTensor) item));
        }
      }
      return inputs;
    }
  }

  /**
   * A weight of this layer or of a layer inside it.
   *
   * @param path the names of the layers that lead to it, joined by {@code /}
   * @param weight the weight
   */
  record Held(String path, WeightSpec weight) {}

  Operation(String module, String className, String name, ObjectNode config) {
    this.module = module;
    this.className = className;
    this.name = name;
    this.config = config;
  }

  String module() {
    return module;
  }

  String className() {
    return className;
  }

  String name() {
    return name;
  }

  ObjectNode config() {
    return config;
  }

  List<Call> calls() {
    return calls;
  }

  boolean isInput() {
    return className.equals("InputLayer");
  }

  List<Held> weights() {
    return weights;
  }

  void hold(List<Held> held) {
    weights = List.copyOf(held);
  }

  /** Adds a call and gives its number. */
  int call(Call call) {
    calls.add(call);
    return calls.size() - 1;
  }
}
