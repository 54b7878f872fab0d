package dev.keralens.app;

import dev.keralens.Model;
import dev.keralens.PictureFormat;
import dev.keralens.converter.ImageConverter;
import dev.keralens.graph.Shape;
import dev.keralens.network.InputSpec;
import dev.keralens.objective.Objective;
import dev.keralens.picture.DecodedImage;
import dev.keralens.picture.ImageLoader;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import dev.keralens.web.PageModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A model for the page, read and fed as the other commands do it.
 *
 * @param format how it takes images; null where it takes arrays
 * @param shape the shape of its input, the batch first
 * @param objective what is explained
 */
record ServedModel(
    Model model,
    String given,
    String options,
    String sha256,
    @Nullable PictureFormat format,
    Shape shape,
    Pixels pixels,
    Objective objective,
    ClassNames classes)
    implements PageModel {
  private static final float WHITE = 255;

  @Override
  public String unitName(int unit) {
    return classes.shortName(unit);
  }

  @Override
  public boolean hasNames() {
    return !classes.isEmpty();
  }

  @Override
  public boolean takesPictures() {
    return format != null;
  }

  @Override
  public String preprocessing() {
    if (format == null) {
      return "";
    }
    if (pixels.converter() != null) {
      return pixels.label();
    }
    String ground =
        pixels.isGiven() || pixels.scaling() == null ? "" : ", since " + pixels.scaling();
    return pixels.preprocessing().label() + ground;
  }

  @Override
  public Read read(byte[] content, String name, long mostPixels) throws IOException {
    if (format == null) {
      return new Read(null, array(content, name));
    }
    ImageLoader loader = ImageLoader.create().colorMode(format.colorMode()).maxPixels(mostPixels);
    DecodedImage image = loader.decode(content, name);
    Picture picture = loader.read(image);
    ImageConverter converter = pixels.converter();
    if (converter != null) {
      ImageConverter sized = converter.withSize(format.height(), format.width());
      return new Read(sized.framed(picture), format.tensor(sized.apply(picture).toFloatArray(), 1));
    }
    ImageLoader resizing = loader.size(format.height(), format.width());
    Tensor numbers =
        image.isSixteenBit() ? resizing.load(image) : resizing.apply(picture).toTensor();
    float[] samples = pixels.preprocessing().apply(numbers).toFloatArray();
    return new Read(picture, format.tensor(samples, 1));
  }

  /** One row of an array: the whole array where it is one, or the first of several. */
  private Tensor array(byte[] content, String name) throws IOException {
    Tensor read = Npy.read(content, name);
    int[] sizes = shape.sizes();
    int[] row = Arrays.copyOfRange(sizes, 1, sizes.length);
    int[] given = read.shape();
    boolean one = given.length == row.length;
    int[] found = one ? given : Arrays.copyOfRange(given, Math.min(1, given.length), given.length);
    if (!Arrays.equals(found, row) || (!one && (given.length == 0 || given[0] < 1))) {
      throw new IllegalArgumentException(
          "%s holds %s, but the model takes %s.".formatted(name, read, shape));
    }
    int[] whole = row(row);
    Tensor first = one ? read.reshape(whole) : read.row(0).reshape(whole);
    return first.to(model.inputs().get(0).type());
  }

  private static int[] row(int[] sizes) {
    int[] whole = new int[sizes.length + 1];
    whole[0] = 1;
    System.arraycopy(sizes, 0, whole, 1, sizes.length);
    return whole;
  }

  @Override
  public Tensor ofPixels(float value) {
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

  /** How a model takes images; null where it takes arrays. */
  static @Nullable PictureFormat format(Model model, @Nullable Size size) {
    InputSpec spec = InputFormat.single(model);
    try {
      return InputFormat.of(model, spec, size);
    } catch (dev.keralens.graph.UnsupportedModelException e) {
      if (!spec.isFixed()) {
        throw e;
      }
      return null;
    }
  }

  /** The SHA-256 of a file; empty for what is none. */
  static String sha256(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return "";
    }
    try (InputStream in = Files.newInputStream(file)) {
      return sha256(in);
    }
  }

  /** The SHA-256 of what a file holds. */
  static String sha256(byte[] content) throws IOException {
    return sha256(new ByteArrayInputStream(content));
  }

  private static String sha256(InputStream source) throws IOException {
    try (DigestInputStream in =
        new DigestInputStream(source, MessageDigest.getInstance("SHA-256"))) {
      in.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(in.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Java always has SHA-256.", e);
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
