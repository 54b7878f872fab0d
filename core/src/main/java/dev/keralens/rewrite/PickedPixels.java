package dev.keralens.rewrite;

import static dev.keralens.rewrite.BlockedLayout.fits;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Parts of images, and images with zeros around them, as convolutions with a one in their kernel,
 * which keep the blocked layout; the engine's {@code Slice} and {@code Pad} do not, and use one
 * thread.
 */
final class PickedPixels {
  private static final long[] ROWS = {2};

  private final BlockedLayout layout;
  private final Map<List<Integer>, Value> kernels = new HashMap<>();

  PickedPixels(BlockedLayout layout) {
    this.layout = layout;
  }

  /**
   * {@return every second pixel, row or column, of an image that may have zeros around it; null
   * where a slice is another one}
   */
  @Nullable Value second(Node slice, Pass pass) {
    long[] starts = numbers(slice.optionalInput(1), pass);
    long[] ends = numbers(slice.optionalInput(2), pass);
    long[] axes = numbers(slice.optionalInput(3), pass);
    Value all = slice.input(0);
    Node pad = pass.producer(all, Op.PAD);
    long[] around = pad == null ? new long[8] : zerosAround(pad, pass);
    Value x = pad == null || around.length == 0 ? all : pad.input(0);
    long[] twos = new long[axes.length];
    Arrays.fill(twos, 2);
    if (!layout.contains(x)
        || !fits(x)
        || axes.length == 0
        || Arrays.stream(axes).anyMatch(axis -> axis < 2 || axis > 3)
        || Arrays.stream(axes).distinct().count() != axes.length
        || !Arrays.equals(numbers(slice.optionalInput(4), pass), twos)
        || starts.length != axes.length
        || ends.length != axes.length
        || Arrays.stream(starts).anyMatch(start -> start < 0 || start > 1)
        || (Arrays.equals(axes, ROWS) && isCompared(all, pass))) {
      return null;
    }
    long[] size = {1, 1};
    long[] place = {0, 0};
    int[] pads = new int[4];
    for (int i = 0; i < axes.length; i++) {
      if (ends[i] < all.shape().size((int) axes[i])) {
        return null;
      }
      size[(int) axes[i] - 2] = 2;
      place[(int) axes[i] - 2] = starts[i];
    }
    for (int i = 0; i < 2; i++) {
      pads[i] = around.length == 0 ? 0 : (int) around[i + 2];
      int read = (int) size[i] * slice.output().shape().size(i + 2);
      pads[2 + i] = Math.max(0, read - x.shape().size(i + 2) - pads[i]);
    }
    Value kernel = one(x.shape().size(1), size, place, pass);
    Attributes attributes =
        Attributes.of("group", x.shape().size(1))
            .with("kernel_shape", (int) size[0], (int) size[1])
            .with("strides", (int) size[0], (int) size[1])
            .with("pads", pads);
    return pass.builder().node(Op.CONV, attributes, pass.copy(x), kernel);
  }

  /**
   * Whether a value is brought out of the blocks in any case: there the engine takes whole rows
   * faster than a convolution would.
   */
  private static boolean isCompared(Value value, Pass pass) {
    return pass.readers(value).stream().anyMatch(reader -> reader.op() == Op.EQUAL);
  }

  /** The zeros around an image, as ONNX has them; none where it is padded otherwise. */
  private static long[] zerosAround(Node pad, Pass pass) {
    long[] pads = numbers(pad.optionalInput(1), pass);
    boolean zeros =
        pad.inputs().size() == 2
            && pad.attributes().getString("mode", "constant").equals("constant")
            && isSpatial(pads)
            && Arrays.stream(pads).allMatch(size -> size >= 0);
    return zeros ? pads : new long[0];
  }

  /** {@return whether pads of (batch, channels, height, width) are those of height and width} */
  static boolean isSpatial(long[] pads) {
    return pads.length == 8 && pads[0] == 0 && pads[1] == 0 && pads[4] == 0 && pads[5] == 0;
  }

  /** {@return an image with zeros around it, for a pooling; null where a pad is another one} */
  @Nullable Value padded(Node pad, Pass pass) {
    Value x = pad.input(0);
    long[] zeros = zerosAround(pad, pass);
    boolean pooled =
        pass.readers(pad.output()).stream()
            .anyMatch(reader -> reader.op() == Op.MAX_POOL || reader.op() == Op.AVERAGE_POOL);
    if (zeros.length == 0 || !pooled || !layout.contains(x) || !fits(x)) {
      return null;
    }
    int channels = x.shape().size(1);
    Attributes attributes =
        Attributes.of("group", channels)
            .with("kernel_shape", 1, 1)
            .with("pads", (int) zeros[2], (int) zeros[3], (int) zeros[6], (int) zeros[7]);
    Value kernel = one(channels, new long[] {1, 1}, new long[] {0, 0}, pass);
    return pass.builder().node(Op.CONV, attributes, pass.copy(x), kernel);
  }

  /** {@return an image with pixels cut off at its sides; null where a pad is another one} */
  @Nullable Value cropped(Node pad, Pass pass) {
    Value x = pad.input(0);
    long[] pads = numbers(pad.optionalInput(1), pass);
    if (pad.optionalInput(3) != null // axes
        || !isSpatial(pads)
        || Arrays.stream(pads).anyMatch(size -> size > 0)) {
      return null;
    }
    long[] from = {-pads[2], -pads[3]};
    long[] size = {from[0] - pads[6] + 1, from[1] - pads[7] + 1};
    if (layout.contains(x) && fits(x) && size[0] <= 2 && size[1] <= 2) {
      Value kernel = one(x.shape().size(1), size, from, pass);
      Attributes attributes =
          Attributes.of("group", x.shape().size(1))
              .with("kernel_shape", (int) size[0], (int) size[1]);
      return pass.builder().node(Op.CONV, attributes, pass.copy(x), kernel);
    }
    int[] axes = IntStream.of(2, 3).filter(i -> pads[i] != 0 || pads[i + 4] != 0).toArray();
    int[] starts = IntStream.of(axes).map(axis -> (int) -pads[axis]).toArray();
    int[] ends =
        IntStream.of(axes).map(axis -> x.shape().size(axis) + (int) pads[axis + 4]).toArray();
    return pass.builder().slice(pass.copy(x), axes, starts, ends);
  }

  private static long[] numbers(@Nullable Value value, Pass pass) {
    Constant constant = pass.constant(value);
    return constant == null ? new long[0] : constant.tensor().toLongArray();
  }

  /** Kernels of so many channels with a one at a place. */
  private Value one(int channels, long[] size, long[] place, Pass pass) {
    int height = (int) size[0];
    int width = (int) size[1];
    int at = (int) (place[0] * width + place[1]);
    return kernels.computeIfAbsent(
        List.of(channels, height, width, at),
        unused -> {
          float[] weights = new float[channels * height * width];
          for (int channel = 0; channel < channels; channel++) {
            weights[channel * height * width + at] = 1;
          }
          return pass.builder().constant(Tensor.of(weights, channels, 1, height, width));
        });
  }
}
