package dev.keralens.rewrite.float64;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.graph.Window;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions and poolings in double precision: for each place of the window the image moved
 * there, times that place of the kernel.
 */
final class Float64Windows {
  /** Channels that are put side by side for one product of matrices; bounds the memory. */
  private static final int CHANNELS = 64;

  private final GraphBuilder b;
  private final Window window;
  private final Value padded;
  private final Shape out;

  /**
   * @param padded the image, with all that windows reach beyond it
   * @param out the shape of the result
   */
  private Float64Windows(GraphBuilder b, Window window, Value padded, Shape out) {
    this.b = b;
    this.window = window;
    this.padded = padded;
    this.out = out;
  }

  static Value conv(Lowering n) {
    Window window = Window.of(n.node());
    Value kernel = n.x(1);
    int group = n.node().attributes().getInt("group", 1);
    int inputs = kernel.shape().size(1);
    int outputs = kernel.shape().size(0) / group;
    Value sum =
        over(n, window)
            .products(
                group,
                place -> n.b().reshape(at(n.b(), kernel, place), Shape.of(group, outputs, inputs)));
    return withBias(n, sum);
  }

  /** A convolution of stride 1 over the image with zeros between its pixels, its kernel turned. */
  static Value convTranspose(Lowering n) {
    GraphBuilder b = n.b();
    Window w = Window.of(n.node());
    Shape out = n.node().output().shape();
    int rank = w.rank();
    int[] ones = new int[rank];
    Arrays.fill(ones, 1);
    Value spread = spread(b, n.x(), w.strides());
    int[] before = new int[rank + 2];
    int[] after = new int[rank + 2];
    for (int i = 0; i < rank; i++) {
      int axis = i + 2;
      before[axis] = w.reach(i) - 1 - w.before()[i];
      after[axis] = out.size(axis) + w.reach(i) - 1 - spread.shape().size(axis) - before[axis];
    }
    Window unit =
        new Window(w.kernel(), ones, w.dilations(), new int[rank], new int[rank], ones, false);
    Value kernel = n.x(1);
    int group = n.node().attributes().getInt("group", 1);
    Shape groups = Shape.of(group, kernel.shape().size(0) / group, kernel.shape().size(1));
    Value sum =
        new Float64Windows(b, unit, b.pad(spread, before, after), out)
            .products(
                group,
                place -> {
                  int[] turned = place.clone();
                  Arrays.setAll(turned, i -> w.kernel()[i] - 1 - place[i]);
                  return b.transpose(b.reshape(at(b, kernel, turned), groups), 0, 2, 1);
                });
    return withBias(n, sum);
  }

  /** The mean of each window's elements inside the image, or of all. */
  static Value averagePool(Lowering n) {
    Window window = Window.of(n.node());
    boolean includePad = n.node().attributes().getInt("count_include_pad", 0) != 0;
    Value mean = over(n, window).sum();
    for (int i = 0; i < window.rank(); i++) {
      mean = n.b().mul(mean, n.b().constant(shares(n, window, i, includePad)));
    }
    return mean;
  }

  /** (sum |x|^p)^(1/p) */
  static Value lpPool(Lowering n) {
    GraphBuilder b = n.b();
    int p = n.node().attributes().getInt("p", 2);
    Window window = Window.of(n.node());
    Value powers = b.node(Op.POW, b.abs(n.x()), n.scalar(p));
    Shape out = n.node().output().shape();
    Value sum = new Float64Windows(b, window, padded(b, window, powers, out), out).sum();
    return b.node(Op.POW, sum, n.scalar(1.0 / p));
  }

  /** x (bias + alpha / size * sum of x^2 over neighbouring channels)^-beta */
  static Value localResponse(Lowering n) {
    GraphBuilder b = n.b();
    int size = n.node().attributes().getInt("size", 1);
    int[] before = new int[n.x().rank()];
    int[] after = new int[n.x().rank()];
    before[1] = (size - 1) / 2;
    after[1] = size - 1 - before[1];
    Value squares = b.pad(b.mul(n.x(), n.x()), before, after);
    int channels = n.x().shape().size(1);
    Value sum = null;
    for (int i = 0; i < size; i++) {
      Value moved = b.slice(squares, new int[] {1}, new int[] {i}, new int[] {i + channels});
      sum = sum == null ? moved : b.add(sum, moved);
    }
    if (sum == null) {
      throw new IllegalArgumentException(n.node() + " has no channels to sum.");
    }
    Value base = n.plus(b.mul(sum, n.number("alpha", 1e-4) / size), n.number("bias", 1));
    return b.mul(n.x(), b.node(Op.POW, base, n.scalar(-n.number("beta", 0.75))));
  }

  private static Float64Windows over(Lowering n, Window window) {
    Shape out = n.node().output().shape();
    return new Float64Windows(n.b(), window, padded(n.b(), window, n.x(), out), out);
  }

  /** Exactly what the windows read: zeros around the image, what none reads cut off. */
  private static Value padded(GraphBuilder b, Window window, Value x, Shape out) {
    int[] before = new int[x.rank()];
    int[] after = new int[x.rank()];
    for (int i = 0; i < window.rank(); i++) {
      int axis = i + 2;
      before[axis] = window.before()[i];
      int read = (out.size(axis) - 1) * window.strides()[i] + window.reach(i);
      after[axis] = read - x.shape().size(axis) - before[axis];
    }
    return b.pad(x, before, after);
  }

  private static Value withBias(Lowering n, Value sum) {
    Value bias = n.optional(2);
    if (bias == null) {
      return sum;
    }
    int[] shape = new int[sum.rank() - 1];
    Arrays.fill(shape, 1);
    shape[0] = sum.shape().size(1);
    return n.b().add(sum, n.b().reshape(bias, Shape.of(shape)));
  }

  /** One place of a kernel. */
  private static Value at(GraphBuilder b, Value kernel, int[] place) {
    int[] axes = IntStream.range(2, place.length + 2).toArray();
    return b.slice(kernel, axes, place, Arrays.stream(place).map(i -> i + 1).toArray());
  }

  /** Zeros after each element, so that each spatial axis becomes so many times longer. */
  private static Value spread(GraphBuilder b, Value x, int[] strides) {
    Value out = x;
    for (int i = 0; i < strides.length; i++) {
      if (strides[i] > 1) {
        Shape shape = out.shape();
        int axis = i + 2;
        Value column = b.reshape(out, shape.insert(axis + 1, 1));
        int[] after = new int[column.rank()];
        after[axis + 1] = strides[i] - 1;
        Value filled = b.pad(column, new int[column.rank()], after);
        out = b.reshape(filled, shape.with(axis, shape.size(axis) * strides[i]));
      }
    }
    return out;
  }

  /** The places of the window, the last axis running fastest. */
  private List<int[]> places() {
    List<int[]> places = new ArrayList<>(List.of(new int[0]));
    for (int size : window.kernel()) {
      List<int[]> longer = new ArrayList<>();
      for (int[] place : places) {
        for (int i = 0; i < size; i++) {
          int[] next = Arrays.copyOf(place, place.length + 1);
          next[place.length] = i;
          longer.add(next);
        }
      }
      places = longer;
    }
    return places;
  }

  /** What a place of the window sees: an element for each window. */
  private Value seen(int[] place) {
    int rank = place.length;
    int[] ends = new int[rank];
    int[] starts = new int[rank];
    boolean all = true;
    for (int i = 0; i < rank; i++) {
      starts[i] = place[i] * window.dilations()[i];
      ends[i] = starts[i] + (out.size(i + 2) - 1) * window.strides()[i] + 1;
      all &= window.strides()[i] == 1 && ends[i] - starts[i] == padded.shape().size(i + 2);
    }
    Value axes = b.ints(IntStream.range(2, rank + 2).toArray());
    return all
        ? padded
        : b.node(Op.SLICE, padded, b.ints(starts), b.ints(ends), axes, b.ints(window.strides()));
  }

  /** The sum of each window. */
  private Value sum() {
    Value sum = null;
    for (int[] place : places()) {
      sum = sum == null ? seen(place) : b.add(sum, seen(place));
    }
    return present(sum);
  }

  private static Value present(@Nullable Value sum) {
    if (sum == null) {
      throw new IllegalArgumentException("A window has no place.");
    }
    return sum;
  }

  /**
   * The sum over the places of products.
   *
   * @param kernelAt gives the kernel at a place: (group, outputs, inputs)
   */
  private Value products(int group, Function<int[], Value> kernelAt) {
    Shape image = padded.shape();
    int inputs = image.size(1) / group;
    int area = IntStream.range(2, out.rank()).map(out::size).reduce(1, Math::multiplyExact);
    Shape columns = Shape.of(image.size(0), group, inputs, area);
    List<int[]> places = places();
    int together = inputs == 1 ? 1 : Math.max(1, CHANNELS / inputs);
    Value sum = null;
    for (int from = 0; from < places.size(); from += together) {
      List<Value> seen = new ArrayList<>();
      List<Value> kernels = new ArrayList<>();
      for (int[] place : places.subList(from, Math.min(places.size(), from + together))) {
        seen.add(b.reshape(seen(place), columns));
        kernels.add(kernelAt.apply(place));
      }
      Value kernel = b.concat(2, kernels);
      Value x = b.concat(2, seen);
      Value product = inputs == 1 ? b.mul(kernel, x) : b.matMul(kernel, x);
      sum = sum == null ? product : b.add(sum, product);
    }
    return b.reshape(present(sum), out);
  }

  /** One over the number of elements that a window has along one axis. */
  private static Tensor shares(Lowering n, Window window, int spatial, boolean includePad) {
    int axis = spatial + 2;
    int size = n.x().shape().size(axis);
    int low = includePad ? -window.before()[spatial] : 0;
    int high = includePad ? size + window.after()[spatial] : size;
    int[] shape = new int[n.x().rank()];
    Arrays.fill(shape, 1);
    shape[axis] = n.node().output().shape().size(axis);
    ByteBuffer shares =
        ByteBuffer.allocate(shape[axis] * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int o = 0; o < shape[axis]; o++) {
      int count = 0;
      for (int k = 0; k < window.kernel()[spatial]; k++) {
        int at =
            o * window.strides()[spatial]
                + k * window.dilations()[spatial]
                - window.before()[spatial];
        count += at >= low && at < high ? 1 : 0;
      }
      shares.putDouble(1.0 / count);
    }
    return Tensor.wrap(ElementType.FLOAT64, shares.flip(), shape);
  }
}
