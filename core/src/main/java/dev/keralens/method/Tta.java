package dev.keralens.method;

import dev.keralens.explain.Batch;
import dev.keralens.explain.Ensemble;
import dev.keralens.explain.Info;
import dev.keralens.explain.Method;
import dev.keralens.explain.Passes;
import dev.keralens.explain.Plan;
import dev.keralens.explain.Probe;
import dev.keralens.explain.Probes;
import dev.keralens.explain.Unrolling;
import dev.keralens.filter.Resizing;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.search.Channels;
import dev.keralens.tensor.CheckReturnValue;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Test-time augmentation around any method: the mean of its maps over the input at several scales,
 * each also mirrored. A map of a mirrored input is mirrored back; all are resized to the input.
 *
 * <pre>
 *   map(s) = 1/2 sum over flips f of f(resize(M(resize(f(x), s))))
 *   map    = 1/n sum over scales s of map(s) |map(1)| / |map(s)|
 * </pre>
 *
 * <p>|m| is the mean of the absolute values of a map, of one image and unit. So every scale weighs
 * alike, whatever the method does with the number of places: gradients are larger where there are
 * fewer places, by four times at a scale of 0.5. {@link Weighing#RAW} leaves out the factor.
 *
 * <p>The input as it is counts as the first scale; if its map is zero, all are brought to their
 * mean size. Filter and resizing follow the mean. The model must accept other sizes of its input:
 * one that flattens its features does not.
 *
 * <p>Differs from keras-explainable: scales weigh alike, there as they are ({@link Weighing#RAW});
 * the mean is over all passes, there the sum of all passes is divided by the number of further
 * scales. The scores are those of the input as it is.
 */
@CheckReturnValue
public final class Tta implements Ensemble {
  private final Method method;
  private final List<Double> scales;
  private final boolean flip;
  private final Resizing.Mode mode;
  private final Weighing weighing;

  /** How much the map of a scale counts. */
  public enum Weighing {
    /** Each scale's map is brought to the size of the first one's values. */
    ALIKE,
    /**
     * Maps are added as they are, as keras-explainable does: the smallest scale often outweighs.
     */
    RAW
  }

  private Tta(
      Method method, List<Double> scales, boolean flip, Resizing.Mode mode, Weighing weighing) {
    this.method = method;
    this.scales = scales;
    this.flip = flip;
    this.mode = mode;
    this.weighing = weighing;
  }

  /**
   * {@return a method with the scales 0.5, 1.5 and 2, each also mirrored, as keras-explainable has}
   *
   * @param method the method
   */
  public static Tta of(Method method) {
    return new Tta(method, List.of(0.5, 1.5, 2.0), true, Resizing.Mode.LINEAR, Weighing.ALIKE);
  }

  /**
   * {@return a copy with other scales}
   *
   * @param factors what the input's size is multiplied by, beside 1; none for the input's size only
   */
  public Tta scales(double... factors) {
    if (Arrays.stream(factors).anyMatch(factor -> !(factor > 0) || factor > 64)) {
      throw new IllegalArgumentException(
          "Scales lie above 0 and up to 64, got " + Arrays.toString(factors));
    }
    return new Tta(method, Arrays.stream(factors).boxed().toList(), flip, mode, weighing);
  }

  /**
   * {@return a copy with or without mirrored passes}
   *
   * @param mirrored whether each scale is also run mirrored, left to right; default true
   */
  public Tta flip(boolean mirrored) {
    return new Tta(method, scales, mirrored, mode, weighing);
  }

  /**
   * {@return a copy that resizes in another way}
   *
   * @param how how the input is resized to each scale, and maps back; default linear
   */
  public Tta resize(Resizing.Mode how) {
    return new Tta(method, scales, flip, how, weighing);
  }

  /**
   * {@return a copy that weighs scales in another way}
   *
   * @param how how much the map of a scale counts; default {@link Weighing#ALIKE}
   */
  public Tta weigh(Weighing how) {
    return new Tta(method, scales, flip, mode, how);
  }

  @Override
  public boolean laysOverInput() {
    return method.explainsActivations();
  }

  @Override
  public Info info() {
    return method.info().named("tta(" + method.name() + ")", method.title() + ", augmented");
  }

  @Override
  public Plan plan(Probes probes) {
    KerasTensor input = probes.input();
    probes.requireReal("Test-time augmentation resizes");
    requirePlaces(input, probes.inputs());
    if (probes.byPlace()) {
      throw new UnsupportedModelException(
          "Test-time augmentation takes units for each image, not for each place of an output"
              + " that is a map: the places change with the scale.");
    }
    int[] size = input.places();
    List<Pass> passes = new ArrayList<>(passes(probes, probes.maps(method), size));
    for (double scale : scales) {
      int[] scaled = scaled(size, scale);
      Probe maps = probes.mapsAt(method, scaled, "test-time augmentation");
      passes.addAll(passes(probes, maps, scaled));
    }
    Restoring restoring = new Restoring(probes, size);
    return batch -> new TtaPasses(passes, restoring, batch, new ScaleMean(weighing, flip ? 2 : 1));
  }

  private static void requirePlaces(KerasTensor input, int inputs) {
    if (input.shape().rank() < 3 || inputs != 1) {
      throw new UnsupportedModelException(
          "Test-time augmentation needs a model with one input that has spatial axes.");
    }
  }

  private static int[] scaled(int[] size, double scale) {
    return Arrays.stream(size).map(s -> Math.max(1, (int) (s * scale))).toArray();
  }

  @Override
  public Unrolling.Maps unroll(Unrolling rows) {
    rows.requireReal("Test-time augmentation resizes");
    requirePlaces(rows.input(), rows.inputs());
    List<Value> maps = new ArrayList<>();
    maps.add(atScale(rows, 1));
    scales.forEach(scale -> maps.add(atScale(rows, scale)));
    return Unrolling.Maps.of(weighted(rows.builder(), maps));
  }

  /** The mean map at a scale, of the size of the input: (batch, places..., k). */
  private Value atScale(Unrolling rows, double scale) {
    GraphBuilder b = rows.builder();
    KerasTensor input = rows.input();
    int[] scaled = scaled(input.places(), scale);
    List<Value> passes = new ArrayList<>();
    for (boolean flipped : flip ? new boolean[] {false, true} : new boolean[] {false}) {
      Value changed = changed(b, input, input.value(), scaled, flipped);
      Value maps = rows.mapsAt(method, scaled, "test-time augmentation", changed);
      passes.add(restored(b, maps, flipped, input.places()));
    }
    return passes.size() == 1 ? passes.get(0) : b.mul(b.add(passes.get(0), passes.get(1)), 0.5);
  }

  /** The mean over the scales, as {@link ScaleMean} has it. */
  private Value weighted(GraphBuilder b, List<Value> maps) {
    if (maps.size() == 1) {
      return maps.get(0);
    }
    Value first = maps.get(0);
    int[] axes = IntStream.range(1, first.rank() - 1).toArray();
    List<Value> sizes = maps.stream().map(m -> b.reduceSum(b.abs(m), true, axes)).toList();
    Value wanted = first;
    if (weighing == Weighing.ALIKE) {
      Value mean = b.mul(sizes.stream().reduce(b::add).orElseThrow(), 1.0 / maps.size());
      wanted = b.where(isZero(b, sizes.get(0)), mean, sizes.get(0));
    }
    Value sum = null;
    for (int i = 0; i < maps.size(); i++) {
      Value map = maps.get(i);
      if (weighing == Weighing.ALIKE) {
        Value zero = isZero(b, sizes.get(i));
        map = b.mul(map, b.div(wanted, b.where(zero, b.scalar(1), sizes.get(i))));
      }
      sum = sum == null ? map : b.add(sum, map);
    }
    return b.mul(Objects.requireNonNull(sum), 1.0 / maps.size());
  }

  private static Value isZero(GraphBuilder b, Value value) {
    return b.node(Op.EQUAL, value, b.scalar(0));
  }

  /** The input at a scale, and mirrored or not. */
  private Value changed(GraphBuilder b, KerasTensor input, Value x, int[] scaled, boolean flipped) {
    Value first = Channels.first(b, x, input.layout());
    Value resized = resized(b, flipped ? flipped(b, first, first.rank() - 1) : first, scaled);
    return Channels.back(b, resized, input.layout());
  }

  /** Maps (batch, places..., k), mirrored back and resized. */
  private Value restored(GraphBuilder b, Value maps, boolean flipped, int[] size) {
    int rank = maps.rank();
    Value first = b.transpose(maps, KerasTensor.channelsFirst(rank));
    Value resized = resized(b, flipped ? flipped(b, first, rank - 1) : first, size);
    return b.transpose(resized, KerasTensor.channelsLast(rank));
  }

  /** One size of the input, with or without mirroring. */
  private record Pass(Probes.Compiled change, Probe maps, boolean flipped) {}

  private List<Pass> passes(Probes probes, Probe maps, int[] scaled) {
    Pass plain = new Pass(change(probes, scaled, false), maps, false);
    return flip
        ? List.of(plain, new Pass(change(probes, scaled, true), maps, true))
        : List.of(plain);
  }

  private Probes.Compiled change(Probes probes, int[] scaled, boolean flipped) {
    KerasTensor input = probes.input();
    GraphBuilder b = new GraphBuilder();
    Value x = b.input("x", ElementType.FLOAT32, input.value().shape());
    return probes.compile(b, List.of(changed(b, input, x, scaled, flipped)));
  }

  private static final class TtaPasses implements Passes {
    private final List<Pass> passes;
    private final Restoring restoring;
    private final Batch batch;
    private final ScaleMean sums;

    TtaPasses(List<Pass> passes, Restoring restoring, Batch batch, ScaleMean sums) {
      this.sums = sums;
      this.passes = passes;
      this.restoring = restoring;
      this.batch = batch;
    }

    @Override
    public int count() {
      return passes.size();
    }

    @Override
    public Question question(int index) {
      Pass pass = passes.get(index);
      return new Question(pass.maps(), pass.change().run(batch.inputs()), batch.units());
    }

    @Override
    public void add(int index, Probe.Answer answer) {
      sums.add(restoring.restored(answer.requireMaps(), passes.get(index).flipped()));
    }

    @Override
    public Tensor maps() {
      return sums.result();
    }
  }

  /** What maps look like before they are brought back to the input. */
  private record Distorted(List<Integer> sizes, boolean flipped) {}

  /** Brings maps back to the input; compiled when their size is known. */
  private final class Restoring {
    private final Probes probes;
    private final int[] size;
    private final Map<Distorted, Probes.Compiled> graphs = new HashMap<>();

    Restoring(Probes probes, int[] size) {
      this.probes = probes;
      this.size = size;
    }

    /** Maps (batch, spatial axes..., k), mirrored back and resized to the input. */
    Tensor restored(Tensor maps, boolean flipped) {
      int[] sizes = maps.shape();
      sizes[0] = Shape.BATCH;
      Distorted distorted = new Distorted(Arrays.stream(sizes).boxed().toList(), flipped);
      Probes.Compiled graph;
      synchronized (graphs) {
        graph = graphs.computeIfAbsent(distorted, this::restoring);
      }
      return graph.run(List.of(maps)).get(0);
    }

    private Probes.Compiled restoring(Distorted distorted) {
      GraphBuilder b = new GraphBuilder();
      int[] sizes = distorted.sizes().stream().mapToInt(Integer::intValue).toArray();
      Value x = b.input("maps", ElementType.FLOAT32, Shape.of(sizes));
      return probes.compile(b, List.of(Tta.this.restored(b, x, distorted.flipped(), size)));
    }
  }

  /** Resizes (batch, channels, spatial axes...), each channel by itself. */
  private Value resized(GraphBuilder b, Value x, int[] sizes) {
    int[] rows = x.shape().sizes();
    int channels = rows[1];
    int[] flat = IntStream.range(1, rows.length).map(i -> rows[i]).toArray();
    flat[0] = Shape.BATCH * channels;
    Value resized = Resizing.of(b, mode, b.reshape(x, Shape.of(flat)), sizes);
    int[] out = rows.clone();
    System.arraycopy(sizes, 0, out, 2, sizes.length);
    return b.reshape(resized, Shape.of(out));
  }

  private static Value flipped(GraphBuilder b, Value x, int axis) {
    return b.node(Op.SLICE, x, b.ints(-1), b.ints(Integer.MIN_VALUE), b.ints(axis), b.ints(-1));
  }
}
