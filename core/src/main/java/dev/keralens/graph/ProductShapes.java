package dev.keralens.graph;

import dev.keralens.tensor.ElementType;
import java.util.List;

/** The output shapes of products of matrices. */
final class ProductShapes {
  private ProductShapes() {}

  static List<ValueType> einsum(ShapeInference node) {
    return ShapeInference.one(node.sameType(0), EinsumShape.infer(node));
  }

  static List<ValueType> matMul(ShapeInference node) {
    ElementType type = node.sameType(0);
    return ShapeInference.one(type, matMul(node, node.input(0).shape(), node.input(1).shape()));
  }

  static List<ValueType> gemm(ShapeInference node) {
    return ShapeInference.one(node.sameType(0), product(node));
  }

  private static Shape matMul(ShapeInference node, Shape a, Shape b) {
    if (a.rank() == 0 || b.rank() == 0) {
      throw node.error("a scalar has no matrix product");
    }
    Shape left = a.rank() == 1 ? a.insert(0, 1) : a;
    Shape right = b.rank() == 1 ? b.insert(1, 1) : b;
    checkInner(node, left.size(-1), right.size(-2));
    Shape outer =
        node.broadcast(
            left.remove(left.rank() - 1).remove(left.rank() - 2),
            right.remove(right.rank() - 1).remove(right.rank() - 2));
    int[] sizes = new int[outer.rank() + 2];
    System.arraycopy(outer.sizes(), 0, sizes, 0, outer.rank());
    sizes[outer.rank()] = left.size(-2);
    sizes[outer.rank() + 1] = right.size(-1);
    Shape result = node.shape(sizes);
    if (a.rank() == 1) {
      result = result.remove(result.rank() - 2);
    }
    return b.rank() == 1 ? result.remove(result.rank() - 1) : result;
  }

  private static Shape product(ShapeInference node) {
    Shape a = node.input(0).shape();
    Shape b = node.input(1).shape();
    if (a.rank() != 2 || b.rank() != 2) {
      throw node.error("its inputs must be matrices");
    }
    Shape left = node.attributes().getInt("transA", 0) != 0 ? a.permute(1, 0) : a;
    Shape right = node.attributes().getInt("transB", 0) != 0 ? b.permute(1, 0) : b;
    checkInner(node, left.size(1), right.size(0));
    Shape result = node.shape(left.size(0), right.size(1));
    Value bias = node.optional(2);
    if (bias != null && !node.broadcast(result, bias.shape()).equals(result)) {
      throw node.error("its bias has more elements than the product, %s".formatted(result));
    }
    return result;
  }

  private static void checkInner(ShapeInference node, int left, int right) {
    if (left < 0 || right < 0) {
      throw node.error("it would mix the rows of the batch, its inner axis");
    }
    if (left != right) {
      throw node.error("inner sizes %d and %d differ".formatted(left, right));
    }
  }
}
