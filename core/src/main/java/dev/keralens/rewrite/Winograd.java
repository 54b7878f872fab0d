package dev.keralens.rewrite;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.graph.Window;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Computes convolutions of 3 x 3 with 16 products in place of 36 for each four pixels (Lavin and
 * Gray, "Fast Algorithms for Convolutional Neural Networks", 2016: F(2 x 2, 3 x 3), equation 12).
 *
 * <p>Of each tile d of 4 x 4 pixels, two apart, 16 numbers v = B'dB are computed, and of each
 * kernel g as many, u = GgG'. Their products, summed over channels, are 16 convolutions of 1 x 1
 * over images of a quarter of the size; A'mA makes of them the four pixels of a tile. All of it is
 * said in convolutions and sums, which ONNX Runtime computes in its blocked layout; only in the end
 * the pixels are put beside each other.
 *
 * <p>Rounding: with 256 channels of normal numbers, what it gives differs from the exact values by
 * 4e-7 of their deviation (root mean square), a plain convolution in single precision by 2e-7.
 */
final class Winograd {
  /** How many tiles times kernels of two channels one thread needs, so that its steps pay. */
  private static final long WORTHWHILE = 3_000_000;

  /**
   * A tile of a channel, to v and from m, takes as long as so many kernels spare it; longer where
   * threads wait for each other after each step.
   */
  private static final double STEPS = 60;

  private static final double STEPS_TOGETHER = 120;

  /** With fewer tiles in an image, reading the larger kernels takes what the products spare. */
  private static final int TILES = 36;

  /** B', a row for each of v. */
  private static final float[][] TILE = {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}};

  private final int threads;
  private final Map<List<Object>, Value> constants = new HashMap<>();

  private Winograd(int threads) {
    this.threads = threads;
  }

  /**
   * {@return a graph that computes the same}
   *
   * @param threads how many threads work on one operator together
   */
  static Graph rewrite(Graph graph, int threads) {
    return Pass.run(graph, new Winograd(threads)::visit);
  }

  private @Nullable Value visit(Node node, Pass pass) {
    FusedConvolution convolution = FusedConvolution.endingAt(node, pass);
    return convolution == null || !isWorthwhile(convolution.conv())
        ? null
        : new Tiles(convolution, pass).pixels();
  }

  private boolean isWorthwhile(Node conv) {
    Window window = Window.of(conv);
    Value y = conv.output();
    if (conv.attributes().getInt("group", 1) != 1
        || !isThreeByThree(window)
        || !BlockedLayout.fits(conv.input(0))
        || !BlockedLayout.fits(y)
        || y.shape().size(2) % 2 != 0
        || y.shape().size(3) % 2 != 0) {
      return false;
    }
    long inputs = conv.input(0).shape().size(1);
    long outputs = y.shape().size(1);
    long tiles = (long) y.shape().size(2) * y.shape().size(3) / 4;
    double steps = threads == 1 ? STEPS : STEPS_TOGETHER;
    return tiles >= TILES
        && tiles * inputs * outputs >= WORTHWHILE * threads * threads
        && inputs * outputs >= steps * (inputs + outputs);
  }

  private static boolean isThreeByThree(Window window) {
    return Arrays.equals(window.kernel(), new int[] {3, 3})
        && Arrays.equals(window.strides(), new int[] {1, 1})
        && Arrays.equals(window.dilations(), new int[] {1, 1});
  }

  /** One convolution. */
  private final class Tiles {
    private final Pass pass;
    private final FusedConvolution convolution;
    private final WinogradKernels kernels;
    private final Value[][] v = new Value[4][4];

    Tiles(FusedConvolution convolution, Pass pass) {
      this.pass = pass;
      this.convolution = convolution;
      this.kernels = new WinogradKernels(convolution.kernel(pass), () -> convolution.scale(pass));
    }

    Value pixels() {
      Window window = Window.of(convolution.conv());
      Value x = pass.copy(convolution.conv().input(0));
      for (int i = 0; i < 4; i++) {
        Value rows = taps(x, i, 0, window);
        for (int j = 0; j < 4; j++) {
          v[i][j] = taps(rows, j, 1, window);
        }
      }
      Value[] first = across(1, convolution.bias(pass), null);
      Value[] second = across(2, null, null);
      Value[] even = {sum(first[0], second[0]), sum(first[1], second[1])};
      Value[] odd = {difference(first[0], second[0]), difference(first[1], second[1])};
      Value[] top = across(0, null, even);
      Value[] bottom = across(3, null, odd);
      List<Value> quarters =
          Stream.of(top[0], top[1], bottom[0], bottom[1])
              .map(quarter -> convolution.activated(quarter, pass))
              .toList();
      return interleaved(pass.builder().concat(1, quarters));
    }

    /**
     * Puts the pixels of four images beside each other, first along rows, then row by row: the
     * engine's DepthToSpace takes twice as long.
     */
    private Value interleaved(Value quarters) {
      Shape shape = quarters.shape();
      int rows = shape.size(0);
      int channels = shape.size(1) / 4;
      int height = shape.size(2);
      int width = shape.size(3);
      GraphBuilder b = pass.builder();
      Value apart = b.reshape(quarters, Shape.of(rows, 2, 2, channels * height * width));
      Value wide =
          b.reshape(
              b.transpose(apart, 0, 1, 3, 2), Shape.of(rows, 2, channels * height, 2 * width));
      return b.reshape(
          b.transpose(wide, 0, 2, 1, 3), Shape.of(rows, channels, 2 * height, 2 * width));
    }

    /** A row of B' along an axis of an image, at every second pixel. */
    private Value taps(Value x, int row, int axis, Window window) {
      int channels = x.shape().size(1);
      int[] size = {1, 1};
      int[] strides = {1, 1};
      int[] pads = new int[4];
      size[axis] = 4;
      strides[axis] = 2;
      pads[axis] = window.before()[axis];
      pads[2 + axis] = window.after()[axis];
      Attributes attributes =
          Attributes.of("group", channels)
              .with("kernel_shape", size)
              .with("strides", strides)
              .with("pads", pads);
      return pass.builder()
          .node(Op.CONV, attributes, x, repeated(TILE[row], channels, 1, size[0], size[1]));
    }

    /**
     * m A for a row of m: m0 + m1 + m2 and m1 - m2 - m3, plus what is given. The kernels of m3 have
     * the other sign, and m0 and m3 come last, because the engine adds to a convolution for free.
     */
    private Value[] across(int row, @Nullable Value bias, Value @Nullable [] plus) {
      Value m1 = product(row, 1, null);
      Value m2 = product(row, 2, null);
      Value even = sum(m1, m2);
      Value odd = difference(m1, m2);
      if (plus != null) {
        even = sum(even, plus[0]);
        odd = sum(odd, plus[1]);
      }
      return new Value[] {sum(product(row, 0, bias), even), sum(product(row, 3, bias), odd)};
    }

    private Value product(int row, int column, @Nullable Value bias) {
      Value kernel =
          pass.builder()
              .constant(
                  convolution.conv().input(1).name() + "/" + row + column,
                  kernels.constant(row, column));
      Attributes attributes = Attributes.of("kernel_shape", 1, 1);
      return bias == null
          ? pass.builder().node(Op.CONV, attributes, v[row][column], kernel)
          : pass.builder().node(Op.CONV, attributes, v[row][column], kernel, bias);
    }

    private Value sum(Value a, Value b) {
      return pass.builder().add(a, b);
    }

    /** a - b: the engine has sums in blocks, and no differences. */
    private Value difference(Value a, Value b) {
      int channels = b.shape().size(1);
      Value minus = repeated(new float[] {-1}, channels, 1, 1, 1);
      Attributes attributes = Attributes.of("group", channels).with("kernel_shape", 1, 1);
      return sum(pass.builder().node(Op.CONV, attributes, b, minus), a);
    }

    private Value repeated(float[] numbers, int... shape) {
      return constants.computeIfAbsent(
          List.of(Arrays.toString(numbers), Arrays.toString(shape)),
          unused -> {
            float[] all = new float[Math.toIntExact(Tensor.elements(shape))];
            for (int i = 0; i < all.length; i++) {
              all[i] = numbers[i % numbers.length];
            }
            return pass.builder().constant(Tensor.of(all, shape));
          });
    }
  }
}
