package dev.keralens;

import dev.keralens.explain.Method;
import dev.keralens.explain.run.Part;
import dev.keralens.explain.run.Routines;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.inspect.LayerSelector;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One explanation that is to be made: a method, and what it explains.
 *
 * @param layer the layer whose activation is explained; null for the usual one, and for methods
 *     that explain an input
 * @param others the other layers, of a method that explains several at once
 * @param input the explained input, by its position; where a layer is named, the first of them
 */
record Task(Method method, @Nullable LayerSelector layer, List<LayerSelector> others, int input) {
  Task(Method method, @Nullable LayerSelector layer, int input) {
    this(method, layer, List.of(), input);
  }

  /** {@return a task for each layer, as if the method explained one} */
  List<Task> ofOthers() {
    return others.stream().map(other -> new Task(method, other, input)).toList();
  }

  /** {@return the method and what it explains, for messages} */
  String describe() {
    String more = others.isEmpty() ? "" : " and " + others;
    return method.name() + " of " + (layer == null ? "input " + input : layer) + more;
  }

  /**
   * Whether each method fits.
   *
   * @param parts what is prepared of a task; it is closed at once
   */
  static List<Fit> fits(List<Task> tasks, Function<Task, Part> parts) {
    List<Fit> fits = new ArrayList<>();
    for (Task task : tasks) {
      String refusal = null;
      try {
        Routines.of(List.of(parts.apply(task))).close();
      } catch (UnsupportedModelException e) {
        refusal = e.getMessage();
      }
      if (fits.isEmpty() || !fits.get(fits.size() - 1).method().equals(task.method())) {
        fits.add(new Fit(task.method(), refusal));
      } else if (refusal != null) {
        fits.set(fits.size() - 1, new Fit(task.method(), refusal));
      }
    }
    return List.copyOf(fits);
  }

  /** Requires that one explanation comes of all tasks. */
  static void requireOne(List<Task> tasks, @Nullable Fusion fusion) {
    Task first = tasks.get(0);
    boolean joined = fusion != null && tasks.stream().allMatch(first::isJoinedWith);
    if (tasks.size() != 1 && !joined) {
      throw new IllegalArgumentException(
          "This explainer gives %d explanations, one for each method and each layer or input (%s); explainAll(List.of(x), units) returns them all, explain only one."
              .formatted(tasks.size(), tasks.stream().map(Task::describe).toList()));
    }
  }

  /** Whether the map of another layer is joined with that of this one. */
  private boolean isJoinedWith(Task other) {
    return layer != null && other.layer != null && method.equals(other.method);
  }

  /**
   * The explanations of tasks, those of several layers by one method joined.
   *
   * @param fusion how; null for each of its own
   */
  static List<Explanation> fused(
      List<Task> tasks, List<Explanation> each, @Nullable Fusion fusion) {
    if (fusion == null) {
      return each;
    }
    List<Explanation> all = new ArrayList<>();
    for (int from = 0, to = 0; from < tasks.size(); from = to) {
      do {
        to++;
      } while (to < tasks.size() && tasks.get(from).isJoinedWith(tasks.get(to)));
      all.add(fusion.of(each.subList(from, to)));
    }
    return all;
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
      } else if (method.info().isOfSeveralLayers()) {
        List<LayerSelector> layers = options.layers();
        List<LayerSelector> others = layers.subList(1, layers.size());
        tasks.add(new Task(method, layers.get(0), List.copyOf(others), inputs.get(0)));
      } else {
        int first = inputs.get(0);
        options.layers().forEach(layer -> tasks.add(new Task(method, layer, first)));
      }
    }
    return List.copyOf(tasks);
  }
}
