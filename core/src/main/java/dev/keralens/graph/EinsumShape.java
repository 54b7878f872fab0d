package dev.keralens.graph;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The output shape of Einsum, from an equation with explicit output and without an ellipsis. */
final class EinsumShape {
  private EinsumShape() {}

  static Shape infer(
      Attributes attributes, List<Value> inputs, Function<String, IllegalArgumentException> error) {
    String equation = attributes.getString("equation", "").replace(" ", "");
    String[] sides = equation.split("->", -1);
    if (sides.length != 2 || equation.contains(".")) {
      throw error.apply("equation '%s' must name every axis and the output".formatted(equation));
    }
    String[] terms = sides[0].split(",", -1);
    if (terms.length != inputs.size()) {
      throw error.apply("equation '%s' has %d terms".formatted(equation, terms.length));
    }
    Map<Character, Integer> sizes = new HashMap<>();
    for (int i = 0; i < terms.length; i++) {
      Shape shape = inputs.get(i).shape();
      if (terms[i].length() != shape.rank()) {
        throw error.apply("term '%s' does not fit the shape %s".formatted(terms[i], shape));
      }
      for (int axis = 0; axis < shape.rank(); axis++) {
        Integer known = sizes.put(terms[i].charAt(axis), shape.size(axis));
        if (known != null && known != shape.size(axis)) {
          throw error.apply(
              "axis '%s' is both %d and %d"
                  .formatted(terms[i].charAt(axis), known, shape.size(axis)));
        }
      }
    }
    for (Map.Entry<Character, Integer> entry : sizes.entrySet()) {
      if (entry.getValue() < 0 && sides[1].indexOf(entry.getKey()) < 0) {
        throw error.apply("it would mix the rows of the batch");
      }
    }
    return Shape.of(sides[1].chars().map(axis -> sizes.getOrDefault((char) axis, 0)).toArray());
  }
}
