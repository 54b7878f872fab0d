package dev.keralens.grad;

import static dev.keralens.grad.Backward.gradients;

import dev.keralens.graph.Constant;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Gradients of operators that take elements by position: the positions are known. */
final class IndexingRules {
  private IndexingRules() {}

  static List<@Nullable Value> gather(Backward n) {
    int given = n.attributes().getInt("axis", 0);
    int axis = given < 0 ? given + n.x().rank() : given;
    int size = n.x().shape().size(axis);
    int[] index = Arrays.stream(longs(n, 1, "indices")).map(i -> i < 0 ? i + size : i).toArray();
    Shape merged = n.gradientShape(0).with(axis, index.length);
    return gradients(
        Scattering.of(n.builder(), n.builder().reshape(n.dy(), merged), axis, index, size));
  }

  static List<@Nullable Value> slice(Backward n) {
    GraphBuilder b = n.builder();
    int[] starts = longs(n, 1, "starts");
    int[] axes = n.node().optionalInput(3) == null ? null : longs(n, 3, "axes");
    int[] steps = n.node().optionalInput(4) == null ? null : longs(n, 4, "steps");
    Value g = n.dy();
    for (int i = 0; i < starts.length; i++) {
      int axis = axes == null ? i : axes[i] < 0 ? axes[i] + n.x().rank() : axes[i];
      int step = steps == null ? 1 : steps[i];
      int size = n.x().shape().size(axis);
      int count = n.y().shape().size(axis);
      int start = Math.max(0, Math.min(size, starts[i] < 0 ? starts[i] + size : starts[i]));
      if (step == 1) {
        int[] before = new int[g.rank()];
        int[] after = before.clone();
        before[axis] = start;
        after[axis] = size - start - count;
        g = b.pad(g, before, after);
      } else {
        int first = Math.min(start, size - 1);
        int[] index = IntStream.range(0, count).map(j -> first + j * step).toArray();
        g = Scattering.of(b, g, axis, index, size);
      }
    }
    return gradients(g);
  }

  static List<@Nullable Value> pad(Backward n) {
    int rank = n.x().rank();
    int[] pads = longs(n, 1, "pads");
    int[] axes =
        n.node().optionalInput(3) == null
            ? IntStream.range(0, rank).toArray()
            : longs(n, 3, "axes");
    String mode = n.attributes().getString("mode", "constant");
    GraphBuilder b = n.builder();
    Value g = n.dy();
    int[] cut = new int[rank];
    int[] cutAfter = new int[rank];
    for (int i = 0; i < axes.length; i++) {
      int axis = axes[i] < 0 ? axes[i] + rank : axes[i];
      int before = pads[i];
      int after = pads[axes.length + i];
      if (mode.equals("constant")) {
        cut[axis] = -before;
        cutAfter[axis] = -after;
      } else if (before != 0 || after != 0) {
        int size = n.x().shape().size(axis);
        int[] index =
            IntStream.range(-before, size + after).map(p -> source(n, mode, p, size)).toArray();
        g = Scattering.of(b, g, axis, index, size);
      }
    }
    return gradients(b.pad(g, cut, cutAfter));
  }

  /** The position that a padded one repeats. */
  private static int source(Backward n, String mode, int position, int size) {
    return switch (mode) {
      case "edge" -> Math.max(0, Math.min(size - 1, position));
      case "wrap" -> Math.floorMod(position, size);
      case "reflect" -> {
        int period = Math.max(1, 2 * (size - 1));
        int p = Math.floorMod(position, period);
        yield p < size ? p : period - p;
      }
      default -> throw n.unsupported("its mode is '" + mode + "'");
    };
  }

  /** The contents of an integer input; numbers beyond an int, as slices use, are clamped. */
  private static int[] longs(Backward n, int input, String what) {
    Constant constant = n.builder().constantOf(n.x(input));
    if (constant == null) {
      throw n.unsupported("its " + what + " are computed");
    }
    return Arrays.stream(constant.tensor().toLongArray())
        .mapToInt(v -> (int) Math.max(-(1L << 30), Math.min(1L << 30, v)))
        .toArray();
  }
}
