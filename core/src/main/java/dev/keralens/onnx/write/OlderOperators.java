package dev.keralens.onnx.write;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.text.Printable;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Operators of operator set {@value Op#OPSET} as another one writes them. Newer sets, up to {@value
 * ExportedGraph#NEWEST_OPSET}, write ours alike and add types and operators. Of the older ones, set
 * 18 has no {@code Gelu} and no pooling of averages with dilations, and 17 has the axes of
 * reductions as an attribute, and neither {@code Mish} nor the axes of {@code Resize} and {@code
 * Pad}.
 */
final class OlderOperators {
  /** Reductions whose axes became an input with set 18; those of {@code ReduceSum} were one. */
  private static final Set<Op> REDUCTIONS =
      EnumSet.of(
          Op.REDUCE_L1,
          Op.REDUCE_L2,
          Op.REDUCE_LOG_SUM,
          Op.REDUCE_LOG_SUM_EXP,
          Op.REDUCE_MAX,
          Op.REDUCE_MEAN,
          Op.REDUCE_MIN,
          Op.REDUCE_PROD,
          Op.REDUCE_SUM_SQUARE);

  private final Graph graph;
  private final int opset;

  OlderOperators(Graph graph, int opset) {
    this.graph = graph;
    this.opset = opset;
  }

  /**
   * {@return the node as the operator set writes it}
   *
   * @throws UnsupportedModelException if the set cannot say it; the message names the node
   */
  Node node(Node node) {
    int needed = needed(node);
    if (opset < needed) {
      throw new UnsupportedModelException(
          "%s needs the operator set %d for '%s', and %d is asked for; export with %2$d or higher."
              .formatted(
                  node.op().onnxName(), needed, Printable.name(node.output().name()), opset));
    }
    boolean averages = node.op() == Op.AVERAGE_POOL && opset < 19;
    if (averages || (node.op() == Op.LP_POOL && opset < 18)) {
      return with(node, node.attributes().without("dilations"));
    }
    if (opset >= 18) {
      return node;
    }
    if (REDUCTIONS.contains(node.op())) {
      return axesAsAttribute(node);
    }
    return node.op() == Op.SPLIT ? with(node, node.attributes().without("num_outputs")) : node;
  }

  private static Node with(Node node, Attributes attributes) {
    return new Node(node.op(), attributes, node.inputs(), node.outputs());
  }

  /** The oldest operator set that can say what a node does, among those that are written. */
  private int needed(Node node) {
    Attributes with = node.attributes();
    return switch (node.op()) {
      case GELU -> 20;
      case AVERAGE_POOL -> dilated(with) ? 19 : 17;
      case PAD ->
          with.getString("mode", "constant").equals("wrap") ? 19 : inputs(node, 3) ? 18 : 17;
      case RESIZE -> resizing(with);
      case MISH -> 18;
      case LP_POOL -> dilated(with) || with.getInt("ceil_mode", 0) != 0 ? 18 : 17;
      case SCATTER_ELEMENTS, SCATTER_ND ->
          Set.of("max", "min").contains(with.getString("reduction", "none")) ? 18 : 17;
      case SPLIT -> isEven(node) ? 17 : 18;
      default -> 17;
    };
  }

  private static boolean dilated(Attributes with) {
    return Arrays.stream(with.getInts("dilations", new int[0])).anyMatch(size -> size != 1);
  }

  private static int resizing(Attributes with) {
    boolean symmetric =
        with.getString("coordinate_transformation_mode", "").equals("half_pixel_symmetric");
    boolean newer =
        with.has("axes") || with.has("antialias") || with.has("keep_aspect_ratio_policy");
    return symmetric ? 19 : newer ? 18 : 17;
  }

  private static boolean inputs(Node node, int index) {
    return node.optionalInput(index) != null;
  }

  /** Without sizes of its parts, an older {@code Split} makes equal ones. */
  private static boolean isEven(Node node) {
    return inputs(node, 1)
        || node.outputs().stream().allMatch(part -> part.shape().equals(node.output().shape()));
  }

  private Node axesAsAttribute(Node node) {
    Attributes without = node.attributes().without("noop_with_empty_axes");
    Value axes = node.optionalInput(1);
    if (axes == null && node.attributes().getInt("noop_with_empty_axes", 0) == 0) {
      return new Node(node.op(), without, node.inputs(), node.outputs());
    }
    Constant known = axes == null ? null : graph.constant(axes);
    long[] given = known == null ? new long[0] : known.tensor().toLongArray();
    if (given.length == 0) {
      throw new UnsupportedModelException(
          "%s needs the operator set 18 for '%s': its axes are not known, or none."
              .formatted(node.op().onnxName(), Printable.name(node.output().name())));
    }
    int[] numbers = Arrays.stream(given).mapToInt(Math::toIntExact).toArray();
    return new Node(
        node.op(), without.with("axes", numbers), List.of(node.input(0)), node.outputs());
  }
}
