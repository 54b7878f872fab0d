package dev.keralens.method;

import dev.keralens.filter.Filter;
import dev.keralens.filter.Resizing;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Layout;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.runtime.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

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
public final class Tta implements Method {
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
  public String name() {
    return "tta(" + method.name() + ")";
  }

  @Override
  public String title() {
    return method.title() + ", augmented";
  }

  @Override
  public Filter usualFilter() {
    return method.usualFilter();
  }

  @Override
  public boolean explainsActivations() {
    return method.explainsActivations();
  }

  @Override
  public Routine prepare(Setting setting) {
    return new TtaRoutine(setting);
  }

  /** One size of the input, with or without mirroring: what goes before and after the method. */
  private record Pass(CompiledGraph before, Routine routine, boolean flipped) {}

  /** What maps look like before they are brought back to the input. */
  private record Distorted(List<Integer> sizes, boolean flipped) {}

  private final class TtaRoutine implements Routine {
    private final UnitChoice choice;
    private final Finish finish;
    private final List<Pass> passes = new ArrayList<>();
    private final List<Routine> routines = new ArrayList<>();
    private final Map<Distorted, CompiledGraph> restoring = new HashMap<>();
    private final Setting setting;
    private final int[] size;

    TtaRoutine(Setting setting) {
      this.setting = setting;
      KerasTensor input = setting.network().inputs().get(setting.input());
      Embedded.requireReal(setting.network().graph(), input, "Test-time augmentation resizes");
      if (input.shape().rank() < 3 || setting.network().inputs().size() != 1) {
        throw new UnsupportedModelException(
            "Test-time augmentation needs a model with one input that has spatial axes.");
      }
      if (setting.byPlace()) {
        throw new UnsupportedModelException(
            "Test-time augmentation takes units for each image, not for each place of an output"
                + " that is a map: the places change with the scale.");
      }
      this.size = input.places();
      try {
        add(input, size, setting.raw().withUnitsGiven());
        for (double scale : scales) {
          int[] scaled = Arrays.stream(size).map(s -> Math.max(1, (int) (s * scale))).toArray();
          add(input, scaled, at(input, scaled));
        }
        this.choice = new UnitChoice(setting);
        this.finish = new Finish(setting);
      } catch (RuntimeException e) {
        closePasses();
        throw e;
      }
    }

    private void add(KerasTensor input, int[] scaled, Setting inner) {
      Routine routine = method.prepare(inner);
      routines.add(routine);
      passes.add(new Pass(change(input, scaled, false), routine, false));
      if (flip) {
        passes.add(new Pass(change(input, scaled, true), routine, true));
      }
    }

    private Setting at(KerasTensor input, int[] scaled) {
      int[] sizes = input.shape().sizes();
      int from = input.layout() == Layout.CHANNELS_FIRST ? 2 : 1;
      System.arraycopy(scaled, 0, sizes, from, scaled.length);
      try {
        return setting.elsewhere().apply(List.of(Shape.of(sizes))).raw().withUnitsGiven();
      } catch (IllegalArgumentException e) {
        throw new UnsupportedModelException(
            "The model does not take its input at another size, which test-time augmentation needs:"
                + " "
                + e.getMessage(),
            e);
      }
    }

    private CompiledGraph change(KerasTensor input, int[] scaled, boolean flipped) {
      GraphBuilder b = new GraphBuilder();
      Value x = b.input("x", ElementType.FLOAT32, input.value().shape());
      int rank = x.rank();
      boolean last = input.layout() != Layout.CHANNELS_FIRST;
      Value first = last ? b.transpose(x, KerasTensor.channelsFirst(rank)) : x;
      Value resized = resized(b, flipped ? flipped(b, first, rank - 1) : first, scaled);
      Value out = last ? b.transpose(resized, KerasTensor.channelsLast(rank)) : resized;
      return CompiledGraph.compile(b.build(List.of(out)), setting.runtime());
    }

    @Override
    public List<BatchMaps> run(List<Tensor> inputs, @Nullable Tensor units) {
      List<Tensor> chosen = choice.choose(inputs, units);
      ScaleMean mean = new ScaleMean(weighing, flip ? 2 : 1);
      for (Pass pass : passes) {
        List<Tensor> changed = pass.before().run(inputs);
        Tensor maps = pass.routine().run(changed, chosen.get(0)).get(0).maps();
        mean.add(restored(maps, pass.flipped()));
      }
      List<Tensor> out = finish.run(mean.result());
      return List.of(
          new BatchMaps(
              out.get(0), chosen.get(1), chosen.get(2), chosen.get(0), out.get(1), out.get(2)));
    }

    /** Maps (batch, spatial axes..., k), mirrored back and resized to the input. */
    private Tensor restored(Tensor maps, boolean flipped) {
      int[] sizes = maps.shape();
      sizes[0] = Shape.BATCH;
      Distorted distorted = new Distorted(Arrays.stream(sizes).boxed().toList(), flipped);
      CompiledGraph graph;
      synchronized (restoring) {
        graph = restoring.computeIfAbsent(distorted, this::restoring);
      }
      return graph.run(List.of(maps)).get(0);
    }

    private CompiledGraph restoring(Distorted distorted) {
      GraphBuilder b = new GraphBuilder();
      int[] sizes = distorted.sizes().stream().mapToInt(Integer::intValue).toArray();
      int rank = sizes.length;
      Value x = b.input("maps", ElementType.FLOAT32, Shape.of(sizes));
      Value first = b.transpose(x, KerasTensor.channelsFirst(rank));
      Value resized = resized(b, distorted.flipped() ? flipped(b, first, rank - 1) : first, size);
      Value out = b.transpose(resized, KerasTensor.channelsLast(rank));
      return CompiledGraph.compile(b.build(List.of(out)), setting.runtime());
    }

    @Override
    public void close() {
      closePasses();
      choice.close();
      finish.close();
      synchronized (restoring) {
        restoring.values().forEach(CompiledGraph::close);
      }
    }

    private void closePasses() {
      passes.forEach(pass -> pass.before().close());
      routines.forEach(Routine::close);
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
