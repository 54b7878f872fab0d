package dev.keralens.rewrite;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Gives images so many channels that they fill the engine's blocks, by kernels with more rows, all
 * zero; and takes the added channels off where something reads them that is not about single
 * channels. The engine does so by itself for convolutions, but brings values out of the blocks for
 * depthwise ones, and nothing else is said in blocks ({@link Blocking}) where they are not full.
 *
 * <p>What an added channel holds is finite, for only operators that give finite numbers of finite
 * ones are taken along; and the kernel that reads it has zeros there.
 */
final class ChannelPadding {
  /** Operators that work on each element by itself. */
  private static final Set<Op> ELEMENTWISE =
      Set.of(
          Op.ABS,
          Op.ADD,
          Op.AND,
          Op.CAST,
          Op.CLIP,
          Op.EQUAL,
          Op.GREATER,
          Op.GREATER_OR_EQUAL,
          Op.HARD_SIGMOID,
          Op.IDENTITY,
          Op.LEAKY_RELU,
          Op.LESS,
          Op.LESS_OR_EQUAL,
          Op.MAX,
          Op.MIN,
          Op.MUL,
          Op.NEG,
          Op.NOT,
          Op.OR,
          Op.RELU,
          Op.SIGMOID,
          Op.SUB,
          Op.TANH,
          Op.WHERE);

  private static final Set<Op> PER_CHANNEL =
      Set.of(
          Op.AVERAGE_POOL,
          Op.BATCH_NORMALIZATION,
          Op.CONCAT,
          Op.EXPAND,
          Op.GLOBAL_AVERAGE_POOL,
          Op.GLOBAL_MAX_POOL,
          Op.MAX_POOL,
          Op.PAD,
          Op.REDUCE_MEAN,
          Op.REDUCE_SUM,
          Op.RESIZE,
          Op.SLICE);

  private static final Set<Op> COMPARING =
      Set.of(Op.EQUAL, Op.GREATER, Op.LESS, Op.MAX, Op.MAX_POOL, Op.SLICE);

  private final Map<Value, Value> padded = new HashMap<>();

  private ChannelPadding() {}

  static Graph rewrite(Graph graph) {
    return Pass.run(graph, new ChannelPadding()::visit);
  }

  private @Nullable Value visit(Node node, Pass pass) {
    Value wide = node.outputs().size() == 1 ? wide(node, pass) : null;
    if (wide == null) {
      return null;
    }
    Value value = node.output();
    if (value.shape().equals(wide.shape())) {
      return wide;
    }
    padded.put(value, wide);
    return pass.builder().slice(wide, new int[] {1}, new int[] {0}, new int[] {channels(value)});
  }

  private static int channels(Value value) {
    return value.shape().size(1);
  }

  /** A number of channels that fills blocks. */
  private static int filled(int channels) {
    int block = BlockedLayout.block();
    return (channels + block - 1) / block * block;
  }

  /** The node with more channels; null where it stays as it is. */
  private @Nullable Value wide(Node node, Pass pass) {
    if (node.output().rank() != 4) {
      return null;
    }
    if (node.op() == Op.CONV) {
      return convolution(node, pass);
    }
    boolean any = node.inputs().stream().anyMatch(padded::containsKey);
    if (!any) {
      return null;
    }
    if (ELEMENTWISE.contains(node.op())) {
      return elementwise(node, pass);
    }
    return PER_CHANNEL.contains(node.op()) ? perChannel(node, pass) : null;
  }

  private @Nullable Value convolution(Node conv, Pass pass) {
    Value x = conv.input(0);
    Constant kernel = pass.constant(conv.input(1));
    if (kernel == null || kernel.type() != ElementType.FLOAT32 || x.shape().size(0) >= 0) {
      return null;
    }
    int[] shape = kernel.shape();
    int group = conv.attributes().getInt("group", 1);
    Value wideInput = padded.get(x);
    boolean depthwise = group > 1 && group == shape[0] && shape[1] == 1;
    if (group > 1 && (!depthwise || wideInput == null)) {
      return null;
    }
    int outputs = depthwise || isWorthwhile(conv.output(), pass) ? filled(shape[0]) : shape[0];
    int inputs = depthwise || wideInput == null ? shape[1] : channels(wideInput);
    if (outputs == shape[0] && inputs == shape[1]) {
      return null;
    }
    Attributes attributes =
        depthwise ? conv.attributes().with("group", outputs) : conv.attributes();
    List<@Nullable Value> operands = new ArrayList<>();
    operands.add(wideInput == null ? pass.copy(x) : wideInput);
    operands.add(
        pass.builder()
            .constant(
                conv.input(1).name() + "/padded",
                Widening.of(kernel, new int[] {outputs, inputs, shape[2], shape[3]}, 0)));
    Value bias = conv.optionalInput(2);
    if (bias != null) {
      operands.add(vector(bias, outputs, 0, pass));
    }
    return pass.builder().nodes(Op.CONV, attributes, 1, operands).get(0);
  }

  /**
   * Whether channels are not full blocks, are not many times as many then, and somebody reads them
   * who gains by it.
   */
  private boolean isWorthwhile(Value value, Pass pass) {
    Predicate<Node> wants =
        reader ->
            reader.op() == Op.CONV
                ? reader.input(0).equals(value) && reader.attributes().getInt("group", 1) != 1
                : ELEMENTWISE.contains(reader.op()) || PER_CHANNEL.contains(reader.op());
    int channels = channels(value);
    boolean onePixel = value.shape().size(2) == 1 && value.shape().size(3) == 1;
    return channels % BlockedLayout.block() != 0
        && (onePixel || filled(channels) <= 2 * channels)
        && pass.readers(value).stream().anyMatch(wants);
  }

  private @Nullable Value elementwise(Node node, Pass pass) {
    int channels = channels(node.output());
    List<@Nullable Value> operands = new ArrayList<>();
    for (Value input : node.inputs()) {
      Value operand = input == null ? null : operand(input, channels, pass);
      if (input != null && operand == null) {
        return null;
      }
      operands.add(operand);
    }
    return pass.builder().nodes(node.op(), node.attributes(), 1, operands).get(0);
  }

  /** What stands for an operand where the others have more channels; null where nothing can. */
  private @Nullable Value operand(Value value, int channels, Pass pass) {
    Value wide = padded.get(value);
    if (wide != null && channels(value) == channels) {
      return wide;
    }
    Shape shape = value.shape();
    if (shape.rank() < 3 ? shape.elements() == 1 : shape.size(shape.rank() - 3) == 1) {
      return pass.copy(value);
    }
    Constant constant = pass.constant(value);
    if (constant == null
        || constant.type() != ElementType.FLOAT32
        || shape.rank() < 3
        || shape.size(shape.rank() - 3) != channels) {
      return null;
    }
    int[] sizes = constant.shape();
    sizes[sizes.length - 3] = filled(channels);
    return pass.builder().constant(value.name() + "/padded", Widening.of(constant, sizes, 0));
  }

  private @Nullable Value perChannel(Node node, Pass pass) {
    Value wide = padded.get(node.input(0));
    List<@Nullable Value> others =
        wide == null || channels(node.output()) != channels(node.input(0))
            ? null
            : others(node, channels(wide), pass);
    if (others == null) {
      return null;
    }
    List<@Nullable Value> operands = new ArrayList<>();
    operands.add(wide);
    operands.addAll(others);
    return pass.builder().nodes(node.op(), node.attributes(), 1, operands).get(0);
  }

  /** What stands for the operands but the first; null where a node cannot have more channels. */
  private @Nullable List<@Nullable Value> others(Node node, int channels, Pass pass) {
    boolean fits =
        switch (node.op()) {
          case PAD -> {
            int[] pads = numbers(node.input(1), pass);
            boolean inOrder = node.optionalInput(3) == null; // axes
            yield inOrder
                && pads.length == 8
                && pads[1] == 0
                && pads[5] == 0
                && (hasFiniteFill(node, pass) || isOnlyCompared(node, pass));
          }
          case RESIZE -> node.inputs().size() == 3;
          case SLICE -> areSpatial(numbers(node.optionalInput(3), pass));
          case REDUCE_MEAN, REDUCE_SUM ->
              areSpatial(numbers(node.optionalInput(1), pass))
                  && node.attributes().getInt("keepdims", 1) != 0;
          case CONCAT ->
              node.attributes().getInt("axis", 0) >= 2
                  && node.inputs().stream().allMatch(padded::containsKey);
          case EXPAND -> numbers(node.input(1), pass).length == 4;
          default -> true;
        };
    if (!fits) {
      return null;
    }
    List<@Nullable Value> others = new ArrayList<>();
    for (int i = 1; i < node.inputs().size(); i++) {
      Value operand = node.inputs().get(i);
      others.add(
          operand == null
              ? null
              : switch (node.op()) {
                case CONCAT -> padded.get(operand);
                case EXPAND -> pass.builder().ints(ofAnyChannels(numbers(operand, pass)));
                // The last operand is the variance, which a number is divided by.
                case BATCH_NORMALIZATION -> vector(operand, channels, i == 4 ? 1 : 0, pass);
                default -> pass.copy(operand);
              });
    }
    return others;
  }

  /** Infinities would come to where zeros are multiplied with what the channels have more. */
  private static boolean hasFiniteFill(Node pad, Pass pass) {
    Value given = pad.optionalInput(2);
    Constant fill = pass.constant(given);
    return given == null || (fill != null && Float.isFinite(fill.tensor().get()));
  }

  private static boolean isOnlyCompared(Node pad, Pass pass) {
    return pass.readers(pad.output()).stream().allMatch(reader -> COMPARING.contains(reader.op()));
  }

  private static boolean areSpatial(int[] axes) {
    return Arrays.stream(axes).allMatch(axis -> axis >= 2);
  }

  /** A shape to expand to, which leaves the channels as many as there are. */
  private static int[] ofAnyChannels(int[] sizes) {
    int[] any = sizes.clone();
    any[1] = 1;
    return any;
  }

  /** The elements of a constant; one that no axis equals where there is none. */
  private static int[] numbers(@Nullable Value value, Pass pass) {
    Constant constant = pass.constant(value);
    return constant == null ? new int[] {-1} : constant.tensor().toIntArray();
  }

  /** One number for each channel, and so many more. */
  private static Value vector(Value value, int channels, float more, Pass pass) {
    Constant constant = pass.constant(value);
    int extra = channels - value.shape().size(0);
    if (extra == 0) {
      return pass.copy(value);
    }
    return constant == null
        ? pass.builder().pad(pass.copy(value), new int[] {0}, new int[] {extra})
        : pass.builder()
            .constant(value.name() + "/padded", Widening.of(constant, new int[] {channels}, more));
  }
}
