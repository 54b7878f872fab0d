package dev.keralens.explain;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.inspect.attention.AttentionBlocks;
import dev.keralens.inspect.attention.AttentionWeights;
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
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The questions that an {@link Ensemble} may ask of a network, at one size of its inputs. What it
 * compiles here is freed with the method's routine.
 */
public final class Probes implements AutoCloseable {
  private final Part part;
  private final Setting setting;
  private final GraphBuilder images;
  private final List<Value> observed = new ArrayList<>();
  private final List<IntConsumer> preparing = new ArrayList<>();
  private final List<Runnable> closing = new ArrayList<>();
  private volatile @Nullable ScoreRoutine ofImages;

  Probes(Part part) {
    this.part = part;
    this.setting = part.setting();
    this.images = GraphBuilder.from(setting.network().graph());
  }

  /** {@return how many units are explained of each image} */
  public int units() {
    return setting.units();
  }

  /** {@return the position of the explained input} */
  public int inputIndex() {
    return setting.input();
  }

  /** {@return the explained input} */
  public KerasTensor input() {
    return setting.network().inputs().get(setting.input());
  }

  /** {@return how many inputs the network has} */
  public int inputs() {
    return setting.network().inputs().size();
  }

  /** {@return whether units are given for each place of an output that is a map} */
  public boolean byPlace() {
    return setting.byPlace();
  }

  /**
   * Requires an input that may be changed a little.
   *
   * @param change what the method does to it, such as "SmoothGrad adds noise to"
   * @throws UnsupportedModelException if it holds whole numbers that stand for words or the like
   */
  public void requireReal(String change) {
    Embedded.requireReal(setting.network().graph(), input(), change);
  }

  /** {@return whether the input holds whole numbers that stand for words or the like} */
  public boolean isOfWords() {
    return Embedded.isOfIndices(setting.network().graph(), input());
  }

  /**
   * {@return whether each place of the input stands by itself: the words of a text, the columns of
   * a table}
   */
  public boolean isInColumns() {
    return input().value().rank() == 2;
  }

  /** {@return the builder of the graph that is run on the images as they are} */
  public GraphBuilder builder() {
    return images;
  }

  /**
   * {@return the explained activation with its channels first, (batch, channels, places...), tokens
   * laid over the input as was asked for; a value of {@link #builder}}
   *
   * @throws UnsupportedModelException if the network has none
   */
  public Value activation() {
    KerasTensor activation = Scene.activation(setting);
    Value first = Channels.first(images, activation.value(), activation.layout());
    return Tokens.lay(images, first, setting.tokens());
  }

  /** {@return the explained activation as the network has it, with its name} */
  public KerasTensor activationTensor() {
    return Scene.activation(setting);
  }

  /** {@return the scores of all units, (batch, units); a value of {@link #builder}} */
  public Value scoresOfAllUnits() {
    return Target.sums(images, setting.target(), setting);
  }

  /**
   * {@return the attention of the network; values of {@link #builder}}
   *
   * @param method what asks, for the message
   * @throws UnsupportedModelException if there is none that can be followed
   */
  public AttentionWeights attention(String method) {
    return AttentionWeights.of(setting.network(), setting.target(), method);
  }

  /**
   * {@return the blocks of the network around its attention; values of {@link #builder}}
   *
   * @param attention the attention
   */
  public AttentionBlocks blocks(AttentionWeights attention) {
    return new AttentionBlocks(setting.network(), setting.target(), attention);
  }

  /**
   * {@return how tokens lie over the input, as was asked for or as its patches do; empty where they
   * are in a row}
   *
   * @param attention the attention of the tokens
   */
  public List<Integer> grid(AttentionWeights attention) {
    return Scene.grid(setting, attention);
  }

  /** {@return what the method is prepared for} */
  Setting setting() {
    return setting;
  }

  /**
   * Has a value computed of the images as they are, together with their scores.
   *
   * @param value a value of {@link #builder}
   * @return its position in {@link Batch#observed}
   */
  public int observe(Value value) {
    observed.add(value);
    return observed.size() - 1;
  }

  /**
   * {@return a probe that gives the scores and the maps of another method, neither filtered nor
   * resized}
   *
   * @param method the method
   */
  public Probe maps(Method method) {
    return maps(part.inner(method));
  }

  /**
   * {@return a probe as {@link #maps(Method)} that is asked of another number of units}
   *
   * @param method the method
   * @param count how many units it is asked of for each image
   */
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

  /**
   * {@return a probe as {@link #maps} that takes the explained input at another size}
   *
   * @param method the method
   * @param places the size of each spatial axis of the input
   * @param purpose what needs it, for the message
   * @throws UnsupportedModelException if the model does not take its input at this size
   */
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

  /** How one image becomes many. */
  @FunctionalInterface
  public interface Change {
    /**
     * Adds operators to a graph.
     *
     * @param b the graph
     * @param image the explained input of one image: (1, axes...)
     * @param given what is given for each pass: float (passes, sizes...)
     * @return the changed input: (passes, axes...)
     */
    Value apply(GraphBuilder b, Value image, Value given);
  }

  /**
   * {@return a probe of the scores of one image, changed in the graph. It is asked with the inputs
   * of one image and, after them, what is given for each pass; the units are int64 (k); its answer
   * has a row for each pass}
   *
   * @param sizes the shape of what is given for a pass
   * @param change how the image is changed
   */
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

  /**
   * {@return masks (passes, places...) as they are multiplied with the explained input: with its
   * axis of channels, where it has one}
   *
   * @param b the graph
   * @param masks the masks, of the input's places
   */
  public Value overChannels(GraphBuilder b, Value masks) {
    return Channels.over(b, masks, input());
  }

  /** A graph of a method's own that is compiled. It is closed with what it was asked of. */
  @FunctionalInterface
  public interface Compiled {
    /**
     * {@return what it gives out, in its order}
     *
     * @param inputs one tensor per input, in its order; the batch may have any size from one
     */
    List<Tensor> run(List<Tensor> inputs);
  }

  /**
   * {@return a graph of the method's own, compiled}
   *
   * @param b the graph
   * @param outputs what it gives out
   */
  public Compiled compile(GraphBuilder b, List<Value> outputs) {
    CompiledGraph graph = CompiledGraph.compile(b.build(outputs), setting.runtime());
    return kept(graph, graph::prepare, graph::close)::run;
  }

  /**
   * {@return a probe of the scores of given units, without maps. It is the graph that says what the
   * network says of the images as they are, so that it costs nothing to have it}
   */
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
}
