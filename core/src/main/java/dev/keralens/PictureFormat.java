package dev.keralens;

import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.network.InputSpec;
import dev.keralens.network.Layout;
import dev.keralens.network.Network;
import dev.keralens.network.search.AxisRoles;
import dev.keralens.picture.ColorMode;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How an input of a model takes pictures: size, channels, and which axes it has. */
public final class PictureFormat {
  /** Where the channels are. */
  public enum Order {
    /** (batch, height, width, channels). */
    CHANNELS_LAST,
    /** (batch, channels, height, width). */
    CHANNELS_FIRST,
    /** (batch, height, width). */
    NO_CHANNELS
  }

  private static final Set<Integer> CHANNELS = Set.of(1, 3, 4);

  /** An axis that is shorter holds channels, not rows of a picture. */
  private static final int FEWEST_ROWS = 8;

  private final @Nullable Integer height;
  private final @Nullable Integer width;
  private final int channels;
  private final Order order;
  private final ElementType type;

  private PictureFormat(
      @Nullable Integer height,
      @Nullable Integer width,
      int channels,
      Order order,
      ElementType type) {
    this.height = height;
    this.width = width;
    this.channels = channels;
    this.order = order;
    this.type = type;
  }

  /**
   * {@return how an input takes pictures; its height and width may be open}
   *
   * @param model the model
   * @param input the position of the input
   * @throws UnsupportedModelException if it takes no pictures, but a signal or something else
   */
  public static PictureFormat of(Model model, int input) {
    InputSpec spec = model.inputs().get(input);
    List<@Nullable Integer> sizes = spec.sizes();
    Order order = order(model, input);
    int first = order == Order.CHANNELS_FIRST ? 1 : 0;
    boolean takesImages =
        (sizes.size() == 2
                && (spec.type() == ElementType.FLOAT32 || spec.type() == ElementType.UINT8))
            || (sizes.size() == 3 && spec.type() != ElementType.BOOL);
    Integer channels =
        !takesImages || order == Order.NO_CHANNELS
            ? Integer.valueOf(1)
            : sizes.get(order == Order.CHANNELS_FIRST ? 0 : 2);
    if (order == Order.NO_CHANNELS && takesImages && isSignal(model, input)) {
      throw new UnsupportedModelException(
          "%s takes %s %s, a signal and no image".formatted(model.name(), spec.type(), spec));
    }
    if (!takesImages || (channels != null && !CHANNELS.contains(channels))) {
      throw new UnsupportedModelException(
          "%s takes %s %s, which are no images".formatted(model.name(), spec.type(), spec));
    }
    return new PictureFormat(
        sizes.get(first),
        sizes.get(first + 1),
        channels == null ? 3 : channels,
        order,
        spec.type());
  }

  /**
   * Whether an input of two axes is a signal: one of them is a handful long, or it is not square
   * and one of them holds channels, as the graph proves. Rows of a square picture are read so, too.
   */
  private static boolean isSignal(Model model, int input) {
    List<@Nullable Integer> sizes = model.inputs().get(input).sizes();
    Integer first = sizes.get(0);
    Integer second = sizes.get(1);
    if ((first != null && first < FEWEST_ROWS) || (second != null && second < FEWEST_ROWS)) {
      return true;
    }
    boolean square = first != null && first.equals(second);
    Network network = model.network();
    return !square
        && new AxisRoles(network.graph())
            .channelAxis(network.inputs().get(input).value())
            .isPresent();
  }

  /**
   * {@return where an input has its channels; where both ends could hold them, as the model proves
   * it}
   *
   * @param model the model
   * @param input the position of the input
   */
  public static Order order(Model model, int input) {
    InputSpec spec = model.inputs().get(input);
    List<@Nullable Integer> sizes = spec.sizes();
    boolean open =
        sizes.size() == 3 && isChannelCount(sizes.get(0)) && isChannelCount(sizes.get(2));
    if (!open || !spec.isFixed()) {
      return order(sizes);
    }
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

  /**
   * {@return this format at another size}
   *
   * @param rows the number of rows
   * @param columns the number of columns
   */
  public PictureFormat withSize(int rows, int columns) {
    return new PictureFormat(rows, columns, channels, order, type);
  }

  /** {@return whether height and width are known} */
  public boolean hasSize() {
    return height != null && width != null;
  }

  /**
   * {@return the number of rows}
   *
   * @throws IllegalStateException if the model leaves it open
   */
  public int height() {
    return known(height);
  }

  /**
   * {@return the number of columns}
   *
   * @throws IllegalStateException if the model leaves it open
   */
  public int width() {
    return known(width);
  }

  private static int known(@Nullable Integer size) {
    if (size == null) {
      throw new IllegalStateException("The model leaves the size of its pictures open.");
    }
    return size;
  }

  /** {@return the number of channels: 1, 3 or 4} */
  public int channels() {
    return channels;
  }

  /** {@return which axes the input has after the batch's} */
  public Order order() {
    return order;
  }

  /** {@return the type of the input's elements} */
  public ElementType type() {
    return type;
  }

  /** {@return what images are read as} */
  public ColorMode colorMode() {
    return switch (channels) {
      case 1 -> ColorMode.GRAYSCALE;
      case 4 -> ColorMode.RGBA;
      default -> ColorMode.RGB;
    };
  }

  /**
   * {@return the shape of the input, for any batch}
   *
   * @throws IllegalStateException if the model leaves its size open
   */
  public Shape shape() {
    return switch (order) {
      case CHANNELS_LAST -> Shape.of(Shape.BATCH, height(), width(), channels);
      case CHANNELS_FIRST -> Shape.of(Shape.BATCH, channels, height(), width());
      case NO_CHANNELS -> Shape.of(Shape.BATCH, height(), width());
    };
  }

  /**
   * {@return the model's input of samples}
   *
   * @param samples (images, height, width, channels), row-major
   * @param images the number of images
   * @throws IllegalStateException if the model leaves its size open
   */
  public Tensor tensor(float[] samples, int images) {
    Tensor last = Tensor.of(samples, images, height(), width(), channels);
    return switch (order) {
      case CHANNELS_LAST -> last.to(type);
      case CHANNELS_FIRST -> last.transpose(0, 3, 1, 2).to(type);
      case NO_CHANNELS -> last.reshape(images, height(), width()).to(type);
    };
  }
}
