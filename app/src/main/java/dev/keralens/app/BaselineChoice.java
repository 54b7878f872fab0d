package dev.keralens.app;

import dev.keralens.explain.Baseline;
import dev.keralens.graph.Shape;
import dev.keralens.picture.ImageLoader;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What {@code --baseline} names. Black and white are what the network gets of black and white
 * pixels: they go through the preprocessing, as a picture does that is named as a file.
 */
final class BaselineChoice {
  static final List<String> NAMES = List.of("zero", "black", "white", "mean", "blur");

  private static final float WHITE = 255;

  private final String given;

  BaselineChoice(String given) {
    this.given = given;
  }

  private String name() {
    return given.strip().toLowerCase(Locale.ROOT);
  }

  /** The baseline, where no input is needed to say it; else null. */
  @Nullable Baseline plain() {
    return switch (name()) {
      case "zero" -> Baseline.ZERO;
      case "mean" -> Baseline.mean();
      case "blur" -> Baseline.blur();
      case "black", "white" -> null;
      default -> number();
    };
  }

  private @Nullable Baseline number() {
    try {
      float number = Float.parseFloat(name());
      if (!Float.isFinite(number)) {
        throw new UsageException("--baseline %s is no finite number.".formatted(given));
      }
      return Baseline.of(number);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /**
   * The baseline for the inputs of a model.
   *
   * @throws UsageException if there is no such name or file, or the input is no picture
   * @throws IOException if the file cannot be read, or does not fit the input
   */
  Baseline of(Subject subject) throws IOException {
    Baseline plain = plain();
    if (plain != null) {
      return plain;
    }
    Inputs inputs = subject.inputs();
    return switch (name()) {
      case "black" -> Baseline.of(pixels(subject, 0));
      case "white" -> Baseline.of(pixels(subject, WHITE));
      default -> Baseline.of(row(mean(rows(subject), inputs.shape()), inputs.shape()));
    };
  }

  private Tensor pixels(Subject subject, float value) {
    if (!subject.inputs().areDrawable() || !subject.pixels().arePictures()) {
      throw new UsageException(
          "--baseline %s is for pictures, and the input %s holds none; give a number, mean, blur or an array."
              .formatted(given, subject.inputs().shape()));
    }
    return subject.inputs().ofPixels(value, subject.pixels());
  }

  /** The array of a file, or its picture as the model takes it: a row for each image. */
  Tensor rows(Subject subject) throws IOException {
    Path file = file();
    if (DataFile.isTable(file) && subject.inputs().shape().rank() == 2) {
      NumberTable table = NumberTable.read(file);
      return Tensor.stack(table.rows().stream().map(row -> Tensor.of(row, row.length)).toList());
    }
    if (InputFiles.isArray(file)) {
      Tensor array = ArrayFile.read(file);
      int[] shape = array.shape();
      boolean oneImage = shape.length == subject.inputs().shape().rank() - 1;
      return oneImage ? array.reshape(withBatch(shape)) : array;
    } else if (subject.inputs().explained() instanceof ImageInputs images) {
      return images.another(file);
    }
    throw new UsageException(
        "--baseline %s: the input is an array, and so is its baseline: give a .npy file, a number, zero, mean or blur."
            .formatted(given));
  }

  /** A row for each of several baselines: the pictures of a folder, or what {@link #rows} has. */
  Tensor several(Subject subject) throws IOException {
    Path file = file();
    if (!Files.isDirectory(file) || !(subject.inputs().explained() instanceof ImageInputs images)) {
      return rows(subject);
    }
    List<Path> files;
    try (Stream<Path> all = Files.list(file)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    List<Tensor> rows = new ArrayList<>();
    for (Path picture : files) {
      if (ImageLoader.recognizes(picture)) {
        rows.add(images.another(picture));
      }
    }
    if (rows.isEmpty()) {
      throw new IOException("--baseline %s holds no picture.".formatted(given));
    }
    return Tensor.concat(rows);
  }

  private static int[] withBatch(int[] shape) {
    int[] all = new int[shape.length + 1];
    all[0] = 1;
    System.arraycopy(shape, 0, all, 1, shape.length);
    return all;
  }

  private Path file() {
    try {
      Path file = Path.of(given);
      if (Files.exists(file)) {
        return file;
      }
    } catch (InvalidPathException e) {
      throw unknown();
    }
    throw unknown();
  }

  private UsageException unknown() {
    return new UsageException(
        "--baseline takes %s, a number in units of the input or a file, got '%s'."
            .formatted(String.join(", ", NAMES), given));
  }

  /** Of several rows of a table, their mean: what is usual in the background. */
  private static Tensor mean(Tensor rows, Shape input) {
    boolean table = input.rank() == 2 && rows.rank() == 2 && rows.size(0) > 1;
    if (!table) {
      return rows;
    }
    int columns = rows.size(1);
    float[] all = rows.toFloatArray();
    double[] sums = new double[columns];
    for (int i = 0; i < all.length; i++) {
      sums[i % columns] += all[i];
    }
    float[] mean = new float[columns];
    for (int i = 0; i < columns; i++) {
      mean[i] = (float) (sums[i] / rows.size(0));
    }
    return Tensor.of(mean, 1, columns);
  }

  private Tensor row(Tensor rows, Shape input) throws IOException {
    int[] shape = rows.shape();
    int[] wanted = input.sizes();
    boolean fits =
        shape.length == wanted.length
            && shape[0] == 1
            && Arrays.equals(shape, 1, shape.length, wanted, 1, wanted.length);
    if (!fits) {
      throw new IOException(
          "--baseline %s holds %s, but a baseline of the input %s is one row of it."
              .formatted(given, rows, input));
    }
    return rows;
  }
}
