package dev.keralens.objective;

import dev.keralens.graph.Shape;
import dev.keralens.network.Network;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a detector finds: the boxes among its outputs, the strongest first, each object once. Of
 * boxes of one class that overlap by more than half, by intersection over union, the strongest
 * stays.
 */
public final class DetectedBoxes {
  /** Boxes whose numbers are all within this are parts of the input, not pixels. */
  private static final float MOST_OF_PARTS = 2;

  private static final double SAME_OBJECT = 0.5;

  private final Detections.Found found;
  private final BoxForm form;
  private final int[] places;
  private final int classes;
  private final boolean areParts;
  private final boolean hasBackground;
  private final @Nullable Integer background;

  private DetectedBoxes(
      Detections.Found found,
      BoxForm form,
      int[] places,
      int classes,
      boolean areParts,
      boolean hasBackground,
      @Nullable Integer background) {
    this.classes = classes;
    this.areParts = areParts;
    this.hasBackground = hasBackground;
    this.background = background;
    this.found = found;
    this.form = form;
    this.places = places;
  }

  /** A box that was found. */
  public static final class Detected {
    private final Box box;
    private final int unit;
    private final float score;

    Detected(Box box, int unit, float score) {
      this.box = box;
      this.unit = unit;
      this.score = score;
    }

    /** {@return where, in pixels of the model's input} */
    public Box box() {
      return box;
    }

    /** {@return the class of its highest score} */
    public int unit() {
      return unit;
    }

    /** {@return that score, as the model gives it} */
    public float score() {
      return score;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Detected that
          && box.equals(that.box)
          && unit == that.unit
          && Float.compare(score, that.score) == 0;
    }

    @Override
    public int hashCode() {
      return Objects.hash(box, unit, score);
    }

    @Override
    public String toString() {
      return "Detected[box=%s, unit=%s, score=%s]".formatted(box, unit, score);
    }
  }

  /**
   * {@return what reads a model's boxes, if its outputs are those of a detector, it is known what
   * their numbers are, and scores that are multiplied are proved to be probabilities}
   *
   * @param network the network
   * @param names what its outputs are called, in order
   * @param output the output that is looked at, where boxes and scores are one
   * @param named what the numbers of boxes are; null for what the model proves
   */
  public static Optional<DetectedBoxes> of(
      Network network, List<String> names, int output, @Nullable BoxForm named) {
    int[] places = network.inputs().get(0).places();
    if (places.length != 2) {
      return Optional.empty();
    }
    BoxProofs proofs = new BoxProofs(network);
    return new Detections(network, names, output, named)
        .find()
        .flatMap(
            found ->
                Optional.ofNullable(found.form())
                    .filter(form -> joins(form) == (found.boxes() == found.scores()))
                    .filter(form -> !form.hasObjectness() || proofs.areProbabilities(found, form))
                    .map(
                        form ->
                            new DetectedBoxes(
                                found,
                                form,
                                places,
                                classes(network, found, form),
                                proofs.areParts(found, form),
                                proofs.hasBackground(found, form),
                                null)));
  }

  /**
   * {@return the same, without boxes of the class that stands for no object}
   *
   * @param unit the class; null for none
   * @throws IllegalArgumentException if there is no such class, or one stands for no object and has
   *     to be named
   */
  public DetectedBoxes withBackground(@Nullable Integer unit) {
    BoxProofs.requireBackground(unit, classes, hasBackground);
    return new DetectedBoxes(found, form, places, classes, areParts, hasBackground, unit);
  }

  /**
   * {@return whether one of the classes stands for no object, as scores are a softmax over all of a
   * box; which, the model does not show}
   */
  public boolean hasBackground() {
    return hasBackground;
  }

  private static int classes(Network network, Detections.Found found, BoxForm form) {
    Shape scores = network.outputs().get(found.scores()).shape();
    return scores.rank() < 3 ? 1 : scores.size(found.turned() ? 1 : 2) - first(form);
  }

  /** Where the scores of classes begin among the numbers of a box. */
  private static int first(BoxForm form) {
    return !joins(form) ? 0 : form.hasObjectness() ? 5 : 4;
  }

  private static boolean joins(BoxForm form) {
    return form.isJoined();
  }

  /** {@return the position of the output that has the scores} */
  public int output() {
    return found.scores();
  }

  /** {@return what the numbers of the boxes are} */
  public BoxForm form() {
    return form;
  }

  /**
   * {@return the boxes of an image, the strongest first}
   *
   * @param outputs what the model gives, all of it
   * @param image the image, by its place in the batch
   * @param most how many boxes are wanted at most
   */
  public List<Detected> in(List<Tensor> outputs, int image, int most) {
    Tensor boxes = outputs.get(found.boxes()).row(image);
    Tensor scores = outputs.get(found.scores()).row(image);
    if (found.turned()) {
      boxes = boxes.transpose(1, 0);
      scores = boxes;
    }
    float[] numbers = boxes.toFloatArray();
    float[] all = scores.toFloatArray();
    int count = boxes.size(0);
    int each = boxes.size(1);
    int width = scores.rank() == 1 ? 1 : scores.size(1);
    int first = first(form);
    boolean parts = true;
    for (int i = 0; i < count; i++) {
      for (int n = 0; n < 4; n++) {
        parts &= areParts || Math.abs(numbers[i * each + n]) <= MOST_OF_PARTS;
      }
    }
    float[] anchors =
        form.isOfAnchors() ? Anchors.of(form, places[0], places[1]).toFloatArray() : new float[0];
    List<Detected> candidates = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int none = background == null ? -1 : first + background;
      int best = first == none ? first + 1 : first;
      for (int unit = first; unit < width; unit++) {
        best = unit != none && all[i * width + unit] > all[i * width + best] ? unit : best;
      }
      float objectness = form.hasObjectness() ? numbers[i * each + 4] : 1;
      float score = objectness * all[i * width + best];
      double[] corners = corners(numbers, i * each, parts, anchors, i);
      if (corners[0] < corners[2] && corners[1] < corners[3] && Float.isFinite(score)) {
        Box box = new Box(corners[0], corners[1], corners[2], corners[3]);
        candidates.add(new Detected(box, best - first, score));
      }
    }
    candidates.sort(Comparator.comparingDouble((Detected one) -> -one.score()));
    return distinct(candidates, most);
  }

  /** The strongest of those that are of one object. */
  private static List<Detected> distinct(List<Detected> candidates, int most) {
    List<Detected> kept = new ArrayList<>();
    for (Detected one : candidates) {
      if (kept.size() == most) {
        break;
      }
      boolean again =
          kept.stream()
              .anyMatch(k -> k.unit() == one.unit() && overlap(k.box(), one.box()) > SAME_OBJECT);
      if (!again) {
        kept.add(one);
      }
    }
    return kept;
  }

  /** Left, top, right, bottom in pixels of the input. */
  private double[] corners(float[] numbers, int at, boolean parts, float[] anchors, int box) {
    double[] n = new double[4];
    for (int i = 0; i < n.length; i++) {
      boolean isX = (i % 2 == 0) != (form == BoxForm.YXYX);
      n[i] = numbers[at + i] * (parts && !form.isOfAnchors() ? places[isX ? 1 : 0] : 1.0);
    }
    return switch (form) {
      case XYXY -> n;
      case YXYX -> new double[] {n[1], n[0], n[3], n[2]};
      case XYWH -> new double[] {n[0], n[1], n[0] + n[2], n[1] + n[3]};
      case CXCYWH, YOLO, YOLO_OBJECTNESS -> centered(n[0], n[1], n[2], n[3]);
      case RETINANET, YOLOX ->
          centered(
              n[0] * anchors[4 * box + 2] + anchors[4 * box],
              n[1] * anchors[4 * box + 3] + anchors[4 * box + 1],
              Math.exp(n[2]) * anchors[4 * box + 2],
              Math.exp(n[3]) * anchors[4 * box + 3]);
    };
  }

  private static double[] centered(double x, double y, double width, double height) {
    return new double[] {x - width / 2, y - height / 2, x + width / 2, y + height / 2};
  }

  /** Intersection over union. */
  private static double overlap(Box a, Box b) {
    double width = Math.min(a.right(), b.right()) - Math.max(a.left(), b.left());
    double height = Math.min(a.bottom(), b.bottom()) - Math.max(a.top(), b.top());
    double common = Math.max(0, width) * Math.max(0, height);
    double all =
        (a.right() - a.left()) * (a.bottom() - a.top())
            + (b.right() - b.left()) * (b.bottom() - b.top())
            - common;
    return common / all;
  }
}
