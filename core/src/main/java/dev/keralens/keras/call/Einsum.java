package dev.keralens.keras.call;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.keras.Weight;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An Einstein sum, each axis a letter.
 *
 * @param terms the axes of each input
 * @param output the axes of the output
 */
public record Einsum(List<String> terms, String output) {
  public Einsum {
    terms = List.copyOf(terms);
  }

  /**
   * {@return an equation with every axis a letter}
   *
   * @param equation for instance {@code "...x,xy->...y"}; without an arrow the output has, in order
   *     of the alphabet, the letters that occur once
   * @param ranks the number of axes of each input, which say how many an ellipsis stands for
   * @throws IllegalArgumentException if the equation does not fit the ranks
   */
  public static Einsum parse(String equation, int... ranks) {
    String[] sides = equation.replace(" ", "").split("->", -1);
    String[] terms = sides[0].split(",", -1);
    if (sides.length > 2 || terms.length != ranks.length) {
      throw new IllegalArgumentException(
          "equation='%s' does not take %d inputs.".formatted(equation, ranks.length));
    }
    String spare = unused(equation);
    int longest = 0;
    for (int i = 0; i < terms.length; i++) {
      if (terms[i].contains("...")) {
        longest = Math.max(longest, ranks[i] - (terms[i].length() - 3));
      }
    }
    if (longest > spare.length()) {
      throw new IllegalArgumentException("equation='%s' has too many axes.".formatted(equation));
    }
    String ellipsis = spare.substring(0, longest);
    List<String> expanded = new ArrayList<>();
    for (int i = 0; i < terms.length; i++) {
      int own = Math.max(0, ranks[i] - (terms[i].length() - 3));
      String term = terms[i].replace("...", ellipsis.substring(Math.max(0, longest - own)));
      if (term.length() != ranks[i]) {
        throw new IllegalArgumentException(
            "equation='%s' names %d axes of input %d, which has %d."
                .formatted(equation, term.length(), i, ranks[i]));
      }
      expanded.add(term);
    }
    String output =
        sides.length == 2
            ? sides[1].replace("...", ellipsis)
            : ellipsis + once(String.join("", expanded), ellipsis);
    return new Einsum(expanded, output);
  }

  private static String unused(String equation) {
    return IntStream.concat(IntStream.rangeClosed('A', 'Z'), IntStream.rangeClosed('a', 'z'))
        .filter(letter -> equation.indexOf(letter) < 0)
        .mapToObj(letter -> String.valueOf((char) letter))
        .collect(Collectors.joining());
  }

  private static String once(String letters, String without) {
    return letters
        .chars()
        .filter(letter -> letters.indexOf(letter) == letters.lastIndexOf(letter))
        .filter(letter -> without.indexOf(letter) < 0)
        .sorted()
        .mapToObj(letter -> String.valueOf((char) letter))
        .collect(Collectors.joining());
  }

  /** {@return the sum} */
  public Value apply(GraphBuilder graph, Value... inputs) {
    String equation = String.join(",", terms) + "->" + output;
    return graph.node(Op.EINSUM, Attributes.NONE.with("equation", equation), inputs);
  }

  /**
   * {@return the sum of products with a kernel, plus a bias}
   *
   * <p>Where the last axes of the input are summed with the first of the kernel, and those that are
   * left follow one another, it is the product with a matrix, and its own node adds the bias.
   *
   * @param x the first input
   * @param kernel the second input
   * @param bias added with broadcasting; null for none
   */
  public Value dense(GraphBuilder graph, Value x, Weight kernel, @Nullable Weight bias) {
    String left = terms.get(0);
    String right = terms.get(1);
    int summed = (left.length() + right.length() - output.length()) / 2;
    String rows = left.substring(0, Math.max(0, left.length() - summed));
    boolean matrix =
        summed > 0
            && summed < right.length()
            && rows.length() > 0
            && left.equals(rows + right.substring(0, summed))
            && output.equals(rows + right.substring(summed));
    if (!matrix) {
      Value product = apply(graph, x, kernel.value());
      return bias == null ? product : graph.add(product, bias.value());
    }
    int[] shape = kernel.shape();
    int inputs = product(Arrays.copyOfRange(shape, 0, summed));
    int units = product(Arrays.copyOfRange(shape, summed, shape.length));
    int[] flat = Arrays.copyOf(x.shape().sizes(), rows.length() + 1);
    flat[rows.length()] = inputs;
    boolean full = bias != null && Tensor.elements(bias.shape()) == units;
    Value out =
        Matrices.affine(
            graph,
            graph.reshape(x, Shape.of(flat)),
            kernel.reshape(inputs, units).value(),
            bias != null && full ? bias.reshape(units).value() : null);
    int[] result = Arrays.copyOf(x.shape().sizes(), output.length());
    System.arraycopy(shape, summed, result, rows.length(), shape.length - summed);
    Value shaped = graph.reshape(out, Shape.of(result));
    return bias == null || full ? shaped : graph.add(shaped, bias.value());
  }

  private static int product(int[] sizes) {
    return Arrays.stream(sizes).reduce(1, Math::multiplyExact);
  }
}
