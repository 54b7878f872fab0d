package dev.keralens.network.search;

import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which axis of each value of a graph holds channels, and which hold places; neither is written in
 * a model.
 *
 * <p>Convolutions, poolings and normalizations by channel tell it of what they read and give: that
 * is proof. From there it is followed through all operators that keep an axis ({@link AxisLinks}),
 * forward and backward. Where no proof reaches, dense layers and layer normalization tell that the
 * axis which they join holds channels (features). An input of four or more axes that is still open
 * is judged by its sizes: 1, 3 or 4 channels.
 */
public final class AxisRoles {
  /** What an axis holds. */
  public enum Role {
    /** Channels, or features. */
    CHANNELS,
    /** Places, such as the rows of a picture, or time. */
    PLACES,
    /** Channels and places in one axis, as {@code Flatten} makes it. */
    BOTH
  }

  /** What reads channels and places. */
  private static final Set<Op> BY_PLACE =
      EnumSet.of(
          Op.AVERAGE_POOL,
          Op.CONV,
          Op.CONV_TRANSPOSE,
          Op.DEPTH_TO_SPACE,
          Op.GLOBAL_AVERAGE_POOL,
          Op.GLOBAL_MAX_POOL,
          Op.LP_POOL,
          Op.LRN,
          Op.MAX_POOL,
          Op.SPACE_TO_DEPTH);

  /** What reads channels; Keras can be told to normalize rows as if they were channels. */
  private static final Set<Op> BY_CHANNEL =
      EnumSet.of(Op.BATCH_NORMALIZATION, Op.INSTANCE_NORMALIZATION);

  private static final Set<Integer> USUAL_CHANNELS = Set.of(1, 3, 4);

  /** An axis of a value, or all that are the same one: they have one root. */
  private static final class Axis {
    private @Nullable Axis parent;
    private @Nullable Role role;
    private @Nullable Node proof;
  }

  private final Graph graph;
  private final Map<Value, Axis[]> axes = new HashMap<>();

  /**
   * Axes that one value has twice, as the similarities of all pairs of places: what is computed of
   * such a pair says nothing about the axis that both come from.
   */
  private final Set<Axis> pairs;

  /**
   * Looks through a graph.
   *
   * @param graph the graph
   */
  public AxisRoles(Graph graph) {
    this.graph = graph;
    List<MergedAxes> merged = new ArrayList<>();
    AxisLinks links = new AxisLinks(graph, this::join, MergedAxes.grouper(this::join, merged::add));
    graph.nodes().forEach(links::add);
    pairs = pairs();
    channelsOnAxis1(BY_PLACE, node -> node.input(0).shape().size(1) != 1);
    channelsOnAxis1(BY_PLACE, node -> !AxisLinks.poolsChannels(node));
    channelsOnAxis1(BY_CHANNEL, node -> true);
    follow(merged);
    graph.nodes().forEach(this::dense);
    follow(merged);
    graph.inputs().forEach(this::judge);
    follow(merged);
  }

  private Set<Axis> pairs() {
    Set<Axis> pairs = new HashSet<>();
    for (Value value : List.copyOf(axes.keySet())) {
      Set<Axis> once = new HashSet<>();
      IntStream.range(0, value.rank())
          .filter(axis -> !isFixed(value, axis) && !once.add(axis(value, axis)))
          .forEach(axis -> pairs.add(axis(value, axis)));
    }
    return pairs;
  }

  private static Axis root(Axis axis) {
    Axis root = axis;
    while (root.parent != null) {
      root = root.parent;
    }
    for (Axis next = axis; next.parent != null; ) {
      Axis above = next.parent;
      next.parent = root;
      next = above;
    }
    return root;
  }

  private Axis axis(Value value, int axis) {
    return root(
        axes.computeIfAbsent(
                value,
                key ->
                    IntStream.range(0, key.rank()).mapToObj(i -> new Axis()).toArray(Axis[]::new))[
            axis]);
  }

  /** Whether an axis is the batch, or not of this graph's computing. */
  private boolean isFixed(Value value, int axis) {
    return value.shape().size(axis) < 0 || graph.constant(value) != null;
  }

  /** Says that two axes are the same one. */
  private void join(Value a, int axisA, Value b, int axisB) {
    if (isFixed(a, axisA) || isFixed(b, axisB)) {
      return;
    }
    Axis left = axis(a, axisA);
    Axis right = axis(b, axisB);
    if (!left.equals(right)) {
      right.parent = left;
    }
  }

  private boolean set(Value value, int axis, Role role, @Nullable Node proof) {
    if (isFixed(value, axis)) {
      return false;
    }
    Axis found = axis(value, axis);
    if (found.role != null) {
      return false;
    }
    found.role = role;
    found.proof = proof;
    return true;
  }

  /**
   * Asks what computes by channel, but not where one axis is both channels and places. One channel
   * may be an axis that was put in: those with several are asked first.
   */
  private void channelsOnAxis1(Set<Op> ops, Predicate<Node> asked) {
    graph.nodes().stream()
        .filter(node -> ops.contains(node.op()) && !holdsPair(node.input(0)) && asked.test(node))
        .forEach(this::channelsOnAxis1);
  }

  private boolean holdsPair(Value value) {
    Set<Axis> once = new HashSet<>();
    return IntStream.range(0, value.rank())
        .anyMatch(axis -> !isFixed(value, axis) && !once.add(axis(value, axis)));
  }

  /*
   * Normalizations are also written by folding all but the groups of channels into the last of three
   * axes, which then holds no places.
   */
  private void channelsOnAxis1(Node node) {
    boolean folds = node.op() == Op.BATCH_NORMALIZATION || node.op() == Op.INSTANCE_NORMALIZATION;
    for (Value value : List.of(node.input(0), node.output())) {
      if (value.rank() < 3) {
        continue;
      }
      set(value, 1, Role.CHANNELS, node);
      for (int axis = 2; axis < value.rank() && !(folds && value.rank() == 3); axis++) {
        set(value, axis, Role.PLACES, node);
      }
    }
  }

  private void features(Value value, int axis, Node proof) {
    if (!isFixed(value, axis) && !pairs.contains(axis(value, axis))) {
      set(value, axis, Role.CHANNELS, proof);
    }
  }

  /** Products with weights and normalizations of the last axis join features. */
  private void dense(Node node) {
    Value x = node.op() == Op.EINSUM || node.inputs().isEmpty() ? null : node.optionalInput(0);
    boolean weights =
        node.inputs().size() > 1
            && node.optionalInput(1) != null
            && graph.constant(node.input(1)) != null;
    if (node.op() == Op.EINSUM) {
      einsum(node);
    } else if (x == null) {
      return;
    } else if (node.op() == Op.LAYER_NORMALIZATION) {
      int axis = Math.floorMod(node.attributes().getInt("axis", -1), x.rank());
      if (axis == x.rank() - 1 && x.rank() > 2) {
        features(x, axis, node);
      }
    } else if (node.op() == Op.MAT_MUL && weights && x.rank() > 2) {
      features(x, x.rank() - 1, node);
      features(node.output(), node.output().rank() - 1, node);
    } else if ((node.op() == Op.GEMM || node.op() == Op.MAT_MUL) && weights && isOfEachPlace(x)) {
      features(x, 1, node);
      features(node.output(), 1, node);
    }
  }

  /**
   * Whether the rows of a matrix are places, or what was reduced over them; not a flattened map.
   */
  private boolean isOfEachPlace(Value x) {
    if (x.rank() != 2) {
      return false;
    }
    boolean reduced =
        graph
            .producer(x)
            .map(node -> AxisLinks.isReduction(node) || node.op() == Op.GATHER)
            .orElse(false);
    return reduced || x.shape().size(0) < Shape.BATCH;
  }

  /** A product with weights: the one letter that is summed, and the one that the weights bring. */
  private void einsum(Node node) {
    String[] sides = AxisLinks.equation(node);
    if (sides.length != 3 || graph.constant(node.input(1)) == null) {
      return;
    }
    int[] summed =
        sides[0].chars().filter(c -> sides[2].indexOf(c) < 0 && sides[1].indexOf(c) >= 0).toArray();
    int[] brought = sides[2].chars().filter(c -> sides[0].indexOf(c) < 0).toArray();
    if (summed.length == 1) {
      features(node.input(0), sides[0].indexOf(summed[0]), node);
    }
    if (brought.length == 1) {
      features(node.output(), sides[2].indexOf(brought[0]), node);
    }
  }

  private void judge(Value input) {
    int rank = input.rank();
    if (rank < 4 || channelAxis(input).isPresent() || placesOnly(input)) {
      return;
    }
    boolean last = isOpen(input, rank - 1) && isChannelCount(input.shape().size(-1));
    boolean first = isOpen(input, 1) && isChannelCount(input.shape().size(1));
    if (last || first) {
      set(input, last ? rank - 1 : 1, Role.CHANNELS, null);
    }
  }

  private boolean isOpen(Value value, int axis) {
    return axis(value, axis).role == null;
  }

  private static boolean isChannelCount(int size) {
    return USUAL_CHANNELS.contains(size);
  }

  /** What several axes hold that are one behind a reshape, as far as it is known. */
  private void follow(List<MergedAxes> merged) {
    boolean changed = true;
    while (changed) {
      changed = false;
      for (MergedAxes group : merged) {
        changed |= apart(group) || together(group);
      }
    }
  }

  private boolean apart(MergedAxes group) {
    Axis whole = axis(group.whole(), group.axis());
    boolean changed = false;
    if (whole.role == Role.PLACES) {
      for (int part : group.parts()) {
        changed |= set(group.apart(), part, Role.PLACES, whole.proof);
      }
    }
    return changed;
  }

  private boolean together(MergedAxes group) {
    Set<Role> roles = EnumSet.noneOf(Role.class);
    Node proof = null;
    for (int part : group.parts()) {
      Axis axis = axis(group.apart(), part);
      if (axis.role == null) {
        return false;
      }
      roles.add(axis.role);
      proof = axis.proof;
    }
    Role role = roles.size() == 1 ? roles.iterator().next() : Role.BOTH;
    return set(group.whole(), group.axis(), role, proof);
  }

  /**
   * {@return what an axis of a value holds, where it is known}
   *
   * @param value a value of the graph
   * @param axis the axis in the graph
   */
  public Optional<Role> role(Value value, int axis) {
    return isFixed(value, axis) ? Optional.empty() : Optional.ofNullable(axis(value, axis).role);
  }

  /**
   * {@return the axis of a value, in the graph, that holds its channels; nothing where none does,
   * several do, or it is not known}
   *
   * @param value a value of the graph
   */
  public Optional<Integer> channelAxis(Value value) {
    int[] found =
        IntStream.range(0, value.rank())
            .filter(axis -> role(value, axis).filter(Role.CHANNELS::equals).isPresent())
            .toArray();
    return found.length == 1 ? Optional.of(found[0]) : Optional.empty();
  }

  /**
   * {@return whether all axes of a value but the batch's are places, as of a picture without a
   * channel axis}
   *
   * @param value a value of the graph
   */
  public boolean placesOnly(Value value) {
    return value.rank() > 1
        && IntStream.range(1, value.rank())
            .allMatch(axis -> role(value, axis).filter(Role.PLACES::equals).isPresent());
  }

  /**
   * {@return what proves the role of an axis, such as "Conv 'c1/Conv'"; nothing where its role is
   * judged by its size, or not known}
   *
   * @param value a value of the graph
   * @param axis the axis in the graph
   */
  public Optional<String> proof(Value value, int axis) {
    if (isFixed(value, axis)) {
      return Optional.empty();
    }
    return Optional.ofNullable(axis(value, axis).proof)
        .map(node -> "%s '%s'".formatted(node.op().onnxName(), node.output().name()));
  }

  /**
   * {@return a tensor whose layout says where its channels are, as far as it is known; of an input
   * with two axes that nothing tells apart, as of a picture that is flattened, both are places}
   *
   * @param tensor a tensor of the graph
   */
  public KerasTensor laid(KerasTensor tensor) {
    Value value = tensor.value();
    int rank = value.rank();
    boolean counts = value.type().isFloating() || rank > 3;
    if (tensor.layout() == Layout.CHANNELS_MOVED || rank < 3 || !counts) {
      return tensor;
    }
    Optional<Integer> channels = channelAxis(value);
    if (channels.isPresent()) {
      return Layout.of(channels.get(), rank)
          .map(l -> new KerasTensor(value, l, tensor.steps()))
          .orElse(tensor);
    }
    boolean flat =
        rank == 3
            && graph.inputs().contains(value)
            && value.shape().size(2) != 1
            && IntStream.range(1, rank).allMatch(axis -> role(value, axis).isEmpty());
    return flat || placesOnly(value)
        ? new KerasTensor(value, Layout.NO_CHANNELS, tensor.steps())
        : tensor;
  }

  /** {@return the sizes of the axes after the batch's, and what they hold, for messages} */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Value value : graph.inputs()) {
      text.append(value.name()).append(' ').append(roles(value)).append('\n');
    }
    graph
        .nodes()
        .forEach(
            node ->
                node.outputs()
                    .forEach(v -> text.append(v.name()).append(' ').append(roles(v)).append('\n')));
    return text.toString();
  }

  private String roles(Value value) {
    return Arrays.toString(
        IntStream.range(0, value.rank())
            .mapToObj(axis -> role(value, axis).map(Role::name).orElse("?"))
            .toArray());
  }
}
