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

  /**
   * {@return the form of a name, if there is one}
   *
   * @param label its name, in any case
   */
  public static Optional<BoxForm> named(String label) {
    return Arrays.stream(values()).filter(form -> form.label().equalsIgnoreCase(label)).findFirst();
  }
}
