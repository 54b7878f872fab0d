package dev.keralens;

import dev.keralens.keras.LayerRegistry;
import dev.keralens.tensor.CheckReturnValue;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What there is to say about reading a model, beside its file. */
@CheckReturnValue
public final class LoadOptions {
  private final LayerRegistry layers;
  private final @Nullable Path weights;
  private final boolean weightsByName;

  LoadOptions(LayerRegistry layers, @Nullable Path weights, boolean weightsByName) {
    this.layers = layers;
    this.weights = weights;
    this.weightsByName = weightsByName;
  }

  /** {@return how each class of layers is built} */
  public LayerRegistry layers() {
    return layers;
  }

  /**
   * {@return the file of the weights, where the model's file gives its architecture only; else
   * null}
   */
  public @Nullable Path weights() {
    return weights;
  }

  /**
   * {@return whether weights in Keras' older HDF5 format find their layers by name, as with {@code
   * load_weights(by_name=True)}, and not by order; for other formats it changes nothing}
   */
  public boolean weightsByName() {
    return weightsByName;
  }

  /** {@return the layers of Keras; architecture and weights in one file} */
  public static LoadOptions defaults() {
    return new LoadOptions(LayerRegistry.standard(), null, false);
  }

  /**
   * {@return these options with other layers}
   *
   * @param registry how each class of layers is built
   */
  public LoadOptions withLayers(LayerRegistry registry) {
    return new LoadOptions(registry, weights, weightsByName);
  }

  /**
   * {@return these options with weights from a file of their own, matched as Keras does: in files
   * of Keras' older HDF5 format by order, else by the objects that hold them}
   *
   * @param file what {@code model.save_weights} wrote ({@code .weights.h5}, {@code .h5}, {@code
   *     .weights.json} with its shards, a TensorFlow checkpoint's {@code .index}), or a whole model
   */
  public LoadOptions withWeights(Path file) {
    return new LoadOptions(layers, file, false);
  }

  /**
   * {@return these options with weights from a file of their own; those of Keras' older HDF5 format
   * find their layers by name}
   *
   * @param file as in {@link #withWeights}
   */
  public LoadOptions withWeightsByName(Path file) {
    return new LoadOptions(layers, file, true);
  }

  @Override
  public String toString() {
    return weights == null ? "weights in the model's file" : "weights of " + weights;
  }
}
