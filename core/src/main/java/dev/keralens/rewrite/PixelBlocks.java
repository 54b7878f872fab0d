package dev.keralens.rewrite;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Where the channels of an image are put beside each other as pixels and then averaged, as the last
 * steps of Gradients do, they are averaged first, which leaves a third of them to be moved; by a
 * convolution, which the engine computes in a third of the time that its ReduceMean takes.
 */
final class PixelBlocks {
  private PixelBlocks() {}

  static Graph rewrite(Graph graph) {
    return Pass.run(
        graph, (node, pass) -> node.op() == Op.REDUCE_MEAN ? averagedFirst(node, pass) : null);
  }

  private static @Nullable Value averagedFirst(Node mean, Pass pass) {
    Constant axes = pass.constant(mean.optionalInput(1));
    if (axes == null
        || mean.output().type() != ElementType.FLOAT32
        || !Arrays.equals(axes.tensor().toIntArray(), new int[] {1})
        || mean.attributes().getInt("keepdims", 1) != 0) {
      return null;
    }
    Deque<Node> between = new ArrayDeque<>();
    Value value = mean.input(0);
    Node step = step(value, pass);
    while (step != null && step.op() != Op.DEPTH_TO_SPACE) {
      between.push(step);
      value = step.input(0);
      step = step(value, pass);
    }
    return step == null || !step.attributes().getString("mode", "DCR").equals("CRD")
        ? null
        : averaged(step, between, mean.output().shape(), pass);
  }

  /** What computes a value, where nobody else reads it and channels can be averaged before. */
  private static @Nullable Node step(Value value, Pass pass) {
    Node node =
        pass.isReadOnce(value) && value.rank() == 4
            ? pass.producer(
                value, Op.DEPTH_TO_SPACE, Op.ABS, Op.RELU, Op.NEG, Op.PAD, Op.MUL, Op.DIV)
            : null;
    boolean fits =
        node != null
            && switch (node.op()) {
              case PAD -> isSpatial(node, pass);
              case MUL, DIV -> scale(node) != null;
              default -> true;
            };
    return fits ? node : null;
  }

  private static boolean isSpatial(Node pad, Pass pass) {
    Constant pads = pass.constant(pad.input(1));
    return pad.inputs().size() == 2
        && pads != null
        && PickedPixels.isSpatial(pads.tensor().toLongArray());
  }

  /**
   * The second factor, where it is one number, or one for each channel, the same for all images.
   */
  private static @Nullable Value scale(Node node) {
    Value scale = node.input(1);
    int[] sizes = scale.shape().sizes();
    int channels = node.output().shape().size(1);
    boolean one = scale.shape().elements() == 1;
    boolean perChannel =
        sizes.length >= 3
            && sizes[sizes.length - 3] == channels
            && scale.shape().elements() == channels;
    boolean whole = node.input(0).shape().equals(node.output().shape());
    return whole && !scale.shape().hasBatch() && (one || perChannel) ? scale : null;
  }

  /** A number for each channel, for all of its places. */
  private static Value repeated(Value scale, int places, GraphBuilder b) {
    int channels = (int) scale.shape().elements();
    if (channels == 1) {
      return b.reshape(scale, Shape.of());
    }
    Value rows = b.expand(b.reshape(scale, Shape.of(channels, 1)), Shape.of(channels, places));
    return b.reshape(rows, Shape.of(channels * places, 1, 1));
  }

  private static Value averaged(Node arrange, Deque<Node> between, Shape result, Pass pass) {
    GraphBuilder b = pass.builder();
    int block = arrange.attributes().getInt("blocksize", 1);
    int places = block * block;
    Value x = pass.copy(arrange.input(0));
    for (Node step : between) {
      Value scale = step.op() == Op.MUL || step.op() == Op.DIV ? scale(step) : null;
      if (scale != null) {
        x = b.node(step.op(), x, repeated(pass.copy(scale), places, b));
      } else if (step.op() != Op.PAD) {
        x = b.node(step.op(), step.attributes(), x);
      }
    }
    int channels = x.shape().size(1);
    float[] weights = new float[places * channels];
    for (int channel = 0; channel < channels; channel++) {
      weights[channel % places * channels + channel] = (float) places / channels;
    }
    Value kernel = b.constant(Tensor.of(weights, places, channels, 1, 1));
    Value mean = b.node(Op.CONV, Attributes.of("kernel_shape", 1, 1), x, kernel);
    Value pixels = b.node(Op.DEPTH_TO_SPACE, arrange.attributes(), mean);
    for (Node step : between) {
      if (step.op() == Op.PAD) {
        pixels = b.node(Op.PAD, step.attributes(), pixels, pass.copy(step.input(1)));
      }
    }
    return b.reshape(pixels, result);
  }
}
