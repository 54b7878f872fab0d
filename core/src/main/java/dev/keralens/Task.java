package dev.keralens;

import dev.keralens.explain.Method;
import dev.keralens.inspect.LayerSelector;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One explanation that is to be made: a method, and what it explains.
 *
 * @param layer the layer whose activation is explained; null for the usual one, and for methods
 *     that explain an input
 * @param input the explained input, by its position; where a layer is named, the first of them
 */
record Task(Method method, @Nullable LayerSelector layer, int input) {
  /** {@return the method and what it explains, for messages} */
  String describe() {
    return method.name() + " of " + (layer == null ? "input " + input : layer);
  }

  /**
   * A task for each layer of each method that explains activations, where layers are named; else
   * for each input.
   */
  static List<Task> of(Model model, ExplainOptions options, List<Method> methods) {
    int available = model.inputs().size();
    List<Integer> inputs = options.inputs();
    if (inputs.isEmpty()) {
      inputs = IntStream.range(0, available).boxed().toList();
    }
    for (int input : inputs) {
      if (input < 0 || input >= available) {
        throw new IllegalArgumentException(
            "There is no input %d: %s has the inputs %s, from 0."
                .formatted(input, model.name(), model.inputs()));
      }
    }
    List<Task> tasks = new ArrayList<>();
    for (Method method : methods) {
      if (!method.explainsActivations() || options.layers().isEmpty()) {
        inputs.forEach(input -> tasks.add(new Task(method, null, input)));
      } else {
        int first = inputs.get(0);
        options.layers().forEach(layer -> tasks.add(new Task(method, layer, first)));
      }
    }
    return List.copyOf(tasks);
  }
}
