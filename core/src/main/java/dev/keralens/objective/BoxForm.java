package dev.keralens.objective;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What the numbers of a detector's boxes are. In pixels of the model's input, or parts of it. */
public enum BoxForm {
  /** One output: centre x, centre y, width, height, and a score for each class. */
  YOLO,
  /**
   * As {@link #YOLO}, with the score that there is an object at all before those of the classes.
   */
  YOLO_OBJECTNESS,
  /**
   * As {@link #YOLO_OBJECTNESS}, not decoded: a box for each place of strides of 8, 16 and 32, its
   * centre as an offset from the place, in strides, and the logarithms of its sides, in strides.
   */
  YOLOX,
  /** Left, top, right, bottom. */
  XYXY,
  /** Top, left, bottom, right. */
  YXYX,
  /** Left, top, width, height. */
  XYWH,
  /** Centre x, centre y, width, height. */
  CXCYWH,
  /** Offsets from the anchors that KerasHub's RetinaNet has by default. */
  RETINANET;

  /** {@return the name that it is asked for by, such as {@code yolo-objectness}} */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether boxes and scores are one output. */
  boolean isJoined() {
    return this == YOLO || hasObjectness();
  }

  /** Whether there is a score of there being an object. */
  boolean hasObjectness() {
    return this == YOLO_OBJECTNESS || this == YOLOX;
  }

  /** Whether the numbers are offsets from anchors. */
  boolean isOfAnchors() {
    return this == RETINANET || this == YOLOX;
  }

  /**
   * {@return the form of a name, if there is one}
   *
   * @param label its name, in any case
   */
  public static Optional<BoxForm> named(String label) {
    return Arrays.stream(values()).filter(form -> form.label().equalsIgnoreCase(label)).findFirst();
  }
}
