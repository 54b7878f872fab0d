package dev.keralens;

import dev.keralens.filter.Filter;
import dev.keralens.runtime.RuntimeOptions;
import org.jspecify.annotations.Nullable;

/**
 * How an {@link Explainer} works. Immutable: each method returns a changed copy.
 *
 * @param layer the layer whose activation is explained, by name or path; null for the input of the
 *     last global pooling or {@code Flatten}, else the last value with spatial axes
 * @param filter what is applied to each map; null for each method's usual one
 * @param resize the size of the maps; default that of the input
 * @param batchSize how many images run at once; default 8. More take more memory, and on a CPU
 *     seldom less time
 * @param ofOutput whether the model's output itself is explained, not the logits before its final
 *     softmax or sigmoid; default false
 * @param output which output is explained, by position; default 0
 * @param input which input is explained, by position; default 0
 * @param unitAxis the axis of the output along which its units lie, as Keras shows it; default -1.
 *     A unit is summed over all other axes but the batch's, as for segmentation
 * @param progress hears how far the work has come; default nobody
 * @param runtime how graphs are compiled and run
 */
public record ExplainOptions(
    @Nullable String layer,
    @Nullable Filter filter,
    Resize resize,
    int batchSize,
    boolean ofOutput,
    int output,
    int input,
    int unitAxis,
    ProgressListener progress,
    RuntimeOptions runtime) {
  /**
   * Checks the batch size.
   *
   * @param layer the layer whose activation is explained, by name or path; null for the input of
   *     the last global pooling or {@code Flatten}, else the last value with spatial axes
   * @param filter what is applied to each map; null for each method's usual one
   * @param resize the size of the maps; default that of the input
   * @param batchSize how many images run at once; default 8. More take more memory, and on a CPU
   *     seldom less time
   * @param ofOutput whether the model's output itself is explained, not the logits before its final
   *     softmax or sigmoid; default false
   * @param output which output is explained, by position; default 0
   * @param input which input is explained, by position; default 0
   * @param unitAxis the axis of the output along which its units lie, as Keras shows it; default
   *     -1. A unit is summed over all other axes but the batch's, as for segmentation
   * @param progress hears how far the work has come; default nobody
   * @param runtime how graphs are compiled and run
   */
  public ExplainOptions {
    if (batchSize < 1) {
      throw new IllegalArgumentException("The batch size must be at least 1, got " + batchSize);
    }
  }

  /** {@return the default options} */
  public static ExplainOptions defaults() {
    return new ExplainOptions(
        null,
        null,
        Resize.toInput(),
        8,
        false,
        0,
        0,
        -1,
        ProgressListener.NONE,
        RuntimeOptions.defaults());
  }

  /**
   * {@return these options with another explained layer}
   *
   * @param name the layer's name or path
   */
  public ExplainOptions withLayer(@Nullable String name) {
    return new ExplainOptions(
        name, filter, resize, batchSize, ofOutput, output, input, unitAxis, progress, runtime);
  }

  /**
   * {@return these options with another filter}
   *
   * @param newFilter the filter; null for each method's usual one
   */
  public ExplainOptions withFilter(@Nullable Filter newFilter) {
    return new ExplainOptions(
        layer, newFilter, resize, batchSize, ofOutput, output, input, unitAxis, progress, runtime);
  }

  /**
   * {@return these options with another size of the maps}
   *
   * @param newResize the size
   */
  public ExplainOptions withResize(Resize newResize) {
    return new ExplainOptions(
        layer, filter, newResize, batchSize, ofOutput, output, input, unitAxis, progress, runtime);
  }

  /**
   * {@return these options with another batch size}
   *
   * @param size how many images run at once, at least 1
   */
  public ExplainOptions withBatchSize(int size) {
    return new ExplainOptions(
        layer, filter, resize, size, ofOutput, output, input, unitAxis, progress, runtime);
  }

  /**
   * {@return these options, explaining the model's output itself or the logits}
   *
   * @param itself true for the output, false for the value before its final softmax or sigmoid
   */
  public ExplainOptions withOfOutput(boolean itself) {
    return new ExplainOptions(
        layer, filter, resize, batchSize, itself, output, input, unitAxis, progress, runtime);
  }

  /**
   * {@return these options with another explained output}
   *
   * @param position its position among the model's outputs
   */
  public ExplainOptions withOutput(int position) {
    return new ExplainOptions(
        layer, filter, resize, batchSize, ofOutput, position, input, unitAxis, progress, runtime);
  }

  /**
   * {@return these options with another explained input}
   *
   * @param position its position among the model's inputs
   */
  public ExplainOptions withInput(int position) {
    return new ExplainOptions(
        layer, filter, resize, batchSize, ofOutput, output, position, unitAxis, progress, runtime);
  }

  /**
   * {@return these options with another axis of units}
   *
   * @param axis the axis of the output, as Keras shows it; negative counts from the end
   */
  public ExplainOptions withUnitAxis(int axis) {
    return new ExplainOptions(
        layer, filter, resize, batchSize, ofOutput, output, input, axis, progress, runtime);
  }

  /**
   * {@return these options with another listener}
   *
   * @param listener hears how far the work has come
   */
  public ExplainOptions withProgress(ProgressListener listener) {
    return new ExplainOptions(
        layer, filter, resize, batchSize, ofOutput, output, input, unitAxis, listener, runtime);
  }

  /**
   * {@return these options with other options of the runtime}
   *
   * @param options how graphs are compiled and run
   */
  public ExplainOptions withRuntime(RuntimeOptions options) {
    return new ExplainOptions(
        layer, filter, resize, batchSize, ofOutput, output, input, unitAxis, progress, options);
  }
}
