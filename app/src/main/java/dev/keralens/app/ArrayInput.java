package dev.keralens.app;

import dev.keralens.Model;
import dev.keralens.PictureFormat;
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
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Rows of numbers: NumPy arrays, the images in their first axis, and other files that are no
 * pictures; used as they are, unless told otherwise.
 */
final class ArrayInput implements Inputs {
  /** Where an image is from. */
  private record Origin(Path file, int row, int rows) {}

  private final List<Path> files;
  private final List<Origin> origins;
  private final List<String> stems;
  private final Tensor x;
  private final PictureFormat.Order order;
  private final DataFile data;

  private ArrayInput(
      List<Path> files, List<Origin> origins, Tensor x, PictureFormat.Order order, DataFile data) {
    this.files = List.copyOf(files);
    this.origins = List.copyOf(origins);
    this.stems = stems(origins, files.size());
    this.x = x;
    this.order = order;
    this.data = data;
  }

  /**
   * Reads arrays, if the first file is no picture.
   *
   * @param spec the input that gets them
   * @throws IOException if one is not what the model takes
   */
  static @Nullable ArrayInput read(
      List<InputFile> given, Model model, InputSpec spec, ModelOptions options) throws IOException {
    List<Path> files = given.stream().map(InputFile::path).toList();
    if (!DataFile.is(files.get(0))) {
      return null;
    }
    options.depth().checkArray(files.get(0));
    options.checkArray(files.get(0));
    List<Tensor> parts = new ArrayList<>();
    List<Origin> origins = new ArrayList<>();
    DataFile first = null;
    for (Path file : files) {
      DataFile data = DataFile.read(file, spec);
      Tensor part = checked(file, data.x(), model, spec);
      if (first != null && !sameSizes(part, parts.get(0))) {
        throw new IOException(
            "%s holds %s, and %s before it %s; images that are explained together have one size."
                .formatted(file, part, files.get(0), parts.get(0)));
      }
      first = first == null ? data : first;
      parts.add(part);
      for (int row = 0; row < part.size(0); row++) {
        origins.add(new Origin(file, row, part.size(0)));
      }
    }
    Tensor x = parts.size() == 1 ? parts.get(0) : Tensor.concat(parts);
    PictureFormat.Order order = InputFormat.order(model, spec);
    return new ArrayInput(files, origins, x, order, Objects.requireNonNull(first));
  }

  private static boolean sameSizes(Tensor a, Tensor b) {
    return Arrays.equals(a.shape(), 1, a.rank(), b.shape(), 1, b.rank());
  }

  private static Tensor checked(Path file, Tensor x, Model model, InputSpec spec)
      throws IOException {
    boolean convertible =
        spec.type() == ElementType.FLOAT32
            && (x.type() == ElementType.FLOAT64 || x.type() == ElementType.UINT8);
    boolean fits = fits(x, spec);
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
    return input;
  }

  /**
   * The array as the model takes it: preprocessed where the user named how. What it holds is
   * compared with what the model takes, and the user is told where they differ.
   */
  ArrayInput preprocessed(Pixels pixels, PrintWriter err) {
    Path file = files.get(0);
    if (!pixels.isGiven()) {
      for (int row = 0; row < x.size(0); row += origins.get(row).rows()) {
        range(row).print(origins.get(row).file(), pixels, err);
      }
      return this;
    } else if (pixels.scaling() == null || !areDrawable()) {
      throw new UsageException(
          "--preprocess is for pictures, and the array %s holds none.".formatted(file));
    }
    boolean first = order == PictureFormat.Order.CHANNELS_FIRST;
    Tensor last = first ? x.transpose(0, 2, 3, 1) : x;
    pixels.check(last.size(-1));
    pixels.print(err);
    for (int row = 0; row < x.size(0); row += origins.get(row).rows()) {
      range(row).printUnlessBytes(origins.get(row).file(), pixels, err);
    }
    if (x.type() != ElementType.FLOAT32 && pixels.preprocessing() == Preprocessing.NONE) {
      return this;
    } else if (x.type() != ElementType.FLOAT32) {
      throw new UsageException(
          "--preprocess %s makes fractions, but the model takes whole numbers; use none."
              .formatted(pixels.preprocessing().label()));
    }
    Tensor scaled = pixels.preprocessing().apply(last);
    return new ArrayInput(
        files, origins, first ? scaled.transpose(0, 3, 1, 2) : scaled, order, data);
  }

  /** What the file holds whose rows begin with one: others may hold numbers of another range. */
  private ArrayRange range(int row) {
    return ArrayRange.of(x.rows(row, row + origins.get(row).rows()));
  }

  /** Whether an array has the sizes that a model takes. */
  private static boolean fits(Tensor x, InputSpec spec) {
    List<@Nullable Integer> sizes = spec.sizes();
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
    Origin origin = origins.get(image);
    String name = String.valueOf(origin.file().getFileName());
    boolean alone = origin.rows() == 1 && !ArrayFile.isArray(origin.file());
    return alone ? name : name + " " + origin.row();
  }

  @Override
  public String stem(int image) {
    return stems.get(image);
  }

  /** The files' names without their endings, with the row's number; no two are the same. */
  private static List<String> stems(List<Origin> origins, int files) {
    List<Path> names = new ArrayList<>();
    for (Origin origin : origins) {
      String name = String.valueOf(origin.file().getFileName());
      int dot = name.lastIndexOf('.');
      String stem = dot > 0 ? name.substring(0, dot) : name;
      String number = String.valueOf(origin.row());
      int zeros = String.valueOf(origin.rows() - 1).length() - number.length();
      boolean alone = origin.rows() == 1 && !ArrayFile.isArray(origin.file());
      names.add(Path.of(alone ? stem : stem + "-" + "0".repeat(zeros) + number));
    }
    return files == 1 ? names.stream().map(Path::toString).toList() : ImageInputs.stems(names);
  }

  @Override
  public List<Path> files() {
    return files;
  }

  @Override
  public Path source(int image) {
    return origins.get(image).file();
  }

  /** What is known of the numbers beside themselves. */
  DataFile data() {
    return data;
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
    int channels = order == PictureFormat.Order.CHANNELS_FIRST ? 1 : 3;
    return x.rank() == 4 && Arrays.asList(1, 3, 4).contains(shape[channels]);
  }

  @Override
  public Tensor ofPixels(float value, Pixels pixels) {
    boolean first = order == PictureFormat.Order.CHANNELS_FIRST;
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
                order == PictureFormat.Order.CHANNELS_FIRST ? row.transpose(1, 2, 0) : row));
      }
    }
    return new Batch(
        IntStream.range(from, to).boxed().toList(), x.rows(from, to), pictures, List.of(), to);
  }
}
