package dev.keralens.app;

import dev.keralens.PictureFormat;
import dev.keralens.applications.Preprocessing;
import dev.keralens.converter.ImageConverter;
import dev.keralens.explain.Batch;
import dev.keralens.graph.Shape;
import dev.keralens.picture.DecodedImage;
import dev.keralens.picture.ImageLoader;
import dev.keralens.picture.Picture;
import dev.keralens.picture.UnreadableImageException;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Image files, resized to the model's input and preprocessed. */
final class ImageInputs implements Inputs {
  /** From pixels of 8 bits to such of 16. */
  private static final float DEEP = 257;

  private final List<InputFile> files;
  private final List<String> names;
  private final List<String> stems;
  private final PictureFormat format;
  private final Preprocessing preprocessing;
  private final @Nullable ImageConverter converter;
  private final Depth depth;
  private final Fit fit;
  private final DepthNotes notes;
  private final boolean keepsGoing;
  private final Set<Integer> skipped = new HashSet<>();

  /**
   * The images of files.
   *
   * @param converter what is done in place of all that is said beside it; null for nothing
   * @param fit what becomes of images in another proportion than the model's input
   * @param keepsGoing whether a file that is named and cannot be read is left out, as those of
   *     folders are
   */
  ImageInputs(
      List<InputFile> files,
      PictureFormat format,
      Preprocessing preprocessing,
      @Nullable ImageConverter converter,
      Depth depth,
      Fit fit,
      boolean keepsGoing) {
    this.files = List.copyOf(files);
    this.names = names(files);
    this.stems = stems(files.stream().map(InputFile::within).toList());
    this.format = format;
    this.preprocessing = preprocessing;
    this.converter = converter;
    this.depth = depth;
    this.fit = fit;
    this.notes = new DepthNotes(depth);
    this.keepsGoing = keepsGoing;
  }

  /** Leaves images out, by their places: they are not read. */
  void skip(Set<Integer> images) {
    skipped.addAll(images);
  }

  /** Other images, read in the same way. */
  ImageInputs of(List<InputFile> others) {
    return new ImageInputs(others, format, preprocessing, converter, depth, fit, false);
  }

  /** What becomes of images in another proportion than the model's input. */
  Fit fit() {
    return fit;
  }

  /** Refuses images that do not fit into an array, or twice into Java's heap. */
  static void checkSize(String model, PictureFormat format) {
    long numbers = (long) format.height() * format.width() * format.channels();
    long heap = Runtime.getRuntime().maxMemory();
    String image =
        "%s: an image of %d x %d x %d has %d numbers"
            .formatted(model, format.height(), format.width(), format.channels(), numbers);
    if (numbers > Integer.MAX_VALUE / Float.BYTES) {
      throw new UsageException(
          "%s, and an array holds %d. Take a smaller --size."
              .formatted(image, Integer.MAX_VALUE / Float.BYTES));
    } else if (2 * Float.BYTES * numbers > heap) {
      throw new UsageException(
          "%s; read and preprocessed it needs %d MB, and Java may take %d. Take a smaller --size, or give it more: KERALENS_JAVA_OPTS=-Xmx%dg."
              .formatted(
                  image,
                  (2 * Float.BYTES * numbers) >> 20,
                  heap >> 20,
                  ((4 * Float.BYTES * numbers) >> 30) + 1));
    }
  }

  /** The names of the files, or their paths where several share a name. */
  private static List<String> names(List<InputFile> files) {
    Map<Path, Set<Path>> byName = new HashMap<>();
    for (InputFile file : files) {
      byName.computeIfAbsent(file.within(), key -> new HashSet<>()).add(file.path());
    }
    return files.stream()
        .map(
            file ->
                byName.getOrDefault(file.within(), Set.of()).size() > 1
                    ? file.path()
                    : file.within())
        .map(Path::toString)
        .toList();
  }

  /** The paths without their endings, made different where they are the same. */
  static List<String> stems(List<Path> files) {
    List<String> stems = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    for (Path file : files) {
      String name = String.valueOf(file.getFileName());
      int dot = name.lastIndexOf('.');
      Path stem = file.resolveSibling(dot > 0 ? name.substring(0, dot) : name);
      String unique = stem.toString();
      for (int i = 2; !taken.add(unique.toLowerCase(Locale.ROOT)); i++) {
        unique = stem + "-" + i;
      }
      stems.add(unique);
    }
    return stems;
  }

  @Override
  public int count() {
    return files.size();
  }

  @Override
  public String name(int image) {
    return names.get(image);
  }

  @Override
  public String stem(int image) {
    return stems.get(image);
  }

  @Override
  public List<Path> files() {
    return files.stream().map(InputFile::path).toList();
  }

  @Override
  public Shape shape() {
    return format.shape();
  }

  @Override
  public boolean areDrawable() {
    return true;
  }

  @Override
  public Batch read(int from, int to) throws IOException {
    ImageLoader loader =
        ImageLoader.create()
            .colorMode(format.colorMode())
            .sixteenBit(depth.isSixteen())
            .imageBits(depth.imageBits());
    ImageLoader resizing = loader.size(format.height(), format.width());
    List<Integer> images = new ArrayList<>();
    List<Picture> pictures = new ArrayList<>();
    List<String> unread = new ArrayList<>();
    int each = format.height() * format.width() * format.channels();
    float[] samples = new float[Math.multiplyExact(each, to - from)];
    for (int i = from; i < to; i++) {
      if (skipped.contains(i)) {
        continue;
      }
      InputFile file = files.get(i);
      DecodedImage image;
      try {
        image = loader.decode(file.path());
      } catch (IOException e) {
        if (file.isNamed() && !keepsGoing) {
          throw withAdvice(e, files.size());
        }
        unread.add(Failures.message(e));
        continue;
      }
      notes.add(names.get(i), image);
      boolean isDeep = image.isSixteenBit() || depth.isSixteen();
      if (isDeep && fit != Fit.STRETCH) {
        throw new UsageException(
            "--fit: %s has 16 bits, and such images are stretched only.".formatted(names.get(i)));
      }
      Picture whole = drawn(loader, image);
      Picture picture;
      float[] one;
      if (converter == null) {
        picture = fit.applied(whole, format.height(), format.width());
        Tensor pixels = isDeep ? resizing.load(image) : resizing.apply(picture).toTensor();
        one = preprocessing.apply(pixels).toFloatArray();
      } else {
        picture = converter.framed(whole);
        one = converter.apply(whole).toFloatArray();
      }
      System.arraycopy(one, 0, samples, pictures.size() * each, each);
      images.add(i);
      pictures.add(picture);
    }
    float[] read = Arrays.copyOf(samples, images.size() * each);
    return new Batch(images, format.tensor(read, images.size()), pictures, unread, to);
  }

  /** The model's input of another picture. */
  Tensor another(Path file) throws IOException {
    List<InputFile> one = List.of(InputFile.named(file));
    return new ImageInputs(one, format, preprocessing, converter, depth, fit, false).read(0, 1).x();
  }

  @Override
  public Tensor ofPixels(float value, Pixels pixels) {
    float[] samples = new float[format.height() * format.width() * format.channels()];
    Arrays.fill(samples, depth.isSixteen() ? value * DEEP : value);
    Tensor picture = Tensor.of(samples, format.height(), format.width(), format.channels());
    Tensor scaled = converter == null ? preprocessing.apply(picture) : converter.scale(picture);
    return format.tensor(scaled.toFloatArray(), 1);
  }

  /** What is drawn; an image of few bits that the model gets as it is would be black. */
  private Picture drawn(ImageLoader loader, DecodedImage image) {
    return depth.isSixteen() && image.isSixteenBit() && depth.imageBits() == 16
        ? loader.imageBits(image.usedBits()).read(image)
        : loader.read(image);
  }

  @Override
  public void print(PrintWriter err) {
    notes.print(err);
  }

  /** The failure of one of some files, which says how to go on without it. */
  static IOException withAdvice(IOException e, int files) {
    return e instanceof UnreadableImageException && files > 1
        ? new IOException(e.getMessage() + " --keep-going leaves it out.", e)
        : e;
  }
}
