package dev.keralens.keras.function;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.Argument;
import dev.keralens.network.KerasTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The rearranging of axes by a pattern such as {@code b h w c -> b (h w) c}. */
final class Rearrangement {
  private static final Pattern GROUP = Pattern.compile("\\(([^()]*)\\)|(\\w+)");

  private Rearrangement() {}

  static List<KerasTensor> rearrange(Operands operands) {
    GraphBuilder graph = operands.graph();
    Value x = operands.plain(operands.tensor(0, "tensor", "x"));
    String[] sides = operands.text("", 1, "pattern").split("->", -1);
    List<List<String>> left = groups(sides[0]);
    if (sides.length != 2 || left.size() != x.rank()) {
      throw operands.layer().unsupported("its pattern does not fit %s.".formatted(x.shape()));
    }
    List<List<String>> right = groups(sides[1]);
    Map<String, Integer> sizes = new HashMap<>();
    List<String> order = new ArrayList<>();
    for (int axis = 0; axis < left.size(); axis++) {
      split(operands, left.get(axis), x.shape().size(axis), sizes);
      order.addAll(left.get(axis));
    }
    List<String> wanted = right.stream().flatMap(List::stream).toList();
    Value single = graph.reshape(x, Shape.of(order.stream().mapToInt(sizes::get).toArray()));
    Value moved = graph.transpose(single, wanted.stream().mapToInt(order::indexOf).toArray());
    int[] merged =
        right.stream()
            .mapToInt(g -> g.stream().mapToInt(sizes::get).reduce(1, Math::multiplyExact))
            .toArray();
    return List.of(KerasTensor.plain(graph.reshape(moved, Shape.of(merged))));
  }

  /** Each axis of the tensor: the names that it is made of. */
  private static List<List<String>> groups(String side) {
    List<List<String>> groups = new ArrayList<>();
    Matcher matcher = GROUP.matcher(side);
    while (matcher.find()) {
      String inner = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
      groups.add(inner.isBlank() ? List.of() : List.of(inner.strip().split("\\s+")));
    }
    return groups;
  }

  /** Finds the sizes of the names that one axis is made of, of which one may be unknown. */
  private static void split(
      Operands operands, List<String> names, int size, Map<String, Integer> sizes) {
    String open = null;
    int known = 1;
    for (String name : names) {
      Integer given = length(operands, name);
      if (given != null) {
        sizes.put(name, given);
        known = Math.multiplyExact(known, given);
      } else if (open == null) {
        open = name;
      } else {
        throw operands.layer().unsupported("the sizes of %s are not known.".formatted(names));
      }
    }
    if (open != null) {
      sizes.put(open, size / known);
    }
  }

  private static @Nullable Integer length(Operands operands, String name) {
    Argument lengths = operands.find(2, "axes_lengths");
    if (lengths instanceof Argument.Entries entries
        && entries.entries().get(name) instanceof Argument.Literal literal) {
      return literal.json().intValue();
    }
    if (lengths instanceof Argument.Literal literal && literal.json().path(name).isInt()) {
      return literal.json().path(name).intValue();
    }
    return operands.has(Operands.NAMED, name) ? operands.integer(Operands.NAMED, name) : null;
  }
}
