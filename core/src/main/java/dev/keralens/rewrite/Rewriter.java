package dev.keralens.rewrite;

import dev.keralens.graph.Graph;
import dev.keralens.graph.Value;
import dev.keralens.rewrite.float64.Float64;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Rewrites a graph so that it runs faster and gives the same results, up to rounding; or so that it
 * computes in double precision.
 *
 * <p>Rewriting looks at the whole graph, forward and backward pass, when all that is wanted of it
 * is known. So nothing has to be folded before a graph is differentiated, and what a method asks
 * for, such as the gradient between a convolution and its normalization, stays by itself: a node is
 * only folded into another where no one else reads it.
 *
 * <p>The same results are promised of numbers that are finite. With an image that has infinite
 * numbers or NaN, or on whose way they arise, the others of the batch come out as before. Of the
 * image itself, nothing becomes finite that was not; but more may be infinite or NaN than before,
 * where numbers are weighted by zero that were not read before: in the pixels that an interpolation
 * or a tile takes together, in channels that were filled up, in averages. To see where such a
 * number begins, run the graph as it is, as {@code trace} does.
 *
 * <p>To add a rewriting: a class beside this one, its row in {@link Rewriting} with the reason of
 * its place, and {@code RewriterTest}; {@code NonFinite} holds each to what is promised.
 */
public final class Rewriter {
  private static final Logger LOG = System.getLogger("dev.keralens");

  /** The engine has the blocked layout on these processors; elsewhere it was not measured. */
  private static final boolean BLOCKS =
      Set.of("amd64", "x86_64").contains(System.getProperty("os.arch", ""));

  private Rewriter() {}

  /**
   * {@return a graph that computes the same}
   *
   * @param graph a graph; it stays as it is
   * @param threads how many threads will work on one operator together
   */
  public static Graph rewrite(Graph graph, int threads) {
    Graph result = graph;
    for (Rewriting rewriting : Rewriting.of(BLOCKS, System.getProperty(Rewriting.OFF, ""))) {
      Graph before = result;
      result = rewriting.apply(before, threads);
      if (LOG.isLoggable(Level.DEBUG) && !nodes(before).equals(nodes(result))) {
        LOG.log(
            Level.DEBUG,
            "Rewriting {0}: {1} operators, then {2}",
            rewriting.title(),
            before.nodes().size(),
            result.nodes().size());
      }
    }
    return result;
  }

  /** What is computed, whatever values are called. */
  private static String nodes(Graph graph) {
    return graph.nodes().stream()
        .map(node -> node.op() + " " + node.outputs().stream().map(Value::shape).toList())
        .collect(Collectors.joining("\n"));
  }

  /**
   * {@return a graph that computes of each column of a matrix what another computes of one}
   *
   * @param one the graph for one column: its first output is the column, which is a slice of the
   *     last axis of a value; the other outputs are those of the result, where they depend on the
   *     column joined along their last axis
   * @param columns how many columns the matrix has
   */
  public static Graph ofEachColumn(Graph one, int columns) {
    return ColumnCopies.of(one, columns);
  }

  /**
   * {@return a graph that computes the same in double precision, from inputs and to outputs of the
   * same types}
   *
   * @param graph a graph; it stays as it is
   * @throws dev.keralens.graph.UnsupportedModelException if it has an operator that cannot be
   *     computed in double precision
   */
  public static Graph toFloat64(Graph graph) {
    return Float64.rewrite(graph);
  }
}
