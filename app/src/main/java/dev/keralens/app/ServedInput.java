package dev.keralens.app;

import dev.keralens.Model;
import dev.keralens.PictureFormat;
import dev.keralens.converter.ImageConverter;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.network.InputSpec;
import dev.keralens.picture.DecodedImage;
import dev.keralens.picture.ImageLoader;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import dev.keralens.web.PageModel.Given;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An input of a served model, and how files become it.
 *
 * @param format how it takes images; null where it takes arrays
 * @param shape its shape, the batch first
 */
record ServedInput(InputSpec spec, @Nullable PictureFormat format, Shape shape, Pixels pixels) {
  private static final float WHITE = 255;

  /** What was read of a file: what is drawn, where it is a picture, and the input of one row. */
  record Fed(@Nullable Picture picture, Tensor x) {}

  /** How an input takes images; null where it takes arrays. */
  static @Nullable PictureFormat format(Model model, InputSpec spec, @Nullable Size size) {
    try {
      return InputFormat.of(model, spec, size);
    } catch (UnsupportedModelException e) {
      if (!spec.isFixed()) {
        throw e;
      }
      return null;
    }
  }

  /** The shape of an input at the size that it is served with. */
  static Shape shape(InputSpec spec, @Nullable PictureFormat format) {
    return format == null ? spec.shape() : format.shape();
  }

  /** Reads a file as the command line does. */
  Fed read(Given file, long mostPixels) throws IOException {
    PictureFormat pictures = format;
    boolean numbers = DataFile.is(Path.of(safe(file.name())));
    if (pictures == null) {
      return new Fed(
          null, numbers ? array(file) : row(Npy.read(file.content(), file.name()), file));
    } else if (numbers) {
      Tensor x = array(file);
      return new Fed(drawn(x, pictures), x);
    }
    ImageLoader loader = ImageLoader.create().colorMode(pictures.colorMode()).maxPixels(mostPixels);
    DecodedImage image = loader.decode(file.content(), file.name());
    Picture picture = loader.read(image);
    ImageConverter converter = pixels.converter();
    if (converter != null) {
      ImageConverter sized = converter.withSize(pictures.height(), pictures.width());
      return new Fed(
          sized.framed(picture), pictures.tensor(sized.apply(picture).toFloatArray(), 1));
    }
    ImageLoader resizing = loader.size(pictures.height(), pictures.width());
    Tensor samples =
        image.isSixteenBit() ? resizing.load(image) : resizing.apply(picture).toTensor();
    float[] values = pixels.preprocessing().apply(samples).toFloatArray();
    return new Fed(picture, pictures.tensor(values, 1));
  }

  private static @Nullable Picture drawn(Tensor x, PictureFormat format) {
    Tensor row = x.row(0);
    Tensor last =
        format.order() == PictureFormat.Order.CHANNELS_FIRST ? row.transpose(1, 2, 0) : row;
    return List.of(1, 3, 4).contains(last.size(-1)) ? Picture.ofScaledTensor(last) : null;
  }

  /** An array of a file, which lies in a folder of its own meanwhile, as readers take paths. */
  private Tensor array(Given file) throws IOException {
    Path folder = Files.createTempDirectory("keralens");
    Path copy = folder.resolve(safe(file.name()));
    try {
      Files.write(copy, file.content());
      return row(DataFile.read(copy, spec).x(), file);
    } finally {
      Files.deleteIfExists(copy);
      Files.deleteIfExists(folder);
    }
  }

  /** A name that is a file's name in any folder. */
  private static String safe(String name) {
    String plain = name.replaceAll("[^\\w.,+-]", "_");
    return plain.length() > 100 ? plain.substring(plain.length() - 100) : "_" + plain;
  }

  /** One row of an array: the whole array where it is one, or the first of several. */
  private Tensor row(Tensor read, Given file) {
    int[] sizes = shape.sizes();
    int[] row = Arrays.copyOfRange(sizes, 1, sizes.length);
    int[] given = read.shape();
    boolean one = given.length == row.length;
    int[] found = one ? given : Arrays.copyOfRange(given, Math.min(1, given.length), given.length);
    if (!Arrays.equals(found, row) || (!one && (given.length == 0 || given[0] < 1))) {
      throw new IllegalArgumentException(
          "%s holds %s, but the model takes %s.".formatted(file.name(), read, shape));
    }
    int[] whole = new int[row.length + 1];
    whole[0] = 1;
    System.arraycopy(row, 0, whole, 1, row.length);
    Tensor first = one ? read.reshape(whole) : read.row(0).reshape(whole);
    return first.to(spec.type());
  }

  /** The input of a picture whose pixels are all the same. */
  Tensor ofPixels(float value) {
    if (format == null) {
      throw new IllegalArgumentException(
          "There are no %s pixels: the model takes no pictures."
              .formatted(value < WHITE ? "black" : "white"));
    }
    float[] samples = new float[format.height() * format.width() * format.channels()];
    Arrays.fill(samples, value);
    Tensor picture = Tensor.of(samples, format.height(), format.width(), format.channels());
    return format.tensor(pixels.apply(picture).toFloatArray(), 1);
  }
}
