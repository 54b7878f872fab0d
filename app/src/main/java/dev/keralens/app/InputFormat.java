package dev.keralens.app;

import dev.keralens.Model;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.network.InputSpec;
import dev.keralens.network.Layer;
import dev.keralens.network.Layout;
import dev.keralens.picture.ColorMode;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.io.PrintWriter;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a model takes images.
 *
 * @param order which axes its input has after the batch's
 */
record InputFormat(int height, int width, int channels, Order order, ElementType type) {
  /** Where the channels are. */
  enum Order {
    CHANNELS_LAST,
    CHANNELS_FIRST,
    NO_CHANNELS
  }

  private static final Set<Integer> CHANNELS = Set.of(1, 3, 4);

  /** An axis that is shorter holds channels, not rows of a picture. */
  private static final int FEWEST_ROWS = 8;

  /** Layers that go along one axis. */
  private static final Set<String> ONE_AXIS =
      Set.of(
          "Conv1D",
          "SeparableConv1D",
          "DepthwiseConv1D",
          "MaxPooling1D",
          "AveragePooling1D",
          "GlobalAveragePooling1D",
          "GlobalMaxPooling1D",
          "LSTM",
          "GRU",
          "SimpleRNN",
          "Bidirectional",
          "MultiHeadAttention");

  /**
   * The format.
   *
   * @param spec the input
   * @param size the size to take instead of the model's
   * @throws UnsupportedModelException if the model does not take images
   */
  static InputFormat of(Model model, InputSpec spec, @Nullable Size size) {
    List<@Nullable Integer> sizes = spec.sizes();
    Order order = order(model, spec);
    int first = order == Order.CHANNELS_FIRST ? 1 : 0;
    boolean takesImages =
        (sizes.size() == 2
                && (spec.type() == ElementType.FLOAT32 || spec.type() == ElementType.UINT8))
            || (sizes.size() == 3 && spec.type() != ElementType.BOOL);
    Integer channels =
        !takesImages || order == Order.NO_CHANNELS
            ? Integer.valueOf(1)
            : sizes.get(order == Order.CHANNELS_FIRST ? 0 : 2);
    if (order == Order.NO_CHANNELS && takesImages && isSignal(model, sizes)) {
      throw new UnsupportedModelException(
          "%s takes %s %s, a signal and no image; give an array instead (.npy, .csv, .wav)."
              .formatted(model.name(), spec.type(), spec));
    }
    if (!takesImages || (channels != null && !CHANNELS.contains(channels))) {
      throw new UnsupportedModelException(
          "%s takes %s %s, which are no images; give an array instead (.npy, .csv)."
              .formatted(model.name(), spec.type(), spec));
    }
    int open = channels == null ? 3 : channels;
    if (size != null) {
      return new InputFormat(size.height(), size.width(), open, order, spec.type());
    }
    Integer height = sizes.get(first);
    Integer width = sizes.get(first + 1);
    if (height == null || width == null) {
      throw new UsageException(
          "%s leaves the size of its input %s open; say it with --size, such as --size 224x224."
              .formatted(model.name(), spec));
    }
    return new InputFormat(height, width, open, order, spec.type());
  }

  /**
   * Whether an input of two axes is a signal: it has a handful of channels, or is not square and
   * goes into layers of one axis. Rows of a square picture are read so, too.
   */
  private static boolean isSignal(Model model, List<@Nullable Integer> sizes) {
    Integer first = sizes.get(0);
    Integer second = sizes.get(1);
    if ((first != null && first < FEWEST_ROWS) || (second != null && second < FEWEST_ROWS)) {
      return true;
    }
    boolean square = first != null && first.equals(second);
    return !square
        && model.network().layers().stream()
            .map(Layer::className)
            .filter(name -> ONE_AXIS.contains(name) || name.endsWith("2D"))
            .findFirst()
            .filter(ONE_AXIS::contains)
            .isPresent();
  }

  /** Says that a size was asked for which is not the model's. */
  static void noteOtherSize(Model model, InputSpec spec, @Nullable Size size, PrintWriter err) {
    List<@Nullable Integer> sizes = spec.sizes();
    int first = order(sizes) == Order.CHANNELS_FIRST ? 1 : 0;
    Integer height = sizes.get(first);
    Integer width = sizes.get(first + 1);
    boolean other =
        size != null
            && ((height != null && height != size.height())
                || (width != null && width != size.width()));
    if (size != null && other) {
      err.printf(
          "keralens: --size %dx%d: %s was made for %sx%s; Keras refuses other sizes, and what it"
              + " predicts for them may be wrong%n",
          size.height(),
          size.width(),
          model.name(),
          height == null ? "?" : height,
          width == null ? "?" : width);
      err.flush();
    }
  }

  /**
   * The only input of a model, for the page.
   *
   * @throws UnsupportedModelException if it has several
   */
  static InputSpec single(Model model) {
    List<InputSpec> inputs = model.inputs();
    if (inputs.size() != 1) {
      throw new UnsupportedModelException(
          "%s takes %d inputs %s, and the page gives one; see 'keralens explain --input'."
              .formatted(model.name(), inputs.size(), inputs));
    }
    return inputs.get(0);
  }

  /** Where the channels are: where both ends could hold them, as the model proves it. */
  static Order order(Model model, InputSpec spec) {
    List<@Nullable Integer> sizes = spec.sizes();
    boolean open =
        sizes.size() == 3 && isChannelCount(sizes.get(0)) && isChannelCount(sizes.get(2));
    if (!open || !spec.isFixed()) {
      return order(sizes);
    }
    int input = model.inputs().indexOf(spec);
    Layout layout = model.network().inputs().get(input).layout();
    return layout == Layout.CHANNELS_FIRST ? Order.CHANNELS_FIRST : Order.CHANNELS_LAST;
  }

  private static boolean isChannelCount(@Nullable Integer size) {
    return size != null && CHANNELS.contains(size);
  }

  /** Where the channels are, as sizes without the batch's let it seem. */
  private static Order order(List<@Nullable Integer> sizes) {
    if (sizes.size() != 3) {
      return Order.NO_CHANNELS;
    }
    Integer first = sizes.get(0);
    Integer last = sizes.get(2);
    return isChannelCount(first) && !isChannelCount(last)
        ? Order.CHANNELS_FIRST
        : Order.CHANNELS_LAST;
  }

  /** The shape of the model's input. */
  Shape shape() {
    return switch (order) {
      case CHANNELS_LAST -> Shape.of(Shape.BATCH, height, width, channels);
      case CHANNELS_FIRST -> Shape.of(Shape.BATCH, channels, height, width);
      case NO_CHANNELS -> Shape.of(Shape.BATCH, height, width);
    };
  }

  /** What images are read as. */
  ColorMode colorMode() {
    return switch (channels) {
      case 1 -> ColorMode.GRAYSCALE;
      case 4 -> ColorMode.RGBA;
      default -> ColorMode.RGB;
    };
  }

  /** The model's input from samples of (images, height, width, channels). */
  Tensor tensor(float[] samples, int images) {
    Tensor last = Tensor.of(samples, images, height, width, channels);
    return switch (order) {
      case CHANNELS_LAST -> last.to(type);
      case CHANNELS_FIRST -> last.transpose(0, 3, 1, 2).to(type);
      case NO_CHANNELS -> last.reshape(images, height, width).to(type);
    };
  }
}
