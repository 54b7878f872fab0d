package dev.keralens;

import dev.keralens.applications.ClassIndex;
import dev.keralens.applications.Preprocessing;
import dev.keralens.picture.ImageLoader;
import dev.keralens.tensor.CheckReturnValue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a {@link Classifier} binds to a model. Immutable: each method copies. */
@CheckReturnValue
public final class ClassifierOptions {
  /** A size that was named. */
  record Size(int height, int width) {}

  private @Nullable Preprocessing preprocessing;
  private ClassIndex classes = ClassIndex.of(List.of());
  private @Nullable Size size;
  private ImageLoader loader = ImageLoader.create();
  private ExplainOptions explaining = ExplainOptions.defaults();

  private ClassifierOptions() {}

  private ClassifierOptions(ClassifierOptions other) {
    preprocessing = other.preprocessing;
    classes = other.classes;
    size = other.size;
    loader = other.loader;
    explaining = other.explaining;
  }

  /**
   * {@return the default options: what the model itself says of its pixels and of its size, no
   * names of classes, photos read by {@link ImageLoader#create()}}
   */
  public static ClassifierOptions defaults() {
    return new ClassifierOptions();
  }

  /**
   * {@return these options with another preprocessing}
   *
   * @param which what pixels of 0 to 255 go through before the model
   */
  public ClassifierOptions withPreprocessing(Preprocessing which) {
    ClassifierOptions copy = new ClassifierOptions(this);
    copy.preprocessing = which;
    return copy;
  }

  /**
   * {@return these options with the preprocessing of a name, as the command line takes it}
   *
   * @param name a way, such as {@code tf}, or a network of {@code keras.applications}, such as
   *     {@code resnet50}
   * @throws IllegalArgumentException if nothing is called so
   */
  public ClassifierOptions withPreprocessing(String name) {
    return withPreprocessing(
        Preprocessing.named(name)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "No preprocessing and no network is called '%s'; there are none, unit, tf, torch, caffe and the names of keras.applications."
                            .formatted(name))));
  }

  /**
   * {@return these options with names of the classes}
   *
   * @param index the names, as many as the model has units; two where its one unit tells of two
   */
  public ClassifierOptions withClasses(ClassIndex index) {
    ClassifierOptions copy = new ClassifierOptions(this);
    copy.classes = index;
    return copy;
  }

  /**
   * {@return these options with names of the classes}
   *
   * @param file the names, as {@link ClassIndex#read} takes them
   * @throws IOException if it cannot be read, or is another file
   */
  public ClassifierOptions withClasses(Path file) throws IOException {
    return withClasses(ClassIndex.read(file));
  }

  /**
   * {@return these options with names of the classes}
   *
   * @param names the names, in the order of the model's units
   */
  public ClassifierOptions withClasses(List<String> names) {
    return withClasses(ClassIndex.of(names));
  }

  /**
   * {@return these options with a size of pictures, for models that leave theirs open}
   *
   * @param height the number of rows
   * @param width the number of columns
   */
  public ClassifierOptions withSize(int height, int width) {
    ClassifierOptions copy = new ClassifierOptions(this);
    copy.size = new Size(height, width);
    return copy;
  }

  /**
   * {@return these options with another way of reading photos} {@link ImageLoader#keras()} does
   * what Keras' {@code load_img} does; a loader that keeps the aspect ratio or the centre crops.
   *
   * @param how the loader; its size and its channels are the model's
   */
  public ClassifierOptions withLoader(ImageLoader how) {
    ClassifierOptions copy = new ClassifierOptions(this);
    copy.loader = how;
    return copy;
  }

  /**
   * {@return these options with other options of the explainer: layers, filter, objective, devices}
   *
   * @param options how it explains
   */
  public ClassifierOptions withExplaining(ExplainOptions options) {
    ClassifierOptions copy = new ClassifierOptions(this);
    copy.explaining = options;
    return copy;
  }

  @Nullable Preprocessing preprocessing() {
    return preprocessing;
  }

  ClassIndex classes() {
    return classes;
  }

  @Nullable Size size() {
    return size;
  }

  ImageLoader loader() {
    return loader;
  }

  ExplainOptions explaining() {
    return explaining;
  }
}
