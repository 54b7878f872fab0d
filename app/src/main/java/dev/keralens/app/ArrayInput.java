package dev.keralens.app;

import dev.keralens.Model;
import dev.keralens.applications.Preprocessing;
import dev.keralens.graph.Shape;
import dev.keralens.network.InputSpec;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One NumPy array, the images in its first axis; used as it is, unless told otherwise. */
final class ArrayInput implements Inputs {
  private final Path file;
  private final Tensor x;
  private final InputFormat.Order order;

  private ArrayInput(Path file, Tensor x, InputFormat.Order order) {
    this.file = file;
    this.x = x;
    this.order = order;
  }

  /**
   * Reads the array, if the first file is one.
   *
   * @throws IOException if it is not what the model takes
   */
  static @Nullable ArrayInput read(List<InputFile> files, Model model, ModelOptions options)
      throws IOException {
    Path file = files.get(0).path();
    if (!InputFiles.isArray(file)) {
      return null;
    }
    options.depth().checkArray(file);
    return read(file, model, options.size());
  }

  private static ArrayInput read(Path file, Model model, @Nullable Size size) throws IOException {
    InputSpec spec = InputFormat.single(model);
    Tensor x = ArrayFile.read(file);
    boolean convertible =
        spec.type() == ElementType.FLOAT32
            && (x.type() == ElementType.FLOAT64 || x.type() == ElementType.UINT8);
    InputFormat.Order order = InputFormat.order(model, spec);
    boolean fits = fits(x, spec, order, size);
    if (!fits || (x.type() != spec.type() && !convertible)) {
      String type = spec.type().name().toLowerCase(Locale.ROOT);
      throw new IOException(
          "%s holds %s, but %s takes %s %s.%s"
              .formatted(
                  file,
                  x,
                  model.name(),
                  spec.type(),
                  spec,
                  fits ? " Save it as x.astype('%s').".formatted(type) : ""));
    }
    if (x.size(0) == 0) {
      throw new IOException(file + " holds no image: its shape is " + Tensor.describe(x.shape()));
    }
    Tensor input = convertible ? Tensor.of(x.toFloatArray(), x.shape()) : x;
    checkFinite(file, input);
    return new ArrayInput(file, input, order);
  }

  /**
   * The array as the model takes it: preprocessed where the user named how. What it holds is
   * compared with what the model takes, and the user is told where they differ.
   */
  ArrayInput preprocessed(Pixels pixels, PrintWriter err) {
    if (!pixels.isGiven()) {
      ArrayRange.of(x).print(file, pixels, err);
      return this;
    } else if (pixels.scaling() == null || !areDrawable()) {
      throw new UsageException(
          "--preprocess is for pictures, and the array %s holds none.".formatted(file));
    }
    boolean first = order == InputFormat.Order.CHANNELS_FIRST;
    Tensor last = first ? x.transpose(0, 2, 3, 1) : x;
    pixels.check(last.size(-1));
    pixels.print(err);
    ArrayRange.of(x).printUnlessBytes(file, pixels, err);
    if (x.type() != ElementType.FLOAT32 && pixels.preprocessing() == Preprocessing.NONE) {
      return this;
    } else if (x.type() != ElementType.FLOAT32) {
      throw new UsageException(
          "--preprocess %s makes fractions, but the model takes whole numbers; use none."
              .formatted(pixels.preprocessing().label()));
    }
    Tensor scaled = pixels.preprocessing().apply(last);
    return new ArrayInput(file, first ? scaled.transpose(0, 3, 1, 2) : scaled, order);
  }

  /** Whether an array has the sizes that a model takes, or those that were asked for. */
  private static boolean fits(
      Tensor x, InputSpec spec, InputFormat.Order order, @Nullable Size size) {
    List<@Nullable Integer> sizes = new ArrayList<>(spec.sizes());
    if (size != null && sizes.size() >= 2) {
      int first = order == InputFormat.Order.CHANNELS_FIRST ? 1 : 0;
      sizes.set(first, size.height());
      sizes.set(first + 1, size.width());
    }
    if (x.rank() != sizes.size() + 1) {
      return false;
    }
    return IntStream.range(0, sizes.size())
        .allMatch(
            axis -> {
              Integer wanted = sizes.get(axis);
              return wanted == null || wanted == x.size(axis + 1);
            });
  }

  private static void checkFinite(Path file, Tensor x) throws IOException {
    if (x.type() != ElementType.FLOAT32) {
      return;
    }
    float[] values = x.toFloatArray();
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IOException(
            "%s holds %s in image %d; a map of it would say nothing."
                .formatted(file, values[i], i / (values.length / x.size(0))));
      }
    }
  }

  @Override
  public int count() {
    return x.size(0);
  }

  @Override
  public String name(int image) {
    return file.getFileName() + " " + image;
  }

  @Override
  public String stem(int image) {
    String name = String.valueOf(file.getFileName());
    String number = String.valueOf(image);
    int zeros = String.valueOf(count() - 1).length() - number.length();
    String stem = name.substring(0, name.length() - ".npy".length());
    return stem + "-" + "0".repeat(zeros) + number;
  }

  @Override
  public List<Path> files() {
    return List.of(file);
  }

  @Override
  public Shape shape() {
    int[] sizes = x.shape();
    sizes[0] = Shape.BATCH;
    return Shape.of(sizes);
  }

  @Override
  public boolean areDrawable() {
    int[] shape = x.shape();
    int channels = order == InputFormat.Order.CHANNELS_FIRST ? 1 : 3;
    return x.rank() == 4 && Arrays.asList(1, 3, 4).contains(shape[channels]);
  }

  @Override
  public Tensor ofPixels(float value, Pixels pixels) {
    boolean first = order == InputFormat.Order.CHANNELS_FIRST;
    Tensor one = x.rows(0, 1);
    int[] shape = first ? one.transpose(0, 2, 3, 1).shape() : one.shape();
    float[] samples = new float[one.elements()];
    Arrays.fill(samples, value);
    Tensor picture = pixels.preprocessing().apply(Tensor.of(samples, shape));
    return first ? picture.transpose(0, 3, 1, 2) : picture;
  }

  @Override
  public Batch read(int from, int to) {
    List<Picture> pictures = new ArrayList<>();
    if (areDrawable()) {
      for (int i = from; i < to; i++) {
        Tensor row = x.row(i);
        pictures.add(
            Picture.ofScaledTensor(
                order == InputFormat.Order.CHANNELS_FIRST ? row.transpose(1, 2, 0) : row));
      }
    }
    return new Batch(
        IntStream.range(from, to).boxed().toList(), x.rows(from, to), pictures, List.of(), to);
  }
}
