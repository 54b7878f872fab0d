package dev.keralens.spark;

import dev.keralens.Model;
import dev.keralens.applications.Preprocessing;
import dev.keralens.converter.ImageConverter;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.inspect.InputScaling;
import dev.keralens.network.InputSpec;
import dev.keralens.network.Layout;
import dev.keralens.picture.ColorMode;
import dev.keralens.picture.ImageLoader;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** Makes tensors for a model of what rows hold. */
final class ModelInputs {
  private static final Set<Integer> CHANNELS = Set.of(1, 3, 4);

  /**
   * How a model takes pictures.
   *
   * @param loader resizes and converts them
   * @param preprocessing comes after it
   * @param converter what a task's own preprocessor does instead of both; null where there is none
   */
  private record Pictures(
      ImageLoader loader,
      Preprocessing preprocessing,
      @Nullable ImageConverter converter,
      int height,
      int width,
      int channels,
      boolean channelsFirst,
      boolean hasChannels) {}

  /**
   * A row's input.
   *
   * @param tensor for the model, without the batch
   * @param picture what overlays are drawn on; null where it is no picture
   */
  record Value(Tensor tensor, @Nullable Picture picture) {}

  private final List<InputSpec> specs;
  private final List<Columns.Kind> kinds;
  private final List<@Nullable Pictures> pictures;
  private final @Nullable Preprocessing ofArrays;

  private ModelInputs(
      List<InputSpec> specs,
      List<Columns.Kind> kinds,
      List<@Nullable Pictures> pictures,
      @Nullable Preprocessing ofArrays) {
    this.specs = specs;
    this.kinds = kinds;
    this.pictures = pictures;
    this.ofArrays = ofArrays;
  }

  /**
   * The inputs of a model.
   *
   * @param kinds what the columns hold, one for each input
   * @param preprocess the name of a preprocessing, or auto
   * @throws IllegalArgumentException if there are more or fewer columns than inputs
   * @throws UnsupportedModelException if pictures are given to an input that takes none
   */
  static ModelInputs of(Model model, List<Columns.Kind> kinds, String preprocess) {
    List<InputSpec> specs = model.inputs();
    if (specs.size() != kinds.size()) {
      throw new IllegalArgumentException(
          "%s takes %d inputs %s, and inputCols names %d columns."
              .formatted(model.name(), specs.size(), specs, kinds.size()));
    }
    Preprocessing named = Preprocessing.named(preprocess).orElse(null);
    List<@Nullable Pictures> pictures = new ArrayList<>();
    for (int i = 0; i < specs.size(); i++) {
      pictures.add(kinds.get(i).isPicture() ? pictures(model, i, named) : null);
    }
    return new ModelInputs(specs, kinds, pictures, named);
  }

  private static Pictures pictures(Model model, int input, @Nullable Preprocessing named) {
    InputSpec spec = model.inputs().get(input);
    List<@Nullable Integer> sizes = spec.sizes();
    if (!spec.isFixed() || (sizes.size() != 2 && sizes.size() != 3)) {
      throw new UnsupportedModelException(
          "%s takes %s %s: images need an input of (height, width, channels) whose sizes are said."
                  .formatted(model.name(), spec.type(), spec)
              + " Give arrays instead.");
    }
    int[] axes = sizes.stream().mapToInt(size -> size == null ? 0 : size).toArray();
    boolean has = axes.length == 3;
    boolean first = has && channelsFirst(model, input, axes);
    int channels = !has ? 1 : first ? axes[0] : axes[2];
    if (!CHANNELS.contains(channels)) {
      throw new UnsupportedModelException(
          "%s takes %s %s: images have 1, 3 or 4 channels. Give arrays instead."
              .formatted(model.name(), spec.type(), spec));
    }
    ImageConverter own = named != null ? null : model.imageConverter().orElse(null);
    Preprocessing preprocessing = Preprocessing.NONE;
    if (named != null) {
      preprocessing = named;
    } else if (own == null) {
      preprocessing =
          InputScaling.of(spec, model.network(), input)
              .map(InputScaling::preprocessing)
              .orElse(Preprocessing.UNIT);
    }
    if (preprocessing.needsColors() && channels != 3) {
      throw new UnsupportedModelException(
          "preprocess %s is for three channels, and %s takes %d."
              .formatted(preprocessing.label(), model.name(), channels));
    }
    boolean deep = preprocessing == Preprocessing.UINT16;
    int height = axes[first ? 1 : 0];
    int width = axes[first ? 2 : 1];
    ColorMode mode =
        channels == 1 ? ColorMode.GRAYSCALE : channels == 4 ? ColorMode.RGBA : ColorMode.RGB;
    ImageLoader loader = ImageLoader.create().colorMode(mode).sixteenBit(deep);
    return new Pictures(
        own == null ? loader.size(height, width) : loader,
        deep ? Preprocessing.NONE : preprocessing,
        own == null ? null : own.forInput(height, width),
        height,
        width,
        channels,
        first,
        has);
  }

  private static boolean channelsFirst(Model model, int input, int[] axes) {
    boolean both = CHANNELS.contains(axes[0]) && CHANNELS.contains(axes[2]);
    return both
        ? model.network().inputs().get(input).layout() == Layout.CHANNELS_FIRST
        : CHANNELS.contains(axes[0]);
  }

  /** How many there are. */
  int count() {
    return specs.size();
  }

  /**
   * {@return what a row holds for an input}
   *
   * @param input which input
   * @param value what stands in its column
   * @param name what messages call the row
   * @throws IOException if it is no image that can be read
   * @throws IllegalArgumentException if it does not fit the model
   */
  Value read(int input, @Nullable Object value, String name) throws IOException {
    if (value == null) {
      throw new IllegalArgumentException("%s: the input is null.".formatted(name));
    }
    return switch (kinds.get(input)) {
      case IMAGE -> fromStruct(input, (Row) value, name);
      case FILE -> fromFile(input, (byte[]) value, name);
      case ARRAY -> new Value(numbers(input, RowNumbers.of(value)), null);
      case VECTOR -> new Value(numbers(input, RowNumbers.flat(((Vector) value).toArray())), null);
    };
  }

  private Value fromFile(int input, byte[] content, String name) throws IOException {
    Pictures how = how(input);
    if (how.converter() != null) {
      return converted(how, how.converter(), how.loader().read(content, name), input);
    }
    if (how.preprocessing() == Preprocessing.NONE) { // 16 bits, or the model scales by itself
      Tensor pixels = how.loader().load(content, name);
      return new Value(
          tensor(how, pixels, specs.get(input).type()), how.loader().read(content, name));
    }
    Picture picture = how.loader().read(content, name);
    return new Value(tensor(how, picture.toTensor(), specs.get(input).type()), picture);
  }

  private Value fromStruct(int input, Row image, String name) throws IOException {
    Pictures how = how(input);
    Picture picture = how.loader().apply(ImageStruct.picture(image, name));
    if (how.converter() != null) {
      return converted(how, how.converter(), picture, input);
    }
    return new Value(tensor(how, picture.toTensor(), specs.get(input).type()), picture);
  }

  private Value converted(Pictures how, ImageConverter converter, Picture picture, int input) {
    Tensor x = ordered(how, converter.apply(picture), specs.get(input).type());
    return new Value(x, converter.framed(picture));
  }

  private Pictures how(int input) {
    Pictures how = pictures.get(input);
    if (how == null) {
      throw new IllegalStateException("Input " + input + " takes no pictures.");
    }
    return how;
  }

  private static Tensor tensor(Pictures how, Tensor pixels, ElementType type) {
    Tensor x = how.preprocessing().apply(pixels.reshape(how.height(), how.width(), how.channels()));
    return ordered(how, x, type);
  }

  private static Tensor ordered(Pictures how, Tensor x, ElementType type) {
    Tensor ordered =
        how.channelsFirst()
            ? x.transpose(2, 0, 1)
            : how.hasChannels() ? x : x.reshape(how.height(), how.width());
    return ordered.to(type);
  }

  /** Numbers as they are, in the model's shape where they come without one. */
  private Tensor numbers(int input, Tensor given) {
    InputSpec spec = specs.get(input);
    Tensor shaped = given;
    if (given.rank() == 1 && spec.sizes().size() != 1 && spec.isFixed()) {
      int[] axes = spec.sizes().stream().mapToInt(size -> size == null ? 0 : size).toArray();
      if (Tensor.elements(axes) != given.elements()) {
        throw new IllegalArgumentException(
            "Input %s takes %s, got %d numbers."
                .formatted(spec.name(), Arrays.toString(axes), given.elements()));
      }
      shaped = given.reshape(axes);
    }
    return (ofArrays == null ? shaped : ofArrays.apply(shaped.to(ElementType.FLOAT32)))
        .to(spec.type());
  }
}
