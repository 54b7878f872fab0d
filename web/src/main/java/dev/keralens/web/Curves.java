package dev.keralens.web;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.Explanation;
import dev.keralens.Units;
import dev.keralens.filter.Resizing;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Insertion and deletion curves (Petsiuk et al., 2018, https://arxiv.org/abs/1806.07421): the
 * model's output while the places of the input go, the strongest of the map first, and while they
 * come back.
 *
 * <p>Differs from the paper: what is gone is a blurred copy of the input for both curves, since a
 * black or gray hole is evidence of its own.
 */
final class Curves {
  private static final int STEPS = 16;
  private static final int BLURS = 3;

  private Curves() {}

  /** The curves of the map of one unit. */
  static ObjectNode of(Bench bench, Bench.Question question, Items.Ready ready, int unit) {
    Explanation why = bench.explain(question, ready.inputs(), Units.of(unit)).get(0);
    Tensor filtered = bench.usualFilter(question).applyEach(why.maps());
    KerasTensor input = bench.input();
    Tensor x = ready.x();
    float[] map = Resizing.linear(filtered, input.places()).toFloatArray();
    int[] places = places(x.shape(), input.placeAxes());
    int[] rank = ranks(map);
    float[] sharp = x.toFloatArray();
    float[] blurred = blurred(sharp, x.shape(), input.placeAxes());
    ObjectNode node = Describe.object();
    add(
        node.putArray("deletion"),
        outputs(bench, ready, unit, mixed(sharp, blurred, places, rank)));
    add(
        node.putArray("insertion"),
        outputs(bench, ready, unit, mixed(blurred, sharp, places, rank)));
    return node;
  }

  private static void add(ArrayNode node, float[] values) {
    for (float value : values) {
      node.add(Float.isFinite(value) ? value : 0);
    }
  }

  private static float[] outputs(Bench bench, Items.Ready ready, int unit, float[] rows) {
    int[] shape = ready.x().shape();
    shape[0] = STEPS + 1;
    Tensor all = Tensor.of(rows, shape).to(ready.x().type());
    List<Tensor> inputs = new ArrayList<>();
    for (Tensor one : ready.inputs()) {
      inputs.add(one == ready.x() ? all : Tensor.concat(Collections.nCopies(STEPS + 1, one)));
    }
    return bench.scores(inputs, Units.of(unit)).outputs().toFloatArray();
  }

  /** For each step, the first with its strongest places taken from the second. */
  private static float[] mixed(float[] first, float[] second, int[] places, int[] rank) {
    float[] rows = new float[(STEPS + 1) * first.length];
    for (int step = 0; step <= STEPS; step++) {
      int taken = (int) ((long) rank.length * step / STEPS);
      for (int i = 0; i < first.length; i++) {
        rows[step * first.length + i] = rank[places[i]] < taken ? second[i] : first[i];
      }
    }
    return rows;
  }

  /** Of each place its position, from the strongest on. */
  static int[] ranks(float[] map) {
    Integer[] order = IntStream.range(0, map.length).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparingDouble(i -> -map[i]));
    int[] rank = new int[map.length];
    for (int i = 0; i < order.length; i++) {
      rank[order[i]] = i;
    }
    return rank;
  }

  /** Of each element its place. */
  static int[] places(int[] shape, int[] axes) {
    int[] strides = strides(shape);
    int count = strides[0] * shape[0];
    int[] places = new int[count];
    for (int i = 0; i < count; i++) {
      int place = 0;
      for (int axis : axes) {
        place = place * shape[axis] + i / strides[axis] % shape[axis];
      }
      places[i] = place;
    }
    return places;
  }

  private static int[] strides(int[] shape) {
    int[] strides = new int[shape.length];
    int stride = 1;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= shape[axis];
    }
    return strides;
  }

  /** Means over a sixth of each axis, thrice: nearly a Gaussian. */
  static float[] blurred(float[] values, int[] shape, int[] axes) {
    float[] now = values;
    int[] strides = strides(shape);
    for (int axis : axes) {
      int radius = Math.max(1, shape[axis] / 12);
      for (int i = 0; i < BLURS; i++) {
        now = mean(now, shape[axis], strides[axis], radius);
      }
    }
    return now;
  }

  private static float[] mean(float[] values, int size, int stride, int radius) {
    float[] out = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      int at = i / stride % size;
      int from = Math.max(0, at - radius);
      int to = Math.min(size - 1, at + radius);
      double sum = 0;
      for (int k = from; k <= to; k++) {
        sum += values[i + (k - at) * stride];
      }
      out[i] = (float) (sum / (to - from + 1));
    }
    return out;
  }
}
