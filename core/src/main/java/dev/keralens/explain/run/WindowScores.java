package dev.keralens.explain.run;

import dev.keralens.explain.Baseline;
import dev.keralens.explain.Probe;
import dev.keralens.explain.Probes;
import dev.keralens.explain.patch.PatchGraph;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Scores of images with a window replaced, of which no more is computed than the window reaches
 * (incremental inference, Nakandala et al., 2019, <a
 * href="https://arxiv.org/abs/1912.01242">arXiv:1912.01242</a>). They are those of full passes but
 * for the order of sums.
 */
final class WindowScores implements Probes.Windows {
  /** What saves less is not worth it: cutting takes a fifth more time than its cost says. */
  private static final double LARGEST_COST = 0.75;

  /**
   * The fewest multiplications for each number that is written. Networks of fewer, as those of
   * depthwise convolutions, wait for memory, and small pieces of them take as long as large ones.
   */
  private static final double LEAST_DENSITY = 64;

  private final PatchGraph patches;
  private final Probes.Compiled bases;
  private final Probes.Compiled scores;

  private WindowScores(PatchGraph patches, Probes.Compiled bases, Probes.Compiled scores) {
    this.patches = patches;
    this.bases = bases;
    this.scores = scores;
  }

  /**
   * {@return the scores, where the network can be computed in parts and that pays: not where
   * windows reach most of what is costly, and not through operators that read all places early,
   * such as attention}
   *
   * @param probes the questions that may be asked
   * @param baseline what windows are filled with
   * @param sizes how large a window is, along each axis of the input's places
   * @param strides how far it is from one window to the next
   * @param counts how many there are
   * @param always whether also where it does not pay
   */
  static Optional<Probes.Windows> of(
      NetworkProbes probes,
      Baseline baseline,
      int[] sizes,
      int[] strides,
      int[] counts,
      boolean always) {
    Setting setting = probes.setting();
    Network network = setting.network();
    PatchGraph patches =
        PatchGraph.of(network, setting.target().value(), sizes, strides, counts, always)
            .orElse(null);
    boolean pays =
        patches != null
            && (always || (patches.cost() <= LARGEST_COST && patches.density() >= LEAST_DENSITY));
    System.getLogger("dev.keralens")
        .log(
            System.Logger.Level.DEBUG,
            () ->
                patches == null
                    ? "Windows of the input need full passes: the network cannot be computed in"
                        + " parts."
                    : String.format(
                        Locale.ROOT,
                        "A window of the input needs %.0f %% of the multiplications of a full"
                            + " pass%s.",
                        100 * patches.share(),
                        pays ? "" : "; full passes are run"));
    if (patches == null || !pays) {
      return Optional.empty();
    }
    GraphBuilder once = new GraphBuilder();
    KerasTensor input = network.inputs().get(0);
    Value image = once.input("image", ElementType.FLOAT32, input.value().shape().with(0, 1));
    Value filling = baseline.add(once, input, image);
    Probes.Compiled bases = probes.compile(once, patches.bases(once, image, filling));
    return Optional.of(new WindowScores(patches, bases, compiled(probes, patches)));
  }

  private static Probes.Compiled compiled(NetworkProbes probes, PatchGraph patches) {
    Setting setting = probes.setting();
    GraphBuilder b = new GraphBuilder();
    List<Value> image = new ArrayList<>();
    patches.shapes().forEach(s -> image.add(b.input("image", ElementType.FLOAT32, s)));
    Shape rows = Shape.of(Shape.BATCH, patches.length());
    Value numbers = b.input("windows", ElementType.FLOAT32, rows);
    Value units = b.input("chosen", ElementType.INT64, Shape.of(setting.units()));
    KerasTensor target = setting.target();
    Value output = patches.scores(b, image, numbers);
    Value sums = Target.sums(b, new KerasTensor(output, target.layout()), setting);
    return probes.compile(b, List.of(b.node(Op.GATHER, Attributes.of("axis", 1), sums, units)));
  }

  @Override
  public int length() {
    return patches.length();
  }

  @Override
  public void write(int window, float[] out, int at) {
    patches.write(window, out, at);
  }

  @Override
  public Probe begin() {
    return new OfImage();
  }

  /** Holds what was computed of the last image. */
  private final class OfImage implements Probe {
    private float number = Float.NaN;
    private @Nullable List<Tensor> known;

    @Override
    public Answer ask(List<Tensor> inputs, Tensor units) {
      float asked = inputs.get(1).toFloatArray()[0];
      List<Tensor> image = known;
      if (image == null || asked != number) {
        image = bases.run(List.of(inputs.get(0)));
        known = image;
        number = asked;
      }
      List<Tensor> all = new ArrayList<>(image);
      all.add(inputs.get(2));
      all.add(units);
      return new Answer(scores.run(all).get(0), null, null);
    }
  }
}
