package dev.keralens.app;

import dev.keralens.explain.Method;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.inspect.attention.AttentionWeights;
import dev.keralens.inspect.attention.PatchGrid;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.objective.ResolvedObjective;
import java.io.PrintWriter;
import java.util.List;
import java.util.stream.Collectors;

/** Says which attention is followed, and how its tokens are laid over the picture. */
final class TokenNotes {
  private TokenNotes() {}

  /**
   * Prints a line where a method follows attention.
   *
   * @param explained what is explained
   * @param methods the methods
   * @param asked how tokens lie, where that was said; else empty
   */
  static void print(
      ResolvedObjective explained, List<Method> methods, List<Integer> asked, PrintWriter err) {
    Method method = methods.stream().filter(m -> m.info().isOfAttention()).findFirst().orElse(null);
    Network network = explained.network();
    if (method == null || network.inputs().size() != 1) {
      return;
    }
    KerasTensor input = network.inputs().get(0);
    try {
      AttentionWeights attention =
          AttentionWeights.of(network, explained.target(), method.info().title());
      PatchGrid found = attention.grid(network, input);
      List<Integer> sizes = asked.isEmpty() ? found.sizes() : asked;
      int places = sizes.stream().reduce(1, Math::multiplyExact);
      int before = attention.tokens() - places;
      if (sizes.isEmpty() || before < 0 || (found.places() > 0 && found.before() != before)) {
        return;
      }
      err.printf(
          "keralens: attention of %d %s; %s tokens lie over the picture%s%s; the answer is made of %s%n",
          attention.layers().size(),
          attention.layers().size() == 1 ? "layer" : "layers",
          sizes.stream().map(String::valueOf).collect(Collectors.joining(" x ")),
          asked.isEmpty() ? ", as its patches do" : ", as --tokens says",
          before == 0 ? "" : ", behind %d %s".formatted(before, before == 1 ? "other" : "others"),
          answering(attention));
      err.flush();
    } catch (UnsupportedModelException e) {
      // The method says so itself, in the line of its failure.
      return;
    }
  }

  private static String answering(AttentionWeights attention) {
    int count = attention.answering().size();
    if (count == 0 || count == attention.tokens()) {
      return "all tokens";
    }
    int first = attention.answering().get(0);
    return count == 1
        ? first == 0 ? "the first token" : "token %d".formatted(first)
        : "%d tokens from token %d on".formatted(count, first);
  }
}
