package dev.keralens.inspect;

import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The way of pixels from an input to the first layers with weights, through arithmetic that nothing
 * was learned for. Elementwise operators with constants are such arithmetic, even where a file
 * counts the constants as weights.
 */
final class PixelPath {
  /** Products with weights, and normalizations: what was learned begins here. */
  private static final Set<Op> LEARNED =
      EnumSet.of(
          Op.BATCH_NORMALIZATION,
          Op.CONV,
          Op.CONV_TRANSPOSE,
          Op.EINSUM,
          Op.GEMM,
          Op.INSTANCE_NORMALIZATION,
          Op.LAYER_NORMALIZATION,
          Op.LP_NORMALIZATION,
          Op.LRN,
          Op.MAT_MUL,
          Op.PRELU);

  /** Operators that move, drop, repeat or mix pixels, and keep their range. */
  private static final Set<Op> KEEPING =
      EnumSet.of(
          Op.AVERAGE_POOL,
          Op.CAST,
          Op.CONCAT,
          Op.DEPTH_TO_SPACE,
          Op.EXPAND,
          Op.FLATTEN,
          Op.GATHER,
          Op.IDENTITY,
          Op.MAX_POOL,
          Op.PAD,
          Op.RESHAPE,
          Op.RESIZE,
          Op.SLICE,
          Op.SPACE_TO_DEPTH,
          Op.SPLIT,
          Op.SQUEEZE,
          Op.TILE,
          Op.TRANSPOSE,
          Op.UNSQUEEZE);

  private static final Set<String> MODELS = Set.of("Functional", "Model", "Sequential");
  private static final int MOST_COLORS = 4;

  private final Network network;
  private final Graph graph;
  private final Set<Value> known;
  private final Set<Value> pixels = new HashSet<>();
  private final Set<Value> kept = new HashSet<>();
  private final Map<Value, Node> seen = new HashMap<>();
  private final Set<Value> weighted = new LinkedHashSet<>();
  private final Set<Value> joined = new LinkedHashSet<>();

  private PixelPath(Network network, Value input) {
    this.network = network;
    this.graph = network.graph();
    this.known = new HashSet<>(graph.constants().keySet());
    pixels.add(input);
    kept.add(input);
    for (Node node : graph.nodes()) {
      follow(node);
    }
    graph.outputs().stream().filter(pixels::contains).forEach(joined::add);
  }

  /** Follows an input. */
  static PixelPath of(Network network, Value input) {
    return new PixelPath(network, input);
  }

  private void follow(Node node) {
    List<Value> inputs = node.inputs().stream().filter(Objects::nonNull).toList();
    if (inputs.stream().noneMatch(pixels::contains)) {
      if (!inputs.isEmpty() && known.containsAll(inputs)) {
        known.addAll(node.outputs());
      }
      return;
    }
    boolean alone =
        inputs.stream().allMatch(value -> pixels.contains(value) || known.contains(value));
    boolean looksUp = node.op() == Op.GATHER && !pixels.contains(node.input(0));
    if (alone && (looksUp || (LEARNED.contains(node.op()) && !isColorArithmetic(node)))) {
      inputs.stream().filter(pixels::contains).forEach(value -> add(weighted, value, node));
    } else if (alone) {
      pixels.addAll(node.outputs());
      boolean all =
          inputs.stream().allMatch(value -> known.contains(value) || kept.contains(value));
      if (KEEPING.contains(node.op()) && all) {
        kept.addAll(node.outputs());
      }
    } else {
      inputs.stream().filter(pixels::contains).forEach(value -> add(joined, value, node));
    }
  }

  private void add(Set<Value> values, Value value, Node node) {
    values.add(value);
    seen.putIfAbsent(value, node);
  }

  /**
   * Whether a product was written down, not learned: its layer has no weights, or it is of colors.
   */
  private boolean isColorArithmetic(Node node) {
    if (node.op() != Op.CONV && node.op() != Op.MAT_MUL && node.op() != Op.EINSUM) {
      return false;
    }
    Layer owner = owner(node);
    if (owner != null && owner.parameters() == 0) {
      return true;
    }
    List<Value> constants = node.inputs().stream().filter(graph.constants()::containsKey).toList();
    boolean isPlain = owner == null || owner.className().equals(node.op().onnxName());
    return isPlain && constants.size() == 1 && isColorMatrix(node, constants.get(0));
  }

  /** A turn of channels, one factor a channel, or a mean of colors. */
  private boolean isColorMatrix(Node node, Value value) {
    Shape shape = value.shape();
    int rows = node.op() == Op.CONV ? shape.size(0) : shape.rank() < 2 ? 1 : shape.size(-1);
    boolean small = shape.elements() <= MOST_COLORS * MOST_COLORS && rows <= MOST_COLORS;
    if (!small || node.op() == Op.EINSUM) {
      return false;
    }
    float[] matrix = Objects.requireNonNull(graph.constant(value)).tensor().toFloatArray();
    int columns = matrix.length / rows;
    for (int row = 0; row < rows; row++) {
      int others = 0;
      double sum = 0;
      boolean negative = false;
      for (int column = 0; column < columns; column++) {
        float x = matrix[node.op() == Op.CONV ? row * columns + column : column * rows + row];
        others += x == 0 ? 0 : 1;
        sum += x;
        negative |= x < 0;
      }
      if (others > 1 && (negative || Math.abs(sum - 1) > 0.01)) {
        return false;
      }
    }
    return true;
  }

  /**
   * The Keras layer that a node belongs to, by the node's name; else the first that gives what the
   * node gives, since a layer such as Dropout hands it on; the node of an ONNX file.
   */
  @Nullable Layer owner(Node node) {
    String name = node.output().name();
    Layer best = null;
    for (Layer layer : network.layers()) {
      boolean owns = name.startsWith(layer.name() + "/");
      if (owns && (best == null || layer.name().length() > best.name().length())) {
        best = layer;
      }
    }
    return best != null ? best : giving(node.output());
  }

  private @Nullable Layer giving(Value value) {
    for (Layer layer : network.layers()) {
      if (gives(layer, value)) {
        return layer;
      }
    }
    return null;
  }

  private static boolean gives(Layer layer, Value value) {
    return layer.calls().stream()
        .flatMap(call -> call.outputs().stream())
        .anyMatch(tensor -> tensor.value() == value);
  }

  /** What the first layers with weights see; where there are none, what meets other values. */
  List<Value> seen() {
    List<Value> values = new ArrayList<>(weighted.isEmpty() ? joined : weighted);
    return Collections.unmodifiableList(values);
  }

  /** The node that sees a value; null where it is an output. */
  @Nullable Node seeing(Value value) {
    return seen.get(value);
  }

  /** Whether pixels reach a value as they are, but for their places. */
  boolean isKept(Value value) {
    return kept.contains(value);
  }

  /** The first layer on the way that computes with pixels, models in the model excepted. */
  @Nullable Layer scaling() {
    for (Layer layer : network.layers()) {
      if (MODELS.contains(layer.className())) {
        continue;
      }
      for (Layer.Call call : layer.calls()) {
        boolean reads = call.inputs().stream().anyMatch(tensor -> kept.contains(tensor.value()));
        boolean gives =
            call.outputs().stream()
                .anyMatch(t -> pixels.contains(t.value()) && !kept.contains(t.value()));
        if (reads && gives) {
          return layer;
        }
      }
    }
    return null;
  }

  /** A constant that a node reads, if it is one. */
  @Nullable Constant constant(Node node, int input) {
    return graph.constant(node.input(input));
  }
}
