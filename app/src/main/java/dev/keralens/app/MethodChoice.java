package dev.keralens.app;

import dev.keralens.ExplainOptions;
import dev.keralens.Explainer;
import dev.keralens.Fit;
import dev.keralens.Model;
import dev.keralens.explain.Method;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.method.Methods;
import dev.keralens.text.Printable;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The methods that were asked for.
 *
 * @param all whether all were, so that those that do not apply to the model are left out
 */
record MethodChoice(List<Method> methods, boolean all) {
  static final String ALL = "all";

  /** Methods that run the network more often for each image are left out of all. */
  static final int MOST_PASSES_OF_ALL = 180;

  /**
   * The methods of names.
   *
   * @throws UsageException if there is no method of a name
   */
  static MethodChoice of(List<String> names) {
    boolean all = names.stream().anyMatch(name -> name.strip().equalsIgnoreCase(ALL));
    Map<String, Method> methods = new LinkedHashMap<>();
    for (String name : all ? List.copyOf(Methods.byNames().keySet()) : names) {
      Methods.Row row = find(name.strip());
      methods.computeIfAbsent(row.name(), key -> row.create());
    }
    return new MethodChoice(List.copyOf(methods.values()), all);
  }

  /** What papers and other libraries call methods, and how they are asked for here. */
  private static final Map<String, String> ELSEWHERE =
      Map.of(
          "gradcam++", "--method gradcampp",
          "saliency", "--method gradients",
          "vanilla", "--method gradients",
          "vanillagradients", "--method gradients",
          "smoothgrad", "--method gradients --smooth",
          "gradientshap", "--method expected_gradients",
          "shap", "--method kernelshap",
          "rollout", "--method attention_rollout",
          "vargrad", "--method gradients --smooth=20:10%:variance");

  private static Methods.Row find(String name) {
    String elsewhere = ELSEWHERE.get(name.toLowerCase(Locale.ROOT).replaceAll("[-_ ]", ""));
    if (elsewhere != null) {
      throw new UsageException("'%s' is called %s here.".formatted(name, elsewhere));
    }
    String plain = name.replace("-", "");
    return Methods.byNames().containsKey(plain)
        ? Choice.of(Methods.byNames(), "method", plain)
        : Choice.of(Methods.byNames(), "method", name);
  }

  /**
   * The methods that apply to a model, where all were asked for; else the methods.
   *
   * @param shapes the shapes of the inputs
   * @param err is told which do not apply, and why
   */
  MethodChoice applying(Model model, ExplainOptions options, List<Shape> shapes, PrintWriter err) {
    if (!all) {
      return this;
    }
    List<Method> applying = new ArrayList<>();
    for (Method method : methods) {
      try (Explainer explainer = Explainer.of(model, options, method)) {
        Fit fit = explainer.applies(shapes).get(0);
        int passes = method.info().passes();
        if (fit.fits() && passes <= MOST_PASSES_OF_ALL) {
          applying.add(method);
        } else {
          String why =
              fit.refusal()
                  .map(Printable::message)
                  .orElseGet(
                      () ->
                          "it runs the network %,d times for each image; name it to have it"
                              .formatted(passes));
          err.printf("keralens: without %s: %s%n", method.name(), why);
          err.flush();
        }
      }
    }
    if (applying.isEmpty()) {
      throw new UnsupportedModelException("No method applies to %s.".formatted(model.name()));
    }
    return new MethodChoice(applying, false);
  }

  /**
   * Of each explanation, its method.
   *
   * @param layers how many layers are named; methods that explain layers give a map of each
   */
  List<Method> ofExplanations(int layers) {
    List<Method> all = new ArrayList<>();
    for (Method method : methods) {
      boolean ofEach = method.explainsActivations() && !method.info().isOfSeveralLayers();
      int maps = ofEach ? Math.max(1, layers) : 1;
      all.addAll(Collections.nCopies(maps, method));
    }
    return all;
  }

  /** An explainer of the methods. */
  Explainer explainer(Model model, ExplainOptions options) {
    return Explainer.of(model, options, methods.toArray(Method[]::new));
  }
}
