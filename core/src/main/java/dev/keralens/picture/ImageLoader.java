package dev.keralens.picture;

import dev.keralens.file.RegularFile;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads image files for a model: colour mode, orientation, crop and size.
 *
 * <p>{@link #keras()} does what {@code img_to_array(load_img(path, ...))} does in Keras with
 * Pillow, to the bit for JPEG, PNG, GIF, BMP and TIFF. {@link #create()} is the better start where
 * no Keras pipeline must be matched: it turns photos upright as their EXIF data say, interpolates,
 * and scales 16-bit images instead of clipping them.
 *
 * <p>Loaders are immutable: each setting returns another loader. They may be shared between
 * threads.
 *
 * <pre>{@code
 * Tensor x = ImageLoader.keras().size(224, 224).interpolation(Interpolation.BILINEAR).load(photo);
 * }</pre>
 */
public final class ImageLoader {
  /** The most pixels that are read by default: 178,956,970, Pillow's limit. */
  public static final long DEFAULT_MAX_PIXELS = 178_956_970;

  /** The size to resize to. */
  private record Size(int height, int width) {}

  // Written by the factories and the setters only, before anyone else sees the instance.
  private ColorMode colorMode = ColorMode.RGB;
  private @Nullable Size size;
  private Interpolation interpolation;
  private boolean keepAspectRatio;
  private double centerCrop = 1;
  private boolean upright;
  private final boolean asPillow;
  private long maxPixels = DEFAULT_MAX_PIXELS;
  private boolean sixteenBit;
  private int imageBits = 16;

  /**
   * {@code asPillow}: 16-bit grayscale stays as it is, and is clipped to 255 where it becomes RGB;
   * 16-bit colours keep their high bytes only.
   */
  private ImageLoader(Interpolation interpolation, boolean upright, boolean asPillow) {
    this.interpolation = interpolation;
    this.upright = upright;
    this.asPillow = asPillow;
  }

  private ImageLoader(ImageLoader other) {
    colorMode = other.colorMode;
    size = other.size;
    interpolation = other.interpolation;
    keepAspectRatio = other.keepAspectRatio;
    centerCrop = other.centerCrop;
    upright = other.upright;
    asPillow = other.asPillow;
    maxPixels = other.maxPixels;
    sixteenBit = other.sixteenBit;
    imageBits = other.imageBits;
  }

  /**
   * {@return a loader that does as Keras' {@code load_img}} RGB, the size as it is, {@link
   * Interpolation#NEAREST}, the EXIF orientation ignored. A 16-bit grayscale image keeps its
   * numbers of 0 to 65535 in {@link ColorMode#GRAYSCALE}; all above 255 become 255 in the other
   * modes. Of 16-bit colours the high bytes are taken, as by Pillow. {@link #sixteenBit} and {@link
   * #imageBits} do nothing here.
   */
  public static ImageLoader keras() {
    return new ImageLoader(Interpolation.NEAREST, false, true);
  }

  /**
   * {@return a loader with sensible defaults} RGB, the size as it is, {@link
   * Interpolation#BILINEAR}, upright; the numbers of a 16-bit image become 0 to 255, with fractions
   * in {@link #load}.
   */
  public static ImageLoader create() {
    return new ImageLoader(Interpolation.BILINEAR, true, false);
  }

  /**
   * {@return a loader that gives other channels}
   *
   * @param mode the channels; the default is RGB
   */
  public ImageLoader colorMode(ColorMode mode) {
    ImageLoader copy = new ImageLoader(this);
    copy.colorMode = mode;
    return copy;
  }

  /**
   * {@return a loader that resizes}
   *
   * @param height the number of rows
   * @param width the number of columns
   * @throws IllegalArgumentException if one is below 1
   */
  public ImageLoader size(int height, int width) {
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "An image is at least 1 x 1, got " + height + " x " + width + ".");
    }
    ImageLoader copy = new ImageLoader(this);
    copy.size = new Size(height, width);
    return copy;
  }

  /**
   * {@return a loader that resizes in another way}
   *
   * @param interpolation the way
   */
  public ImageLoader interpolation(Interpolation interpolation) {
    ImageLoader copy = new ImageLoader(this);
    copy.interpolation = interpolation;
    return copy;
  }

  /**
   * {@return a loader that crops instead of distorting} The largest centred part with the target's
   * aspect ratio is resized: Keras' {@code keep_aspect_ratio=True}. Without a size it does nothing.
   *
   * @param keep whether to; the default is false
   */
  public ImageLoader keepAspectRatio(boolean keep) {
    ImageLoader copy = new ImageLoader(this);
    copy.keepAspectRatio = keep;
    return copy;
  }

  /**
   * {@return a loader that keeps the centre} The part that is resized, after {@link
   * #keepAspectRatio}, loses its margins. With 224.0 / 256 and the aspect ratio kept this is the
   * usual ImageNet evaluation crop in one resize.
   *
   * @param fraction the part of each side that stays, above 0 and at most 1 (the default)
   * @throws IllegalArgumentException if it is outside that
   */
  public ImageLoader centerCrop(double fraction) {
    if (!(fraction > 0 && fraction <= 1)) {
      throw new IllegalArgumentException(
          "The centre crop is above 0 and at most 1, got " + fraction + ".");
    }
    ImageLoader copy = new ImageLoader(this);
    copy.centerCrop = fraction;
    return copy;
  }

  /**
   * {@return a loader that heeds the EXIF orientation, or not} Pillow always heeds a TIFF's, so
   * this does.
   *
   * @param upright whether to turn the image upright; false for {@link #keras()}, true for {@link
   *     #create()}
   */
  public ImageLoader upright(boolean upright) {
    ImageLoader copy = new ImageLoader(this);
    copy.upright = upright;
    return copy;
  }

  /**
   * {@return a loader with another limit on the image's size} A file that claims more pixels is
   * refused before any memory is taken; so is one that does not fit into the memory that Java may
   * take.
   *
   * @param pixels the most pixels, {@link #DEFAULT_MAX_PIXELS} by default
   * @throws IllegalArgumentException if it is below 1
   */
  public ImageLoader maxPixels(long pixels) {
    if (pixels < 1) {
      throw new IllegalArgumentException("At least 1 pixel must be allowed, got " + pixels + ".");
    }
    ImageLoader copy = new ImageLoader(this);
    copy.maxPixels = pixels;
    return copy;
  }

  /**
   * {@return a loader for a model that was trained on numbers of 0 to 65535, or of 0 to 255} With
   * {@code true}, {@link #load} gives the numbers of a 16-bit image as they are stored, and those
   * of an 8-bit image times 257, as {@code tf.io.decode_png(dtype=tf.uint16)} does.
   *
   * @param sixteen whether to; the default is false
   */
  public ImageLoader sixteenBit(boolean sixteen) {
    ImageLoader copy = new ImageLoader(this);
    copy.sixteenBit = sixteen;
    return copy;
  }

  /**
   * {@return a loader for 16-bit images that use fewer bits} Scans often have 12: their white is
   * 4095, and they are nearly black where 65535 is taken for white. The largest number of so many
   * bits becomes 255, or 65535 with {@link #sixteenBit}; larger ones are clipped. Images of 8 bits
   * are read as ever.
   *
   * @param bits how many bits are used, 8 to 16 (the default)
   * @throws IllegalArgumentException if it is outside that
   */
  public ImageLoader imageBits(int bits) {
    if (bits < 8 || bits > 16) {
      throw new IllegalArgumentException("A 16-bit image uses 8 to 16 bits, got " + bits + ".");
    }
    ImageLoader copy = new ImageLoader(this);
    copy.imageBits = bits;
    return copy;
  }

  /**
   * Decodes an image file once for {@link #load(DecodedImage)} and {@link #read(DecodedImage)}.
   *
   * @param file the image file
   * @return the image, upright by the settings of this loader
   * @throws UnreadableImageException if the file is no image that can be read
   * @throws IOException if there is no such file or it cannot be read
   */
  public DecodedImage decode(Path file) throws IOException {
    return new DecodedImage(pixels(ImageBytes.read(file, maxPixels)));
  }

  /**
   * Decodes an image in memory once, as {@link #decode(Path)} does a file.
   *
   * @param content a whole image file
   * @param name what messages call it
   * @return the image, upright by the settings of this loader
   * @throws UnreadableImageException if the content is no image that can be read
   */
  public DecodedImage decode(byte[] content, String name) throws IOException {
    return new DecodedImage(pixels(new ImageBytes(content, name, maxPixels)));
  }

  /**
   * {@return a decoded image as numbers, as {@link #load(Path)} gives them}
   *
   * @param image the image
   */
  public Tensor load(DecodedImage image) {
    return tensor(image.pixels());
  }

  /**
   * {@return a decoded image as a picture, as {@link #read(Path)} gives it}
   *
   * @param image the image
   */
  public Picture read(DecodedImage image) {
    return picture(image.pixels());
  }

  /**
   * Reads an image file as numbers.
   *
   * @param file the image file
   * @return (height, width, channel), floats of 0 to 255, of 0 to 65535 with {@link #sixteenBit}
   * @throws UnreadableImageException if the file is no image that can be read
   * @throws IOException if there is no such file or it cannot be read
   */
  public Tensor load(Path file) throws IOException {
    return tensor(pixels(ImageBytes.read(file, maxPixels)));
  }

  /**
   * Reads an image from memory as numbers.
   *
   * @param content a whole image file
   * @param name what messages call it
   * @return (height, width, channel), floats of 0 to 255, of 0 to 65535 with {@link #sixteenBit}
   * @throws UnreadableImageException if the content is no image that can be read
   */
  public Tensor load(byte[] content, String name) throws IOException {
    return tensor(pixels(new ImageBytes(content, name, maxPixels)));
  }

  /**
   * Reads an image file as a picture; of 16-bit samples the high bits are taken, or they are
   * clipped.
   *
   * @param file the image file
   * @return the picture
   * @throws UnreadableImageException if the file is no image that can be read
   * @throws IOException if there is no such file or it cannot be read
   */
  public Picture read(Path file) throws IOException {
    return picture(pixels(ImageBytes.read(file, maxPixels)));
  }

  /**
   * Reads an image from memory as a picture.
   *
   * @param content a whole image file
   * @param name what messages call it
   * @return the picture
   * @throws UnreadableImageException if the content is no image that can be read
   */
  public Picture read(byte[] content, String name) throws IOException {
    return picture(pixels(new ImageBytes(content, name, maxPixels)));
  }

  /**
   * {@return a picture cropped, resized and converted by the settings of this loader}
   *
   * @param picture a picture that is in memory already
   */
  public Picture apply(Picture picture) {
    return picture((Pixels) picture);
  }

  /**
   * {@return whether a file is an image of a kind that is read} Its first bytes tell; what follows
   * may be damaged all the same.
   *
   * @param file a file
   * @throws IOException if there is no such file or it cannot be read
   */
  public static boolean recognizes(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(RegularFile.check(file))) {
      return ImageFormat.isReadable(in.readNBytes(ImageFormat.HEAD));
    }
  }

  private Tensor tensor(Pixels pixels) {
    if (pixels instanceof DeepPicture deep && (!asPillow || isGray(deep))) {
      boolean asStored = asPillow || (sixteenBit && imageBits == 16);
      double largest = asPillow || sixteenBit ? 65535 : 255;
      double factor = asStored ? 1 : largest / ((1 << imageBits) - 1);
      Size size = target(deep);
      return deep.convert(colorMode)
          .resize(region(deep, size), size.height, size.width, interpolation, factor, largest);
    }
    Tensor numbers = picture(pixels).toTensor();
    return sixteenBit && !asPillow ? times257(numbers) : numbers;
  }

  /** Whether an image is gray, and is wanted so. */
  private boolean isGray(DeepPicture deep) {
    return deep.colorMode() == ColorMode.GRAYSCALE && colorMode == ColorMode.GRAYSCALE;
  }

  private static Tensor times257(Tensor numbers) {
    float[] values = numbers.toFloatArray();
    for (int i = 0; i < values.length; i++) {
      values[i] *= 257;
    }
    return Tensor.of(values, numbers.shape());
  }

  private Pixels pixels(ImageBytes image) throws UnreadableImageException {
    Pixels stored = image.decode();
    return upright ? image.orientation().turn(stored) : stored;
  }

  private Picture picture(Pixels pixels) {
    Picture picture =
        pixels instanceof DeepPicture deep ? deep.highBits(bitsOf(deep)) : (Picture) pixels;
    Picture converted = picture.convert(colorMode);
    Size size = target(converted);
    return Resampling.resize(
        converted, region(converted, size), size.height, size.width, interpolation);
  }

  private int bitsOf(DeepPicture deep) {
    boolean clipped = deep.colorMode() == ColorMode.GRAYSCALE;
    return asPillow ? clipped ? 8 : 16 : imageBits;
  }

  private Size target(Pixels pixels) {
    if (size != null) {
      return size;
    }
    Region kept = Region.all(pixels.height(), pixels.width()).fraction(centerCrop);
    return new Size(kept.height(), kept.width());
  }

  private Region region(Pixels pixels, Size size) {
    Region region =
        keepAspectRatio && size != null
            ? Region.ofAspect(pixels.height(), pixels.width(), size.height, size.width)
            : Region.all(pixels.height(), pixels.width());
    return region.fraction(centerCrop);
  }
}
