package dev.keralens.app;

import dev.keralens.ExplainOptions;
import dev.keralens.Explainer;
import dev.keralens.Explanation;
import dev.keralens.Units;
import dev.keralens.explain.Method;
import dev.keralens.filter.Filters;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.network.InputSpec;
import dev.keralens.tensor.Tensor;
import dev.keralens.text.Printable;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Explains every input of a model of several: of each, by the methods that fit it. What does not
 * fit is left out and said.
 */
final class EachInput implements StoredMaps.Giver {
  /** An input, and what explains it. */
  private record Part(int input, Explainer explainer, List<Method> methods) {}

  private final List<Part> parts;

  private EachInput(List<Part> parts) {
    this.parts = parts;
  }

  /**
   * The explainers of all inputs.
   *
   * @param views how each input is drawn that is no picture
   * @param filtered whether the user named a filter: bars have two sides otherwise
   * @param err is told which methods do not fit which input
   */
  @SuppressWarnings("MustBeClosed")
  static EachInput of(
      Subject subject,
      MethodChoice choice,
      ExplainOptions options,
      List<@Nullable Views> views,
      boolean filtered,
      PrintWriter err) {
    List<InputSpec> specs = subject.model().inputs();
    List<Part> parts = new ArrayList<>();
    for (int input = 0; input < specs.size(); input++) {
      Views view = views.get(input);
      boolean bars = view != null && view.kind() == Views.Kind.FEATURES && !filtered;
      ExplainOptions own = options.withInputs(input);
      own = bars ? own.withFilter(Filters::none) : own;
      List<Method> fitting = fitting(subject, choice, own, specs.get(input).name(), err);
      if (!fitting.isEmpty()) {
        Method[] methods = fitting.toArray(Method[]::new);
        parts.add(new Part(input, Explainer.of(subject.model(), own, methods), fitting));
      }
    }
    if (parts.isEmpty()) {
      throw new UnsupportedModelException(
          "None of the methods fits an input of %s.".formatted(subject.model().name()));
    }
    return new EachInput(parts);
  }

  private static List<Method> fitting(
      Subject subject, MethodChoice choice, ExplainOptions options, String input, PrintWriter err) {
    List<Method> fitting = new ArrayList<>();
    for (Method method : choice.methods()) {
      if (choice.all() && method.info().passes() > MethodChoice.MOST_PASSES_OF_ALL) {
        continue;
      }
      try (Explainer explainer = Explainer.of(subject.model(), options, method)) {
        dev.keralens.Fit fit = explainer.applies(subject.inputs().shapes()).get(0);
        if (fit.fits()) {
          fitting.add(method);
        } else {
          err.printf(
              "keralens: %s without %s: %s%n",
              Printable.name(input), method.name(), Printable.message(fit.refusal().orElse("")));
          err.flush();
        }
      }
    }
    return fitting;
  }

  /** Of each explanation, its method. */
  List<Method> methods() {
    return parts.stream().flatMap(part -> part.methods().stream()).toList();
  }

  /** Of each explanation, the position of the input that it is of. */
  List<Integer> over() {
    return parts.stream()
        .flatMap(part -> Collections.nCopies(part.methods().size(), part.input()).stream())
        .toList();
  }

  @Override
  public List<Explanation> explainAll(List<Tensor> inputs, Units units) {
    List<Explanation> all = new ArrayList<>();
    for (Part part : parts) {
      all.addAll(part.explainer().explainAll(inputs, units));
    }
    return all;
  }

  @Override
  public void close() {
    parts.forEach(part -> part.explainer().close());
  }
}
