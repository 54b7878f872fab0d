package dev.keralens.app;

import dev.keralens.Model;
import dev.keralens.PictureFormat;
import dev.keralens.converter.ImageConverter;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.network.InputSpec;
import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a model takes images at the size that the command line asks for. */
final class InputFormat {
  private InputFormat() {}

  /**
   * The format, its size known.
   *
   * @param spec the input
   * @param size the size to take instead of the model's
   * @throws UnsupportedModelException if the model does not take images
   */
  static PictureFormat of(Model model, InputSpec spec, @Nullable Size size) {
    PictureFormat format;
    try {
      format = PictureFormat.of(model, model.inputs().indexOf(spec));
    } catch (UnsupportedModelException e) {
      throw new UnsupportedModelException(
          e.getMessage() + "; give an array instead (.npy, .csv, .wav).", e);
    }
    if (size != null) {
      return format.withSize(size.height(), size.width());
    }
    if (!format.hasSize()) {
      ImageConverter converter = Pixels.converter(model);
      if (converter != null && converter.resizes()) {
        return format.withSize(converter.height(), converter.width());
      }
      throw new UsageException(
          "%s leaves the size of its input %s open; say it with --size, such as --size 224x224."
              .formatted(model.name(), spec));
    }
    return format;
  }

  /** Says that a size was asked for which is not the model's. */
  static void noteOtherSize(Model model, InputSpec spec, @Nullable Size size, PrintWriter err) {
    List<@Nullable Integer> sizes = spec.sizes();
    int first = order(model, spec) == PictureFormat.Order.CHANNELS_FIRST ? 1 : 0;
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

  /** Where the channels are: where both ends could hold them, as the model proves it. */
  static PictureFormat.Order order(Model model, InputSpec spec) {
    return PictureFormat.order(model, model.inputs().indexOf(spec));
  }
}
