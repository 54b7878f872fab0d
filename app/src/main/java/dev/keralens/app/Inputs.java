package dev.keralens.app;

import dev.keralens.graph.Shape;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What is predicted or explained, read batch by batch. */
sealed interface Inputs permits ImageInputs, ArrayInput {
  /**
   * Some of the inputs.
   *
   * @param x the model's input
   * @param pictures what is drawn of each; empty where they are no pictures
   */
  record Batch(Tensor x, List<Picture> pictures) {}

  /** The number of images. */
  int count();

  /** What an image is called for people. */
  String name(int image);

  /** What files made from an image are called, without an ending; no two are the same. */
  String stem(int image);

  /** The files that are read. */
  List<Path> files();

  /** The shape of the model's input. */
  Shape shape();

  /** Whether the inputs can be drawn. */
  boolean areDrawable();

  /** Reads some of the images. */
  Batch read(int from, int to) throws IOException;
}
