package dev.keralens.rewrite;

import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A product with one number a channel, as the gradient of a batch normalization has it, goes into
 * the kernel of the convolution that reads it, or into that of the one that computes it; also
 * through products with masks and sums between the two.
 */
final class ScaleFolding {
  private static final int DEPTH = 6;

  private ScaleFolding() {}

  /** A product x * scale. */
  private record Product(Value x, Value value, Constant scale) {}

  static Graph rewrite(Graph graph) {
    return Pass.run(
        later(graph),
        (node, pass) ->
            switch (node.op()) {
              case CONV, CONV_TRANSPOSE -> scaledInput(node, pass);
              case MUL -> scaledOutput(node, pass);
              default -> null;
            });
  }

  /**
   * Where pixels are repeated, or multiplied with a pattern that all channels share, channels are
   * scaled after it, so that the convolution that comes next can do it.
   */
  private static Graph later(Graph graph) {
    Graph resized =
        Pass.run(
            graph,
            (node, pass) -> {
              Product product = node.op() == Op.RESIZE ? scaledOnce(node.input(0), pass) : null;
              return product == null ? null : scaled(node, 0, product, pass);
            });
    return Pass.run(
        resized,
        (node, pass) -> {
          for (int i = 0; i < 2 && node.op() == Op.MUL; i++) {
            Product product = isPattern(node, 1 - i, pass) ? scaledOnce(node.input(i), pass) : null;
            if (product != null) {
              return scaled(node, i, product, pass);
            }
          }
          return null;
        });
  }

  private static boolean isPattern(Node mul, int input, Pass pass) {
    Shape shape = mul.input(input).shape();
    return pass.constant(mul.input(input)) != null
        && shape.rank() == mul.output().rank()
        && shape.size(0) == 1
        && shape.size(1) == 1;
  }

  private static @Nullable Product scaledOnce(Value value, Pass pass) {
    Node mul = pass.isReadOnce(value) ? pass.producer(value, Op.MUL) : null;
    return mul == null ? null : product(mul, pass);
  }

  /** A node of the product's first factor, scaled. */
  private static Value scaled(Node node, int input, Product product, Pass pass) {
    List<@Nullable Value> operands = new ArrayList<>();
    node.inputs().forEach(value -> operands.add(value == null ? null : pass.copy(value)));
    operands.set(input, pass.copy(product.x()));
    Value value = pass.builder().nodes(node.op(), node.attributes(), 1, operands).get(0);
    return pass.builder().mul(value, pass.copy(product.value()));
  }

  /** Conv(x * scale, w) is Conv(x, w'), the kernel's inputs scaled. */
  private static @Nullable Value scaledInput(Node conv, Pass pass) {
    Node mul = pass.producer(conv.input(0), Op.MUL);
    Product product = mul == null ? null : product(mul, pass);
    Constant kernel = pass.constant(conv.input(1));
    if (mul == null || product == null || kernel == null || !isReadByConvolutions(mul, pass)) {
      return null;
    }
    boolean transposed = conv.op() == Op.CONV_TRANSPOSE;
    int group = conv.attributes().getInt("group", 1);
    Value scaled =
        scaled(conv, kernel, product.scale(), transposed ? 0 : 1, transposed ? 1 : group, pass);
    return with(conv, pass.copy(product.x()), scaled, bias(conv, pass), pass);
  }

  private static boolean isReadByConvolutions(Node mul, Pass pass) {
    return !pass.isOutput(mul.output())
        && pass.readers(mul.output()).stream()
            .allMatch(
                reader ->
                    (reader.op() == Op.CONV || reader.op() == Op.CONV_TRANSPOSE)
                        && reader.input(0) == mul.output()
                        && pass.constant(reader.input(1)) != null);
  }

  /** Conv(x, w) * scale is Conv(x, w'), the kernel's outputs scaled. */
  private static @Nullable Value scaledOutput(Node mul, Pass pass) {
    Product product = product(mul, pass);
    if (product == null || isReadByConvolutions(mul, pass)) {
      return null;
    }
    return isFoldable(product.x(), pass, DEPTH) ? folded(product.x(), product.scale(), pass) : null;
  }

  /** Whether a value is a convolution, or made of ones, that nobody else reads. */
  private static boolean isFoldable(Value value, Pass pass, int depth) {
    Node node = pass.producer(value, Op.CONV, Op.CONV_TRANSPOSE, Op.MUL, Op.ADD);
    if (node == null || depth == 0 || !pass.isReadOnce(value)) {
      return false;
    }
    return switch (node.op()) {
      case CONV -> pass.constant(node.input(1)) != null;
      case CONV_TRANSPOSE ->
          pass.constant(node.input(1)) != null && node.attributes().getInt("group", 1) == 1;
      case ADD ->
          sameShape(node, 0)
              && sameShape(node, 1)
              && isFoldable(node.input(0), pass, depth - 1)
              && isFoldable(node.input(1), pass, depth - 1);
      default -> factor(node, pass, depth) >= 0;
    };
  }

  /** The position of the factor that a scale can go into; -1 where there is none. */
  private static int factor(Node mul, Pass pass, int depth) {
    for (int i = 0; i < 2; i++) {
      if (sameShape(mul, i) && isFoldable(mul.input(i), pass, depth - 1)) {
        return i;
      }
    }
    return -1;
  }

  private static boolean sameShape(Node node, int input) {
    return node.input(input).shape().equals(node.output().shape());
  }

  private static Value folded(Value value, Constant scale, Pass pass) {
    Node node = pass.producer(value, Op.CONV, Op.CONV_TRANSPOSE, Op.MUL, Op.ADD);
    if (node == null) {
      throw new IllegalStateException(value + " cannot be scaled.");
    }
    return switch (node.op()) {
      case ADD ->
          pass.builder()
              .add(folded(node.input(0), scale, pass), folded(node.input(1), scale, pass));
      case MUL -> {
        int factor = factor(node, pass, DEPTH);
        Value other = pass.copy(node.input(1 - factor));
        yield pass.builder().mul(folded(node.input(factor), scale, pass), other);
      }
      default -> scaledConvolution(node, scale, pass);
    };
  }

  private static Value scaledConvolution(Node conv, Constant scale, Pass pass) {
    Constant kernel = pass.constant(conv.input(1));
    if (kernel == null) {
      throw new IllegalStateException(conv + " has no constant kernel.");
    }
    int axis = conv.op() == Op.CONV_TRANSPOSE ? 1 : 0;
    Value scaled = scaled(conv, kernel, scale, axis, 1, pass);
    Value bias = bias(conv, pass);
    if (bias != null) {
      int channels = Math.toIntExact(bias.shape().elements());
      bias = pass.builder().mul(bias, pass.builder().constant(vector(scale, channels)));
    }
    return with(conv, pass.copy(conv.input(0)), scaled, bias, pass);
  }

  private static @Nullable Value bias(Node conv, Pass pass) {
    Value bias = conv.optionalInput(2);
    return bias == null ? null : pass.copy(bias);
  }

  private static Value with(Node conv, Value x, Value kernel, @Nullable Value bias, Pass pass) {
    return bias == null
        ? pass.builder().node(conv.op(), conv.attributes(), x, kernel)
        : pass.builder().node(conv.op(), conv.attributes(), x, kernel, bias);
  }

  /** The two factors of a Mul, where one of them is a number a channel, known by now. */
  private static @Nullable Product product(Node mul, Pass pass) {
    for (int i = 0; i < 2; i++) {
      Value x = mul.input(1 - i);
      Constant scale = pass.constant(mul.input(i));
      boolean fits =
          scale != null
              && scale.type() == ElementType.FLOAT32
              && x.rank() >= 3
              && x.shape().equals(mul.output().shape())
              && isPerChannel(scale.shape(), x.rank(), x.shape().size(1));
      if (fits && scale != null) {
        return new Product(x, mul.input(i), scale);
      }
    }
    return null;
  }

  private static boolean isPerChannel(int[] scale, int rank, int channels) {
    for (int axis = 0; axis < scale.length; axis++) {
      int of = axis + rank - scale.length;
      if (scale[axis] != 1 && (of != 1 || scale[axis] != channels)) {
        return false;
      }
    }
    return true;
  }

  private static Tensor vector(Constant scale, int channels) {
    float[] numbers = scale.tensor().toFloatArray();
    float[] all = new float[channels];
    for (int i = 0; i < channels; i++) {
      all[i] = numbers[numbers.length == 1 ? 0 : i];
    }
    return Tensor.of(all, channels);
  }

  /**
   * A kernel times one number for each index of an axis.
   *
   * @param axis 0 or 1
   * @param group for axis 1 of a grouped convolution: the kernel's first axis has the outputs of
   *     one group after the other, and each group has inputs of its own
   */
  private static Value scaled(
      Node conv, Constant kernel, Constant scale, int axis, int group, Pass pass) {
    int[] shape = kernel.shape();
    return pass.builder()
        .constant(
            conv.input(1).name() + "/scaled",
            Constant.deferred(
                ElementType.FLOAT32,
                shape,
                () -> product(kernel.tensor(), shape, scale.tensor(), axis, group)));
  }

  private static Tensor product(Tensor kernel, int[] shape, Tensor scale, int axis, int group) {
    float[] values = kernel.toFloatArray();
    float[] numbers = scale.toFloatArray();
    int area = Arrays.stream(shape).skip(2).reduce(1, (a, b) -> a * b);
    int perGroup = Math.max(1, shape[0] / group);
    for (int i = 0; i < shape[0]; i++) {
      for (int j = 0; j < shape[1]; j++) {
        int channel = axis == 0 ? i : i / perGroup * shape[1] + j;
        float number = numbers[numbers.length == 1 ? 0 : channel];
        int from = (i * shape[1] + j) * area;
        for (int at = from; at < from + area; at++) {
          values[at] *= number;
        }
      }
    }
    return Tensor.of(values, shape);
  }
}
