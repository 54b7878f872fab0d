package dev.keralens.method.numeric;

import java.util.HashMap;
import java.util.Map;

/** Equal pieces, and pieces counted without a gap. */
public final class Blocks {
  private Blocks() {}

  /**
   * Places divided along each axis into about as many pieces as there should be in all.
   *
   * @param count how many, about
   */
  public static int[] labels(int[] places, int count) {
    int[] pieces = new int[places.length];
    double each = Math.pow(count, 1.0 / places.length);
    int area = 1;
    for (int axis = 0; axis < places.length; axis++) {
      pieces[axis] = Math.max(1, Math.min(places[axis], (int) Math.round(each)));
      area = Math.multiplyExact(area, places[axis]);
    }
    int[] labels = new int[area];
    for (int place = 0; place < area; place++) {
      int rest = place;
      int label = 0;
      int step = 1;
      for (int axis = places.length - 1; axis >= 0; axis--) {
        int at = rest % places[axis];
        label += step * (int) ((long) at * pieces[axis] / places[axis]);
        step *= pieces[axis];
        rest /= places[axis];
      }
      labels[place] = label;
    }
    return labels;
  }

  /** The same pieces, counted from 0 in the order in which they are met. */
  public static int[] counted(int[] labels) {
    Map<Integer, Integer> known = new HashMap<>();
    int[] counted = new int[labels.length];
    for (int i = 0; i < labels.length; i++) {
      counted[i] = known.computeIfAbsent(labels[i], key -> known.size());
    }
    return counted;
  }

  /** How many pieces there are. */
  public static int count(int[] labels) {
    int highest = -1;
    for (int label : labels) {
      highest = Math.max(highest, label);
    }
    return highest + 1;
  }
}
