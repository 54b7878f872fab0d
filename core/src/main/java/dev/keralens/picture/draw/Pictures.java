package dev.keralens.picture.draw;

import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.util.List;

/** Draws several pictures as one. */
public final class Pictures {
  private Pictures() {}

  /** {@return an empty grid} */
  public static Grid grid() {
    return new Grid();
  }

  /**
   * {@return a grid of pictures with maps over them} The counterpart of keras-explainable's {@code
   * visualize(images, titles, overlays)}.
   *
   * @param pictures the pictures
   * @param captions the texts under them; there may be fewer than pictures, or none
   * @param maps the maps over them, each (height, width) or (height, width, 1); there may be fewer
   *     than pictures, or none
   * @throws IllegalArgumentException if there are more captions or maps than pictures, or a map has
   *     another shape or a value that is NaN or infinite
   */
  public static Grid grid(List<Picture> pictures, List<String> captions, List<Tensor> maps) {
    if (captions.size() > pictures.size() || maps.size() > pictures.size()) {
      throw new IllegalArgumentException(
          "There are %d pictures, but %d captions and %d maps."
              .formatted(pictures.size(), captions.size(), maps.size()));
    }
    Grid grid = grid();
    for (int i = 0; i < pictures.size(); i++) {
      String caption = i < captions.size() ? captions.get(i) : "";
      grid =
          i < maps.size()
              ? grid.add(pictures.get(i), maps.get(i), caption)
              : grid.add(pictures.get(i), caption);
    }
    return grid;
  }
}
