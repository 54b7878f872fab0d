package dev.keralens.graph;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The output shape of Einsum, from an equation with explicit output and without an ellipsis. */
final class EinsumShape {
  private EinsumShape() {}

  static Shape infer(ShapeInference node) {
    List<Value> inputs = node.present();
    String equation = node.attributes().getString("equation", "").replace(" ", "");
    String[] sides = equation.split("->", -1);
    if (sides.length != 2 || equation.contains(".")) {
      throw node.error("equation '%s' must name every axis and the output".formatted(equation));
    }
    String[] terms = sides[0].split(",", -1);
    if (terms.length != inputs.size()) {
      throw node.error("equation '%s' has %d terms".formatted(equation, terms.length));
    }
    Map<Character, Integer> sizes = new HashMap<>();
    for (int i = 0; i < terms.length; i++) {
      Shape shape = inputs.get(i).shape();
      if (terms[i].length() != shape.rank()) {
        throw node.error("term '%s' does not fit the shape %s".formatted(terms[i], shape));
      }
      for (int axis = 0; axis < shape.rank(); axis++) {
        Integer known = sizes.put(terms[i].charAt(axis), shape.size(axis));
        if (known != null && known != shape.size(axis)) {
          throw node.error(
              "axis '%s' is both %d and %d"
                  .formatted(terms[i].charAt(axis), known, shape.size(axis)));
        }
      }
    }
    for (Map.Entry<Character, Integer> entry : sizes.entrySet()) {
      if (entry.getValue() < 0 && sides[1].indexOf(entry.getKey()) < 0) {
        throw node.error("it would mix the rows of the batch, axis '" + entry.getKey() + "'");
      }
    }
    return node.shape(sides[1].chars().map(axis -> size(node, sizes, (char) axis)).toArray());
  }

  private static int size(ShapeInference node, Map<Character, Integer> sizes, char axis) {
    Integer size = sizes.get(axis);
    if (size == null) {
      throw node.error("axis '%s' of the output is in none of its inputs".formatted(axis));
    }
    return size;
  }
}
