package dev.keralens.app;

import dev.keralens.graph.Shape;
import dev.keralens.picture.ImageLoader;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Image files, resized to the model's input and preprocessed. */
final class ImageInputs implements Inputs {
  private final List<Path> files;
  private final List<String> stems;
  private final InputFormat format;
  private final Preprocessing.Function preprocessing;

  ImageInputs(List<Path> files, InputFormat format, Preprocessing.Function preprocessing) {
    this.files = List.copyOf(files);
    this.stems = stems(files);
    this.format = format;
    this.preprocessing = preprocessing;
  }

  /** The names without their endings, made different where files in several folders share one. */
  static List<String> stems(List<Path> files) {
    List<String> stems = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    for (Path file : files) {
      String name = String.valueOf(file.getFileName());
      int dot = name.lastIndexOf('.');
      String stem = dot > 0 ? name.substring(0, dot) : name;
      String unique = stem;
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
    return String.valueOf(files.get(image).getFileName());
  }

  @Override
  public String stem(int image) {
    return stems.get(image);
  }

  @Override
  public List<Path> files() {
    return files;
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
    ImageLoader loader = ImageLoader.create().colorMode(format.colorMode());
    ImageLoader resizing = loader.size(format.height(), format.width());
    List<Picture> pictures = new ArrayList<>();
    int each = format.height() * format.width() * format.channels();
    float[] samples = new float[Math.multiplyExact(each, to - from)];
    for (int i = from; i < to; i++) {
      Picture picture = loader.read(files.get(i));
      pictures.add(picture);
      float[] one = resizing.apply(picture).toTensor().toFloatArray();
      preprocessing.apply(one, format.channels());
      System.arraycopy(one, 0, samples, (i - from) * each, each);
    }
    Tensor x = format.tensor(samples, to - from);
    return new Batch(from, x, pictures);
  }
}
