package dev.keralens;

import dev.keralens.graph.Graph;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.network.InputSpec;
import dev.keralens.onnx.write.OpenSizes;
import dev.keralens.onnx.write.SizeFinder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The sizes of inputs that a file is to leave open: the same graph is built at several of them, and
 * compared. Where a size decides more than sizes, as with the padding of strided layers, the sizes
 * are the multiples of a step: the smallest power of two for which the graphs are the same.
 */
final class OpenShapes {
  private static final int LARGEST_STEP = 64;

  /** About the sizes that are compared; nothing is computed at them. */
  private static final int USUAL = 192;

  /** Added to the first multiple: odd and even ones, no two axes alike. */
  private static final int[][] SAMPLES = {
    {0, 3, 7},
    {1, 5, 9},
    {2, 3, 1},
    {5, 1, 4},
    {3, 8, 6},
    {4, 2, 11},
    {9, 6, 2},
    {14, 11, 5},
    {23, 13, 8},
    {31, 17, 12},
    {6, 27, 13}
  };

  /** Multiples that are tried as the smallest. */
  private static final int[] SMALL = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128};

  private final List<InputSpec> inputs;
  private final int step;

  private OpenShapes(List<InputSpec> inputs, int step) {
    this.inputs = inputs;
    this.step = step;
  }

  /**
   * A graph, and what of it depends on the sizes.
   *
   * @param graph the graph at one size
   * @param open what depends on it
   */
  record Found(Graph graph, OpenSizes open) {}

  /** {@return whether a model leaves a size open} */
  static boolean any(List<InputSpec> inputs) {
    return inputs.stream().anyMatch(input -> !input.isFixed());
  }

  /** {@return sizes that usual networks take, where the model leaves them open} */
  static List<Shape> usual(List<InputSpec> inputs) {
    return new OpenShapes(inputs, LARGEST_STEP).shapes(0);
  }

  /**
   * Builds a graph at several sizes.
   *
   * @param inputs of the model; what it leaves open is open
   * @param build builds the graph, for the shape of each input
   * @throws UnsupportedModelException if no size explains what differs; the message names it
   */
  static Found find(List<InputSpec> inputs, Function<List<Shape>, Graph> build) {
    UnsupportedModelException refused = null;
    for (int step = 1; step <= LARGEST_STEP; step *= 2) {
      try {
        return new OpenShapes(inputs, step).find(build);
      } catch (UnsupportedModelException e) {
        refused = e;
      }
    }
    throw refused == null ? new IllegalStateException() : refused;
  }

  private Found find(Function<List<Shape>, Graph> build) {
    List<Graph> graphs = new ArrayList<>();
    for (int sample = 0; sample < SAMPLES.length; sample++) {
      graphs.add(build.apply(shapes(sample)));
      if (sample == 1) {
        SizeFinder.find(graphs, step, step); // most that differ, differ at once
      }
    }
    SizeFinder.find(graphs, step, step);
    int usual = (USUAL + step - 1) / step;
    for (int least : IntStream.of(SMALL).filter(size -> size < usual).toArray()) {
      List<Graph> all = new ArrayList<>(graphs);
      int twice = 2 * least + 1;
      try {
        all.add(build.apply(shapes(new int[] {least, twice, twice + least})));
        all.add(build.apply(shapes(new int[] {twice + least, least, twice})));
        return new Found(graphs.get(0), SizeFinder.find(all, step, least * step));
      } catch (IllegalArgumentException | InvalidModelException | UnsupportedModelException e) {
        // too small: a window does not fit, or an axis of one place is something else
      }
    }
    return new Found(graphs.get(0), SizeFinder.find(graphs, step, usual * step));
  }

  private List<Shape> shapes(int sample) {
    int first = (USUAL + step - 1) / step;
    int[] multiples = SAMPLES[sample].clone();
    for (int i = 0; i < multiples.length; i++) {
      multiples[i] += first;
    }
    return shapes(multiples);
  }

  private List<Shape> shapes(int[] multiples) {
    List<Shape> shapes = new ArrayList<>();
    for (InputSpec input : inputs) {
      int[] sizes = new int[input.sizes().size() + 1];
      sizes[0] = Shape.BATCH;
      int open = 0;
      for (int axis = 1; axis < sizes.length; axis++) {
        Integer size = input.sizes().get(axis - 1);
        if (size == null && open == multiples.length) {
          throw new UnsupportedModelException(
              "More than three sizes of the input %s are open; say them (withShapes, --size)."
                  .formatted(input));
        }
        sizes[axis] = size == null ? multiples[open++] * step : size;
      }
      shapes.add(Shape.of(sizes));
    }
    return shapes;
  }
}
