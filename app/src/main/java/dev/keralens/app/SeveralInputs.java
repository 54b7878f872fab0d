package dev.keralens.app;

import dev.keralens.graph.Shape;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * What each input of a model of several gets. An image is left out where any of its parts cannot be
 * read; the explained part names and draws it.
 */
final class SeveralInputs implements Inputs {
  private final List<Inputs> parts;
  private final int explained;

  /**
   * Inputs of as many images each.
   *
   * @param names the names of the model's inputs, for the message
   * @param explained the position of the input that is explained
   * @throws UsageException if the numbers of images differ
   */
  SeveralInputs(List<String> names, List<Inputs> parts, int explained) {
    this.parts = List.copyOf(parts);
    this.explained = explained;
    int count = parts.get(0).count();
    if (parts.stream().anyMatch(part -> part.count() != count)) {
      List<String> counts = new ArrayList<>();
      for (int i = 0; i < parts.size(); i++) {
        counts.add("%s %d".formatted(names.get(i), parts.get(i).count()));
      }
      throw new UsageException(
          "Each input gets as many images as the others, got for "
              + String.join(", for ", counts)
              + ".");
    }
  }

  /** What each of the model's inputs gets. */
  List<Inputs> parts() {
    return parts;
  }

  @Override
  public Inputs explained() {
    return parts.get(explained);
  }

  @Override
  public int count() {
    return explained().count();
  }

  @Override
  public String name(int image) {
    return explained().name(image);
  }

  @Override
  public String stem(int image) {
    return explained().stem(image);
  }

  @Override
  public List<Path> files() {
    return parts.stream().flatMap(part -> part.files().stream()).toList();
  }

  @Override
  public Path source(int image) {
    return explained().source(image);
  }

  @Override
  public Shape shape() {
    return explained().shape();
  }

  @Override
  public List<Shape> shapes() {
    return parts.stream().map(Inputs::shape).toList();
  }

  @Override
  public boolean areDrawable() {
    return explained().areDrawable();
  }

  @Override
  public Tensor ofPixels(float value, Pixels pixels) {
    return explained().ofPixels(value, pixels);
  }

  @Override
  public void print(PrintWriter err) {
    parts.forEach(part -> part.print(err));
  }

  @Override
  public Batch read(int from, int to) throws IOException {
    List<Batch> read = new ArrayList<>();
    List<String> unread = new ArrayList<>();
    for (Inputs part : parts) {
      Batch one = part.read(from, to);
      read.add(one);
      unread.addAll(one.unread());
    }
    TreeSet<Integer> all = new TreeSet<>(read.get(0).images());
    read.forEach(one -> all.retainAll(one.images()));
    List<Integer> images = List.copyOf(all);
    List<List<Picture>> drawn = read.stream().map(one -> pictures(one, images)).toList();
    return new Batch(
        images,
        read.stream().map(one -> rows(one, images)).toList(),
        explained,
        drawn.get(explained),
        drawn,
        // An image that lacks several of its parts counts once.
        unread.subList(0, Math.min(unread.size(), to - from - images.size())),
        to);
  }

  /** The pictures of some of the images of a batch. */
  private static List<Picture> pictures(Batch batch, List<Integer> images) {
    return batch.pictures().isEmpty()
        ? List.of()
        : images.stream().map(i -> batch.pictures().get(batch.images().indexOf(i))).toList();
  }

  /** The rows of some of the images of a batch. */
  private static Tensor rows(Batch batch, List<Integer> images) {
    if (images.equals(batch.images()) || images.isEmpty()) {
      return images.isEmpty() ? batch.x().rows(0, 0) : batch.x();
    }
    return Tensor.concat(
        images.stream()
            .map(image -> batch.images().indexOf(image))
            .map(row -> batch.x().rows(row, row + 1))
            .toList());
  }
}
