package dev.keralens.app;

import dev.keralens.ExplainOptions;
import dev.keralens.Explainer;
import dev.keralens.Explanation;
import dev.keralens.Model;
import dev.keralens.Units;
import dev.keralens.WordVectors;
import dev.keralens.explain.Gradual;
import dev.keralens.explain.Method;
import dev.keralens.filter.Filters;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.inspect.Logits;
import dev.keralens.network.InputSpec;
import dev.keralens.network.Network;
import dev.keralens.objective.Objective;
import dev.keralens.objective.ResolvedObjective;
import dev.keralens.picture.draw.ColoredText;
import dev.keralens.runtime.GraphExecutionException;
import dev.keralens.tensor.Tensor;
import dev.keralens.tokenize.Sentence;
import dev.keralens.tokenize.Token;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Explains and predicts a text. */
final class TextRun implements AutoCloseable {
  private final ModelOptions options;
  private final Model model;
  private final Sentence sentence;
  private final List<Tensor> inputs;
  private final int explained;
  private final Network network;

  private TextRun(ModelOptions options, Model model, Sentence sentence) {
    this.options = options;
    this.model = model;
    this.sentence = sentence;
    List<InputSpec> specs = model.inputs();
    try {
      inputs = sentence.inputs(specs);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--text: " + e.getMessage(), e);
    }
    explained = TextReader.tokens(specs);
    List<Shape> shapes = inputs.stream().map(x -> Shape.of(Shape.BATCH, x.size(1))).toList();
    network = model.network(shapes);
  }

  @SuppressWarnings("MustBeClosed")
  static TextRun open(ModelOptions options, TextOptions text, PrintWriter err) throws IOException {
    Model model = options.open(err);
    try {
      return new TextRun(options, model, text.sentence(options.file(), model, err));
    } catch (IOException | RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private int output() {
    List<Shape> shapes = inputs.stream().map(x -> Shape.of(Shape.BATCH, x.size(1))).toList();
    return Subject.output(options.output(), model, shapes);
  }

  private ClassNames classes(int units) throws IOException {
    Path file = options.classes();
    return file == null ? ClassNames.none() : ClassNames.read(file, units);
  }

  /**
   * Maps over the words, for each method and unit.
   *
   * @param standIn the number of the token that stands in for a hidden word; null for the mask
   *     token, or padding
   */
  List<TextOutput.Shown> explain(
      MethodChoice methods,
      MapOptions maps,
      UnitOptions chosen,
      ObjectiveOptions objective,
      @Nullable Integer standIn,
      PrintWriter err)
      throws IOException {
    ExplainOptions given = maps.explainOptions();
    Objective base = objective.base().withOutput(output());
    List<Shape> shapes = inputs.stream().map(x -> Shape.of(Shape.BATCH, x.size(1))).toList();
    ResolvedObjective resolved = model.objective(base, shapes);
    ClassNames names = classes(resolved.units());
    Units units = chosen.select(names, model.name(), resolved.units(), 1, err).of(List.of(0));
    boolean probabilities = Logits.of(network, output()).endsInProbabilities();
    Labels labels = new Labels(names, probabilities);
    List<TextOutput.Shown> shown = new ArrayList<>();
    // With signs, unless told otherwise: a word may speak against a class.
    ExplainOptions filtered = given.filter() == null ? given.withFilter(Filters::none) : given;
    maps.checkLayers(resolved, methods.methods());
    objective.check(model, shapes, output());
    Objective whole = objective.of(base, resolved, names);
    ExplainOptions options = filtered.withObjective(whole).withInputs(explained);
    HiddenWords words = new HiddenWords(sentence, standIn);
    GapNotes gaps = new GapNotes();
    Method[] all = methods.methods().stream().map(words::in).toArray(Method[]::new);
    try (WordVectors vectors = WordVectors.of(model, explained)) {
      for (int from = 0; from < all.length; ) {
        boolean changing = all[from] instanceof Gradual;
        int to = from + 1;
        while (to < all.length && all[to] instanceof Gradual == changing) {
          to++;
        }
        Method[] some = Arrays.copyOfRange(all, from, to);
        if (changing) {
          err.println(
              "keralens: the vectors of the words are changed; a baseline is the text with each"
                  + " word hidden (--baseline names the token that stands in)");
          err.flush();
          Tensor baseline = vectors.vectors(hidden(words));
          Arrays.setAll(some, i -> HiddenWords.from(some[i], baseline));
        }
        List<Explanation> found =
            changing
                ? explained(
                    vectors.model(),
                    options.withInputs(vectors.input()),
                    vectors.inputs(inputs),
                    units,
                    some)
                : explained(model, options, inputs, units, some);
        for (int i = 0; i < found.size(); i++) {
          Method method = some[Math.min(i, some.length - 1)];
          gaps.add(method.name(), found.get(i), 1, image -> "the text");
          add(found.get(i), method, labels, shown);
        }
        from = to;
      }
    } catch (UnsupportedModelException e) {
      throw new UnsupportedModelException("%s: %s".formatted(model.name(), e.getMessage()), e);
    } catch (GraphExecutionException e) {
      throw new IOException("%s: %s".formatted(model.name(), e.getMessage()), e);
    }
    gaps.print(err);
    return shown;
  }

  private static List<Explanation> explained(
      Model model, ExplainOptions options, List<Tensor> inputs, Units units, Method... methods) {
    try (Explainer explainer = Explainer.of(model, options, methods)) {
      return explainer.explainAll(inputs, units);
    }
  }

  /** The inputs with all words hidden. */
  private List<Tensor> hidden(HiddenWords words) {
    List<Tensor> all = new ArrayList<>(inputs);
    Tensor given = inputs.get(explained);
    all.set(explained, words.hidden().to(given.type()).reshape(given.shape()));
    return all;
  }

  private void add(
      Explanation explanation, Method method, Labels labels, List<TextOutput.Shown> shown) {
    for (int k = 0; k < explanation.unitsPerImage(); k++) {
      Tensor map = explanation.map(0, k);
      if (map.elements() != sentence.length()) {
        throw new UsageException(
            "%s gives maps of %s, and the text has %d tokens; choose --layer or --method gradients."
                .formatted(method.name(), Tensor.describe(map.shape()), sentence.length()));
      }
      float[] all = map.toFloatArray();
      List<String> words = new ArrayList<>();
      float[] values = new float[sentence.tokens().size()];
      for (int i = 0; i < sentence.tokens().size(); i++) {
        Token token = sentence.tokens().get(i);
        // What the preprocessor adds is no word, and would often have the strongest colour.
        if (!token.special()) {
          boolean spaced = token.begins() && !token.text().startsWith(" ");
          values[words.size()] = all[sentence.place(i)];
          words.add((spaced ? " " : "") + token.text());
        }
      }
      values = Arrays.copyOf(values, words.size());
      Tensor scores = labels.probabilities() ? explanation.outputs() : explanation.scores();
      String title =
          "%s, %s"
              .formatted(method.title(), labels.caption(explanation.unit(0, k), scores.get(0, k)));
      shown.add(
          new TextOutput.Shown(
              title, ColoredText.of(words, values), Tensor.of(all, 1, all.length)));
    }
  }

  /** Prints the highest units. */
  void predict(int top, PrintWriter out) throws IOException {
    Tensor all = model.predict(inputs, ExplainOptions.defaults()).get(output());
    if (all.rank() != 2) {
      throw new UsageException(
          "The output of %s is %s, not scores of units; choose another by --output-index."
              .formatted(model.name(), all));
    }
    float[] row = all.toFloatArray();
    boolean probabilities = Logits.of(network, output()).endsInProbabilities();
    Report report =
        new Report(classes(row.length), List.of(probabilities ? "probability" : "score"));
    int[] highest = PredictCommand.highest(row, top);
    for (int place = 0; place < highest.length; place++) {
      report.add("text", place, highest[place], List.of(row[highest[place]]));
    }
    report.table().print(out);
    out.flush();
  }

  @Override
  public void close() {
    model.close();
  }
}
