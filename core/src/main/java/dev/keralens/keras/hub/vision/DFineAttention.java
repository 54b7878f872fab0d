package dev.keralens.keras.hub.vision;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.part.Block;
import dev.keralens.keras.hub.part.HubLayer;
import dev.keralens.keras.hub.part.Part;
import dev.keralens.keras.hub.part.Parts;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The attentions of {@code DFineBackbone}: of tokens to one another, and of queries to a few places
 * of each level, which are computed and lie between the pixels.
 */
public final class DFineAttention {
  private static final String MODULE = "models.d_fine.d_fine_attention";

  public static final LayerType ALL = HubLayer.several(DFineAttention::parts, DFineAttention::all);
  public static final LayerType DEFORMABLE =
      HubLayer.several(DFineAttention::deformableParts, DFineAttention::deformable);

  private DFineAttention() {}

  /** {@return attention of tokens to one another} */
  static Part toAll(int width, int heads) {
    return Part.hub(MODULE, "DFineMultiheadAttention")
        .set("embedding_dim", width)
        .set("num_heads", heads);
  }

  private static Part projection(String equation, String bias) {
    return Part.keras("EinsumDense").set("equation", equation).set("bias_axes", bias);
  }

  private static void parts(Parts parts, HubArguments a) {
    if (a.integer("embedding_dim") % a.integer("num_heads") != 0) {
      throw a.invalid(
          "%d features do not divide into %d heads."
              .formatted(a.integer("embedding_dim"), a.integer("num_heads")));
    }
    for (String name : List.of("q_proj", "k_proj", "v_proj")) {
      parts.layer(name, projection("abc,cde->abde", "de"));
    }
    parts.layer("out_proj", projection("abc,cd->abd", "d"));
  }

  /** What the tokens read, and the weights of it. Their places count for queries and keys. */
  private static List<KerasTensor> all(Block b, HubArguments a) {
    GraphBuilder graph = b.graph();
    Value x = b.plain(b.layer().inputs().get(0));
    KerasTensor placed = KerasTensor.plain(graph.add(x, b.plain(b.argument(1, "places"))));
    Value q = graph.transpose(b.plain(b.call("q_proj", placed)), 0, 2, 1, 3);
    Value k = graph.transpose(b.plain(b.call("k_proj", placed)), 0, 2, 3, 1);
    Value v = b.plain(b.call("v_proj", KerasTensor.plain(x)));
    Value weights = b.softmax(graph.matMul(graph.mul(q, 1 / Math.sqrt(q.shape().size(3))), k));
    Value read = graph.transpose(graph.matMul(weights, graph.transpose(v, 0, 2, 1, 3)), 0, 2, 1, 3);
    Value joined = b.reshape(read, x.shape().size(1), a.integer("embedding_dim"));
    return List.of(b.call("out_proj", KerasTensor.plain(joined)), KerasTensor.plain(weights));
  }

  private static void deformableParts(Parts parts, HubArguments a) {
    parts
        .layer("sampling_offsets", projection("abc,cdef->abdef", "def"))
        .layer("attention_weights", projection("abc,cde->abde", "de"))
        .constant("num_points_scale");
  }

  /** What each query reads at its places, and the weights of these. */
  private static List<KerasTensor> deformable(Block b, HubArguments a) {
    GraphBuilder graph = b.graph();
    KerasTensor queries = b.layer().inputs().get(0);
    Value boxes = graph.unsqueeze(b.plain(b.argument(1, "reference_points")), 2, 3);
    Value memory = b.plain(b.argument(2, "encoder_hidden_states"));
    List<Integer> points = a.integers("decoder_n_points");
    List<List<Integer>> levels = a.integerLists("spatial_shapes");
    int heads = a.integer("decoder_attention_heads");
    int total = points.stream().mapToInt(Integer::intValue).sum();
    checkPlaces(a, levels, memory.shape().size(1));
    Value weights = b.softmax(b.plain(b.call("attention_weights", queries)));
    Value share = graph.reshape(b.weight("num_points_scale", total), Shape.of(1, 1, 1, total, 1));
    Value offsets = graph.mul(b.plain(b.call("sampling_offsets", queries)), share);
    Value moved = graph.mul(graph.mul(offsets, b.slice(boxes, 4, 2, 4)), 0.5);
    Value places =
        graph.transpose(graph.add(b.slice(boxes, 4, 0, 2), moved), 0, 2, 1, 3, 4); // By head.
    Value values =
        graph.transpose(
            b.reshape(memory, memory.shape().size(1), heads, memory.shape().size(2) / heads),
            0,
            2,
            1,
            3);
    boolean nearest = a.text("decoder_method").equals("discrete");
    List<Value> read = new ArrayList<>();
    int point = 0;
    int place = 0;
    for (int i = 0; i < levels.size(); i++) {
      int[] size = {levels.get(i).get(0), levels.get(i).get(1)};
      Value level = b.slice(values, 2, place, place + size[0] * size[1]);
      Value at = b.slice(places, 3, point, point + points.get(i));
      read.add(nearest ? nearest(b, level, at, size) : between(b, level, at, size));
      point += points.get(i);
      place += size[0] * size[1];
    }
    Value byHead = graph.unsqueeze(graph.transpose(weights, 0, 2, 1, 3), 4);
    Value sum = graph.reduceSum(graph.mul(graph.concat(3, read), byHead), false, 3);
    Value out = graph.transpose(sum, 0, 2, 1, 3);
    Value joined = b.reshape(out, out.shape().size(1), heads * out.shape().size(3));
    return List.of(KerasTensor.plain(joined), KerasTensor.plain(weights));
  }

  private static void checkPlaces(HubArguments a, List<List<Integer>> levels, int places) {
    int expected = levels.stream().mapToInt(size -> size.get(0) * size.get(1)).sum();
    if (places != expected) {
      throw a.invalid(
          "its pictures give %d places, expected those of anchor_image_size: %d, of levels %s."
              .formatted(places, expected, levels));
    }
  }

  /** Values between the four pixels around a place; 0 outside of the picture. */
  private static Value between(Block b, Value level, Value places, int[] size) {
    GraphBuilder graph = b.graph();
    Value[] low = new Value[2];
    Value[][] share = new Value[2][2];
    for (int axis = 0; axis < 2; axis++) {
      Value x = graph.mul(b.slice(places, 4, 1 - axis, 2 - axis), size[axis]);
      x = graph.sub(x, graph.scalar(0.5f));
      low[axis] = graph.node(Op.FLOOR, x);
      share[axis][1] = graph.sub(x, low[axis]);
      share[axis][0] = graph.sub(graph.scalar(1), share[axis][1]);
    }
    List<Value> parts = new ArrayList<>();
    for (int corner = 0; corner < 4; corner++) {
      Value[] at = new Value[2];
      Value factor = graph.scalar(1);
      for (int axis = 0; axis < 2; axis++) {
        int step = axis == 0 ? corner / 2 : corner % 2;
        Value x = graph.add(low[axis], graph.scalar(step));
        Value inside =
            graph.node(
                Op.AND,
                graph.node(Op.GREATER_OR_EQUAL, x, graph.scalar(0)),
                graph.node(Op.LESS, x, graph.scalar(size[axis])));
        at[axis] = x;
        factor = graph.mul(factor, graph.where(inside, share[axis][step], graph.scalar(0)));
      }
      parts.add(graph.mul(taken(b, level, at, size), factor));
    }
    return graph.node(Op.SUM, parts.toArray(new Value[0]));
  }

  /** The nearest pixel of the picture. */
  private static Value nearest(Block b, Value level, Value places, int[] size) {
    GraphBuilder graph = b.graph();
    Value[] at = new Value[2];
    for (int axis = 0; axis < 2; axis++) {
      Value x = graph.mul(b.slice(places, 4, 1 - axis, 2 - axis), size[axis]);
      at[axis] = graph.node(Op.FLOOR, graph.add(x, graph.scalar(0.5f)));
    }
    return taken(b, level, at, size);
  }

  /**
   * {@return the pixels at a row and a column each, brought into the picture: (batch, heads,
   * queries, points, features)}
   *
   * @param level (batch, heads, places, features)
   * @param at (batch, heads, queries, points, 1) each
   */
  private static Value taken(Block b, Value level, Value[] at, int[] size) {
    GraphBuilder graph = b.graph();
    Value row = graph.node(Op.CLIP, at[0], graph.scalar(0), graph.scalar(size[0] - 1));
    Value column = graph.node(Op.CLIP, at[1], graph.scalar(0), graph.scalar(size[1] - 1));
    Value place = graph.cast(graph.add(graph.mul(row, size[1]), column), ElementType.INT64);
    Shape shape = place.shape();
    int[] sizes = {shape.size(0), shape.size(1), shape.size(2) * shape.size(3), 1};
    Value each = forAll(graph, graph.reshape(place, Shape.of(sizes)), level.shape().size(3));
    Value taken = graph.node(Op.GATHER_ELEMENTS, Attributes.of("axis", 2), level, each);
    int[] apart = Arrays.copyOf(shape.sizes(), 5);
    apart[4] = level.shape().size(3);
    return graph.reshape(taken, Shape.of(apart));
  }

  /** {@return positions whose last axis is 1, for each of several features} */
  static Value forAll(GraphBuilder graph, Value positions, int features) {
    int[] ones = IntStream.range(0, positions.rank()).map(i -> 1).toArray();
    ones[positions.rank() - 1] = features;
    return graph.add(positions, graph.constant(Tensor.of(new long[features], ones)));
  }
}
