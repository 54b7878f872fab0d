package dev.keralens.web;

import dev.keralens.Model;
import dev.keralens.graph.Shape;
import dev.keralens.objective.Objective;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A model as a page shows it: with what its inputs go through, and what its units are called. */
public interface PageModel extends AutoCloseable {
  /**
   * What was read of a file.
   *
   * @param picture what is drawn; null where the file holds no picture
   * @param x the model's input, of one row
   */
  record Read(@Nullable Picture picture, Tensor x) {}

  /** {@return the model} */
  Model model();

  /** {@return how the model is named on the command line} */
  String given();

  /** {@return the SHA-256 of the model's file; empty where it is no single file} */
  String sha256();

  /** {@return what is explained} */
  Objective objective();

  /**
   * {@return what a unit is called}
   *
   * @param unit its number
   */
  String unitName(int unit);

  /** {@return whether units have names} */
  boolean hasNames();

  /** {@return the shape of the input, the batch first as {@link Shape#BATCH}} */
  Shape shape();

  /** {@return whether the input is a picture} */
  boolean takesPictures();

  /** {@return what pixels go through before the model, in words; empty where there are none} */
  String preprocessing();

  /**
   * {@return the options of the command line that make it read the same, such as {@code --size}}
   */
  String options();

  /**
   * Reads a file.
   *
   * @param content the file
   * @param name what messages call it
   * @param mostPixels how many pixels a picture may have
   * @return what it holds
   * @throws IOException if it cannot be read
   */
  Read read(byte[] content, String name, long mostPixels) throws IOException;

  /**
   * {@return the model's input of one picture whose pixels are all the same}
   *
   * @param value the pixels, in [0, 255]
   */
  Tensor ofPixels(float value);

  /** Closes the model. */
  @Override
  void close();
}
