package dev.keralens.converter;

import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What the preprocessor of a task of KerasHub does to a picture: the part that it takes, its size,
 * and what numbers are multiplied by and added.
 *
 * <p>The numbers are those that KerasHub's {@code ImageConverter} gives of a picture of floats, as
 * {@code task.predict} does. Of an array of whole numbers the converter, where it is called, rounds
 * once it has resized; that is half of 255 apart at most.
 *
 * <pre>{@code
 * ImageConverter converter = ImageConverter.find(file).orElseThrow();
 * Tensor x = converter.apply(Picture.read(photo)).batch();
 * }</pre>
 */
public final class ImageConverter {
  private final Framing framing;
  private final Scaling scaling;
  private final int height;
  private final int width;

  ImageConverter(Framing framing, Scaling scaling, int height, int width) {
    this.framing = framing;
    this.scaling = scaling;
    this.height = height;
    this.width = width;
  }

  /**
   * {@return the converter that a task of KerasHub has with it, or nothing where it has none}
   *
   * @param model a {@code .keras} file, the folder it unpacks to, or the folder of a preset
   * @throws IOException if a file cannot be read
   * @throws InvalidModelException if its settings are not what its class takes
   * @throws UnsupportedModelException if the preprocessor or its converter is of a class or has
   *     settings that are not known
   */
  public static Optional<ImageConverter> find(Path model) throws IOException {
    return ConverterFile.find(model);
  }

  /**
   * {@return the converter of a task that lies in memory, or nothing where it has none}
   *
   * @param name what the file is called, for messages
   * @param bytes what a {@code .keras} file, or one of another kind, holds
   * @throws IOException if it cannot be read
   * @throws InvalidModelException as {@link #find(Path)} does
   * @throws UnsupportedModelException as {@link #find(Path)} does
   */
  public static Optional<ImageConverter> find(String name, byte[] bytes) throws IOException {
    return ConverterFile.find(name, bytes);
  }

  /** {@return whether it resizes pictures; else they keep the size that they have} */
  public boolean resizes() {
    return height > 0;
  }

  /**
   * {@return the number of rows that it gives}
   *
   * @throws IllegalStateException if it does not resize
   */
  public int height() {
    return known(height);
  }

  /**
   * {@return the number of columns that it gives}
   *
   * @throws IllegalStateException if it does not resize
   */
  public int width() {
    return known(width);
  }

  private static int known(int size) {
    if (size < 1) {
      throw new IllegalStateException("This converter leaves the size of pictures as it is.");
    }
    return size;
  }

  /**
   * {@return this converter with another size}
   *
   * @param rows the number of rows
   * @param columns the number of columns
   * @throws IllegalArgumentException if one is below 1
   */
  public ImageConverter withSize(int rows, int columns) {
    if (rows < 1 || columns < 1) {
      throw new IllegalArgumentException(
          "An image is at least 1 x 1, got %d x %d.".formatted(rows, columns));
    }
    return new ImageConverter(framing, scaling, rows, columns);
  }

  /**
   * {@return this converter, for a model that takes one size; it gives that size where it leaves
   * pictures as they are}
   *
   * @param rows the number of rows that the model takes
   * @param columns the number of columns
   * @throws IllegalArgumentException if it resizes to another size
   */
  public ImageConverter forInput(int rows, int columns) {
    if (resizes() && (height != rows || width != columns)) {
      throw new IllegalArgumentException(
          "The task's preprocessor makes pictures of %d x %d, but the model takes %d x %d."
              .formatted(height, width, rows, columns));
    }
    return withSize(rows, columns);
  }

  /**
   * {@return the part of a picture that becomes the model's input, in the picture's own size: what
   * a map lies over} Where the converter adds a margin, it is there.
   *
   * @param picture a picture of any size
   */
  public Picture framed(Picture picture) {
    return resizes() ? framing.applied(picture, height, width) : picture;
  }

  /**
   * {@return a picture as the model takes it: (height, width, channels)}
   *
   * @param picture a picture of any size, whose channels are those of the model
   */
  public Tensor apply(Picture picture) {
    return scale(resizes() ? framing.resized(framed(picture), height, width) : picture.toTensor());
  }

  /**
   * {@return pixels as the model takes them, in the size that they have}
   *
   * @param pixels of 0 to 255, with channels on the last axis
   * @throws IllegalArgumentException if there are other channels than it has numbers for
   */
  public Tensor scale(Tensor pixels) {
    return scaling.apply(pixels);
  }

  /** {@return what it does, in words} */
  @Override
  public String toString() {
    String size =
        resizes()
            ? "%s to %d x %d (%s)".formatted(framing.verb(), height, width, framing.resampling())
            : "size as it is";
    return size + scaling;
  }

  /**
   * What is multiplied and added, for all channels or for each; null where nothing is.
   *
   * @param factors what pixels are multiplied by
   * @param summands what is added to that
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Scaling(float[] factors, float[] summands) {
    Tensor apply(Tensor pixels) {
      int channels = pixels.size(-1);
      check(factors, channels);
      check(summands, channels);
      float[] values = pixels.toFloatArray();
      for (int i = 0; i < values.length; i++) {
        if (factors.length > 0) {
          values[i] *= factors[factors.length == 1 ? 0 : i % channels];
        }
        if (summands.length > 0) {
          values[i] += summands[summands.length == 1 ? 0 : i % channels];
        }
      }
      return Tensor.of(values, pixels.shape());
    }

    private static void check(float[] numbers, int channels) {
      if (numbers.length > 1 && numbers.length != channels) {
        throw new IllegalArgumentException(
            "The preprocessor has numbers for %d channels, and pictures have %d."
                .formatted(numbers.length, channels));
      }
    }

    @Override
    public String toString() {
      return (factors.length == 0 ? "" : ", times " + numbers(factors))
          + (summands.length == 0 ? "" : ", plus " + numbers(summands));
    }

    private static String numbers(float[] values) {
      String[] texts = new String[values.length];
      Arrays.setAll(texts, i -> String.format(Locale.ROOT, "%.4g", values[i]));
      return String.join(" ", texts);
    }
  }
}
