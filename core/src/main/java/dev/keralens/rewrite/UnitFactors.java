package dev.keralens.rewrite;

import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import org.jspecify.annotations.Nullable;

/**
 * Where several units of an image are explained, a gradient has a row for each of them, and what it
 * is multiplied with has one row for all. So what can be computed of the factors is computed of
 * them: (dy f) g is dy (f g), and dy f + dy g is dy (f + g).
 */
final class UnitFactors {
  private UnitFactors() {}

  /**
   * A product of rows of gradients with a factor that is the same for all units of an image: both
   * are brought to (batch, units, rows, ...), multiplied, and brought back.
   */
  private record Product(Node mul, Shape shape, Value gradient, Value factor) {
    static @Nullable Product of(@Nullable Value value, Pass pass) {
      Node node = value == null ? null : pass.producer(value, Op.RESHAPE);
      Node mul = node == null ? null : pass.producer(node.input(0), Op.MUL);
      if (node == null || mul == null || !pass.isReadOnce(mul.output())) {
        return null;
      }
      for (int i = 0; i < 2; i++) {
        Node gradient = pass.producer(mul.input(i), Op.RESHAPE);
        Node factor = pass.producer(mul.input(1 - i), Op.RESHAPE);
        if (gradient != null && factor != null && fits(gradient, factor, mul, node)) {
          return new Product(mul, node.output().shape(), gradient.input(0), factor.input(0));
        }
      }
      return null;
    }

    private static boolean fits(Node gradient, Node factor, Node mul, Node product) {
      Shape apart = gradient.output().shape();
      Shape once = factor.output().shape();
      Shape whole = product.output().shape();
      int axis = whole.batchAxis();
      return axis >= 0
          && axis == apart.batchAxis()
          && axis == once.batchAxis()
          && gradient.input(0).shape().equals(whole)
          && mul.output().shape().equals(apart)
          && apart.rank() == whole.rank() + 2
          && once.rank() == apart.rank()
          && apart.size(axis) == Shape.BATCH
          && once.size(axis) == Shape.BATCH
          && apart.size(axis + 1) > 1
          && once.size(axis + 1) == 1
          && once.size(axis + 2) == apart.size(axis + 2)
          && factor.input(0).shape().equals(merged(once, axis));
    }

    /** The shape (rows * batch, ...) of (batch, 1, rows, ...). */
    private static Shape merged(Shape once, int axis) {
      int rows = once.size(axis + 2);
      return once.remove(axis + 2).remove(axis + 1).with(axis, -rows);
    }

    /** This product with another factor, in the new graph. */
    Value with(Value newGradient, Value newFactor, Pass pass) {
      GraphBuilder b = pass.builder();
      int axis = shape.batchAxis();
      Shape factorShape = newFactor.shape();
      Shape once =
          factorShape
              .with(axis, Shape.BATCH)
              .insert(axis + 1, 1)
              .insert(axis + 2, -factorShape.size(axis));
      Value product =
          b.mul(b.reshape(newGradient, mul.output().shape()), b.reshape(newFactor, once));
      return b.reshape(product, shape);
    }
  }

  static Graph rewrite(Graph graph) {
    Graph joined =
        Pass.run(graph, (node, pass) -> node.op() == Op.RESHAPE ? joined(node, pass) : null);
    return Pass.run(joined, (node, pass) -> node.op() == Op.ADD ? summed(node, pass) : null);
  }

  /** (dy f) g is dy (f g). */
  private static @Nullable Value joined(Node node, Pass pass) {
    Product outer = Product.of(node.output(), pass);
    if (outer == null) {
      return null;
    }
    GraphBuilder b = pass.builder();
    Value gradient = outer.gradient();
    Value factor = pass.copy(outer.factor());
    boolean any = false;
    for (Product inner = inner(gradient, pass); inner != null; inner = inner(gradient, pass)) {
      gradient = inner.gradient();
      factor = b.mul(pass.copy(inner.factor()), factor);
      any = true;
    }
    return any ? outer.with(pass.copy(gradient), factor, pass) : null;
  }

  private static @Nullable Product inner(Value gradient, Pass pass) {
    return pass.isReadOnce(gradient) ? Product.of(gradient, pass) : null;
  }

  /** dy f + dy g is dy (f + g). */
  private static @Nullable Value summed(Node add, Pass pass) {
    Product one = Product.of(add.input(0), pass);
    Product other = Product.of(add.input(1), pass);
    if (one == null
        || other == null
        || one.gradient() != other.gradient()
        || !pass.isReadOnce(add.input(0))
        || !pass.isReadOnce(add.input(1))
        || !one.factor().shape().equals(other.factor().shape())) {
      return null;
    }
    Value sum = pass.builder().add(pass.copy(one.factor()), pass.copy(other.factor()));
    return one.with(pass.copy(one.gradient()), sum, pass);
  }
}
