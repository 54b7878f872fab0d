package dev.keralens.runtime.engine;

import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;

/**
 * Into which parts the batches of a graph are divided.
 *
 * @param rows how many rows a part has at least, where there are as many; 0 for a graph whose
 *     batches cannot be divided
 */
record Batching(int rows) {
  /** A part that computes less than so many bytes is not worth a run of its own. */
  private static final long WORTHWHILE = 1 << 24;

  /**
   * A product of matrices with at most so many rows an image takes as long as reading its kernel.
   */
  private static final long FEW = 4;

  /** {@return how batches of a graph are divided} */
  static Batching of(Graph graph) {
    if (!isDivisible(graph)) {
      return new Batching(0);
    }
    long computed = 1;
    long kernels = 0;
    for (Node node : graph.nodes()) {
      for (Value output : node.outputs()) {
        computed += output.shape().hasBatch() ? bytes(output) : 0;
      }
      kernels += kernel(node, graph);
    }
    return new Batching((int) (Math.max(WORTHWHILE, kernels) / computed) + 1);
  }

  /**
   * Whether the rows of a batch can be computed in several runs and put together again. Shape
   * inference refuses operators that mix rows; this makes sure that none has slipped through, and
   * that inputs and outputs begin with the batch.
   */
  private static boolean isDivisible(Graph graph) {
    for (Node node : graph.nodes()) {
      boolean rows = node.inputs().stream().anyMatch(in -> in != null && in.shape().hasBatch());
      if (rows && !node.outputs().stream().allMatch(out -> out.shape().hasBatch())) {
        return false;
      }
    }
    return graph.inputs().stream().anyMatch(input -> input.shape().hasBatch())
        && graph.inputs().stream().allMatch(input -> input.shape().batchAxis() <= 0)
        && graph.outputs().stream().allMatch(output -> output.shape().batchAxis() <= 0);
  }

  /** The bytes of a kernel that each part has to read for few rows. */
  private static long kernel(Node node, Graph graph) {
    if (node.op() != Op.GEMM && node.op() != Op.MAT_MUL) {
      return 0;
    }
    Constant kernel = graph.constant(node.input(1));
    boolean few = kernel != null && node.output().shape().elements() <= FEW * columns(node);
    return few ? bytes(node.input(1)) : 0;
  }

  private static int columns(Node product) {
    return Math.max(1, product.output().shape().size(-1));
  }

  private static long bytes(Value value) {
    return value.shape().elements() * value.type().bytes();
  }

  /**
   * {@return the row that each part begins with, and after them the number of rows}: parts of about
   * one size, so many that every thread has as much to do
   *
   * @param batch the number of rows
   * @param threads how many threads compute parts
   */
  int[] bounds(int batch, int threads) {
    int least = rows == 0 ? batch : rows;
    int parts = (batch + least - 1) / least;
    if (rows > 0 && parts == 1 && batch >= threads * Math.max(1, least / 2)) {
      parts = threads; // half of what is worthwhile still is better than threads that wait
    }
    int each = (parts + threads - 1) / threads;
    parts = parts == 1 ? 1 : Math.min(batch, each * threads);
    int[] bounds = new int[parts + 1];
    for (int part = 0; part <= parts; part++) {
      bounds[part] = (int) ((long) batch * part / parts);
    }
    return bounds;
  }
}
