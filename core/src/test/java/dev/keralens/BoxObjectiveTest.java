package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.filter.Filters;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.method.Gradients;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.objective.Box;
import dev.keralens.objective.BoxForm;
import dev.keralens.objective.BoxScores;
import dev.keralens.objective.DetectedBoxes;
import dev.keralens.objective.Objective;
import dev.keralens.objective.ResolvedObjective;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Detectors of known boxes, whose scores are known multiples of pixels. */
class BoxObjectiveTest {
  private static final int HEIGHT = 40;
  private static final int WIDTH = 48;
  private static final Path FOLDER = Path.of("src/test/resources/golden/objectives");

  /** Left, top, right, bottom of six boxes. */
  private static final float[][] BOXES = {
    {0, 0, 10, 10},
    {5, 5, 15, 15},
    {20, 8, 44, 30},
    {22, 10, 40, 28},
    {0, 20, 8, 40},
    {40, 0, 48, 9}
  };

  private static final int CLASSES = 3;

  /** Prediction n has the score (n + 1) (c + 1) x_n of class c, where x_n is the n-th pixel. */
  private static Value scores(SmallNetwork n, KerasTensor in, int count) {
    Value flat = n.b.reshape(in.value(), Shape.of(Shape.BATCH, HEIGHT * WIDTH));
    Value pixels = n.b.slice(flat, new int[] {1}, new int[] {0}, new int[] {count});
    float[] factors = new float[count * CLASSES];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = (i / CLASSES + 1) * (i % CLASSES + 1);
    }
    return n.b.mul(n.b.unsqueeze(pixels, 2), n.b.constant(Tensor.of(factors, 1, count, CLASSES)));
  }

  private static Value boxes(SmallNetwork n, KerasTensor in, float[] all, int count) {
    Value zero =
        n.b.mul(n.b.slice(in.value(), new int[] {1, 2}, new int[] {0, 0}, new int[] {1, 1}), 0);
    Value column = n.b.reshape(zero, Shape.of(Shape.BATCH, 1, 1));
    return n.b.add(column, n.b.constant(Tensor.of(all, 1, count, 4)));
  }

  private static float[] written(BoxForm form, double scaleX, double scaleY) {
    float[] all = new float[BOXES.length * 4];
    for (int i = 0; i < BOXES.length; i++) {
      double left = BOXES[i][0] / scaleX;
      double top = BOXES[i][1] / scaleY;
      double right = BOXES[i][2] / scaleX;
      double bottom = BOXES[i][3] / scaleY;
      double[] numbers =
          switch (form) {
            case XYXY -> new double[] {left, top, right, bottom};
            case YXYX -> new double[] {top, left, bottom, right};
            case XYWH -> new double[] {left, top, right - left, bottom - top};
            default ->
                new double[] {(left + right) / 2, (top + bottom) / 2, right - left, bottom - top};
          };
      for (int j = 0; j < 4; j++) {
        all[4 * i + j] = (float) numbers[j];
      }
    }
    return all;
  }

  private static KerasTensor output(SmallNetwork n, String name, KerasTensor in, Value value) {
    return n.layer(name, "Lambda", in, value, Layout.PLAIN);
  }

  private static Model pair(float[] boxes, int count) {
    return pair("boxes", boxes, count);
  }

  private static Model pair(String name, float[] boxes, int count) {
    return SmallNetwork.model(
        (n, in) ->
            List.of(
                output(n, name, in.get(0), boxes(n, in.get(0), boxes, count)),
                output(n, "scores", in.get(0), scores(n, in.get(0), count))),
        new int[] {HEIGHT, WIDTH, 1});
  }

  private static Model yolo(boolean turned, boolean objectness, boolean joined) {
    return SmallNetwork.model(
        (n, in) -> {
          int count = 12;
          float[] own = written(BoxForm.YOLO, 1, 1);
          float[] all = java.util.Arrays.copyOf(own, count * 4); // the others have no area
          Value boxes = boxes(n, in.get(0), all, count);
          Value scores = scores(n, in.get(0), count);
          List<Value> parts =
              objectness
                  ? List.of(
                      boxes,
                      n.b.mul(n.b.slice(boxes, new int[] {2}, new int[] {0}, new int[] {1}), 0.1),
                      scores)
                  : List.of(boxes, scores);
          Value whole = n.b.concat(2, parts);
          if (!joined) {
            whole = n.b.mul(whole, n.b.scalar(1));
          }
          return List.of(
              output(n, "head", in.get(0), turned ? n.b.transpose(whole, 0, 2, 1) : whole));
        },
        new int[] {HEIGHT, WIDTH, 1});
  }

  private static Tensor pixels() {
    float[] x = new float[2 * HEIGHT * WIDTH];
    for (int i = 0; i < x.length; i++) {
      x[i] = i < HEIGHT * WIDTH ? 1 : 1 + (i % 7) / 7f;
    }
    return Tensor.of(x, 2, HEIGHT, WIDTH, 1);
  }

  private static Explanation explain(Model model, Objective objective, Units units) {
    ExplainOptions options =
        ExplainOptions.defaults().withFilter(Filters::none).withObjective(objective);
    return Explain.explain(
        Gradients.create().gradientFilter(Filters::none), model, pixels(), units, options);
  }

  /** The score and the one pixel that it depends on are those of the prediction. */
  private static void assertPrediction(Model model, Objective objective, int prediction) {
    Explanation why = explain(model, objective, Units.of(1));
    Explanation top = explain(model, objective, Units.top(1));
    float[] x = pixels().toFloatArray();
    for (int image = 0; image < 2; image++) {
      float pixel = x[image * HEIGHT * WIDTH + prediction];
      assertEquals((prediction + 1) * 2 * pixel, why.scores().get(image, 0), 1e-4);
      assertEquals(2, top.unit(image, 0));
      float[] map = why.map(image, 0).toFloatArray();
      for (int i = 0; i < map.length; i++) {
        assertEquals(i == prediction ? (prediction + 1) * 2 : 0, map[i], 1e-4, "pixel " + i);
      }
    }
  }

  private static final Box NEAR_THE_FOURTH = new Box(22, 11, 41, 28);

  @Test
  void pair_bestOverlapIsExplained_inEveryForm() {
    for (BoxForm form : List.of(BoxForm.XYXY, BoxForm.YXYX, BoxForm.XYWH, BoxForm.CXCYWH)) {
      try (Model pixels = pair(written(form, 1, 1), 6);
          Model parts = pair(written(form, WIDTH, HEIGHT), 6)) {
        assertPrediction(pixels, Objective.box(NEAR_THE_FOURTH, form), 3);
        assertPrediction(parts, Objective.box(NEAR_THE_FOURTH, form), 3);
        assertPrediction(parts, Objective.box(new Box(-3, 22, 7, 50), form), 4);
      }
    }
  }

  @Test
  void yolo_bestOverlapIsExplained_inBothOrders() {
    try (Model usual = yolo(true, false, true);
        Model turned = yolo(false, false, true)) {
      assertPrediction(usual, Objective.box(NEAR_THE_FOURTH, null), 3);
      assertPrediction(turned, Objective.box(NEAR_THE_FOURTH, null), 3);
      assertPrediction(turned, Objective.strongestBox(null), 11);
    }
  }

  /** YOLO of five numbers and more, and of four, look alike unless the graph joins them. */
  @Test
  void yolo_objectnessIsAskedFor() {
    try (Model model = yolo(false, false, false);
        Model five = yolo(false, true, true)) {
      List<Shape> shapes = List.of(Shape.of(Shape.BATCH, HEIGHT, WIDTH, 1));
      Exception e =
          assertThrows(
              IllegalArgumentException.class,
              () -> model.objective(Objective.strongestBox(null), shapes));
      assertTrue(String.valueOf(e.getMessage()).contains("yolo, yolo-objectness"), e.getMessage());
      assertPrediction(model, Objective.box(NEAR_THE_FOURTH, BoxForm.YOLO), 3);
      Objective unproved = Objective.box(NEAR_THE_FOURTH, BoxForm.YOLO_OBJECTNESS);
      Exception asked =
          assertThrows(IllegalArgumentException.class, () -> five.objective(unproved, shapes));
      assertTrue(String.valueOf(asked.getMessage()).contains("--box-scores"), asked.getMessage());
      Explanation why = explain(five, unproved.withBoxScores(BoxScores.PROBABILITIES), Units.of(1));
      assertEquals(4 * 2 * 0.1 * 31, why.scores().get(0, 0), 1e-4);
    }
  }

  @Test
  void pair_formIsAskedFor() {
    try (Model model = pair(written(BoxForm.XYXY, 1, 1), 6)) {
      List<Shape> shapes = List.of(Shape.of(Shape.BATCH, HEIGHT, WIDTH, 1));
      Exception e =
          assertThrows(
              IllegalArgumentException.class,
              () -> model.objective(Objective.strongestBox(null), shapes));
      assertTrue(
          String.valueOf(e.getMessage()).contains("xyxy, yxyx, xywh, cxcywh, retinanet"),
          e.getMessage());
      Exception outside =
          assertThrows(
              IllegalArgumentException.class,
              () -> model.objective(Objective.box(new Box(48, 0, 50, 9), BoxForm.XYXY), shapes));
      assertTrue(
          String.valueOf(outside.getMessage()).contains("48 wide and 40 high"),
          outside.getMessage());
    }
    assertThrows(IllegalArgumentException.class, () -> new Box(3, 0, 3, 9));
  }

  /** After suppression: boxes, a score of each, a class of each. */
  @Test
  void triple_hasOneScoreOfEachBox() {
    Model model =
        SmallNetwork.model(
            (n, in) -> {
              Value each =
                  n.b.slice(scores(n, in.get(0), 6), new int[] {2}, new int[] {0}, new int[] {1});
              Value classes = n.b.node(Op.ROUND, n.b.squeeze(each, 2));
              return List.of(
                  output(
                      n, "boxes", in.get(0), boxes(n, in.get(0), written(BoxForm.XYXY, 1, 1), 6)),
                  output(n, "classes", in.get(0), classes),
                  output(n, "scores", in.get(0), n.b.squeeze(each, 2)));
            },
            new int[] {HEIGHT, WIDTH, 1});
    try (model) {
      Explanation why = explain(model, Objective.box(NEAR_THE_FOURTH, BoxForm.XYXY), Units.top(1));
      assertEquals(4, why.scores().get(0, 0), 1e-5);
      assertEquals(4, why.map(0, 0).get(0, 3), 1e-5);
    }
  }

  @Test
  void noOverlap_scoresZero_andTheMapIsConstant() {
    try (Model model = pair(written(BoxForm.XYXY, 1, 1), 6)) {
      Explanation why =
          explain(model, Objective.box(new Box(12, 33, 18, 39), BoxForm.XYXY), Units.of(1));
      assertEquals(0, why.scores().get(0, 0));
      assertEquals(Explanation.Finding.CONSTANT, why.finding(0, 0));
    }
  }

  /** Offsets from anchors, decoded as KerasHub does: each box finds its own prediction. */
  @Test
  void retinanet_boxesAreThoseOfKerasHub() throws IOException {
    float[] offsets = Npy.read(FOLDER.resolve("retinanet_offsets.npy")).toFloatArray();
    Tensor expected = Npy.read(FOLDER.resolve("retinanet_boxes.npy"));
    int count = expected.size(0);
    try (Model model = pair(offsets, count)) {
      for (int i = 3; i < count; i += 37) {
        Box box =
            new Box(expected.get(i, 0), expected.get(i, 1), expected.get(i, 2), expected.get(i, 3));
        boolean inside =
            box.left() < WIDTH && box.top() < HEIGHT && box.right() > 0 && box.bottom() > 0;
        if (inside) {
          assertPrediction(model, Objective.box(box, BoxForm.RETINANET), i);
        }
      }
    }
  }

  /**
   * Of two logits below zero the product is above it: the box of the lowest would be the strongest.
   */
  @Test
  void logitsOfObjects_areNotMultiplied() {
    try (Model five = yolo(false, true, true)) {
      assertTrue(DetectedBoxes.of(five.network(), List.of(), 0, BoxForm.YOLO_OBJECTNESS).isEmpty());
    }
  }

  /** A softmax over the classes of a box has one of no object, which is the highest of most. */
  @Test
  void softmaxOverClasses_hasOneOfNoObject() {
    Model model =
        SmallNetwork.model(
            (n, in) ->
                List.of(
                    output(
                        n, "boxes", in.get(0), boxes(n, in.get(0), written(BoxForm.XYXY, 1, 1), 6)),
                    output(
                        n,
                        "scores",
                        in.get(0),
                        n.b.node(
                            Op.SOFTMAX,
                            Attributes.of("axis", 2),
                            n.b.mul(scores(n, in.get(0), 6), 0.1)))),
            new int[] {HEIGHT, WIDTH, 1});
    List<Shape> shapes = List.of(Shape.of(Shape.BATCH, HEIGHT, WIDTH, 1));
    try (model) {
      Objective strongest = Objective.strongestBox(BoxForm.XYXY);
      Exception asked =
          assertThrows(IllegalArgumentException.class, () -> model.objective(strongest, shapes));
      assertTrue(String.valueOf(asked.getMessage()).contains("--box-background"));
      assertThrows(
          IllegalArgumentException.class,
          () -> model.objective(strongest.withBoxBackground(3), shapes));
      // Class 2 is the highest of every box, most of all of the last one; class 1 of the first.
      assertEquals(2, explain(model, strongest.withBoxBackground(0), Units.top(1)).unit(0, 0));
      Explanation other = explain(model, strongest.withBoxBackground(2), Units.top(3));
      assertEquals(1, other.unit(0, 0));
      assertEquals(2, other.unit(0, 2));
      double[] e = {Math.exp(0.1), Math.exp(0.2), Math.exp(0.3)};
      assertEquals(e[1] / (e[0] + e[1] + e[2]), other.scores().get(0, 0), 1e-5);
      DetectedBoxes boxes =
          DetectedBoxes.of(model.network(), List.of(), 0, BoxForm.XYXY).orElseThrow();
      assertTrue(boxes.hasBackground());
      List<Tensor> outputs = model.predict(List.of(pixels()), ExplainOptions.defaults());
      assertEquals(2, boxes.in(outputs, 0, 1).get(0).unit());
      DetectedBoxes.Detected best = boxes.withBackground(2).in(outputs, 0, 1).get(0);
      assertEquals(1, best.unit());
      assertEquals(other.scores().get(0, 0), best.score(), 1e-6);
    }
  }

  /** Boxes that are a sigmoid are parts of the picture, without a look at their numbers. */
  @Test
  void boxesOfASigmoid_areParts() {
    float[] far = written(BoxForm.CXCYWH, WIDTH, HEIGHT);
    for (int i = 0; i < far.length; i++) {
      far[i] = (float) Math.log(Math.max(far[i], 1e-6) / Math.max(1 - far[i], 1e-6));
    }
    Model model =
        SmallNetwork.model(
            (n, in) ->
                List.of(
                    output(
                        n,
                        "boxes",
                        in.get(0),
                        n.b.node(Op.SIGMOID, boxes(n, in.get(0), far, BOXES.length))),
                    output(n, "scores", in.get(0), scores(n, in.get(0), BOXES.length))),
            new int[] {HEIGHT, WIDTH, 1});
    try (model) {
      assertPrediction(model, Objective.box(NEAR_THE_FOURTH, null), 3);
    }
  }

  /** As many boxes as KerasHub's RetinaNet has may be another's, and no offsets at all. */
  @Test
  void retinanet_isProvedByItsHead_notByTheNumberOfBoxes() throws IOException {
    float[] offsets = Npy.read(FOLDER.resolve("retinanet_offsets.npy")).toFloatArray();
    int count = offsets.length / 4;
    try (Model other = pair(offsets, count);
        Model own = pair("box_head/reshape", offsets, count)) {
      assertEquals(
          count + " boxes and their scores for 3 classes; their form has to be named",
          described(other));
      assertEquals(count + " boxes and their scores for 3 classes, as retinanet", described(own));
    }
  }

  /** Rows of numbers, such as the characters of a text or the tokens of a transformer. */
  @Test
  void rowsOfOtherNumbers_areNoBoxes() {
    try (Model rows = head(7, 40)) {
      assertNull(described(rows));
      List<Shape> shapes = List.of(Shape.of(Shape.BATCH, HEIGHT, WIDTH, 1));
      assertEquals(7, rows.objective(Objective.logits().withUnitAxis(1), shapes).units());
      assertTrue(DetectedBoxes.of(rows.network(), List.of(), 0, null).isEmpty());
      Exception asked =
          assertThrows(
              IllegalArgumentException.class,
              () -> rows.objective(Objective.strongestBox(null), shapes));
      assertTrue(String.valueOf(asked.getMessage()).contains("40 boxes of 7 numbers"));
    }
    int scales = 5 * 6 + 3 * 3 + 2 * 2; // strides of 8, 16 and 32
    try (Model proved = head(7, scales)) {
      assertEquals(scales + " boxes and their scores for 3 classes, as yolo", described(proved));
    }
  }

  /** One output of some numbers for each row, which nothing in the graph tells apart. */
  private static Model head(int numbers, int rows) {
    return SmallNetwork.model(
        (n, in) -> {
          Value flat = n.b.reshape(in.get(0).value(), Shape.of(Shape.BATCH, HEIGHT * WIDTH));
          Value some = n.b.slice(flat, new int[] {1}, new int[] {0}, new int[] {numbers * rows});
          Value all = n.b.reshape(some, Shape.of(Shape.BATCH, numbers, rows));
          return List.of(output(n, "head", in.get(0), all));
        },
        new int[] {HEIGHT, WIDTH, 1});
  }

  /**
   * Three scales of YOLOX, not decoded: each place finds its own prediction, eight pixels apart.
   */
  @Test
  void yolox_isDecoded() {
    try (Model model = yolox()) {
      assertEquals("43 boxes and their scores for 2 classes, as yolox", described(model));
      List<Tensor> outputs = List.of(model.predict(pixels()));
      DetectedBoxes boxes = DetectedBoxes.of(model.network(), List.of(), 0, null).orElseThrow();
      assertEquals(BoxForm.YOLOX, boxes.form());
      // The first place of the third column and the second row of strides of 8.
      DetectedBoxes.Detected one =
          boxes.in(outputs, 0, 43).stream()
              .filter(found -> found.box().toString().equals("12,4,28,20"))
              .findFirst()
              .orElseThrow();
      ResolvedObjective same =
          model.objective(
              Objective.box(one.box(), null), List.of(Shape.of(Shape.BATCH, HEIGHT, WIDTH, 1)));
      assertEquals(2, same.units());
      Explanation why = explain(model, Objective.box(one.box(), null), Units.of(one.unit()));
      assertEquals(one.score(), why.scores().get(0, 0), 1e-6);
    }
  }

  /** Centres half a stride from each place, sides of two strides; scores are pixels. */
  private static Model yolox() {
    return SmallNetwork.model(
        (n, in) -> {
          List<Value> levels = new ArrayList<>();
          int channels = 7;
          for (int stride : new int[] {8, 16, 32}) {
            Value x = n.b.transpose(in.get(0).value(), 0, 3, 1, 2);
            float[] corner = new float[3 * stride * stride];
            for (int i = 0; i < 3; i++) {
              corner[i * stride * stride] = 0.1f * (i + 1);
            }
            int[] pads = {0, 0, -HEIGHT & (stride - 1), -WIDTH & (stride - 1)};
            Attributes steps = Attributes.of("strides", stride, stride).with("pads", pads);
            float log = (float) Math.log(2);
            Value edges =
                n.b.node(
                    Op.CONV,
                    steps,
                    x,
                    n.b.constant(Tensor.of(new float[4 * stride * stride], 4, 1, stride, stride)),
                    n.b.constant(Tensor.of(new float[] {0.5f, 0.5f, log, log}, 4)));
            Value scores =
                n.b.node(
                    Op.SIGMOID,
                    n.b.node(
                        Op.CONV, steps, x, n.b.constant(Tensor.of(corner, 3, 1, stride, stride))));
            int[] axis = {1};
            Value object = n.b.slice(scores, axis, new int[] {0}, new int[] {1});
            Value classes = n.b.slice(scores, axis, new int[] {1}, new int[] {3});
            Value all = n.b.concat(1, List.of(edges, object, classes));
            int places = all.shape().size(2) * all.shape().size(3);
            levels.add(n.b.reshape(all, Shape.of(Shape.BATCH, channels, places)));
          }
          Value rows = n.b.transpose(n.b.concat(2, levels), 0, 2, 1);
          return List.of(output(n, "head", in.get(0), rows));
        },
        new int[] {HEIGHT, WIDTH, 1});
  }

  /** The sum of the left edges of all boxes is nothing that anybody asks for. */
  @Test
  void numbersOfBoxes_areNoUnits() {
    List<Shape> shapes = List.of(Shape.of(Shape.BATCH, HEIGHT, WIDTH, 1));
    try (Model joined = yolo(true, false, true);
        Model pair = pair(written(BoxForm.XYXY, 1, 1), 6)) {
      for (Model model : List.of(joined, pair)) {
        Exception e =
            assertThrows(
                IllegalArgumentException.class, () -> model.objective(Objective.logits(), shapes));
        assertTrue(String.valueOf(e.getMessage()).contains("--box"), e.getMessage());
      }
      assertEquals(7, joined.objective(Objective.logits().withUnitAxis(1), shapes).units());
      assertEquals(7, joined.objective(Objective.output().withUnitAxis(1), shapes).units());
      Objective scores = Objective.logits().withOutput(1).withUnitAxis(2);
      assertEquals(3, pair.objective(scores, shapes).units());
    }
  }

  @Test
  void detections_areDescribed() {
    try (Model model = yolo(true, false, true);
        Model pair = pair(written(BoxForm.XYXY, 1, 1), 6)) {
      assertEquals("12 boxes and their scores for 3 classes, as yolo", described(model));
      assertEquals(
          "6 boxes and their scores for 3 classes; their form has to be named", described(pair));
    }
  }

  private static @Nullable String described(Model model) {
    return Objective.detections(model.network(), List.of()).orElse(null);
  }
}
