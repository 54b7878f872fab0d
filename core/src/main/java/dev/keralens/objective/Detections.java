package dev.keralens.objective;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.inspect.Logits;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.network.Network;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Finds the boxes and scores among the outputs of a detector. */
final class Detections {
  private static final int CORNERS = 4;

  private final Network network;
  private final List<String> names;
  private final int output;
  private final @Nullable BoxForm named;
  private final BoxProofs proofs;

  /**
   * What was found.
   *
   * @param boxes the position of the output that has the boxes
   * @param scores the position of the output that has the scores; the same one for YOLO
   * @param turned whether boxes lie on the last axis
   * @param form what the numbers are; null where that is not known
   * @param sure whether the graph shows that these are boxes, and not rows of other numbers
   */
  record Found(
      int boxes, int scores, boolean turned, @Nullable BoxForm form, String what, boolean sure) {}

  /**
   * What was found, in the graph.
   *
   * @param boxes (batch, boxes, 4)
   * @param classes (batch, boxes, classes): the probabilities of classes, or the scores, where it
   *     is not known what makes probabilities of them
   * @param objectness (batch, boxes, 1), how likely there is an object; null where there is none
   * @param scores (batch, boxes, classes): the scores as the model gives them; with an objectness,
   *     the one probability times the other
   * @param known what makes probabilities of the scores of the model; null where that is not known
   */
  record Predictions(
      Value boxes,
      Value classes,
      @Nullable Value objectness,
      Value scores,
      BoxForm form,
      @Nullable BoxScores known) {}

  Detections(Network network, List<String> names, int output, @Nullable BoxForm named) {
    this.network = network;
    this.names = names;
    this.output = output;
    this.named = named;
    this.proofs = new BoxProofs(network);
  }

  /** What the outputs are, if they are those of a detector. */
  Optional<Found> find() {
    Found detr = named();
    if (detr != null) {
      return Optional.of(detr);
    }
    for (int i = 0; i < network.outputs().size(); i++) {
      Shape shape = shape(i);
      if (isRows(shape, 3) && shape.size(2) == CORNERS) {
        Found pair = scoresOf(i, shape.size(1));
        if (pair != null) {
          return Optional.of(pair);
        }
      }
    }
    return Optional.ofNullable(joined());
  }

  /**
   * Boxes and scores by the names that DETR and its kin give them, where other outputs are alike.
   */
  private @Nullable Found named() {
    int boxes = names.indexOf("pred_boxes");
    int scores = names.indexOf("logits");
    if (boxes < 0
        || scores < 0
        || !isRows(shape(boxes), 3)
        || !isRows(shape(scores), 3)
        || shape(boxes).size(2) != CORNERS
        || shape(boxes).size(1) != shape(scores).size(1)) {
      return null;
    }
    BoxForm form = named == null ? BoxForm.CXCYWH : named;
    return new Found(boxes, scores, false, form, said(boxes, scores), true);
  }

  private String said(int boxes, int scores) {
    return "%d boxes and their scores for %d classes"
        .formatted(shape(boxes).size(1), shape(scores).size(2));
  }

  private Shape shape(int position) {
    return network.outputs().get(position).shape();
  }

  private static boolean isRows(Shape shape, int rank) {
    return shape.rank() == rank && shape.size(0) == Shape.BATCH;
  }

  /** The scores beside some boxes: for each class, or one each. */
  private @Nullable Found scoresOf(int boxes, int count) {
    List<Integer> each = others(boxes, shape -> isRows(shape, 3) && shape.size(1) == count);
    if (each.size() == 1) {
      return new Found(
          boxes, each.get(0), false, form(boxes, count), said(boxes, each.get(0)), true);
    }
    List<Integer> one = others(boxes, shape -> isRows(shape, 2) && shape.size(1) == count);
    List<Integer> scores = one.stream().filter(i -> isNamed(i, "score", "conf")).toList();
    if (scores.size() != 1) {
      scores = one.stream().filter(i -> !isNamed(i, "class", "label") && floats(i)).toList();
    }
    return scores.size() != 1
        ? null
        : new Found(
            boxes,
            scores.get(0),
            false,
            form(boxes, count),
            "%d boxes and a score of each".formatted(count),
            true);
  }

  private List<Integer> others(int boxes, Predicate<Shape> condition) {
    return IntStream.range(0, network.outputs().size())
        .filter(i -> i != boxes && condition.test(shape(i)))
        .boxed()
        .toList();
  }

  private boolean floats(int position) {
    return network.outputs().get(position).value().type().isFloating();
  }

  private boolean isNamed(int position, String... words) {
    String name = position < names.size() ? names.get(position).toLowerCase(Locale.ROOT) : "";
    return Arrays.stream(words).anyMatch(name::contains);
  }

  /** What the numbers of boxes of their own output are: named, or proved by what gives them. */
  private @Nullable BoxForm form(int boxes, int count) {
    if (named != null) {
      return named;
    } else if (isNamed(boxes, "detection_boxes")) {
      return BoxForm.YXYX; // As TensorFlow's detectors give them.
    }
    boolean parts = Logits.ofOutput(network, boxes).ending() == Logits.Ending.SIGMOID;
    if (parts) {
      return BoxForm.CXCYWH; // As DETR gives them.
    }
    int[] places = network.inputs().get(0).places();
    boolean many = places.length == 2 && Anchors.count(places[0], places[1]) == count;
    return many && proofs.hasBoxHead() ? BoxForm.RETINANET : null;
  }

  /**
   * Boxes and scores in one output, as those of YOLO. Any output of rows may be asked for as such;
   * it is one where four numbers and others are joined, or its rows are as many as the places of
   * the scales of a detector.
   */
  private @Nullable Found joined() {
    Shape shape = shape(output);
    if (!isRows(shape, 3) || Math.min(shape.size(1), shape.size(2)) <= CORNERS) {
      return null;
    }
    int numbers = Math.min(shape.size(1), shape.size(2));
    int count = Math.max(shape.size(1), shape.size(2));
    boolean turned = shape.size(1) == numbers;
    int[] places = network.inputs().get(0).places();
    boolean begins = beginsWithBoxes();
    boolean grid = places.length == 2 && Anchors.areScales(count, places[0], places[1]);
    boolean sure = numbers < count && (begins || (turned && grid));
    boolean raw =
        !turned
            && places.length == 2
            && Anchors.fit(BoxForm.YOLOX, count, places[0], places[1])
            && isNotDecoded();
    BoxForm form = named != null ? named : raw ? BoxForm.YOLOX : sure ? BoxForm.YOLO : null;
    String what =
        form == null
            ? "%d boxes of %d numbers".formatted(count, numbers)
            : "%d boxes and their scores for %d classes"
                .formatted(count, numbers - (form.hasObjectness() ? CORNERS + 1 : CORNERS));
    return new Found(output, output, turned, form, what, begins || grid);
  }

  /** Whether the output is four numbers and others, joined; not five and others. */
  private boolean beginsWithBoxes() {
    Value value = network.outputs().get(output).value();
    while (true) {
      Node node = network.graph().producer(value).orElse(null);
      if (node == null) {
        return false;
      } else if (node.op() == Op.CONCAT) {
        Value first = Objects.requireNonNull(node.inputs().get(0));
        int axis = node.attributes().getInt("axis", 0);
        return first.shape().size(axis) == CORNERS;
      } else if (node.op() != Op.TRANSPOSE && node.op() != Op.IDENTITY) {
        return false;
      }
      value = node.input(0);
    }
  }

  /** Whether four numbers of a convolution and one more are joined, which nothing computes with. */
  private boolean isNotDecoded() {
    Value value = network.outputs().get(output).value();
    boolean joined = false;
    while (true) {
      Node node = network.graph().producer(value).orElse(null);
      if (node == null) {
        return false;
      }
      switch (node.op()) {
        case TRANSPOSE, IDENTITY, RESHAPE -> {}
        case CONCAT -> {
          int axis = node.attributes().getInt("axis", 0);
          boolean four = node.input(0).shape().size(axis) == CORNERS;
          joined |= four && node.input(1).shape().size(axis) == 1;
        }
        case CONV -> {
          return joined;
        }
        default -> {
          return false;
        }
      }
      value = node.input(0);
    }
  }

  /**
   * The boxes and scores; refuses what is none, and asks for what is not known.
   *
   * @param said what makes probabilities of the scores; null for what the model proves
   */
  Predictions predictions(GraphBuilder b, @Nullable BoxScores said) {
    Found found =
        find()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "The outputs %s are not those of a detector that is known: (batch, 4 + classes, boxes), (batch, boxes, 4 + classes), or boxes (batch, boxes, 4) beside scores (--box)."
                            .formatted(
                                network.outputs().stream().map(KerasTensor::shape).toList())));
    boolean joined = found.boxes() == found.scores();
    BoxForm form = found.form();
    if (form == null || joined != form.isJoined()) {
      throw new IllegalArgumentException(
          "The outputs are %s; %s (--box-form): %s."
              .formatted(
                  found.what(),
                  form == null
                      ? "name what the numbers of a box are"
                      : form.label() + " is no form of them",
                  Arrays.stream(BoxForm.values())
                      .filter(f -> joined == f.label().startsWith("yolo"))
                      .map(BoxForm::label)
                      .collect(Collectors.joining(", "))));
    }
    BoxScores known = scores(found, form, said);
    Value boxes = plain(b, found.boxes());
    if (!joined) {
      Value scores = plain(b, found.scores());
      Value each = scores.rank() == 2 ? b.unsqueeze(scores, 2) : scores;
      return new Predictions(boxes, probabilities(b, each, known), null, each, form, known);
    }
    return joined(b, found.turned() ? b.transpose(boxes, 0, 2, 1) : boxes, form, known);
  }

  /** What makes probabilities of the scores: said, or proved; null where neither is. */
  private @Nullable BoxScores scores(Found found, BoxForm form, @Nullable BoxScores said) {
    if (proofs.areProbabilities(found, form)) {
      if (said != null && said != BoxScores.PROBABILITIES) {
        throw new IllegalArgumentException(
            "The scores of the boxes are probabilities, as the model proves; they are not to go through a %s (--box-scores)."
                .formatted(said.label()));
      }
      return BoxScores.PROBABILITIES;
    }
    BoxScores usual = form == BoxForm.RETINANET && proofs.hasBoxHead() ? BoxScores.SIGMOID : null;
    return said == null ? usual : said; // KerasHub's head gives logits.
  }

  /** Whether one of the classes of a box stands for no object, as was said or is proved. */
  boolean hasBackground(Predictions predictions) {
    return predictions.known() == BoxScores.SOFTMAX
        || find().filter(found -> proofs.hasBackground(found, predictions.form())).isPresent();
  }

  /** Whether the model proves that the boxes are parts of the picture. */
  boolean areParts(BoxForm form) {
    return find().filter(found -> proofs.areParts(found, form)).isPresent();
  }

  private static Value probabilities(GraphBuilder b, Value scores, @Nullable BoxScores by) {
    if (by == BoxScores.SIGMOID) {
      return b.node(Op.SIGMOID, scores);
    }
    return by == BoxScores.SOFTMAX ? b.node(Op.SOFTMAX, Attributes.of("axis", 2), scores) : scores;
  }

  private static Predictions joined(
      GraphBuilder b, Value all, BoxForm form, @Nullable BoxScores known) {
    int end = all.shape().size(2);
    boolean objectness = form.hasObjectness();
    int first = CORNERS + (objectness ? 1 : 0);
    if (first >= end) {
      throw new IllegalArgumentException(
          "%d numbers of a box are no %s.".formatted(end, form.label()));
    }
    if (objectness && known == null) {
      throw new IllegalArgumentException(
          "A score of %s is the probability of a class times that of there being an object, and nothing in the model shows that its scores lie between 0 and 1; say what makes probabilities of them (--box-scores): %s."
              .formatted(form.label(), BoxScores.labels()));
    }
    Value given = part(b, all, first, end);
    Value classes = probabilities(b, given, known);
    Value object = null;
    if (objectness) {
      Value one = part(b, all, CORNERS, first);
      object = known == BoxScores.PROBABILITIES ? one : b.node(Op.SIGMOID, one);
    }
    Value scores = object == null ? given : b.mul(classes, object);
    return new Predictions(part(b, all, 0, CORNERS), classes, object, scores, form, known);
  }

  private static Value part(GraphBuilder b, Value all, int from, int to) {
    return b.slice(all, new int[] {2}, new int[] {from}, new int[] {to});
  }

  private Value plain(GraphBuilder b, int position) {
    KerasTensor tensor = network.outputs().get(position);
    return UnitSlices.arranged(b, tensor.value(), tensor.layout(), Layout.PLAIN);
  }

  /**
   * Refuses an output that has the boxes of a detector where units are asked for: their numbers are
   * no units.
   */
  void checkUnits() {
    Optional<Found> boxes =
        network.inputs().get(0).places().length != 2
            ? Optional.empty()
            : find().filter(found -> found.sure() && found.boxes() == output);
    if (boxes.isPresent()) {
      throw new IllegalArgumentException(
          "The output %s is a detector's, %s; its numbers are no classes. Say which box is explained: the strongest, or that which overlaps best with one (--box, Objective.box). An axis of units that is named has their sums over all boxes explained (--unit-axis)."
              .formatted(shape(output), boxes.get().what()));
    }
  }

  /** The output that the scores come from; layers are looked for before it. */
  KerasTensor source() {
    return network.outputs().get(find().map(Found::scores).orElse(output));
  }

  /** What is said of a model that detects. */
  static Optional<String> describe(Network network, List<String> names) {
    List<String> said = new ArrayList<>();
    if (network.inputs().get(0).places().length != 2) {
      return Optional.empty(); // Boxes are of pictures.
    }
    new Detections(network, names, 0, null)
        .find()
        .filter(Found::sure)
        .ifPresent(
            found ->
                said.add(
                    found.what()
                        + (found.form() == null
                            ? "; their form has to be named"
                            : ", as " + found.form().label())));
    return said.stream().findFirst();
  }
}
