package dev.keralens;

import dev.keralens.picture.Picture;
import dev.keralens.picture.draw.Grid;
import dev.keralens.picture.draw.Overlay;
import dev.keralens.picture.draw.Pictures;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Why a model gave a photo its classes: the photo, the classes by name, a map of each. */
public final class PictureExplanation {
  private final Picture picture;
  private final Explanation explanation;
  private final List<ClassScore> classes;

  PictureExplanation(Picture picture, Explanation explanation, List<ClassScore> classes) {
    this.picture = picture;
    this.explanation = explanation;
    this.classes = classes;
  }

  /**
   * {@return the photo in its own size; of a tensor, its numbers from the lowest, black, to the
   * highest, white}
   */
  public Picture picture() {
    return picture;
  }

  /** {@return the name of the method} */
  public String method() {
    return explanation.method();
  }

  /** {@return the classes that are explained, in the order of the maps} */
  public List<ClassScore> classes() {
    return classes;
  }

  /** {@return the maps, scores and outputs as arrays, of one image} */
  public Explanation explanation() {
    return explanation;
  }

  /**
   * {@return a map: float (height, width) of the model's input, in [0, 1] after a normalizing
   * filter}
   *
   * @param place the place of its class among {@link #classes}
   * @throws IndexOutOfBoundsException if there is no such place
   */
  public Tensor map(int place) {
    return explanation.map(0, place);
  }

  /**
   * {@return what there is to say of a map, such as that it shows nothing}
   *
   * @param place the place of its class among {@link #classes}
   * @throws IndexOutOfBoundsException if there is no such place
   */
  public Explanation.Finding finding(int place) {
    return explanation.finding(0, place);
  }

  /**
   * {@return the photo with a map over it, in the photo's size}
   *
   * @param place the place of its class among {@link #classes}
   * @throws IndexOutOfBoundsException if there is no such place
   */
  public Picture overlay(int place) {
    return Overlay.create().draw(picture, map(place));
  }

  /** {@return the photo, and beside it a map of each class with name and score} */
  public Picture figure() {
    Grid grid = Pictures.grid().add(picture, method());
    for (int place = 0; place < classes.size(); place++) {
      String empty = explanation.isEmpty(0, place) ? " (empty map)" : "";
      grid = grid.add(picture, map(place), classes.get(place) + empty);
    }
    return grid.draw();
  }

  /**
   * Writes {@link #figure} to a file.
   *
   * @param file {@code .png}, {@code .jpg} or {@code .jpeg}
   * @throws IllegalArgumentException if the name has another ending
   * @throws IOException if it cannot be written
   */
  public void save(Path file) throws IOException {
    figure().save(file);
  }

  /** {@return the method and the classes with their scores} */
  @Override
  public String toString() {
    return method() + ": " + classes;
  }
}
