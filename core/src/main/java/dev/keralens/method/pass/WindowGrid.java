package dev.keralens.method.pass;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;

/**
 * Windows over an input: they begin at the multiples of the stride, until one reaches the end of an
 * axis, and are cut off there.
 *
 * @param places the size of each axis
 * @param windows the size of a window along it
 * @param strides how far it is from one to the next
 * @param counts how many there are
 */
@SuppressWarnings("ArrayRecordComponent") // Grids are never compared.
public record WindowGrid(int[] places, int[] windows, int[] strides, int[] counts) {
  /** {@return how many windows there are} */
  public int count() {
    return Arrays.stream(counts).reduce(1, Math::multiplyExact);
  }

  /** {@return how many places there are} */
  public int area() {
    return Arrays.stream(places).reduce(1, Math::multiplyExact);
  }

  /** Writes a mask: 0 where a window lies and else 1. */
  public void mask(int index, float[] out, int at) {
    int[] from = new int[places.length];
    int rest = index;
    for (int axis = places.length - 1; axis >= 0; axis--) {
      from[axis] = rest % counts[axis] * strides[axis];
      rest /= counts[axis];
    }
    int area = area();
    for (int place = 0; place < area; place++) {
      int left = place;
      boolean hidden = true;
      for (int axis = places.length - 1; axis >= 0; axis--) {
        int i = left % places[axis];
        hidden &= i >= from[axis] && i < from[axis] + windows[axis];
        left /= places[axis];
      }
      out[at + place] = hidden ? 0 : 1;
    }
  }

  /** {@return how many windows cover each place} */
  public int[] covering() {
    int[] covering = new int[area()];
    float[] mask = new float[covering.length];
    for (int i = 0; i < count(); i++) {
      mask(i, mask, 0);
      for (int place = 0; place < mask.length; place++) {
        covering[place] += mask[place] == 0 ? 1 : 0;
      }
    }
    return covering;
  }

  /** {@return each window, 1 where it hides the input: (windows, places...)} */
  public Value hidden(GraphBuilder b) {
    Value all = b.scalar(1);
    for (int axis = 0; axis < places.length; axis++) {
      float[] along = new float[counts[axis] * places[axis]];
      for (int i = 0; i < along.length; i++) {
        int from = i / places[axis] * strides[axis];
        int place = i % places[axis];
        along[i] = place >= from && place < from + windows[axis] ? 1 : 0;
      }
      int[] shape = new int[2 * places.length];
      Arrays.fill(shape, 1);
      shape[axis] = counts[axis];
      shape[places.length + axis] = places[axis];
      all = b.mul(all, b.constant(Tensor.of(along, shape)));
    }
    int[] sizes = new int[places.length + 1];
    sizes[0] = count();
    System.arraycopy(places, 0, sizes, 1, places.length);
    return b.reshape(all, Shape.of(sizes));
  }
}
