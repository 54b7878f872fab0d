package dev.keralens.grad;

import static dev.keralens.grad.Backward.gradients;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gradients of operators that join, part, repeat or reorder. */
final class RearrangingRules {
  private RearrangingRules() {}

  static List<@Nullable Value> concat(Backward n) {
    int given = n.attributes().getInt("axis", 0);
    int axis = given < 0 ? given + n.x().rank() : given;
    List<@Nullable Value> out = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < n.node().inputs().size(); i++) {
      int to = from + n.x(i).shape().size(axis);
      out.add(n.needs(i) ? cut(n.builder(), n.dy(), axis, from, to) : null);
      from = to;
    }
    return out;
  }

  private static Value cut(GraphBuilder b, Value x, int axis, int from, int to) {
    return b.slice(x, new int[] {axis}, new int[] {from}, new int[] {to});
  }

  static List<@Nullable Value> split(Backward n) {
    int given = n.attributes().getInt("axis", 0);
    int axis = given < 0 ? given + n.x().rank() : given;
    Value total = null;
    int from = 0;
    for (int i = 0; i < n.node().outputs().size(); i++) {
      int size = n.node().outputs().get(i).shape().size(axis);
      Value part = n.dy(i);
      if (part != null) {
        int[] before = new int[n.x().rank()];
        int[] after = before.clone();
        before[axis] = from;
        after[axis] = n.x().shape().size(axis) - from - size;
        Value placed = n.builder().pad(part, before, after);
        total = total == null ? placed : n.builder().add(total, placed);
      }
      from += size;
    }
    return gradients(total);
  }

  static List<@Nullable Value> depthToSpace(Backward n) {
    int block = n.attributes().getInt("blocksize", 1);
    if (n.attributes().getString("mode", "DCR").equals("DCR")) {
      Attributes attributes = Attributes.of("blocksize", block);
      return gradients(n.builder().node(Op.SPACE_TO_DEPTH, attributes, n.dy()));
    }
    Shape x = n.gradientShape(0);
    Shape apart = n.dy().shape().with(2, x.size(2)).with(3, x.size(3));
    Value blocks = n.builder().reshape(n.dy(), apart.insert(3, block).insert(5, block));
    Value moved = n.builder().transpose(blocks, 0, 1, 3, 5, 2, 4);
    return gradients(n.builder().reshape(moved, x));
  }

  static List<@Nullable Value> spaceToDepth(Backward n) {
    Attributes attributes = Attributes.of("blocksize", n.attributes().getInt("blocksize", 1));
    return gradients(n.builder().node(Op.DEPTH_TO_SPACE, attributes.with("mode", "DCR"), n.dy()));
  }

  static List<@Nullable Value> transpose(Backward n) {
    int rank = n.x().rank();
    int[] order = n.attributes().getInts("perm");
    int[] back = new int[rank];
    for (int axis = 0; axis < rank; axis++) {
      back[order == null ? rank - 1 - axis : order[axis]] = axis;
    }
    return gradients(n.builder().transpose(n.dy(), back));
  }

  static List<@Nullable Value> tile(Backward n) {
    GraphBuilder b = n.builder();
    Value sum = n.dy();
    Shape x = n.gradientShape(0);
    for (int axis = 0; axis < x.rank(); axis++) {
      int repeats = sum.shape().size(axis) / x.size(axis);
      if (repeats > 1) {
        Shape apart = sum.shape().with(axis, x.size(axis)).insert(axis, repeats);
        sum = b.reduceSum(b.reshape(sum, apart), false, axis);
      }
    }
    return gradients(sum);
  }

  static List<@Nullable Value> cumSum(Backward n) {
    int reverse = n.attributes().getInt("reverse", 0) == 0 ? 1 : 0;
    Attributes attributes =
        Attributes.of("reverse", reverse).with("exclusive", n.attributes().getInt("exclusive", 0));
    return gradients(n.builder().node(Op.CUM_SUM, attributes, n.dy(), n.x(1)));
  }
}
