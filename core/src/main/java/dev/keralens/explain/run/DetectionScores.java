package dev.keralens.explain.run;

import dev.keralens.explain.Probe;
import dev.keralens.explain.Probes;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.objective.PredictedBoxes;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * How well the predictions of a detector for changed images agree with a box and a class: of each
 * image the best of them,
 *
 * <pre>
 *   max over predictions j of IoU(box, box_j) * cos(P, P_j) * O_j
 * </pre>
 *
 * <p>with the probabilities P_j of classes and O_j that there is an object (Petsiuk et al., 2021,
 * equations 3 to 6). P is one at the class and else zero.
 */
final class DetectionScores implements Probes.Detections {
  private static final int CORNERS = 4;
  private static final float ROUNDING = 1e-3f;

  private final NetworkProbes probes;
  private final PredictedBoxes boxes;

  DetectionScores(NetworkProbes probes) {
    this.probes = probes;
    this.boxes = boxes(probes.setting());
  }

  /** {@return the predictions of the explained detector} */
  private static PredictedBoxes boxes(Setting setting) {
    PredictedBoxes boxes = setting.objective().predictions();
    if (boxes == null) {
      throw new UnsupportedModelException(
          "D-RISE explains a box that a detector predicts; say which (--box left,top,right,bottom"
              + " or --box strongest).");
    }
    if (!boxes.hasProbabilities()) {
      throw new UnsupportedModelException(
          "D-RISE takes the scores of classes as probabilities, and nothing in this model shows"
              + " that they are: they end in no sigmoid or softmax. Say what makes probabilities of"
              + " them (--box-scores probabilities, sigmoid or softmax), or take a method such as"
              + " rise or occlusion, which explain any score of the box.");
    }
    return boxes;
  }

  @Override
  public Value box() {
    GraphBuilder b = probes.builder();
    List<Value> edges = new ArrayList<>();
    for (Value edge : boxes.corners()) {
      edges.add(b.node(Op.GATHER_ELEMENTS, Attributes.of("axis", 1), edge, boxes.chosen()));
    }
    return b.concat(1, edges);
  }

  @Override
  public Value range() {
    GraphBuilder b = probes.builder();
    Value object = boxes.objectness();
    Value all = object == null ? boxes.classes() : b.concat(2, List.of(boxes.classes(), object));
    Value lowest = b.reduce(Op.REDUCE_MIN, all, false, 1, 2);
    Value highest = b.reduce(Op.REDUCE_MAX, all, false, 1, 2);
    return b.concat(1, List.of(b.unsqueeze(lowest, 1), b.unsqueeze(highest, 1)));
  }

  @Override
  public void requireProbabilities(Tensor range) {
    for (int image = 0; image < range.size(0); image++) {
      float lowest = range.get(image, 0);
      float highest = range.get(image, 1);
      if (lowest < -ROUNDING || highest > 1 + ROUNDING) {
        throw new UnsupportedModelException(
            String.format(
                Locale.ROOT,
                "D-RISE takes the scores of classes as probabilities, and those of this model lie"
                    + " between %.4g and %.4g, as logits do; say what makes probabilities of"
                    + " them (--box-scores sigmoid or softmax), or take a method such as rise or"
                    + " occlusion, which explain any score of the box.",
                lowest,
                highest));
      }
    }
  }

  @Override
  public Probe agreement(int[] sizes, Probes.Change change) {
    Setting setting = probes.setting();
    Network network = setting.network();
    GraphBuilder b = new GraphBuilder();
    List<Value> images = new ArrayList<>();
    for (KerasTensor tensor : network.inputs()) {
      Value value = tensor.value();
      images.add(b.input("image", value.type(), value.shape().with(0, 1)));
    }
    Value box = b.input("box", ElementType.FLOAT32, Shape.of(1, CORNERS));
    int[] rows = IntStream.concat(IntStream.of(Shape.BATCH), IntStream.of(sizes)).toArray();
    Value passes = b.input("passes", ElementType.FLOAT32, Shape.of(rows));
    Value units = b.input("chosen", ElementType.INT64, Shape.of(setting.units()));
    Map<Value, Value> feeds = new HashMap<>();
    for (int i = 0; i < images.size(); i++) {
      feeds.put(
          network.inputs().get(i).value(),
          i == setting.input()
              ? change.apply(b, images.get(i), passes)
              : NetworkProbes.repeated(b, images.get(i), passes));
    }
    Map<Value, Value> copies = b.include(network.graph(), feeds);
    Value scores = agreement(b, boxes, value -> copies.getOrDefault(value, value), box, units);
    Probes.Compiled graph = probes.compile(b, List.of(scores));
    return (inputs, chosen) -> {
      List<Tensor> all = new ArrayList<>(inputs);
      all.add(chosen);
      return new Probe.Answer(graph.run(all).get(0), null, null);
    };
  }

  private static Value agreement(
      GraphBuilder b, PredictedBoxes boxes, UnaryOperator<Value> copy, Value box, Value units) {
    List<Value> corners = boxes.corners().stream().map(copy).toList();
    Value classes = copy.apply(boxes.classes());
    Value object =
        boxes.objectness() == null
            ? b.reduce(Op.REDUCE_MAX, classes, true, 2)
            : copy.apply(boxes.objectness());
    Value of = b.node(Op.GATHER, Attributes.of("axis", 2), classes, units); // (rows, boxes, k)
    Value length = b.node(Op.SQRT, b.reduceSum(b.mul(classes, classes), true, 2));
    Value cosine = b.div(of, b.max(length, b.scalar(1e-12, ElementType.FLOAT32)));
    Value overlap = b.unsqueeze(overlaps(b, corners, box), 2);
    Value all = b.mul(b.mul(overlap, cosine), object);
    return b.reduce(Op.REDUCE_MAX, all, false, 1);
  }

  /** Intersection over union with the box: (rows, boxes). */
  private static Value overlaps(GraphBuilder b, List<Value> corners, Value box) {
    Value[] edge = new Value[CORNERS];
    for (int i = 0; i < CORNERS; i++) {
      edge[i] = b.slice(box, new int[] {1}, new int[] {i}, new int[] {i + 1});
    }
    Value width = b.relu(b.sub(b.min(corners.get(2), edge[2]), b.max(corners.get(0), edge[0])));
    Value height = b.relu(b.sub(b.min(corners.get(3), edge[3]), b.max(corners.get(1), edge[1])));
    Value common = b.mul(width, height);
    Value own = area(b, corners.get(0), corners.get(1), corners.get(2), corners.get(3));
    Value given = area(b, edge[0], edge[1], edge[2], edge[3]);
    Value union = b.sub(b.add(own, given), common);
    return b.div(common, b.max(union, b.scalar(1e-12, ElementType.FLOAT32)));
  }

  private static Value area(GraphBuilder b, Value left, Value top, Value right, Value bottom) {
    return b.mul(b.relu(b.sub(right, left)), b.relu(b.sub(bottom, top)));
  }
}
