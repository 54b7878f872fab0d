package dev.keralens;

import dev.keralens.explain.PassListener;
import dev.keralens.filter.Filter;
import dev.keralens.inspect.LayerSelector;
import dev.keralens.objective.Objective;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.CheckReturnValue;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How an {@link Explainer} works. Immutable: each method that begins with {@code with} copies. */
@CheckReturnValue
public final class ExplainOptions {
  private List<LayerSelector> layers = List.of();
  private @Nullable Filter filter;
  private Resize resize = Resize.toInput();
  private int batchSize = 8;
  private Objective objective = Objective.logits();
  private List<Integer> inputs = List.of(0);
  private List<Integer> tokens = List.of();
  private @Nullable Fusion fusion;
  private ProgressListener progress = ProgressListener.NONE;
  private PassListener passes = PassListener.NONE;
  private @Nullable RuntimeOptions runtime;

  private ExplainOptions() {}

  private ExplainOptions(ExplainOptions other) {
    layers = other.layers;
    filter = other.filter;
    resize = other.resize;
    batchSize = other.batchSize;
    objective = other.objective;
    inputs = other.inputs;
    tokens = other.tokens;
    fusion = other.fusion;
    progress = other.progress;
    passes = other.passes;
    runtime = other.runtime;
  }

  /** {@return the default options} */
  public static ExplainOptions defaults() {
    return new ExplainOptions();
  }

  /**
   * {@return the layers whose activations are explained; none for the usual one, the last that
   * every path from the explained input to the explained output passes}
   */
  public List<LayerSelector> layers() {
    return layers;
  }

  /**
   * {@return these options with other explained layers}
   *
   * @param names each a name, a path in nested models, an index or a class, also after {@code
   *     input:}; see {@link LayerSelector#parse}. Methods that explain activations give an
   *     explanation for each
   */
  public ExplainOptions withLayers(String... names) {
    return withLayers(Arrays.stream(names).map(LayerSelector::parse).toList());
  }

  /**
   * {@return these options with other explained layers}
   *
   * @param selectors which; methods that explain activations give an explanation for each. None for
   *     the usual one
   */
  public ExplainOptions withLayers(List<LayerSelector> selectors) {
    ExplainOptions copy = new ExplainOptions(this);
    copy.layers = List.copyOf(selectors);
    return copy;
  }

  /** {@return how maps of several layers become one; null, the default, for a map of each} */
  public @Nullable Fusion fusion() {
    return fusion;
  }

  /**
   * {@return these options, joining the maps of several layers to one}
   *
   * @param how how they are joined, after filter and resizing; null for a map of each layer. The
   *     usual filter scales each of them alike
   */
  public ExplainOptions withFusion(@Nullable Fusion how) {
    ExplainOptions copy = new ExplainOptions(this);
    copy.fusion = how;
    return copy;
  }

  /** {@return what is applied to each map; null for each method's usual filter} */
  public @Nullable Filter filter() {
    return filter;
  }

  /**
   * {@return these options with another filter}
   *
   * @param newFilter the filter; null for each method's usual one
   */
  public ExplainOptions withFilter(@Nullable Filter newFilter) {
    ExplainOptions copy = new ExplainOptions(this);
    copy.filter = newFilter;
    return copy;
  }

  /** {@return the size of the maps; by default that of the explained input} */
  public Resize resize() {
    return resize;
  }

  /**
   * {@return these options with another size of the maps}
   *
   * @param newResize the size
   */
  public ExplainOptions withResize(Resize newResize) {
    ExplainOptions copy = new ExplainOptions(this);
    copy.resize = newResize;
    return copy;
  }

  /** {@return how many images are explained at a time; by default 8} */
  public int batchSize() {
    return batchSize;
  }

  /**
   * {@return these options with another batch size}
   *
   * @param size how many images are explained at a time, at least 1. From as many on as there are
   *     threads, each thread computes images of its own; more seldom take less time
   * @throws IllegalArgumentException if it is less than 1
   */
  public ExplainOptions withBatchSize(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("The batch size must be at least 1, got " + size);
    }
    ExplainOptions copy = new ExplainOptions(this);
    copy.batchSize = size;
    return copy;
  }

  /** {@return what is explained; by default the logits of the first output} */
  public Objective objective() {
    return objective;
  }

  /**
   * {@return these options with another objective}
   *
   * @param explained what is explained
   */
  public ExplainOptions withObjective(Objective explained) {
    ExplainOptions copy = new ExplainOptions(this);
    copy.objective = explained;
    return copy;
  }

  /**
   * {@return which inputs are explained, by their positions; by default the first. None stands for
   * all}
   */
  public List<Integer> inputs() {
    return inputs;
  }

  /**
   * {@return these options with other explained inputs}
   *
   * @param positions their positions among the model's inputs. There is an explanation for each, of
   *     its size; where layers are named, one for each layer, of the first of these inputs that it
   *     depends on
   */
  public ExplainOptions withInputs(int... positions) {
    if (positions.length == 0) {
      throw new IllegalArgumentException("At least one input is explained; or withAllInputs().");
    }
    ExplainOptions copy = new ExplainOptions(this);
    copy.inputs = Arrays.stream(positions).boxed().toList();
    return copy;
  }

  /** {@return these options, explaining every input of the model} */
  public ExplainOptions withAllInputs() {
    ExplainOptions copy = new ExplainOptions(this);
    copy.inputs = List.of();
    return copy;
  }

  /** {@return how tokens lie over the input; empty, the default, where they do not} */
  public List<Integer> tokens() {
    return tokens;
  }

  /**
   * {@return these options for a transformer, whose activations are (batch, tokens, channels)}
   *
   * @param sizes how the tokens lie over the input, such as height and width of a picture in
   *     patches, (14, 14): row by row. Where an activation has more tokens, those before them, such
   *     as a class token, are left out; one with several spatial axes is taken as it is. None for
   *     tokens in a row
   * @throws IllegalArgumentException if a size is less than 1
   */
  public ExplainOptions withTokens(int... sizes) {
    if (Arrays.stream(sizes).anyMatch(size -> size < 1)) {
      throw new IllegalArgumentException(
          "Tokens cannot lie as " + Arrays.toString(sizes) + ": sizes are at least 1.");
    }
    ExplainOptions copy = new ExplainOptions(this);
    copy.tokens = Arrays.stream(sizes).boxed().toList();
    return copy;
  }

  /** {@return who hears how far the work has come; by default nobody} */
  public ProgressListener progress() {
    return progress;
  }

  /**
   * {@return these options with another listener}
   *
   * @param listener hears how far the work has come; what it throws ends the work
   */
  public ExplainOptions withProgress(ProgressListener listener) {
    ExplainOptions copy = new ExplainOptions(this);
    copy.progress = listener;
    return copy;
  }

  /**
   * {@return who hears of the passes of methods that run the network many times; by default nobody}
   */
  public PassListener passes() {
    return passes;
  }

  /**
   * {@return these options with another listener to the passes over a batch}
   *
   * @param listener hears how far the passes of a method over a batch have come; what it throws
   *     ends the work
   */
  public ExplainOptions withPasses(PassListener listener) {
    ExplainOptions copy = new ExplainOptions(this);
    copy.passes = listener;
    return copy;
  }

  /** {@return how graphs are compiled and run; null for as the model's options say} */
  public @Nullable RuntimeOptions runtime() {
    return runtime;
  }

  /**
   * {@return these options with other options of the runtime}
   *
   * @param options how graphs are compiled and run; null, the default, for as {@link
   *     Model#withRuntime} says
   */
  public ExplainOptions withRuntime(@Nullable RuntimeOptions options) {
    ExplainOptions copy = new ExplainOptions(this);
    copy.runtime = options;
    return copy;
  }
}
