package dev.keralens.app;

import dev.keralens.Prefetch;
import dev.keralens.graph.Shape;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** What is predicted or explained, read batch by batch. */
sealed interface Inputs permits ImageInputs, ArrayInput, SeveralInputs {
  /**
   * Some of the inputs.
   *
   * @param images the places among all of those that could be read
   * @param all what each of the model's inputs gets; without rows where none could be read
   * @param explained the position of the input that is explained
   * @param pictures what is drawn of each; empty where they are no pictures
   * @param ofEach what is drawn of each of the model's inputs; empty lists for what is no picture
   * @param unread why the others could not be read
   * @param end the place after the last one, read or not
   */
  record Batch(
      List<Integer> images,
      List<Tensor> all,
      int explained,
      List<Picture> pictures,
      List<List<Picture>> ofEach,
      List<String> unread,
      int end) {
    /** Of a model that takes one input. */
    Batch(List<Integer> images, Tensor x, List<Picture> pictures, List<String> unread, int end) {
      this(images, List.of(x), 0, pictures, List.of(pictures), unread, end);
    }

    /** What the input gets that is explained. */
    Tensor x() {
      return all.get(explained);
    }

    boolean isEmpty() {
      return images.isEmpty();
    }
  }

  /** The number of images. */
  int count();

  /** What an image is called for people. */
  String name(int image);

  /** What files made from an image are called, without an ending; no two are the same. */
  String stem(int image);

  /** The files that are read. */
  List<Path> files();

  /** The file that an image is read from. */
  default Path source(int image) {
    return files().get(files().size() == 1 ? 0 : image);
  }

  /** The shape of the model's input; of several, of the one that is explained. */
  Shape shape();

  /** The shapes of all of the model's inputs. */
  default List<Shape> shapes() {
    return List.of(shape());
  }

  /** What the input gets that is explained. */
  default Inputs explained() {
    return this;
  }

  /** Whether the inputs can be drawn. */
  boolean areDrawable();

  /**
   * The model's input of one picture whose pixels are all the same.
   *
   * @param value the pixels, in [0, 255]
   * @param pixels what they go through
   */
  Tensor ofPixels(float value, Pixels pixels);

  /** Says what is to be said of the images that were read. */
  default void print(PrintWriter err) {}

  /** Reads some of the images. */
  Batch read(int from, int to) throws IOException;

  /**
   * The model's input of the first image that can be read.
   *
   * @throws IOException if there is none
   */
  default Tensor first() throws IOException {
    return firstBatch().x();
  }

  /**
   * The first image that can be read.
   *
   * @throws IOException if there is none
   */
  default Batch firstBatch() throws IOException {
    Unread unread = new Unread(count());
    for (int i = 0; ; i++) {
      Batch one = read(i, i + 1);
      unread.add(one);
      if (!one.isEmpty()) {
        return one;
      }
    }
  }

  /** All images, read batch by batch on threads of their own, a few ahead. */
  default Prefetch<Batch> batches(int size) {
    return Prefetch.of(
        IntStream.iterate(0, from -> from < count(), from -> from + size)
            .mapToObj(
                from -> (Prefetch.Reader<Batch>) () -> read(from, Math.min(count(), from + size)))
            .iterator());
  }
}
