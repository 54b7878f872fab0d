package dev.keralens.app;

import dev.keralens.Explanation;
import dev.keralens.explain.Method;
import dev.keralens.picture.Interpolation;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A batch that was explained.
 *
 * @param places of each image, its place among all
 * @param pictures what is drawn of each image; empty where they are no pictures
 * @param x what the explained input gets of each
 * @param explanations one for each method, or for each layer of it
 * @param methods of each explanation, its method
 * @param units int64 (images, k): the units that were explained
 * @param scores float (images, k): what is shown of them
 * @param each where every input is explained, which explanation is of which
 * @param masks of each image what is predicted where, by the names of classes; empty where that is
 *     not drawn
 */
record Explained(
    List<Integer> places,
    List<Picture> pictures,
    Tensor x,
    List<Explanation> explanations,
    List<Method> methods,
    Tensor units,
    Tensor scores,
    @Nullable OfInputs each,
    List<Map<String, Tensor>> masks) {
  private static final int NARROWEST = 448;

  /**
   * What all inputs get.
   *
   * @param over of each explanation, the position of its input
   * @param all what each input gets
   * @param pictures what is drawn of it; an empty list for what is no picture
   */
  record OfInputs(List<Integer> over, List<Tensor> all, List<List<Picture>> pictures) {}

  /** The same without what is drawn. */
  Explained withoutPictures() {
    return new Explained(
        places, List.of(), x, explanations, methods, units, scores, null, List.of());
  }

  /** A map over the drawing of what is no picture. */
  Picture draw(Views views, int explanation, int image, int place, Rendering rendering) {
    Tensor map = explanations.get(explanation).map(image, place);
    return views.draw(x.row(image), map, rendering);
  }

  /**
   * A map over the drawing of the input that it is of, where every input is explained.
   *
   * @param views how each input is drawn that is no picture
   */
  Picture drawOver(
      List<@Nullable Views> views, int explanation, int image, int place, Rendering rendering) {
    OfInputs ofInputs = Objects.requireNonNull(each);
    int input = ofInputs.over().get(explanation);
    Tensor map = explanations.get(explanation).map(image, place);
    Views view = views.get(input);
    return view == null
        ? rendering.draw(
            enlarged(ofInputs.pictures().get(input).get(image)), map, ofPixels(explanation))
        : view.draw(ofInputs.all().get(input).row(image), map, rendering);
  }

  /** Small pictures are drawn over in a size in which maps are seen. */
  private static Picture enlarged(Picture picture) {
    int times = Math.max(1, NARROWEST / Math.max(picture.width(), picture.height()));
    return picture.resize(times * picture.height(), times * picture.width(), Interpolation.NEAREST);
  }

  /** The number of images. */
  int images() {
    return units.size(0);
  }

  /** The place of an image of the batch among all. */
  int place(int image) {
    return places.get(image);
  }

  /** The number of units of each image. */
  int unitsPerImage() {
    return units.size(1);
  }

  /** Whether an explanation's maps are of single pixels, not of activations. */
  boolean ofPixels(int explanation) {
    return methods.get(explanation).info().showsPixels();
  }

  /** An explanation's method, with what it explains where the method explains several layers. */
  String name(int explanation, String separator) {
    return ofLayer(explanation, methods.get(explanation).name(), separator);
  }

  /** The same with the method's name as papers write it. */
  String title(int explanation, String separator) {
    return ofLayer(explanation, methods.get(explanation).title(), separator);
  }

  private String ofLayer(int explanation, String method, String separator) {
    Explanation one = explanations.get(explanation);
    long same = explanations.stream().filter(e -> e.method().equals(one.method())).count();
    return same == 1 ? method : method + separator + one.explained();
  }

  /** The maps of all units of an image, by what the units are called; no unit comes twice. */
  Map<String, Tensor> maps(int explanation, int image, Labels labels) {
    Map<String, Tensor> maps = new LinkedHashMap<>();
    for (int place = 0; place < unitsPerImage(); place++) {
      maps.putIfAbsent(
          labels.caption(unit(image, place), score(image, place)),
          explanations.get(explanation).map(image, place));
    }
    return maps;
  }

  int unit(int image, int place) {
    return Math.toIntExact(units.getLong(image, place));
  }

  float score(int image, int place) {
    return scores.get(image, place);
  }
}
