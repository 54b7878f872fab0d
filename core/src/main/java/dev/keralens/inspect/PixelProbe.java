package dev.keralens.inspect;

import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.network.Network;
import dev.keralens.runtime.Optimization;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What becomes of pixels before a network computes with weights, found by running that part of it
 * on pictures of one color and on noise.
 */
final class PixelProbe {
  /** One channel of a picture of one color, and what is added to make channels differ. */
  private static final float[] COLOR = {40, 110, 200, 255};

  /** What a value answers to pictures, channel by channel where it has few. */
  static final class Answers {
    private final List<float[]> middles;
    private final List<float[]> ranges;

    private Answers(List<float[]> middles, List<float[]> ranges) {
      this.middles = middles;
      this.ranges = ranges;
    }

    /** To pixels of -1. */
    float[] minusOne() {
      return middles.get(0);
    }

    /** To pixels of 0. */
    float[] zero() {
      return middles.get(1);
    }

    /** To pixels of 1. */
    float[] one() {
      return middles.get(2);
    }

    /** To pixels of 255. */
    float[] bytes() {
      return middles.get(3);
    }

    /** To a picture whose channels are 40, 110, 200 and 255. */
    float[] color() {
      return middles.get(4);
    }

    /** The lowest and the highest answer to noise of 0 to 255. */
    float[] noise() {
      return ranges.get(0);
    }

    /** The lowest and the highest answer to noise of 0 to 1. */
    float[] unitNoise() {
      return ranges.get(1);
    }
  }

  private final Network network;
  private final int input;
  private final int channelAxis;

  PixelProbe(Network network, int input, int channelAxis) {
    this.network = network;
    this.input = input;
    this.channelAxis = channelAxis;
  }

  /** A channel of the picture of one color. */
  static float color(int channel) {
    return COLOR[channel];
  }

  /** The answers of values of the network's graph, all float. */
  List<Answers> answers(List<Value> values) {
    Graph graph = GraphBuilder.from(network.graph()).build(values);
    RuntimeOptions plain =
        RuntimeOptions.defaults()
            .withThreads(1)
            .withRewriting(false)
            .withOptimization(Optimization.NONE);
    try (CompiledGraph compiled = CompiledGraph.compile(graph, plain)) {
      List<List<Tensor>> runs = new ArrayList<>();
      for (float pixel : new float[] {-1, 0, 1, 255}) {
        runs.add(run(compiled, channel -> pixel));
      }
      runs.add(run(compiled, channel -> COLOR[channel % COLOR.length]));
      Random bytes = new Random(1);
      runs.add(run(compiled, channel -> 255 * bytes.nextFloat()));
      Random unit = new Random(1);
      runs.add(run(compiled, channel -> unit.nextFloat()));
      List<Answers> answers = new ArrayList<>();
      for (int i = 0; i < values.size(); i++) {
        int place = i;
        List<Tensor> own = runs.stream().map(run -> run.get(place)).toList();
        answers.add(
            new Answers(
                own.subList(0, 5).stream().map(this::channels).toList(),
                own.subList(5, 7).stream().map(PixelProbe::range).toList()));
      }
      return answers;
    }
  }

  @FunctionalInterface
  private interface Pixels {
    float of(int channel);
  }

  private List<Tensor> run(CompiledGraph compiled, Pixels pixels) {
    List<Tensor> inputs = new ArrayList<>();
    Value own = network.inputs().get(input).value();
    for (Value value : compiled.inputs()) {
      int[] shape = value.shape().forBatch(1);
      inputs.add(value == own ? picture(shape, pixels) : zeros(value.type(), shape));
    }
    return compiled.run(inputs);
  }

  private static Tensor zeros(ElementType type, int[] shape) {
    int bytes = Math.toIntExact(Tensor.elements(shape) * type.bytes());
    return Tensor.wrap(type, ByteBuffer.allocate(bytes), shape);
  }

  private Tensor picture(int[] shape, Pixels pixels) {
    float[] values = new float[Math.toIntExact(Tensor.elements(shape))];
    int inner = 1;
    for (int axis = channelAxis + 1; channelAxis > 0 && axis < shape.length; axis++) {
      inner *= shape[axis];
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = pixels.of(channelAxis > 0 ? i / inner % shape[channelAxis] : 0);
    }
    return Tensor.of(values, shape);
  }

  /** The element in the middle, of each channel where there are few. */
  private float[] channels(Tensor x) {
    int[] shape = x.shape();
    int axis = channelAxis(shape);
    float[] values = x.toFloatArray();
    if (axis < 0) {
      int count =
          channelAxis > 0 ? network.inputs().get(input).value().shape().size(channelAxis) : 1;
      boolean flat = shape.length == 2 && values.length % count == 0;
      int channels = flat ? count : 1;
      float[] middle = new float[channels];
      int from = values.length / 2 / channels * channels;
      System.arraycopy(values, from, middle, 0, channels);
      return middle;
    }
    float[] middle = new float[shape[axis]];
    for (int channel = 0; channel < middle.length; channel++) {
      int index = 0;
      for (int i = 0; i < shape.length; i++) {
        index = index * shape[i] + (i == axis ? channel : shape[i] / 2);
      }
      middle[channel] = values[index];
    }
    return middle;
  }

  /**
   * The axis of the channels after the batch's; -1 where no axis is as short as colors are many.
   */
  private static int channelAxis(int[] shape) {
    for (int axis : new int[] {1, shape.length - 1}) {
      if (shape.length > 2 && shape[axis] <= 2 * COLOR.length) {
        return axis;
      }
    }
    return -1;
  }

  private static float[] range(Tensor x) {
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (float value : x.toFloatArray()) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    return new float[] {low, high};
  }

  /** The axis of a picture's channels; 0 where it has none, -1 where it is no picture. */
  static int channelAxis(Shape picture) {
    if (picture.rank() == 3) {
      return picture.size(1) >= 8 && picture.size(2) >= 8 ? 0 : -1;
    }
    if (picture.rank() != 4) {
      return -1;
    }
    for (int axis : new int[] {3, 1}) {
      int size = picture.size(axis);
      if (size == 1 || size == 3 || size == 4) {
        return axis;
      }
    }
    return -1;
  }
}
