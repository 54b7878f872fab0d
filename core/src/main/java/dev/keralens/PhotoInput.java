package dev.keralens;

import dev.keralens.applications.Preprocessing;
import dev.keralens.converter.ImageConverter;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.inspect.InputScaling;
import dev.keralens.inspect.InputScaling.Certainty;
import dev.keralens.network.Network;
import dev.keralens.picture.DecodedImage;
import dev.keralens.picture.ImageLoader;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The one input of a model that takes photos: their size, what their pixels go through.
 *
 * @param model the model's name
 * @param loader reads photos with the channels of the model, in their own size
 * @param resizing the same in the model's size
 * @param converter what a task's own preprocessor does; null where there is none, or another way
 *     was named
 * @param scaling what the model itself says of its pixels; null where it says nothing
 */
record PhotoInput(
    String model,
    PictureFormat format,
    Preprocessing preprocessing,
    @Nullable ImageConverter converter,
    @Nullable InputScaling scaling,
    ImageLoader loader,
    ImageLoader resizing) {

  /** A photo, and what the model gets of it: one image, batch first. */
  record Photo(Picture picture, Tensor x) {}

  static PhotoInput of(Model model, ClassifierOptions options) {
    if (model.inputs().size() != 1) {
      throw new UnsupportedModelException(
          "%s takes %d inputs %s, and a classifier gives one; use an Explainer."
              .formatted(model.name(), model.inputs().size(), model.inputs()));
    }
    ImageConverter own =
        options.preprocessing() == null ? model.imageConverter().orElse(null) : null;
    PictureFormat format = sized(model, options, own);
    ImageConverter converter = converter(options, own, format);
    Network network = model.network(List.of(format.shape()));
    InputScaling scaling = InputScaling.of(model.inputs().get(0), network, 0).orElse(null);
    Preprocessing preprocessing =
        converter == null ? preprocessing(model, options, scaling) : Preprocessing.NONE;
    if (preprocessing.needsColors() && format.channels() != 3) {
      throw new IllegalArgumentException(
          "Preprocessing %s is for three channels, but %s takes %d; use none, unit or tf."
              .formatted(preprocessing.label(), model.name(), format.channels()));
    }
    ImageLoader loader =
        options
            .loader()
            .colorMode(format.colorMode())
            .sixteenBit(preprocessing == Preprocessing.UINT16);
    return new PhotoInput(
        model.name(),
        format,
        preprocessing,
        converter,
        scaling,
        loader,
        loader.size(format.height(), format.width()));
  }

  private static @Nullable ImageConverter converter(
      ClassifierOptions options, @Nullable ImageConverter own, PictureFormat format) {
    if (own == null) {
      return null;
    }
    return options.size() == null
        ? own.forInput(format.height(), format.width())
        : own.withSize(format.height(), format.width());
  }

  private static PictureFormat sized(
      Model model, ClassifierOptions options, @Nullable ImageConverter own) {
    PictureFormat format = PictureFormat.of(model, 0);
    ClassifierOptions.Size size = options.size();
    if (size != null) {
      return format.withSize(size.height(), size.width());
    } else if (!format.hasSize() && own != null && own.resizes()) {
      return format.withSize(own.height(), own.width());
    } else if (!format.hasSize()) {
      throw new IllegalArgumentException(
          "%s leaves the size of its input %s open; say it: ClassifierOptions.defaults().withSize(224, 224)."
              .formatted(model.name(), model.inputs().get(0)));
    }
    return format;
  }

  private static Preprocessing preprocessing(
      Model model, ClassifierOptions options, @Nullable InputScaling scaling) {
    Preprocessing given = options.preprocessing();
    boolean known = scaling != null && scaling.certainty() != Certainty.OPEN;
    if (given == null && scaling != null && known) {
      return scaling.preprocessing();
    } else if (given == null) {
      throw new IllegalArgumentException(
          "Nothing tells which pixels %s takes%s. Say what it was trained on: ClassifierOptions.defaults().withPreprocessing(Preprocessing.TF), UNIT, TORCH, CAFFE or NONE, or the name of a network of keras.applications."
              .formatted(model.name(), scaling == null ? "" : ": " + scaling.ground()));
    } else if (scaling != null && known && given != scaling.preprocessing()) {
      System.getLogger("dev.keralens")
          .log(
              System.Logger.Level.WARNING,
              "%s: preprocessing %s was named, but the model takes %s"
                  .formatted(model.name(), given.label(), scaling));
    }
    return given;
  }

  Photo photo(Path file) throws IOException {
    DecodedImage image = loader.decode(file);
    if (converter != null) {
      return photo(loader.read(image));
    }
    return new Photo(loader.read(image), input(resizing.load(image)));
  }

  Photo photo(Picture picture) {
    if (converter != null) {
      Picture converted = picture.convert(format.colorMode());
      float[] x = converter.apply(converted).toFloatArray();
      return new Photo(converter.framed(converted), format.tensor(x, 1));
    }
    Tensor pixels = resizing.apply(picture).toTensor();
    boolean deep = preprocessing == Preprocessing.UINT16;
    return new Photo(picture, input(deep ? preprocessing.apply(pixels) : pixels));
  }

  private Tensor input(Tensor pixels) {
    boolean done = preprocessing == Preprocessing.UINT16;
    return format.tensor((done ? pixels : preprocessing.apply(pixels)).toFloatArray(), 1);
  }

  /** What the model takes as it is, with or without the batch's axis. */
  Photo photo(Tensor x) {
    Tensor one = x.rank() == format.shape().rank() - 1 ? x.batch() : x;
    if (one.rank() == 0 || one.size(0) != 1) {
      throw new IllegalArgumentException(
          "A classifier takes one image %s, got %s; use an Explainer for batches."
              .formatted(format.shape(), x.typeAndShape()));
    }
    if (converter == null) {
      checkRange(one);
    }
    Tensor pixels =
        switch (format.order()) {
          case CHANNELS_FIRST -> one.row(0).transpose(1, 2, 0);
          case CHANNELS_LAST, NO_CHANNELS -> one.row(0);
        };
    return new Photo(Picture.ofScaledTensor(pixels), one);
  }

  /** Refuses pixels that were not preprocessed, or were where the model does it itself. */
  private void checkRange(Tensor x) {
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    boolean whole = true;
    for (float value : x.toFloatArray()) {
      low = Math.min(low, value);
      high = Math.max(high, value);
      whole &= value == Math.rint(value);
    }
    boolean large = preprocessing == Preprocessing.NONE || preprocessing == Preprocessing.UINT16;
    boolean bytes = whole && low >= 0 && high <= 255 && high > 8;
    boolean small = low >= -1 && high <= 1 && !whole;
    if (large ? small : bytes) {
      String held =
          whole
              ? String.format(Locale.ROOT, "whole numbers of %.0f to %.0f", low, high)
              : String.format(Locale.ROOT, "numbers of %.3g to %.3g", low, high);
      throw new IllegalArgumentException(
          "A tensor is taken as it is, and this one holds %s, but %s takes pixels of %s. Give a Picture, which is preprocessed, or use an Explainer."
              .formatted(held, model, preprocessing.range()));
    }
  }
}
