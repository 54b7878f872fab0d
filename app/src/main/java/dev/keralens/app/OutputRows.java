package dev.keralens.app;

import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where the images lie in an output: mostly on its first axis, but on another one where time comes
 * first, and on none where the model makes one number of all of them.
 */
final class OutputRows {
  private final Shape shape;
  private final int axis;

  OutputRows(Shape output) {
    shape = output;
    axis = output.batchAxis();
  }

  /** Whether each image has one row of its own. */
  private boolean areImages() {
    return axis >= 0 && shape.size(axis) == Shape.BATCH;
  }

  /** The output of a batch with its images first, where they lie on an axis of their own. */
  Tensor imagesFirst(Tensor output) {
    return areImages() && axis > 0 ? output.transpose(order()) : output;
  }

  /** Joins batches. */
  Tensor concat(List<Tensor> parts, String model) {
    if (!areImages() && parts.size() > 1) {
      throw new UnsupportedModelException(
          "The output of %s is %s, which is not one row for each image, so that batches cannot be joined; set --batch-size to the number of images."
              .formatted(model, shape));
    }
    return Tensor.concat(parts);
  }

  /** Puts images at their places, and NaN elsewhere. */
  Tensor spread(Tensor all, List<Integer> places, int images) {
    return areImages() ? ArrayWriter.spread(all, places, images) : all;
  }

  /** An output with its images first as the model gives it. */
  Tensor asTheModelGives(Tensor all) {
    if (!areImages() || axis == 0) {
      return all;
    }
    int[] order = order();
    int[] back = new int[order.length];
    IntStream.range(0, order.length).forEach(i -> back[order[i]] = i);
    return all.transpose(back);
  }

  /** The shape of all, and how many images are NaN, for people. */
  String describe(Tensor all, List<Integer> places) {
    int missing = areImages() ? all.size(0) - places.size() : 0;
    String described = Tensor.describe(asTheModelGives(all).shape());
    if (missing == 0) {
      return described;
    }
    String where = missing == 1 ? "place" : missing + " places";
    return axis == 0
        ? ArrayWriter.describe(all, places)
        : "%s, NaN in the %s of axis %d of what could not be read"
            .formatted(described, where, axis);
  }

  private int[] order() {
    int[] others = IntStream.range(0, shape.rank()).filter(i -> i != axis).toArray();
    return IntStream.concat(IntStream.of(axis), Arrays.stream(others)).toArray();
  }
}
