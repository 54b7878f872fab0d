package dev.keralens.grad;

import static dev.keralens.grad.Backward.gradients;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Gradients of products of matrices. */
final class MatrixRules {
  private MatrixRules() {}

  static List<@Nullable Value> gemm(Backward n) {
    GraphBuilder b = n.builder();
    boolean transA = n.attributes().getInt("transA", 0) != 0;
    boolean transB = n.attributes().getInt("transB", 0) != 0;
    double alpha = n.attributes().getFloat("alpha", 1);
    double beta = n.attributes().getFloat("beta", 1);
    Value dy = b.mul(n.dy(), alpha);
    Value left = null;
    if (n.needs(0)) {
      Value other = n.saved(n.x(1));
      left = transA ? product(b, other, transB, dy, true) : product(b, dy, false, other, !transB);
    }
    Value right = null;
    if (n.needs(1)) {
      Value other = n.saved(n.x(0));
      right = transB ? product(b, dy, true, other, transA) : product(b, other, !transA, dy, false);
    }
    return gradients(left, right, n.needs(2) ? b.mul(n.dy(), beta) : null);
  }

  private static Value product(GraphBuilder b, Value x, boolean transX, Value y, boolean transY) {
    Attributes attributes =
        Attributes.of("transA", transX ? 1L : 0L).with("transB", transY ? 1L : 0L);
    return b.node(Op.GEMM, attributes, x, y);
  }

  static List<@Nullable Value> matMul(Backward n) {
    GraphBuilder b = n.builder();
    boolean row = n.x(0).rank() == 1;
    boolean column = n.x(1).rank() == 1;
    Value dy = column ? b.unsqueeze(n.dy(), -1) : n.dy();
    dy = row ? b.unsqueeze(dy, -2) : dy;
    Value left = null;
    if (n.needs(0)) {
      left = timesTransposed(n, dy, column ? b.unsqueeze(n.x(1), 1) : n.x(1));
    }
    Value right = null;
    if (n.needs(1)) {
      Value x = row ? b.unsqueeze(n.x(0), 0) : n.x(0);
      right = b.matMul(transposed(b, n.saved(x)), dy);
    }
    return gradients(
        left != null && row ? b.squeeze(left, -2) : left,
        right != null && column ? b.squeeze(right, -1) : right);
  }

  /** dy times the transposed matrix; a weight is not copied for it. */
  private static Value timesTransposed(Backward n, Value dy, Value y) {
    GraphBuilder b = n.builder();
    if (y.rank() > 2) {
      return b.matMul(dy, transposed(b, n.saved(y)));
    }
    int[] sizes = dy.shape().sizes();
    int rows = IntStream.range(0, sizes.length - 1).map(i -> sizes[i]).reduce(1, (p, q) -> p * q);
    if (dy.shape().batchAxis() > 0 && dy.rank() > 2) {
      return b.matMul(dy, transposed(b, y));
    }
    Value flat = b.reshape(dy, Shape.of(rows, dy.shape().size(-1)));
    Value out = product(b, flat, false, y, true);
    return b.reshape(out, dy.shape().with(-1, y.shape().size(0)));
  }

  static Value transposed(GraphBuilder b, Value matrices) {
    int rank = matrices.rank();
    int[] axes = IntStream.range(0, rank).toArray();
    axes[rank - 2] = rank - 1;
    axes[rank - 1] = rank - 2;
    return b.transpose(matrices, axes);
  }

  /**
   * The gradient of one term is the product of the output's gradient with the other terms, summed
   * over the axes that the term has not. Axes that only the term itself has were summed: they are
   * repeated.
   */
  static List<@Nullable Value> einsum(Backward n) {
    String[] sides = n.attributes().getString("equation", "").replace(" ", "").split("->", -1);
    String[] terms = sides[0].split(",", -1);
    List<@Nullable Value> out = new ArrayList<>();
    for (int i = 0; i < terms.length; i++) {
      out.add(n.needs(i) ? einsumTerm(n, terms, sides[1], i) : null);
    }
    return out;
  }

  private static Value einsumTerm(Backward n, String[] terms, String output, int index) {
    GraphBuilder b = n.builder();
    List<@Nullable Value> operands = new ArrayList<>();
    operands.add(n.dy());
    StringBuilder left = new StringBuilder(output);
    for (int i = 0; i < terms.length; i++) {
      if (i != index) {
        operands.add(n.saved(n.x(i)));
        left.append(',').append(terms[i]);
      }
    }
    String term = terms[index];
    if (term.chars().distinct().count() != term.length()) {
      throw n.unsupported("its equation takes a diagonal");
    }
    StringBuilder known = new StringBuilder();
    term.chars().filter(c -> left.indexOf("" + (char) c) >= 0).forEach(c -> known.append((char) c));
    Attributes equation = Attributes.NONE.with("equation", left + "->" + known);
    Value gradient = b.nodes(Op.EINSUM, equation, 1, operands).get(0);
    for (int axis = 0; axis < term.length(); axis++) {
      if (known.indexOf("" + term.charAt(axis)) < 0) {
        gradient = b.unsqueeze(gradient, axis);
      }
    }
    return n.expand(gradient, index);
  }
}
