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
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.function.ObjIntConsumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The mean over the pixels of an image that a product with a kernel gives is a product with the
 * mean of the kernel's rows. So does Grad-CAM weigh channels that a dense layer reads, all pixels
 * of them in a row: of VGG16, with a fiftieth of a kernel of 411 MB.
 */
final class AveragedKernels {
  /** How many numbers of a kernel are read at a time. */
  private static final int AT_ONCE = 1 << 20;

  private AveragedKernels() {}

  static Graph rewrite(Graph graph) {
    return Pass.run(
        graph, (node, pass) -> node.op() == Op.REDUCE_MEAN ? averaged(node, pass) : null);
  }

  private static @Nullable Value averaged(Node mean, Pass pass) {
    Constant axes = pass.constant(mean.optionalInput(1));
    Deque<Node> between = new ArrayDeque<>();
    Value value = mean.input(0);
    Node product = step(value, pass);
    while (product != null && product.op() != Op.GEMM) {
      between.push(product);
      value = product.input(0);
      product = step(value, pass);
    }
    if (axes == null || product == null || product.optionalInput(2) != null) {
      return null;
    }
    Constant kernel = pass.constant(product.input(1));
    int[] pixels = axes.tensor().toIntArray();
    if (kernel == null
        || kernel.type() != ElementType.FLOAT32
        || Arrays.stream(pixels).anyMatch(axis -> axis < 1)) {
      return null;
    }
    Tensor columns = columns(product.output().shape(), between);
    return columns == null ? null : product(mean, product, kernel, columns, pixels, pass);
  }

  /** What computes a value that nobody else reads: a product, or another order of its columns. */
  private static @Nullable Node step(Value value, Pass pass) {
    return pass.isReadOnce(value) && value.shape().batchAxis() == 0
        ? pass.producer(value, Op.GEMM, Op.RESHAPE, Op.TRANSPOSE)
        : null;
  }

  /** Which column of the product is where in each image; null where images are divided. */
  private static @Nullable Tensor columns(Shape product, Deque<Node> between) {
    Tensor columns = Tensor.of(LongStream.range(0, product.size(1)).toArray(), product.size(1));
    for (Node node : between) {
      Shape shape = node.output().shape();
      if (shape.batchAxis() != 0 || shape.size(0) != product.size(0)) {
        return null;
      }
      int[] order = node.attributes().getInts("perm");
      columns =
          order == null || node.op() == Op.RESHAPE
              ? columns.reshape(Arrays.copyOfRange(shape.sizes(), 1, shape.rank()))
              : columns.transpose(Arrays.stream(order).skip(1).map(axis -> axis - 1).toArray());
    }
    return columns;
  }

  private static Value product(
      Node mean, Node product, Constant kernel, Tensor columns, int[] pixels, Pass pass) {
    int[] axes = Arrays.stream(pixels).map(axis -> axis - 1).toArray();
    int[] order =
        IntStream.concat(
                IntStream.range(0, columns.rank())
                    .filter(axis -> Arrays.stream(axes).noneMatch(pixel -> pixel == axis)),
                Arrays.stream(axes))
            .toArray();
    int area = Arrays.stream(axes).map(columns::size).reduce(1, Math::multiplyExact);
    int[] together = columns.transpose(order).toIntArray();
    Attributes attributes = product.attributes();
    boolean byRow = attributes.getInt("transB", 0) != 0;
    int length = kernel.shape()[byRow ? 1 : 0];
    int[] shape =
        byRow
            ? new int[] {together.length / area, length}
            : new int[] {length, together.length / area};
    Constant averaged =
        Constant.deferred(
            ElementType.FLOAT32,
            shape,
            () ->
                Tensor.of(
                    byRow ? rowMeans(kernel, together, area) : columnMeans(kernel, together, area),
                    shape));
    GraphBuilder b = pass.builder();
    Value rows = b.constant(product.input(1).name() + "/averaged", averaged);
    Value result = b.node(Op.GEMM, attributes, pass.copy(product.input(0)), rows);
    return b.reshape(result, mean.output().shape());
  }

  /**
   * The means of a kernel's rows, a row each.
   *
   * @param together the rows of the first mean, those of the second, ...
   * @param area how many each mean is of
   */
  private static float[] rowMeans(Constant kernel, int[] together, int area) {
    int width = kernel.shape()[1];
    int[] meanOf = new int[together.length];
    for (int k = 0; k < together.length; k++) {
      meanOf[together[k]] = k / area;
    }
    double[] sums = new double[together.length / area * width];
    float[] row = new float[width];
    visit(
        kernel,
        (numbers, i) -> {
          numbers.get(row);
          int at = meanOf[i] * width;
          for (int j = 0; j < width; j++) {
            sums[at + j] += row[j];
          }
        });
    float[] means = new float[sums.length];
    for (int i = 0; i < means.length; i++) {
      means[i] = (float) (sums[i] / area);
    }
    return means;
  }

  /** The same of columns, a column each. */
  private static float[] columnMeans(Constant kernel, int[] together, int area) {
    int count = together.length / area;
    float[] row = new float[kernel.shape()[1]];
    float[] means = new float[kernel.shape()[0] * count];
    visit(
        kernel,
        (numbers, i) -> {
          numbers.get(row);
          for (int m = 0; m < count; m++) {
            double sum = 0;
            for (int k = m * area; k < (m + 1) * area; k++) {
              sum += row[together[k]];
            }
            means[i * count + m] = (float) (sum / area);
          }
        });
    return means;
  }

  /** Shows the rows of a kernel, a few megabytes of which are read at a time. */
  private static void visit(Constant kernel, ObjIntConsumer<FloatBuffer> visitor) {
    int rows = Math.max(1, AT_ONCE / Math.max(1, kernel.shape()[1]));
    kernel.visitRows(
        rows,
        (first, part) -> {
          FloatBuffer numbers = part.floats();
          for (int i = 0; i < part.size(0); i++) {
            visitor.accept(numbers, first + i);
          }
        });
  }
}
