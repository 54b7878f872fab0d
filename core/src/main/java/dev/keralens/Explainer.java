package dev.keralens;

import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Layout;
import dev.keralens.graph.Network;
import dev.keralens.graph.Shape;
import dev.keralens.inspect.Layers;
import dev.keralens.inspect.Targets;
import dev.keralens.method.BatchMaps;
import dev.keralens.method.GraphMethod;
import dev.keralens.method.GraphRoutine;
import dev.keralens.method.Method;
import dev.keralens.method.Routine;
import dev.keralens.method.Setting;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * Explains a model with one or several methods. It is compiled when it is first used, once for each
 * size of input and number of units, and then kept: use one explainer for many images.
 *
 * <p>Safe for use by several threads. Holds native memory until it is closed.
 */
public final class Explainer implements AutoCloseable {
  private static final int KEPT_ROUTINES = 8;

  /** Above this many rows of gradients, the units of an image are explained in several runs. */
  private static final int ROWS_AT_ONCE = 64;

  private final Model model;
  private final ExplainOptions options;
  private final List<Method> methods;
  private final Map<Key, List<Routine>> routines = new LinkedHashMap<>(8, 0.75f, true);
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  /** What graphs are specialised to. */
  private record Key(List<Shape> shapes, int units, boolean highest) {}

  private Explainer(Model model, ExplainOptions options, List<Method> methods) {
    this.model = model;
    this.options = options;
    this.methods = List.copyOf(methods);
  }

  /**
   * {@return an explainer with the default options}
   *
   * @param model the model
   * @param methods the methods, at least one
   */
  public static Explainer of(Model model, Method... methods) {
    return of(model, ExplainOptions.defaults(), methods);
  }

  /**
   * {@return an explainer}
   *
   * @param model the model
   * @param options how it works
   * @param methods the methods, at least one
   * @throws IllegalArgumentException if there is no method
   */
  public static Explainer of(Model model, ExplainOptions options, Method... methods) {
    if (methods.length == 0) {
      throw new IllegalArgumentException("An explainer needs at least one method.");
    }
    return new Explainer(model, options, Arrays.asList(methods));
  }

  /**
   * Explains the highest unit of each image with the first method.
   *
   * @param x the input as Keras takes it, batch first
   * @return why
   */
  public Explanation explain(Tensor x) {
    return explain(x, Units.top(1));
  }

  /**
   * Explains with the first method.
   *
   * @param x the input as Keras takes it, batch first: for images (batch, height, width, channels)
   * @param units which units
   * @return why
   * @throws IllegalArgumentException if the model does not take the input, or has no such unit
   * @throws dev.keralens.graph.UnsupportedModelException if the method does not apply to the model
   * @throws IllegalStateException if the explainer is closed
   */
  public Explanation explain(Tensor x, Units units) {
    return explainAll(List.of(x), units).get(0);
  }

  /**
   * Explains with every method; they share the forward pass.
   *
   * @param inputs one tensor per input of the model, batch first
   * @param units which units
   * @return why, one explanation per method in their order
   * @throws IllegalArgumentException if the model does not take the inputs, or has no such unit
   * @throws dev.keralens.graph.UnsupportedModelException if a method does not apply to the model
   * @throws IllegalStateException if the explainer is closed
   */
  public List<Explanation> explainAll(List<Tensor> inputs, Units units) {
    List<Shape> shapes = model.shapes(inputs);
    int images = inputs.get(0).size(0);
    if (images < 1) {
      throw new IllegalArgumentException("There is no image to explain.");
    }
    int available = available(model.network(shapes));
    Tensor given = given(units, images, available);
    int count = units instanceof Units.Top top ? Math.min(top.count(), available) : given(given);
    int batch = Math.min(options.batchSize(), Math.max(1, images));
    int chunk = given == null ? count : Math.max(1, Math.min(count, ROWS_AT_ONCE / batch));
    List<List<BatchMaps>> results = new ArrayList<>();
    methods.forEach(method -> results.add(new ArrayList<>()));
    for (int from = 0; from < images; from += batch) {
      int start = from;
      int to = Math.min(images, from + batch);
      List<Tensor> rows = inputs.stream().map(input -> input.rows(start, to)).toList();
      Tensor wanted = given == null ? null : given.rows(start, to);
      List<BatchMaps> maps = batch(shapes, rows, wanted, count, chunk);
      for (int i = 0; i < methods.size(); i++) {
        results.get(i).add(maps.get(i));
      }
      options.progress().progress(to, images);
    }
    List<Explanation> explanations = new ArrayList<>();
    for (int i = 0; i < methods.size(); i++) {
      explanations.add(Explanation.join(methods.get(i).name(), results.get(i)));
    }
    return explanations;
  }

  private static int given(@Nullable Tensor given) {
    return given == null ? 0 : given.size(1);
  }

  /** Explains one batch, the units in as many runs as their number needs. */
  private List<BatchMaps> batch(
      List<Shape> shapes, List<Tensor> inputs, @Nullable Tensor units, int count, int chunk) {
    if (units == null) {
      return run(new Key(shapes, count, true), inputs, null);
    }
    List<List<BatchMaps>> chunks = new ArrayList<>();
    for (int from = 0; from < count; from += chunk) {
      int to = Math.min(count, from + chunk);
      Tensor some = UnitColumns.columns(units, from, to);
      chunks.add(run(new Key(shapes, to - from, false), inputs, some));
    }
    return UnitColumns.join(chunks);
  }

  private List<BatchMaps> run(Key key, List<Tensor> inputs, @Nullable Tensor units) {
    while (true) {
      lock.readLock().lock();
      try {
        List<Routine> prepared = prepared(key);
        if (prepared != null) {
          List<BatchMaps> results = new ArrayList<>();
          prepared.forEach(routine -> results.addAll(routine.run(inputs, units)));
          return inOrder(results);
        }
      } finally {
        lock.readLock().unlock();
      }
      lock.writeLock().lock();
      try {
        if (prepared(key) == null) {
          prepare(key);
        }
      } finally {
        lock.writeLock().unlock();
      }
    }
  }

  private @Nullable List<Routine> prepared(Key key) {
    if (closed) {
      throw new IllegalStateException("The explainer of " + model.name() + " is closed.");
    }
    synchronized (routines) {
      return routines.get(key);
    }
  }

  /** Graph methods share one graph; it comes first, the others follow. */
  private void prepare(Key key) {
    Network network = model.network(key.shapes());
    List<GraphRoutine.Part> parts = new ArrayList<>();
    List<Routine> prepared = new ArrayList<>();
    for (Method method : methods) {
      if (method instanceof GraphMethod graphMethod) {
        parts.add(new GraphRoutine.Part(graphMethod, setting(network, method, key)));
      }
    }
    if (!parts.isEmpty()) {
      prepared.add(GraphRoutine.prepare(parts));
    }
    for (Method method : methods) {
      if (!(method instanceof GraphMethod)) {
        prepared.add(method.prepare(setting(network, method, key)));
      }
    }
    synchronized (routines) {
      if (routines.size() >= KEPT_ROUTINES) {
        Key oldest = routines.keySet().iterator().next();
        List<Routine> evicted = routines.remove(oldest);
        if (evicted != null) {
          evicted.forEach(Routine::close);
        }
      }
      routines.put(key, List.copyOf(prepared));
    }
  }

  /** Brings results that came as graph methods first into the order of the methods. */
  private List<BatchMaps> inOrder(List<BatchMaps> results) {
    List<BatchMaps> ordered = new ArrayList<>();
    int graph = 0;
    int other = (int) methods.stream().filter(method -> method instanceof GraphMethod).count();
    for (Method method : methods) {
      ordered.add(results.get(method instanceof GraphMethod ? graph++ : other++));
    }
    return ordered;
  }

  private Setting setting(Network network, Method method, Key key) {
    KerasTensor target = target(network);
    KerasTensor activation = null;
    if (method.explainsActivations()) {
      String layer = options.layer();
      activation =
          layer == null
              ? Targets.activation(network, target).orElse(null)
              : Layers.output(network, layer);
    }
    return new Setting(
        network,
        target,
        options.unitAxis(),
        activation,
        options.input(),
        key.units(),
        key.highest(),
        options.filter() == null ? method.usualFilter() : options.filter(),
        size(network),
        options.runtime(),
        shapes ->
            setting(model.network(shapes), method, new Key(shapes, key.units(), key.highest())));
  }

  private KerasTensor target(Network network) {
    int outputs = network.outputs().size();
    if (options.output() < 0 || options.output() >= outputs) {
      throw new IllegalArgumentException(
          "%s has %d outputs; there is no output %d."
              .formatted(model.name(), outputs, options.output()));
    }
    return options.ofOutput()
        ? network.outputs().get(options.output())
        : Targets.logits(network, options.output());
  }

  private @Nullable List<Integer> size(Network network) {
    if (options.resize() instanceof Resize.To to) {
      return to.sizes();
    }
    if (options.resize() instanceof Resize.None) {
      return null;
    }
    KerasTensor input = network.inputs().get(options.input());
    int[] sizes = input.shape().sizes();
    int from = input.layout() == Layout.CHANNELS_FIRST ? 2 : 1;
    int to = input.layout() == Layout.CHANNELS_FIRST ? sizes.length : sizes.length - 1;
    return Arrays.stream(sizes, from, to).boxed().toList();
  }

  /** The number of units that the target has. */
  private int available(Network network) {
    Shape shape = target(network).shape();
    int axis = options.unitAxis() < 0 ? options.unitAxis() + shape.rank() : options.unitAxis();
    if (axis < 1 || axis >= shape.rank()) {
      throw new IllegalArgumentException(
          "The output %s of %s has no axis %d for its units."
              .formatted(shape, model.name(), options.unitAxis()));
    }
    return shape.size(axis);
  }

  /** The units of every image, int64 (images, k), checked; null for the highest. */
  private @Nullable Tensor given(Units units, int images, int available) {
    if (units instanceof Units.Top) {
      return null;
    }
    if (units instanceof Units.All) {
      long[] all = new long[available];
      Arrays.setAll(all, i -> i);
      return UnitColumns.repeat(Tensor.of(all, 1, available), images);
    }
    Tensor indices = ((Units.Given) units).indices();
    for (long unit : indices.toLongArray()) {
      if (unit < 0 || unit >= available) {
        throw new IllegalArgumentException(
            "There is no unit %d: %s has the units 0 to %d."
                .formatted(unit, model.name(), available - 1));
      }
    }
    if (indices.size(0) != images && indices.size(0) != 1) {
      throw new IllegalArgumentException(
          "Units are given for %d images, but there are %d.".formatted(indices.size(0), images));
    }
    Tensor int64 =
        indices.type() == ElementType.INT64
            ? indices
            : Tensor.of(indices.toLongArray(), indices.shape());
    return int64.size(0) == images ? int64 : UnitColumns.repeat(int64, images);
  }

  /** Frees the native memory, after the work that is under way. Closing twice does nothing. */
  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      closed = true;
      synchronized (routines) {
        routines.values().forEach(prepared -> prepared.forEach(Routine::close));
        routines.clear();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }
}
