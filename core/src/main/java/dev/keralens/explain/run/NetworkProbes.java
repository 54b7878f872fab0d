package dev.keralens.explain.run;

import dev.keralens.explain.Baseline;
import dev.keralens.explain.Formula;
import dev.keralens.explain.Method;
import dev.keralens.explain.PassListener;
import dev.keralens.explain.Probe;
import dev.keralens.explain.Probes;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.inspect.attention.AttentionBlocks;
import dev.keralens.inspect.attention.AttentionWeights;
import dev.keralens.inspect.attention.PatchGrid;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.network.search.Channels;
import dev.keralens.network.search.Embedded;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What an ensemble asks of a network is compiled, and closed with these probes. */
final class NetworkProbes implements Probes, AutoCloseable {
  private final Part part;
  private final Setting setting;
  private final GraphBuilder images;
  private final List<Value> observed = new ArrayList<>();
  private final List<IntConsumer> preparing = new ArrayList<>();
  private final List<Runnable> closing = new ArrayList<>();
  private volatile @Nullable ScoreRoutine ofImages;

  NetworkProbes(Part part) {
    this.part = part;
    this.setting = part.setting();
    this.images = GraphBuilder.from(setting.network().graph());
  }

  @Override
  public int units() {
    return setting.units();
  }

  @Override
  public int inputIndex() {
    return setting.input();
  }

  @Override
  public KerasTensor input() {
    return setting.network().inputs().get(setting.input());
  }

  @Override
  public int inputs() {
    return setting.network().inputs().size();
  }

  @Override
  public boolean byPlace() {
    return setting.byPlace();
  }

  @Override
  public void requireReal(String change) {
    Embedded.requireReal(setting.network().graph(), input(), change);
  }

  @Override
  public boolean isOfWords() {
    return Embedded.isOfIndices(setting.network().graph(), input());
  }

  @Override
  public boolean isInColumns() {
    return input().value().rank() == 2;
  }

  @Override
  public GraphBuilder builder() {
    return images;
  }

  @Override
  public Value activation() {
    KerasTensor activation = GraphScene.activation(setting);
    Value first = Channels.first(images, activation.value(), activation.layout());
    return PatchGrid.laid(images, first, setting.tokens());
  }

  @Override
  public KerasTensor activationTensor() {
    return GraphScene.activation(setting);
  }

  @Override
  public Value scoresOfAllUnits() {
    return Target.sums(images, setting.target(), setting);
  }

  @Override
  public AttentionWeights attention(String method) {
    return AttentionWeights.of(setting.network(), setting.target(), method);
  }

  @Override
  public AttentionBlocks blocks(AttentionWeights attention) {
    return new AttentionBlocks(setting.network(), setting.target(), attention);
  }

  @Override
  public List<Integer> grid(AttentionWeights attention) {
    return GraphScene.grid(setting, attention);
  }

  /** {@return what the method is prepared for} */
  Setting setting() {
    return setting;
  }

  @Override
  public int observe(Value value) {
    observed.add(value);
    return observed.size() - 1;
  }

  @Override
  public Probe maps(Method method) {
    return maps(part.inner(method));
  }

  @Override
  public Probe maps(Method method, int count) {
    Part inner = part.inner(method);
    Setting asked = inner.setting().withUnitsGiven(count);
    return maps(
        new Part(method, asked, shapes -> inner.elsewhere().at(shapes).withUnitsGiven(count)));
  }

  private Probe maps(Part inner) {
    Routine routine = Routines.of(List.of(inner));
    kept(routine, routine::prepare, routine::close);
    boolean batches = inner.method() instanceof Formula;
    return new Probe() {
      @Override
      public Answer ask(List<Tensor> inputs, Tensor units) {
        BatchMaps maps = routine.run(inputs, units, PassListener.NONE).get(0);
        return new Answer(maps.scores(), maps.maps(), maps.outputs());
      }

      @Override
      public boolean batches() {
        return batches;
      }
    };
  }

  @Override
  public Probe mapsAt(Method method, int[] places, String purpose) {
    return maps(at(part, method, places, purpose));
  }

  /** Another method, with the explained input at another size. */
  static Part at(Part part, Method method, int[] places, String purpose) {
    Setting setting = part.setting();
    KerasTensor input = setting.network().inputs().get(setting.input());
    int[] sizes = input.shape().sizes();
    int[] axes = input.placeAxes();
    IntStream.range(0, places.length).forEach(i -> sizes[axes[i]] = places[i]);
    List<Shape> shapes = new ArrayList<>();
    setting.network().inputs().forEach(tensor -> shapes.add(tensor.shape()));
    shapes.set(setting.input(), Shape.of(sizes));
    Part inner = part.inner(method);
    return new Part(method, at(inner, shapes, purpose), inner.elsewhere());
  }

  private static Setting at(Part inner, List<Shape> shapes, String purpose) {
    try {
      return inner.elsewhere().at(shapes);
    } catch (IllegalArgumentException e) {
      throw new UnsupportedModelException(
          "The model does not take its input at another size, which %s needs: %s"
              .formatted(purpose, e.getMessage()),
          e);
    }
  }

  @Override
  public Probe changed(int[] sizes, Change change) {
    Network network = setting.network();
    GraphBuilder b = new GraphBuilder();
    List<Value> given = new ArrayList<>();
    for (KerasTensor tensor : network.inputs()) {
      Value value = tensor.value();
      given.add(b.input("image", value.type(), value.shape().with(0, 1)));
    }
    int[] rows = IntStream.concat(IntStream.of(Shape.BATCH), Arrays.stream(sizes)).toArray();
    Value passes = b.input("passes", ElementType.FLOAT32, Shape.of(rows));
    Value units = b.input("chosen", ElementType.INT64, Shape.of(setting.units()));
    Map<Value, Value> feeds = new HashMap<>();
    for (int i = 0; i < given.size(); i++) {
      feeds.put(
          network.inputs().get(i).value(),
          i == setting.input()
              ? change.apply(b, given.get(i), passes)
              : repeated(b, given.get(i), passes));
    }
    Map<Value, Value> copies = b.include(network.graph(), feeds);
    KerasTensor target = setting.target();
    Value output = copies.getOrDefault(target.value(), target.value());
    Value sums = Target.sums(b, new KerasTensor(output, target.layout()), setting);
    Value scores = b.node(Op.GATHER, Attributes.of("axis", 1), sums, units);
    Compiled graph = compile(b, List.of(scores));
    return (inputs, chosen) -> {
      List<Tensor> all = new ArrayList<>(inputs);
      all.add(chosen);
      return new Probe.Answer(graph.run(all).get(0), null, null);
    };
  }

  /** An input that is not changed, once for each pass: it is added to zeros of their number. */
  static Value repeated(GraphBuilder b, Value input, Value passes) {
    Value zeros = b.mul(b.slice(passes, new int[] {1}, new int[] {0}, new int[] {1}), 0);
    int[] axes = IntStream.range(1, passes.rank()).toArray();
    int[] ones = new int[input.rank()];
    Arrays.fill(ones, 1);
    ones[0] = Shape.BATCH;
    Value column = b.reshape(b.reduceSum(zeros, false, axes), Shape.of(ones));
    return b.add(b.cast(column, input.type()), input);
  }

  @Override
  public Value overChannels(GraphBuilder b, Value masks) {
    return Channels.over(b, masks, input());
  }

  @Override
  public Compiled compile(GraphBuilder b, List<Value> outputs) {
    CompiledGraph graph = CompiledGraph.compile(b.build(outputs), setting.runtime());
    return kept(graph, graph::prepare, graph::close)::run;
  }

  @Override
  public Probe scores() {
    return (inputs, units) ->
        new Probe.Answer(Objects.requireNonNull(ofImages).scores(inputs, units), null, null);
  }

  /** What the network says of the images as they are; to be called last. */
  ScoreRoutine scoresOfImages() {
    ScoreRoutine scores = new ScoreRoutine(setting, images, observed);
    ofImages = scores;
    return kept(scores, scores::prepare, scores::close);
  }

  private synchronized <T> T kept(T resource, IntConsumer prepare, Runnable close) {
    preparing.add(prepare);
    closing.add(close);
    return resource;
  }

  /** Compiles now what the first questions would compile. */
  void prepare(int batch) {
    List<IntConsumer> all;
    synchronized (this) {
      all = List.copyOf(preparing);
    }
    all.forEach(prepare -> prepare.accept(batch));
  }

  @Override
  public synchronized void close() {
    closing.forEach(Runnable::run);
    closing.clear();
  }

  @Override
  public Probe behind(KerasTensor activation, int[] sizes, Change change) {
    return Tail.probe(this, activation, sizes, change);
  }

  @Override
  public ChannelProbe withoutChannels(KerasTensor activation, int axis) {
    return Tail.ofChannels(this, activation, axis);
  }

  @Override
  public Optional<Windows> windows(
      Baseline baseline, int[] sizes, int[] strides, int[] counts, boolean always) {
    return WindowScores.of(this, baseline, sizes, strides, counts, always);
  }

  @Override
  public Detections detections() {
    return new DetectionScores(this);
  }
}
