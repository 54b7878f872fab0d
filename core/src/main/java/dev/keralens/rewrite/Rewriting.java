package dev.keralens.rewrite;

import dev.keralens.graph.Graph;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The rewritings, in the order in which they are done. Each comment says why it stands where it
 * does: what it needs of those before, and what it would hide from those after.
 *
 * <p>The system property {@value #OFF} names rewritings that are left out, separated by commas:
 * {@code -Dkeralens.rewriting.off=winograd,masks}. It serves to find which of them a difference
 * comes from, and to measure the share of each ({@code benchmarks/rewritings}).
 */
enum Rewriting {
  /**
   * First: a layer that gives what lies between two transpositions hides from all others that the
   * two are one.
   */
  TRANSPOSITIONS(Transpositions::rewrite),
  /** Before expansions: a unit's part of the last kernel is one number everywhere behind a mean. */
  SHORTCUTS(Shortcuts::rewrite),
  /** Before expansions and channel means, which take means away that it looks for. */
  AVERAGED_KERNELS(AveragedKernels::rewrite),
  /** Before round trips: it leaves reshapes around what is computed once. */
  EXPANSIONS(Expansions::rewrite),
  /** Needs nothing of the others; before blocking, which would look at the maps it makes. */
  INTERPOLATION(Interpolation::rewrite),
  /** Behind expansions; before reshapes are joined, which would hide where they lead back to. */
  ROUND_TRIPS(RoundTrips::rewrite),
  /** Before scales: they are folded where channels come first. */
  INPUT_ORDER(InputOrder::rewrite),
  /** Before channel means: it looks for the mean that they replace. */
  PIXEL_BLOCKS(PixelBlocks::rewrite),
  /** Behind pixel blocks and averaged kernels, which look for means. */
  CHANNEL_MEANS(ChannelMeans::rewrite),
  /** Before scales: a pad would stand between a scale and its convolution. */
  PAD_FOLDING(PadFolding::rewrite),
  /** Behind padding; before blocking, where a scale becomes a convolution of its own. */
  SCALE_FOLDING(ScaleFolding::rewrite),
  /** Before unit factors, which take its two parts apart. */
  SWISH_FOLDING(SwishFolding::rewrite),
  /** Before reshapes are joined: it looks for those that make rows of units. */
  UNIT_FACTORS(UnitFactors::rewrite),
  /** Behind all that look for reshapes. */
  RESHAPES(Reshapes::rewrite),
  /** Before blocking, which says nothing in blocks that are not full. */
  CHANNEL_PADDING(true, (graph, threads) -> ChannelPadding.rewrite(graph)),
  /** Behind all that change what stands between two convolutions. */
  BLOCKING(true, (graph, threads) -> Blocking.rewrite(graph)),
  /** Last: it takes convolutions with what is fused into them, and hides both. */
  WINOGRAD(true, Winograd::rewrite);

  /** The system property that names rewritings to leave out. */
  static final String OFF = "keralens.rewriting.off";

  /** Says what stands for a graph that so many threads will work on together. */
  private interface Step {
    Graph apply(Graph graph, int threads);
  }

  private final boolean inBlocks;

  @SuppressWarnings("ImmutableEnumChecker") // All are references to methods.
  private final Step step;

  Rewriting(UnaryOperator<Graph> step) {
    this(false, (graph, threads) -> step.apply(graph));
  }

  Rewriting(boolean inBlocks, Step step) {
    this.inBlocks = inBlocks;
    this.step = step;
  }

  /** {@return the name, such as {@code pad-folding}} */
  String title() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  Graph apply(Graph graph, int threads) {
    return step.apply(graph, threads);
  }

  /**
   * {@return the rewritings of an engine, in their order, without those that are switched off}
   *
   * @param hasBlocks whether the engine has the blocked layout
   * @param off the names of those that are left out, separated by commas; may be empty
   * @throws IllegalArgumentException if there is no rewriting of a name
   */
  static List<Rewriting> of(boolean hasBlocks, String off) {
    Set<Rewriting> left = EnumSet.noneOf(Rewriting.class);
    for (String name : off.isBlank() ? new String[0] : off.split(",", -1)) {
      left.add(named(name.strip()));
    }
    return Stream.of(values())
        .filter(rewriting -> !left.contains(rewriting) && (hasBlocks || !rewriting.inBlocks))
        .toList();
  }

  private static Rewriting named(String name) {
    return Stream.of(values())
        .filter(rewriting -> rewriting.title().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s: there is no rewriting '%s', there are %s."
                        .formatted(OFF, name, Stream.of(values()).map(Rewriting::title).toList())));
  }
}
