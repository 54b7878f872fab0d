package dev.keralens.objective;

import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import org.jspecify.annotations.Nullable;

/** What a detector's graph shows of its boxes and scores, whatever the picture. */
final class BoxProofs {
  private static final int CORNERS = 4;

  private final Network network;

  BoxProofs(Network network) {
    this.network = network;
  }

  /** Whether the model proves that scores, and how likely there is an object, lie in 0..1. */
  boolean areProbabilities(Detections.Found found, BoxForm form) {
    KerasTensor scores = network.outputs().get(found.scores());
    if (!form.isJoined()) {
      return ProvedScores.of(network.graph(), scores.value());
    }
    int shown = found.turned() ? 1 : 2;
    int axis = scores.axisInGraph(shown);
    int end = scores.shape().size(shown);
    return ProvedScores.of(network.graph(), scores.value(), axis, CORNERS, end);
  }

  /** Whether one of the classes of a box stands for no object: the model has a softmax over all. */
  boolean hasBackground(Detections.Found found, BoxForm form) {
    KerasTensor scores = network.outputs().get(found.scores());
    return !form.isJoined()
        && scores.shape().rank() == 3
        && ProvedScores.isSoftmax(network.graph(), scores.value(), scores.shape().size(2));
  }

  /** Whether the model proves that the boxes are parts of the picture. */
  boolean areParts(Detections.Found found, BoxForm form) {
    KerasTensor boxes = network.outputs().get(found.boxes());
    return !form.isJoined() && ProvedScores.of(network.graph(), boxes.value());
  }

  /**
   * Whether a layer is named as KerasHub's that gives offsets. Torchvision's RetinaNet has as many
   * anchors, at other places, and may give boxes in place of offsets.
   */
  boolean hasBoxHead() {
    return network.layers().stream().anyMatch(layer -> layer.name().contains("box_head"));
  }

  /**
   * Requires that it is known which class of a box stands for no object, where one does.
   *
   * @param unit the class; null for none
   * @param classes how many classes there are
   * @param needed whether one of them stands for no object
   * @throws IllegalArgumentException if it has to be said, or there is no such class
   */
  static void requireBackground(@Nullable Integer unit, int classes, boolean needed) {
    if (unit == null && needed) {
      throw new IllegalArgumentException(
          "The scores of a box are a softmax over its %d classes, one of which stands for no object, and is the strongest of most boxes; say which (--box-background): 0 in SSD, the last, %d, in DETR."
              .formatted(classes, classes - 1));
    } else if (unit != null && classes < 2) {
      throw new IllegalArgumentException(
          "There is one class of boxes, and none beside it stands for no object"
              + " (--box-background).");
    } else if (unit != null && (unit < 0 || unit >= classes)) {
      throw new IllegalArgumentException(
          "There is no class %d that stands for no object (--box-background); the classes are 0 to %d."
              .formatted(unit, classes - 1));
    }
  }
}
