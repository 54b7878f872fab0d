package dev.keralens.rewrite;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.graph.Window;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Zeros around an image become the padding of the convolution that reads it, and what is cut off
 * the result of a convolution is not computed. Poolings are left alone: they do not pad with zeros.
 */
final class PadFolding {
  private PadFolding() {}

  static Graph rewrite(Graph graph) {
    Graph joined = Pass.run(graph, (node, pass) -> node.op() == Op.PAD ? joined(node, pass) : null);
    return Pass.run(
        joined,
        (node, pass) ->
            switch (node.op()) {
              case CONV -> padded(node, pass);
              case PAD -> cropped(node, pass);
              default -> null;
            });
  }

  /** Conv(Pad(x)): the convolution pads. */
  private static @Nullable Value padded(Node conv, Pass pass) {
    Node pad = pass.producer(conv.input(0), Op.PAD);
    int[] pads = pad == null ? null : spatialPads(pad, pass);
    if (pad == null || pads == null || Arrays.stream(pads).anyMatch(size -> size < 0)) {
      return null;
    }
    return withPads(conv, pass.copy(pad.input(0)), plus(pads(Window.of(conv)), pads), pass);
  }

  /** Pad(Pad(x)), where both add zeros or both cut off: one of them. */
  private static @Nullable Value joined(Node pad, Pass pass) {
    Node first = pass.producer(pad.input(0), Op.PAD);
    int[] a = first == null ? null : spatialPads(first, pass);
    int[] b = spatialPads(pad, pass);
    if (first == null || a == null || b == null) {
      return null;
    }
    boolean alike =
        IntStream.range(0, a.length).allMatch(i -> a[i] >= 0 && b[i] >= 0)
            || IntStream.range(0, a.length).allMatch(i -> a[i] <= 0 && b[i] <= 0);
    if (!alike) {
      return null;
    }
    int[] sum = plus(a, b);
    int rank = a.length / 2;
    int[] before = new int[rank + 2];
    int[] after = new int[rank + 2];
    System.arraycopy(sum, 0, before, 2, rank);
    System.arraycopy(sum, rank, after, 2, rank);
    return pass.builder().pad(pass.copy(first.input(0)), before, after);
  }

  /**
   * Pad(Conv(x)) with negative sizes: a convolution of stride 1 pads less, a transposed one cuts
   * off more.
   */
  private static @Nullable Value cropped(Node pad, Pass pass) {
    Node conv = pass.producer(pad.input(0), Op.CONV, Op.CONV_TRANSPOSE);
    int[] pads = conv == null ? null : spatialPads(pad, pass);
    if (conv == null
        || pads == null
        || !pass.isReadOnce(conv.output())
        || Arrays.stream(pads).anyMatch(size -> size > 0)) {
      return null;
    }
    Window window = Window.of(conv);
    if (conv.op() == Op.CONV_TRANSPOSE) {
      int[] cut = Arrays.stream(pads).map(size -> -size).toArray();
      return withPads(conv, pass.copy(conv.input(0)), plus(pads(window), cut), pass);
    }
    int[] left = plus(pads(window), pads);
    boolean everyPlace = Arrays.stream(window.strides()).allMatch(stride -> stride == 1);
    return everyPlace && Arrays.stream(left).allMatch(size -> size >= 0)
        ? withPads(conv, pass.copy(conv.input(0)), left, pass)
        : null;
  }

  private static Value withPads(Node conv, Value x, int[] pads, Pass pass) {
    Value[] operands = new Value[conv.inputs().size()];
    operands[0] = x;
    for (int i = 1; i < operands.length; i++) {
      operands[i] = pass.copy(conv.input(i));
    }
    Attributes attributes = conv.attributes().without("auto_pad").with("pads", pads);
    return pass.builder().node(conv.op(), attributes, operands);
  }

  private static int[] pads(Window window) {
    return IntStream.concat(Arrays.stream(window.before()), Arrays.stream(window.after()))
        .toArray();
  }

  private static int[] plus(int[] a, int[] b) {
    return IntStream.range(0, a.length).map(i -> a[i] + b[i]).toArray();
  }

  /**
   * What a Pad adds before and after each spatial axis; null where it does something else: adds no
   * zeros, or to the batch or the channels.
   */
  private static int @Nullable [] spatialPads(Node pad, Pass pass) {
    Constant sizes = pass.constant(pad.input(1));
    Value number = pad.optionalInput(2);
    Constant value = pass.constant(number);
    boolean zeros =
        number == null || (value != null && value.isHeld() && value.tensor().get() == 0);
    if (sizes == null
        || !zeros
        || pad.optionalInput(3) != null
        || !pad.attributes().getString("mode", "constant").equals("constant")) {
      return null;
    }
    int[] all = sizes.tensor().toIntArray();
    int rank = all.length / 2;
    if (rank < 3 || all[0] != 0 || all[1] != 0 || all[rank] != 0 || all[rank + 1] != 0) {
      return null;
    }
    return IntStream.range(0, 2 * rank).filter(i -> i % rank > 1).map(i -> all[i]).toArray();
  }
}
