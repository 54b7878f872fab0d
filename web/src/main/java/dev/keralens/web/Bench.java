package dev.keralens.web;

import dev.keralens.ExplainOptions;
import dev.keralens.Explainer;
import dev.keralens.Explanation;
import dev.keralens.Fit;
import dev.keralens.Model;
import dev.keralens.Resize;
import dev.keralens.Scores;
import dev.keralens.Units;
import dev.keralens.explain.Baseline;
import dev.keralens.explain.Method;
import dev.keralens.filter.Filter;
import dev.keralens.filter.Filters;
import dev.keralens.graph.Shape;
import dev.keralens.method.Gradients;
import dev.keralens.method.Methods;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.objective.ResolvedObjective;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** A model at work: its explainers, of which those that were used last are kept. */
final class Bench implements AutoCloseable {
  /** What the input holds, and so how it is shown. */
  enum Kind {
    PICTURE,
    SIGNAL,
    VOLUME,
    WORDS,
    TABLE
  }

  private static final int MOST_EXPLAINERS = 12;

  /** More units are not told on the page. */
  static final int MOST_UNITS = 1000;

  /**
   * What is asked.
   *
   * @param method the name of the method
   * @param settings values by the names of its settings
   * @param layers the layers; none for the usual one
   */
  record Question(String method, Map<String, String> settings, List<String> layers) {
    Question {
      settings = new TreeMap<>(settings);
      layers = List.copyOf(layers);
    }
  }

  private record Tool(Explainer explainer, Method method, String filter) {}

  private final PageModel model;
  private final Model engine;
  private final Jobs jobs;
  private final ExplainOptions raw;
  private final Explainer scorer;
  private final ResolvedObjective explained;
  private final Kind kind;
  private final Semaphore scoring = new Semaphore(2);
  private final Map<Question, Tool> tools = new LinkedHashMap<>(16, 0.75f, true);
  private volatile double millis = Double.NaN;
  private @Nullable Bench randomized;

  Bench(PageModel model, Jobs jobs) {
    this(model, model.model(), jobs);
  }

  /**
   * A model at work.
   *
   * @param engine what computes; it is like the page's model, but may have other weights
   */
  private Bench(PageModel model, Model engine, Jobs jobs) {
    this.model = model;
    this.engine = engine;
    this.jobs = jobs;
    this.explained = engine.objective(model.objective(), model.shapes());
    this.kind = kind(model);
    ExplainOptions whole =
        ExplainOptions.defaults().withObjective(model.objective()).withInputs(model.explained());
    this.scorer = Explainer.of(engine, whole, Gradients.create());
    this.raw =
        whole
            .withFilter(Filters::none)
            .withResize(Resize.none())
            .withPasses((method, done, total) -> passed(done, total));
  }

  private static Kind kind(PageModel model) {
    if (model.takesPictures()) {
      return Kind.PICTURE;
    } else if (model.takesText()) {
      return Kind.WORDS;
    }
    KerasTensor input = model.model().network(model.shapes()).inputs().get(model.explained());
    boolean numbers = model.model().inputs().get(model.explained()).type().isFloating();
    int rank = model.shape().rank();
    return rank == 2
        ? numbers ? Kind.TABLE : Kind.WORDS
        : input.places().length >= 3
            ? Kind.VOLUME
            : input.places().length == 2 ? Kind.PICTURE : Kind.SIGNAL;
  }

  private void passed(int done, int total) {
    Jobs.Job<?> job = jobs.running();
    if (job != null) {
      job.progress(done, total);
      if (job.isCancelled()) {
        throw new CancellationException();
      }
    }
  }

  PageModel model() {
    return model;
  }

  Kind kind() {
    return kind;
  }

  ResolvedObjective explained() {
    return explained;
  }

  /** How long the network takes for one input, in milliseconds; NaN where nothing was measured. */
  double millis() {
    return millis;
  }

  /** What the outputs of the model are called, in order. */
  List<String> outputNames() {
    return model.model().outputNames(model.shapes());
  }

  /** The network at the sizes of its inputs. */
  Network network() {
    return engine.network(model.shapes());
  }

  /** The explained input, as the network has it. */
  KerasTensor input() {
    return network().inputs().get(model.explained());
  }

  /** What the model says of inputs of one row: its highest units. */
  Scores scores(List<Tensor> inputs) {
    return scores(inputs, Units.top(Math.min(explained.units(), MOST_UNITS)));
  }

  /** What the model says of inputs. */
  Scores scores(List<Tensor> inputs, Units units) {
    scoring.acquireUninterruptibly();
    try {
      long began = System.nanoTime();
      Scores scores = scorer.scores(inputs, units);
      double one = (System.nanoTime() - began) / 1e6 / inputs.get(0).size(0);
      millis = Double.isNaN(millis) ? one : Math.min(millis, one);
      return scores;
    } finally {
      scoring.release();
    }
  }

  /** The method of a question, with its settings. */
  Method method(Question question) {
    return MethodSettings.create(
        question.method(), question.settings(), value -> Baseline.of(model.ofPixels(value)));
  }

  /**
   * Explains; called on the thread of the queue only.
   *
   * @return for each layer its maps, as the method gives them: neither filtered nor resized
   */
  List<Explanation> explain(Question question, List<Tensor> inputs, Units units) {
    return tool(question).explainer().explainAll(inputs, units);
  }

  /**
   * The same model with the weights of its last layer shuffled; called on the thread of the queue
   * only.
   */
  Bench randomized() {
    Bench known = randomized;
    if (known == null) {
      known = new Bench(model, Randomized.of(model.model(), explained.position(), 0), jobs);
      randomized = known;
    }
    return known;
  }

  /** The explainer of maps as they are shown, for files of other programs. */
  Explainer finished(Question question) {
    ExplainOptions options =
        ExplainOptions.defaults()
            .withObjective(model.objective())
            .withInputs(model.explained())
            .withLayers(question.layers().toArray(String[]::new));
    return Explainer.of(engine, options, method(question));
  }

  /** The name of the filter that is usual for a question's maps. */
  String filter(Question question) {
    return tool(question).filter();
  }

  /** The filter that is usual for a question's maps. */
  Filter usualFilter(Question question) {
    return tool(question).method().usualFilter();
  }

  private Tool tool(Question question) {
    Tool known = tools.get(question);
    if (known != null) {
      return known;
    }
    Method method = method(question);
    ExplainOptions options =
        method.explainsActivations()
            ? raw.withLayers(question.layers().toArray(String[]::new))
            : raw;
    String filter = FilterNames.of(method.usualFilter()); // before there is something to close
    Tool made = new Tool(Explainer.of(engine, options, method), method, filter);
    tools.put(question, made);
    if (tools.size() > MOST_EXPLAINERS) {
      var all = tools.values().iterator();
      all.next().explainer().close();
      all.remove();
    }
    return made;
  }

  /** A method and whether it fits the model. */
  record Row(Methods.Row row, Method method, Fit fit, String filter) {}

  /** All methods, in the order of the table. */
  List<Row> methods() {
    List<Row> rows = new ArrayList<>();
    for (Methods.Row row : Methods.byNames().values()) {
      Method method = row.create();
      try (Explainer explainer =
          Explainer.of(
              engine,
              ExplainOptions.defaults()
                  .withObjective(model.objective())
                  .withInputs(model.explained()),
              method)) {
        Fit fit = explainer.applies(model.shapes()).get(0);
        rows.add(new Row(row, method, fit, FilterNames.of(method.usualFilter())));
      }
    }
    return rows;
  }

  /** The shape of one input, without the batch. */
  int[] sizes() {
    Shape shape = model.shape();
    int[] sizes = new int[shape.rank() - 1];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = shape.size(i + 1);
    }
    return sizes;
  }

  /** Closes what explains, and not the model; nothing may run any more. */
  void rest() {
    tools.values().forEach(tool -> tool.explainer().close());
    tools.clear();
    scorer.close();
    Bench other = randomized;
    if (other != null) {
      other.rest();
      other.engine.close();
      randomized = null;
    }
  }

  /** Closes the model, too. */
  @Override
  public void close() {
    rest();
    model.close();
  }
}
