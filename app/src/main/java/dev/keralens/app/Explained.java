package dev.keralens.app;

import dev.keralens.Explanation;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.util.List;

/**
 * A batch that was explained.
 *
 * @param first the batch's first image among all
 * @param pictures what is drawn of each image; empty where they are no pictures
 * @param explanations one for each method
 * @param ofPixels of each method, whether its maps are of single pixels, not of activations
 * @param units int64 (images, k): the units that were explained
 * @param scores float (images, k): what is shown of them
 */
record Explained(
    int first,
    List<Picture> pictures,
    List<Explanation> explanations,
    List<Boolean> ofPixels,
    Tensor units,
    Tensor scores) {
  /** The number of images. */
  int images() {
    return units.size(0);
  }

  /** The number of units of each image. */
  int unitsPerImage() {
    return units.size(1);
  }

  int unit(int image, int place) {
    return (int) units.toLongArray()[image * unitsPerImage() + place];
  }

  float score(int image, int place) {
    return scores.get(image, place);
  }
}
