package dev.keralens.applications;

import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.ModelDefinition;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.model.KerasModel;
import dev.keralens.network.NetworkSource;
import dev.keralens.tensor.CheckReturnValue;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * A network of {@code keras.applications} with options, which have Keras' names and defaults, but
 * for {@link #classifierActivation}: here a network ends with logits unless told otherwise, because
 * that is what explanations differentiate.
 *
 * <pre>{@code
 * Application application = Applications.resNet50V2();
 * try (Model model = Model.load(application)) {
 *   Tensor scores = model.predict(application.preprocessInput(pixels));
 *   top = ClassIndex.imageNet(KerasCache.standard()).decode(scores, 5);
 * }
 * }</pre>
 *
 * <p>Immutable: each option gives another application.
 */
@CheckReturnValue
public final class Application {
  private final Entry entry;
  private final Options options;

  Application(Entry entry, Options options) {
    this.entry = entry;
    this.options = options;
  }

  /** {@return what it is called here: the name of Keras' function in lower case} */
  public String name() {
    return entry.name();
  }

  /** {@return the name of Keras' function, such as {@code ResNet50V2}} */
  public String title() {
    return entry.title();
  }

  /** {@return height and width of the pictures that the network was made for} */
  public int inputSize() {
    return entry.size();
  }

  /** {@return what pictures go through before the network} */
  public Preprocessing preprocessing() {
    if (options.includePreprocessing || !entry.hasPreprocessingInside()) {
      return entry.preprocessing();
    }
    return entry.isConvNeXt() ? Preprocessing.TORCH : Preprocessing.TF;
  }

  /**
   * {@return this network, with or without its classifier}
   *
   * @param includeTop true by default
   */
  public Application includeTop(boolean includeTop) {
    Options copy = options.copy();
    copy.includeTop = includeTop;
    return new Application(entry, copy);
  }

  /**
   * {@return this network for pictures of another size}
   *
   * @param height the height, {@link ModelBuilder#OPEN} for any
   * @param width the width, {@link ModelBuilder#OPEN} for any
   * @param channels the number of channels
   */
  public Application inputShape(int height, int width, int channels) {
    Options copy = options.copy();
    copy.inputShape = List.of(height, width, channels);
    return new Application(entry, copy);
  }

  /**
   * {@return this network, with what becomes of its last activation where it has no top}
   *
   * @param pooling {@link Pooling#NONE} by default
   */
  public Application pooling(Pooling pooling) {
    Options copy = options.copy();
    copy.pooling = pooling;
    return new Application(entry, copy);
  }

  /**
   * {@return this network for a number of classes}
   *
   * @param classes 1000 by default
   */
  public Application classes(int classes) {
    if (classes < 1) {
      throw entry.wrong("has at least one class, got %d.".formatted(classes));
    }
    Options copy = options.copy();
    copy.classes = classes;
    return new Application(entry, copy);
  }

  /**
   * {@return this network with an activation after its classifier}
   *
   * @param activation Keras' name of it, such as {@code "softmax"}; {@code "linear"} by default
   */
  public Application classifierActivation(String activation) {
    Options copy = options.copy();
    copy.classifierActivation = activation;
    return new Application(entry, copy);
  }

  /**
   * {@return this MobileNet with so many times the channels}
   *
   * @param alpha above 0, 1 by default
   * @throws IllegalArgumentException if it is not above 0, or this is no MobileNet
   */
  public Application alpha(double alpha) {
    if (!entry.hasAlpha() || !(alpha > 0)) {
      throw entry.wrong(
          entry.hasAlpha() ? "has an alpha above 0, got " + alpha + "." : "has no option alpha.");
    }
    Options copy = options.copy();
    copy.alpha = alpha;
    return new Application(entry, copy);
  }

  /**
   * {@return this MobileNetV3 without squeeze-and-excitation, hard swish and 5x5 kernels}
   *
   * @param minimalistic false by default
   * @throws IllegalArgumentException if this is no MobileNetV3
   */
  public Application minimalistic(boolean minimalistic) {
    if (!entry.isMobileNetV3()) {
      throw entry.wrong("has no option minimalistic.");
    }
    Options copy = options.copy();
    copy.minimalistic = minimalistic;
    return new Application(entry, copy);
  }

  /**
   * {@return this MobileNetV3, EfficientNetV2 or ConvNeXt, with or without the layers that scale
   * pixels}
   *
   * @param includePreprocessing true by default
   * @throws IllegalArgumentException if this is another network
   */
  public Application includePreprocessing(boolean includePreprocessing) {
    boolean has =
        entry.isMobileNetV3() || entry.isConvNeXt() || entry.title().startsWith("EfficientNetV2");
    if (!has) {
      throw entry.wrong("has no option includePreprocessing.");
    }
    Options copy = options.copy();
    copy.includePreprocessing = includePreprocessing;
    return new Application(entry, copy);
  }

  /**
   * {@return this network with other weights}
   *
   * @param weights {@link ApplicationWeights#imageNet()} by default
   */
  public Application weights(ApplicationWeights weights) {
    Options copy = options.copy();
    copy.weights = weights;
    return new Application(entry, copy);
  }

  /**
   * {@return the network's layers, without their weights}
   *
   * @throws IllegalArgumentException if the options do not go together; the message says which
   */
  public ModelDefinition definition() {
    check();
    List<Integer> shape = entry.inputShape(options);
    String height = shape.get(0) == ModelBuilder.OPEN ? "None" : String.valueOf(shape.get(0));
    String name = String.format(Locale.ROOT, entry.kerasName(), options.alpha, height);
    ModelBuilder builder = ModelBuilder.create(name);
    SymbolicTensor input = builder.input(shape.get(0), shape.get(1), shape.get(2));
    return builder.build(entry.architecture().build(builder, input, options));
  }

  private void check() {
    if (!options.isImageNet() || !options.includeTop) {
      return;
    }
    if (options.classes != Options.IMAGENET_CLASSES) {
      throw entry.wrong(
          "has published weights for 1000 classes, got %d; take other weights, or leave the top away."
              .formatted(options.classes));
    }
    String activation = options.classifierActivation;
    if (!activation.equals("softmax") && !activation.equals("linear")) {
      throw entry.wrong(
          "has published weights for 'softmax' or 'linear' after the classifier, got '%s'."
              .formatted(activation));
    }
  }

  /**
   * {@return the file with the published weights for these options}
   *
   * @throws IllegalArgumentException if none is published
   */
  public PublishedFile publishedWeights() {
    return entry.weights().apply(options, entry.inputShape(options).get(0));
  }

  /**
   * {@return pixels as the network takes them}
   *
   * @param x pixels in [0, 255], (batch, height, width, channels)
   */
  public Tensor preprocessInput(Tensor x) {
    return preprocessing().apply(x);
  }

  /**
   * Makes the network, with published weights from Keras' own cache.
   *
   * @return the network; {@code Model.load(application)} makes a model of it
   * @throws DownloadException if the weights are not in the cache and cannot be downloaded
   * @throws IOException if weights cannot be read
   * @throws IllegalArgumentException if the options do not go together
   */
  public NetworkSource load() throws IOException {
    return load(KerasCache.standard());
  }

  /**
   * Makes the network.
   *
   * @param cache where published weights are kept
   * @return the network
   * @throws DownloadException if the weights are not in the cache and cannot be downloaded
   * @throws IOException if weights cannot be read
   * @throws IllegalArgumentException if the options do not go together
   */
  public NetworkSource load(KerasCache cache) throws IOException {
    ModelDefinition definition = definition();
    ApplicationWeights from = options.weights;
    if (from instanceof ApplicationWeights.Random random) {
      return KerasModel.initialize(definition, random.seed());
    }
    if (from instanceof ApplicationWeights.File file) {
      return options.includeTop
          ? KerasModel.load(definition, file.path())
          : KerasModel.loadBeginning(definition, file.path());
    }
    return KerasModel.load(definition, cache.get(publishedWeights()));
  }
}
