package dev.keralens.onnx.operator;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Products of matrices that graphs write in another way. */
final class MatrixOperators {
  static final Map<String, Operator> TABLE = Map.of("Einsum", MatrixOperators::einsum);

  private MatrixOperators() {}

  private static List<Known> einsum(OnnxNode node) {
    List<@Nullable Value> operands = new ArrayList<>();
    int[] ranks = new int[node.inputCount()];
    for (int i = 0; i < ranks.length; i++) {
      Value value = node.value(i);
      operands.add(value);
      ranks[i] = value.rank();
    }
    String equation = explicit(node.stringAttribute("equation", ""), ranks);
    return OnnxNode.computed(
        node.builder().nodes(Op.EINSUM, Attributes.NONE.with("equation", equation), 1, operands));
  }

  /**
   * Writes an equation with its output and without an ellipsis: the axes that an ellipsis stands
   * for get letters of their own; without an output, it has the ellipsis' axes and then, in the
   * alphabet's order, those that occur once.
   */
  static String explicit(String equation, int... ranks) {
    String text = equation.replace(" ", "");
    int arrow = text.indexOf("->");
    List<String> terms =
        Arrays.asList((arrow < 0 ? text : text.substring(0, arrow)).split(",", -1));
    if (terms.size() != ranks.length) {
      throw new IllegalArgumentException(
          "equation '%s' has %d terms for %d inputs"
              .formatted(equation, terms.size(), ranks.length));
    }
    int widest = 0;
    for (int i = 0; i < ranks.length; i++) {
      if (terms.get(i).contains("...")) {
        widest = Math.max(widest, ranks[i] - terms.get(i).length() + 3);
      }
    }
    String letters = unusedLetters(text, widest);
    List<String> out = new ArrayList<>();
    for (int i = 0; i < ranks.length; i++) {
      int own = ranks[i] - terms.get(i).length() + 3;
      String rest =
          terms.get(i).contains("...") ? letters.substring(Math.max(0, widest - own)) : "";
      out.add(terms.get(i).replace("...", rest));
    }
    String output = arrow < 0 ? "..." + once(terms) : text.substring(arrow + 2);
    return String.join(",", out) + "->" + output.replace("...", letters);
  }

  private static String unusedLetters(String text, int count) {
    StringBuilder out = new StringBuilder();
    for (char letter = 'A'; letter <= 'z' && out.length() < count; letter++) {
      if (Character.isLetter(letter) && text.indexOf(letter) < 0) {
        out.append(letter);
      }
    }
    return out.toString();
  }

  private static String once(List<String> terms) {
    Map<Character, Integer> counts = new TreeMap<>();
    for (String term : terms) {
      for (char letter : term.replace(".", "").toCharArray()) {
        counts.merge(letter, 1, Integer::sum);
      }
    }
    return counts.entrySet().stream()
        .filter(entry -> entry.getValue() == 1)
        .map(entry -> String.valueOf(entry.getKey()))
        .collect(Collectors.joining());
  }
}
