package dev.keralens.web;

import dev.keralens.Model;
import dev.keralens.graph.Shape;
import dev.keralens.objective.Objective;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A model as a page shows it: with what its inputs go through, and what its units are called. */
public interface PageModel extends AutoCloseable {
  /**
   * What was read of a file.
   *
   * @param picture what is drawn; null where the file holds no picture
   * @param inputs the model's inputs, of one row each
   * @param words of a text, what stands at each place of the explained input; empty at a place of
   *     no word. No list for what is no text
   */
  record Read(@Nullable Picture picture, List<Tensor> inputs, List<String> words) {
    /** Takes unmodifiable copies. */
    public Read {
      inputs = List.copyOf(inputs);
      words = List.copyOf(words);
    }

    /**
     * What was read for a model of one input.
     *
     * @param picture what is drawn; null where the file holds no picture
     * @param x the model's input, of one row
     */
    public Read(@Nullable Picture picture, Tensor x) {
      this(picture, List.of(x), List.of());
    }
  }

  /**
   * A file that was given.
   *
   * @param name its name
   * @param content what it holds
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Given(String name, byte[] content) {}

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

  /** {@return the shape of the explained input, the batch first as {@link Shape#BATCH}} */
  Shape shape();

  /** {@return the shapes of all inputs} */
  default List<Shape> shapes() {
    return List.of(shape());
  }

  /** {@return the position of the explained input} */
  default int explained() {
    return 0;
  }

  /** {@return the names of the inputs that get a file each; none where one file is all} */
  default List<String> parts() {
    return List.of();
  }

  /**
   * {@return the same model, of which another input is explained; it shares what this one holds,
   * and is closed with it}
   *
   * @param input the name of the input
   */
  default PageModel explaining(String input) {
    throw new IllegalArgumentException("The model has no input '%s' to choose.".formatted(input));
  }

  /** {@return whether the input is a picture} */
  boolean takesPictures();

  /** {@return whether a text is read, as the model's tokenizer splits it} */
  default boolean takesText() {
    return false;
  }

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
   * Reads a file for each input.
   *
   * @param parts the files by the names of {@link #parts()}
   * @param mostPixels how many pixels a picture may have
   * @return what they hold
   * @throws IOException if one cannot be read
   */
  default Read read(Map<String, Given> parts, long mostPixels) throws IOException {
    throw new IllegalArgumentException("The model takes one file.");
  }

  /**
   * {@return the explained input of a picture whose pixels are all the same}
   *
   * @param value the pixels, in [0, 255]
   */
  Tensor ofPixels(float value);

  /** Closes the model. */
  @Override
  void close();
}
