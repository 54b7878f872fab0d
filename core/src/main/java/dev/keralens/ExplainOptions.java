package dev.keralens;

import dev.keralens.filter.Filter;
import dev.keralens.graph.Network;
import dev.keralens.inspect.LayerSelector;
import dev.keralens.inspect.Logits;
import dev.keralens.inspect.UnitAxis;
import dev.keralens.method.PassListener;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.CheckReturnValue;
import dev.keralens.tensor.Tensor;
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
  private boolean ofOutput;
  private int output;
  private boolean twoClasses;
  private List<Integer> inputs = List.of(0);
  private @Nullable Integer unitAxis;
  private @Nullable Tensor region;
  private List<Integer> tokens = List.of();
  private ProgressListener progress = ProgressListener.NONE;
  private PassListener passes = PassListener.NONE;
  private @Nullable RuntimeOptions runtime;

  private ExplainOptions() {}

  private ExplainOptions(ExplainOptions other) {
    layers = other.layers;
    filter = other.filter;
    resize = other.resize;
    batchSize = other.batchSize;
    ofOutput = other.ofOutput;
    output = other.output;
    twoClasses = other.twoClasses;
    inputs = other.inputs;
    unitAxis = other.unitAxis;
    region = other.region;
    tokens = other.tokens;
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

  /**
   * {@return whether the model's output itself is explained, not the logits before its final
   * softmax or sigmoid; by default false}
   */
  public boolean ofOutput() {
    return ofOutput;
  }

  /**
   * {@return these options, explaining the model's output itself or the logits}
   *
   * @param itself true for the output, false for the value before its final softmax or sigmoid
   */
  public ExplainOptions withOfOutput(boolean itself) {
    ExplainOptions copy = new ExplainOptions(this);
    copy.ofOutput = itself;
    return copy;
  }

  /** {@return which output is explained, by its position; by default 0} */
  public int output() {
    return output;
  }

  /**
   * {@return these options with another explained output}
   *
   * @param position its position among the model's outputs
   */
  public ExplainOptions withOutput(int position) {
    ExplainOptions copy = new ExplainOptions(this);
    copy.output = position;
    return copy;
  }

  /** {@return whether one unit is taken as two classes; by default false} */
  public boolean twoClasses() {
    return twoClasses;
  }

  /**
   * {@return these options, taking one unit as two classes, as a sigmoid neuron for a question of
   * yes or no}
   *
   * <p>Unit 0 is then the absence of the unit, whose score is minus the logit and whose probability
   * is 1 - p; unit 1 is the unit itself. The highest of them is the predicted class. All methods
   * differentiate the negated score.
   *
   * @param both true for two classes; false, as Keras has it, for the unit alone
   */
  public ExplainOptions withTwoClasses(boolean both) {
    ExplainOptions copy = new ExplainOptions(this);
    copy.twoClasses = both;
    return copy;
  }

  /**
   * {@return what is explained of a network, and on what ground: the logits of the output, or the
   * output itself}
   *
   * @param network the network
   * @throws IllegalArgumentException if two classes are wanted of an output that has not one unit
   */
  public Logits logits(Network network) {
    Logits logits = ofOutput ? Logits.ofOutput(network, output) : Logits.of(network, output);
    if (!twoClasses) {
      return logits;
    }
    return logits.asTwoClasses(UnitAxis.of(logits.network(), logits.tensor(), unitAxis).axis());
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

  /**
   * {@return the axis of the explained output along which its units lie, as Keras shows it; null,
   * the default, for the one that the model proves: that of the channels. A unit is summed over all
   * other axes but the batch's}
   */
  public @Nullable Integer unitAxis() {
    return unitAxis;
  }

  /**
   * {@return these options with another axis of units, as keras-explainable's {@code indices_axis}}
   *
   * @param axis the axis of the output, as Keras shows it; negative counts from the end. Null for
   *     the one that the model proves
   */
  public ExplainOptions withUnitAxis(@Nullable Integer axis) {
    ExplainOptions copy = new ExplainOptions(this);
    copy.unitAxis = axis;
    return copy;
  }

  /** {@return what a unit is weighted with at each place of the output; null for 1 everywhere} */
  public @Nullable Tensor region() {
    return region;
  }

  /**
   * {@return these options with another region of an output that is itself a map, as for
   * segmentation: what is explained is the sum of a unit over the region}
   *
   * @param weights (height, width), or the other axes that the output has beside the batch's and
   *     that of its units: 1 inside the region, 0 outside; null for all places
   */
  public ExplainOptions withRegion(@Nullable Tensor weights) {
    ExplainOptions copy = new ExplainOptions(this);
    copy.region = weights;
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
