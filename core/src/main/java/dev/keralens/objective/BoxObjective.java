package dev.keralens.objective;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.inspect.Logits;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The scores of one prediction of a detector: of that which overlaps best with a box, by
 * intersection over union, or of the strongest one. Zero where none overlaps. Which prediction it
 * is, is not differentiated.
 *
 * @param box the box; null for the prediction of the highest score
 * @param form what the boxes are; null for what the model proves
 * @param by what makes probabilities of the scores; null for what the model proves
 * @param background the class that stands for no object; null for none
 */
record BoxObjective(
    @Nullable Box box, @Nullable BoxForm form, @Nullable BoxScores by, @Nullable Integer background)
    implements Base {
  /** Boxes whose numbers are all within this are parts of the input, not pixels. */
  private static final double MOST_OF_PARTS = 2;

  @Override
  public ResolvedObjective of(
      Network network, List<String> names, int output, @Nullable Integer unitAxis) {
    int[] places = network.inputs().get(0).places();
    if (places.length != 2) {
      throw new IllegalArgumentException("A box is of pictures, and the model takes none.");
    } else if (unitAxis != null) {
      throw new IllegalArgumentException(
          "The units of a detector are its classes; there is no axis of them to name.");
    }
    if (box != null && isOutside(box, places)) {
      throw new IllegalArgumentException(
          "The box %s lies outside the picture, which is %d wide and %d high."
              .formatted(box, places[1], places[0]));
    }
    Detections detections = new Detections(network, names, output, form);
    GraphBuilder b = GraphBuilder.from(network.graph());
    b.scope("objective");
    Detections.Predictions found = detections.predictions(b, by);
    Value scores = b.cast(found.scores(), ElementType.FLOAT32);
    Value[] corners = corners(b, found, places, detections.areParts(found.form()));
    Value overlaps = box == null ? null : overlaps(b, corners, box);
    BoxProofs.requireBackground(
        background, scores.shape().size(2), box == null && detections.hasBackground(found));
    Value by =
        overlaps == null ? b.reduce(Op.REDUCE_MAX, ofObjects(b, scores), false, 2) : overlaps;
    Value index =
        b.node(Op.ARG_MAX, Attributes.of("axis", 1).with("keepdims", 1), by); // (batch, 1)
    int classes = scores.shape().size(2);
    Value at = b.expand(b.unsqueeze(index, 2), Shape.of(Shape.BATCH, 1, classes));
    Value own = b.squeeze(b.node(Op.GATHER_ELEMENTS, Attributes.of("axis", 1), scores, at), 1);
    if (overlaps != null) {
      Value best = b.reduce(Op.REDUCE_MAX, overlaps, true, 1);
      Value some = b.node(Op.GREATER, best, b.scalar(0, ElementType.FLOAT32));
      own = b.mul(own, b.cast(some, ElementType.FLOAT32));
    }
    ResolvedObjective resolved =
        ResolvedObjective.of(
            output,
            Logits.ofOutput(network, output),
            b,
            detections.source(),
            own,
            "the score of the prediction %s (boxes as %s)"
                .formatted(
                    box == null
                        ? "that is the strongest"
                        : "that overlaps best with the box " + box + " of the input",
                    found.form().label()),
            List.of());
    PredictedBoxes predicted = predicted(b, found, corners, index);
    if (background != null) {
      KerasTensor target = resolved.target();
      KerasTensor ranked = UnitSlices.without(b, target, 1, background);
      resolved = resolved.made(b, target, resolved.output(), ranked, null);
    }
    return resolved.of(predicted, b);
  }

  /** Scores (batch, boxes, classes), of which that of no object is none. */
  private Value ofObjects(GraphBuilder b, Value scores) {
    return background == null
        ? scores
        : UnitSlices.without(b, KerasTensor.plain(scores), 2, background).value();
  }

  /** Probabilities (batch, boxes, classes): there being no object is no class. */
  private Value classesOfObjects(GraphBuilder b, Value classes) {
    if (background == null) {
      return classes;
    }
    float[] kept = new float[classes.shape().size(2)];
    Arrays.fill(kept, 1);
    kept[background] = 0;
    return b.mul(classes, b.constant(Tensor.of(kept, 1, 1, kept.length)));
  }

  private PredictedBoxes predicted(
      GraphBuilder b, Detections.Predictions found, Value[] corners, Value index) {
    Value classes = classesOfObjects(b, b.cast(found.classes(), ElementType.FLOAT32));
    Value object = found.objectness();
    return new PredictedBoxes(
        List.of(corners),
        classes,
        object == null ? null : b.cast(object, ElementType.FLOAT32),
        index,
        found.known() != null);
  }

  private static boolean isOutside(Box box, int[] places) {
    boolean before = box.right() <= 0 || box.bottom() <= 0;
    return before || box.left() >= places[1] || box.top() >= places[0];
  }

  /** Intersection over union of each prediction with the box: float (batch, boxes). */
  private static Value overlaps(GraphBuilder b, Value[] corners, Box box) {
    Value[] edges = {
      b.scalar(box.left(), ElementType.FLOAT32),
      b.scalar(box.top(), ElementType.FLOAT32),
      b.scalar(box.right(), ElementType.FLOAT32),
      b.scalar(box.bottom(), ElementType.FLOAT32)
    };
    Value width = b.relu(b.sub(b.min(corners[2], edges[2]), b.max(corners[0], edges[0])));
    Value height = b.relu(b.sub(b.min(corners[3], edges[3]), b.max(corners[1], edges[1])));
    Value common = b.mul(width, height);
    Value own = b.mul(b.relu(b.sub(corners[2], corners[0])), b.relu(b.sub(corners[3], corners[1])));
    double area = (box.right() - box.left()) * (box.bottom() - box.top());
    Value all = b.sub(b.add(own, b.scalar(area, ElementType.FLOAT32)), common);
    return b.div(common, all);
  }

  /** Left, top, right and bottom of each prediction, in pixels: float (batch, boxes) each. */
  private static Value[] corners(
      GraphBuilder b, Detections.Predictions found, int[] places, boolean areParts) {
    Value given = b.cast(found.boxes(), ElementType.FLOAT32);
    if (found.form().isOfAnchors()) {
      return centered(b, decoded(b, given, found.form(), places));
    }
    Value highest = b.reduce(Op.REDUCE_MAX, b.abs(given), true, 1, 2);
    Value most = b.scalar(MOST_OF_PARTS, ElementType.FLOAT32);
    Value parts = b.squeeze(b.node(Op.LESS_OR_EQUAL, highest, most), 2); // (batch, 1)
    Value one = b.scalar(1, ElementType.FLOAT32);
    Value width = b.scalar(places[1], ElementType.FLOAT32);
    Value height = b.scalar(places[0], ElementType.FLOAT32);
    Value x = areParts ? width : b.where(parts, width, one);
    Value y = areParts ? height : b.where(parts, height, one);
    boolean yFirst = found.form() == BoxForm.YXYX;
    Value[] n = new Value[4];
    for (int i = 0; i < n.length; i++) {
      n[i] = b.mul(column(b, given, i), (i % 2 == 0) == yFirst ? y : x);
    }
    return switch (found.form()) {
      case XYXY -> n;
      case YXYX -> new Value[] {n[1], n[0], n[3], n[2]};
      case XYWH -> new Value[] {n[0], n[1], b.add(n[0], n[2]), b.add(n[1], n[3])};
      case CXCYWH, YOLO, YOLO_OBJECTNESS, YOLOX, RETINANET -> centered(b, n);
    };
  }

  private static Value[] centered(GraphBuilder b, Value[] n) {
    Value width = b.mul(n[2], 0.5);
    Value height = b.mul(n[3], 0.5);
    return new Value[] {
      b.sub(n[0], width), b.sub(n[1], height), b.add(n[0], width), b.add(n[1], height)
    };
  }

  /** Centre, width and height from offsets: centres by parts of the anchor, sizes by exponents. */
  private static Value[] decoded(GraphBuilder b, Value offsets, BoxForm form, int[] places) {
    int boxes = offsets.shape().size(1);
    if (!Anchors.fit(form, boxes, places[0], places[1])) {
      throw new IllegalArgumentException(
          "The anchors of %s for an input of %d x %d are not %d, which the model gives boxes of."
              .formatted(form.label(), places[0], places[1], boxes));
    }
    Value anchors = b.constant(Anchors.of(form, places[0], places[1]));
    Value[] n = new Value[4];
    for (int i = 0; i < n.length; i++) {
      Value size = column(b, anchors, 2 + i % 2);
      Value offset = column(b, offsets, i);
      n[i] =
          i < 2
              ? b.add(b.mul(offset, size), column(b, anchors, i))
              : b.mul(b.node(Op.EXP, offset), size);
    }
    return n;
  }

  private static Value column(GraphBuilder b, Value boxes, int number) {
    return b.squeeze(b.slice(boxes, new int[] {2}, new int[] {number}, new int[] {number + 1}), 2);
  }
}
