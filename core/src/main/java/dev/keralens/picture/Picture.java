package dev.keralens.picture;

import dev.keralens.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * An immutable picture of 8-bit samples: grayscale, RGB or RGBA.
 *
 * <p>{@link #read} gets one from a file, {@link #save} writes it; {@code
 * dev.keralens.picture.draw.Overlay} lays maps over it. {@link ImageLoader} reads pictures for a
 * model, as Keras does.
 */
public final class Picture implements Pixels {
  /** 0 to 255: a look into a table is faster than a conversion. */
  private static final float[] FLOATS = floats();

  private final ColorMode colorMode;
  private final int height;
  private final int width;
  private final byte[] samples;

  /** Takes the samples over: row by row, channels last. */
  Picture(ColorMode colorMode, int height, int width, byte[] samples) {
    if (samples.length != height * width * colorMode.channels()) {
      throw new IllegalArgumentException(
          "%d x %d pixels of %s need %d samples, got %d."
              .formatted(
                  height, width, colorMode, height * width * colorMode.channels(), samples.length));
    }
    this.colorMode = colorMode;
    this.height = height;
    this.width = width;
    this.samples = samples;
  }

  /**
   * Reads an image file (JPEG, PNG, GIF, BMP, TIFF or WebP) in RGB, upright.
   *
   * <p>The same as {@code ImageLoader.create().read(file)}.
   *
   * @param file the image file
   * @return the picture
   * @throws UnreadableImageException if the file is no image that can be read
   * @throws IOException if there is no such file or it cannot be read
   */
  public static Picture read(Path file) throws IOException {
    return ImageLoader.create().read(file);
  }

  /**
   * Copies an image of Java's; it is converted to grayscale, RGB or RGBA by its channels, colour
   * profiles are ignored.
   *
   * @param image the image
   * @return the picture
   * @throws IllegalArgumentException if its pixels are none of the three
   */
  public static Picture of(BufferedImage image) {
    try {
      return Rasters.pixels(image) instanceof Picture picture
          ? picture
          : ((DeepPicture) Rasters.pixels(image)).highBits(16);
    } catch (UnreadableImageException e) {
      throw new IllegalArgumentException("The image " + e.getMessage(), e);
    }
  }

  /**
   * Makes a picture of samples of 8 bits; they are copied.
   *
   * @param colorMode the channels
   * @param height the number of rows
   * @param width the number of columns
   * @param samples unsigned, row by row, channels last
   * @return the picture
   * @throws IllegalArgumentException if there are more or fewer samples
   */
  public static Picture ofBytes(ColorMode colorMode, int height, int width, byte[] samples) {
    return new Picture(colorMode, height, width, samples.clone());
  }

  /**
   * Makes a picture of numbers of 0 to 255; they are rounded, those outside are clipped.
   *
   * @param pixels (height, width, channel) with 1, 3 or 4 channels, or (height, width)
   * @return the picture
   * @throws IllegalArgumentException if the shape is another or a number is NaN
   */
  public static Picture ofTensor(Tensor pixels) {
    return ofTensor(pixels, 1, 0);
  }

  /**
   * Makes a picture of numbers of any range, such as a preprocessed input of a model: the smallest
   * becomes 0, the largest 255.
   *
   * @param pixels (height, width, channel) with 1, 3 or 4 channels, or (height, width)
   * @return the picture; black where all numbers are the same
   * @throws IllegalArgumentException if the shape is another or a number is NaN
   */
  public static Picture ofScaledTensor(Tensor pixels) {
    Plane all = new Plane(1, pixels.elements(), pixels.toFloatArray());
    double low = all.minimum();
    double range = all.maximum() - low;
    return ofTensor(pixels, range == 0 ? 0 : 255 / range, low);
  }

  private static Picture ofTensor(Tensor pixels, double factor, double low) {
    if (pixels.rank() != 3 && pixels.rank() != 2) {
      throw new IllegalArgumentException(
          "A picture is made of (height, width, channel) or (height, width), got "
              + pixels.typeAndShape()
              + ".");
    }
    ColorMode mode = ColorMode.ofChannels(pixels.rank() == 2 ? 1 : pixels.size(2));
    float[] values = pixels.toFloatArray();
    byte[] samples = new byte[values.length];
    for (int i = 0; i < samples.length; i++) {
      if (Float.isNaN(values[i])) {
        throw new IllegalArgumentException(
            "Element " + i + " of the picture " + pixels.typeAndShape() + " is NaN.");
      }
      samples[i] = (byte) Math.max(0, Math.min(255, Math.round((values[i] - low) * factor)));
    }
    return new Picture(mode, pixels.size(0), pixels.size(1), samples);
  }

  /** {@return the number of rows} */
  @Override
  public int height() {
    return height;
  }

  /** {@return the number of columns} */
  @Override
  public int width() {
    return width;
  }

  /** {@return the channels} */
  public ColorMode colorMode() {
    return colorMode;
  }

  /** {@return the number of channels: 1, 3 or 4} */
  public int channels() {
    return colorMode.channels();
  }

  private static float[] floats() {
    float[] floats = new float[256];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = i;
    }
    return floats;
  }

  /** The samples themselves, not a copy. */
  byte[] samples() {
    return samples;
  }

  /**
   * {@return one sample, 0 to 255}
   *
   * @param row the row, from the top
   * @param column the column, from the left
   * @param channel the channel
   * @throws IndexOutOfBoundsException if there is no such sample
   */
  public int sample(int row, int column, int channel) {
    if (row < 0
        || row >= height
        || column < 0
        || column >= width
        || channel < 0
        || channel >= channels()) {
      throw new IndexOutOfBoundsException(
          "There is no sample (%d, %d, %d) in %s.".formatted(row, column, channel, this));
    }
    return samples[(row * width + column) * channels() + channel] & 0xFF;
  }

  /** {@return a copy of the samples, unsigned, row by row, channels last} */
  public byte[] toBytes() {
    return samples.clone();
  }

  /**
   * {@return the samples as floats of 0 to 255, (height, width, channel), as Keras' {@code
   * img_to_array} gives them}
   */
  public Tensor toTensor() {
    float[] values = new float[samples.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = FLOATS[samples[i] & 0xFF];
    }
    return Tensor.of(values, height, width, channels());
  }

  /**
   * {@return a copy as an image of Java's: of type {@code TYPE_BYTE_GRAY}, {@code TYPE_INT_RGB} or
   * {@code TYPE_INT_ARGB}}
   */
  public BufferedImage toImage() {
    return Rasters.image(this);
  }

  /**
   * {@return this picture with other channels} Luma is ITU-R 601-2's; alpha is dropped, never
   * blended; both as Pillow.
   *
   * @param mode the channels
   */
  public Picture convert(ColorMode mode) {
    return Conversion.convert(this, mode);
  }

  /** {@return this picture in RGB, blended over white where it has alpha} */
  public Picture overWhite() {
    return Conversion.opaque(this);
  }

  /**
   * {@return this picture in another size}
   *
   * @param toHeight the number of rows
   * @param toWidth the number of columns
   * @param interpolation how
   * @throws IllegalArgumentException if a size is below 1
   */
  public Picture resize(int toHeight, int toWidth, Interpolation interpolation) {
    if (toHeight < 1 || toWidth < 1) {
      throw new IllegalArgumentException(
          "A picture is at least 1 x 1, got " + toHeight + " x " + toWidth + ".");
    }
    return Resampling.resize(this, Region.all(height, width), toHeight, toWidth, interpolation);
  }

  /**
   * {@return a part of this picture}
   *
   * @param top the part's first row
   * @param left the part's first column
   * @param partHeight the number of rows
   * @param partWidth the number of columns
   * @throws IndexOutOfBoundsException if the part does not lie inside the picture
   */
  public Picture crop(int top, int left, int partHeight, int partWidth) {
    if (top < 0
        || left < 0
        || partHeight < 1
        || partWidth < 1
        || top > height - partHeight
        || left > width - partWidth) {
      throw new IndexOutOfBoundsException(
          "Rows %d to %d, columns %d to %d do not lie inside %s."
              .formatted(top, top + partHeight, left, left + partWidth, this));
    }
    return Resampling.crop(this, new Region(left, top, partWidth, partHeight));
  }

  /**
   * Writes this picture to a file. The format is that of the name: {@code .png}, {@code .jpg} or
   * {@code .jpeg} (quality 0.95, alpha over white).
   *
   * <p>It is written beside the target and moved into place, so that a failure leaves no half file
   * and an old one as it was.
   *
   * @param file the target; its folder must exist
   * @throws IllegalArgumentException if the name has another ending
   * @throws IOException if it cannot be written
   */
  public void save(Path file) throws IOException {
    save(file, PictureNotes.none());
  }

  /**
   * Writes the picture as {@link #save(Path)} does, with notes.
   *
   * @param file the target, {@code .png}, {@code .jpg} or {@code .jpeg}
   * @param notes how large it is printed, how it was made
   * @throws IllegalArgumentException if the name has another ending
   * @throws IOException if it cannot be written
   */
  public void save(Path file, PictureNotes notes) throws IOException {
    PictureFile.save(this, file, notes);
  }

  /**
   * Writes this picture to a stream, which stays open.
   *
   * @param out the stream
   * @param format {@code png}, {@code jpg} or {@code jpeg}
   * @throws IllegalArgumentException if the format is another
   * @throws IOException if it cannot be written
   */
  public void write(OutputStream out, String format) throws IOException {
    PictureFile.write(this, out, format);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Picture that
        && colorMode == that.colorMode
        && height == that.height
        && width == that.width
        && Arrays.equals(samples, that.samples);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(samples) * 31 + width;
  }

  /** {@return the mode and the size, never the samples} */
  @Override
  public String toString() {
    return colorMode + " picture of height " + height + " and width " + width;
  }
}
