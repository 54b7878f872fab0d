package dev.keralens;

import dev.keralens.explain.BatchMaps;
import dev.keralens.explain.Method;
import dev.keralens.explain.Part;
import dev.keralens.explain.Routine;
import dev.keralens.explain.Routines;
import dev.keralens.explain.Setting;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.objective.ResolvedObjective;
import dev.keralens.runtime.Devices;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Explains a model with one or several methods. It is compiled when it is first used, once for each
 * size of input and number of units, and once more where both single images and batches come, and
 * then kept: use one explainer for many images.
 *
 * <p>Safe for use by several threads. Holds native memory until it is closed.
 */
public final class Explainer implements AutoCloseable {
  private static final int KEPT_ROUTINES = 8;

  /** Above this many rows of gradients, the units of an image are explained in several runs. */
  private static final int ROWS_AT_ONCE = 64;

  private final Model model;
  private final ExplainOptions options;
  private final List<Task> tasks;
  private final Planner planner;
  private final SharedCache<Key, Routine> prepared;

  /** Which units a graph explains. */
  private enum Kind {
    /** Those that are given with each batch. */
    GIVEN,
    /** Those that are given with each batch, for each place of the output. */
    BY_PLACE,
    /** The highest of each image. */
    HIGHEST,
    /** The highest are found, and not explained. */
    CHOICE,
    /** Those that are given with each batch are scored, and not explained. */
    SCORES,
    /** Those that are given for each place of the output are scored, and not explained. */
    SCORES_BY_PLACE
  }

  /** What graphs are specialised to. */
  private record Key(List<Shape> shapes, int units, Kind kind) {}

  private Explainer(Model model, ExplainOptions options, List<Method> methods) {
    this.model = model;
    this.options = options;
    this.tasks = Task.of(model, options, methods);
    this.planner = new Planner(model, options);
    Devices.check(planner.runtime());
    this.prepared =
        new SharedCache<>(
            KEPT_ROUTINES,
            "The explainer of " + model.name() + " is closed.",
            this::prepare,
            Routine::close);
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
   * @throws IllegalArgumentException if there is no method, or the model has no such input
   * @throws dev.keralens.runtime.GraphExecutionException if a device of the options is not there
   */
  public static Explainer of(Model model, ExplainOptions options, Method... methods) {
    if (methods.length == 0) {
      throw new IllegalArgumentException("An explainer needs at least one method.");
    }
    return new Explainer(model, options, Arrays.asList(methods));
  }

  /**
   * Explains the highest unit of each image with the one method.
   *
   * @param x the input as Keras takes it, batch first
   * @return why
   * @throws IllegalArgumentException as {@link #explain(Tensor, Units)} does
   */
  public Explanation explain(Tensor x) {
    return explain(x, Units.top(1));
  }

  /**
   * Explains with the one method, at the one layer or input. Where there are several, {@link
   * #explainAll} gives all explanations.
   *
   * @param x the input as Keras takes it, batch first: for images (batch, height, width, channels)
   * @param units which units
   * @return why
   * @throws IllegalArgumentException if there are several methods, layers or inputs to explain, if
   *     the model does not take the input, or has no such unit
   * @throws dev.keralens.graph.UnsupportedModelException if the method does not apply to the model
   * @throws IllegalStateException if the explainer is closed
   */
  public Explanation explain(Tensor x, Units units) {
    if (tasks.size() != 1) {
      throw new IllegalArgumentException(
          "This explainer gives %d explanations, one for each method and each layer or input (%s); explainAll(List.of(x), units) returns them all, explain only one."
              .formatted(tasks.size(), tasks.stream().map(Task::describe).toList()));
    }
    return explainAll(List.of(x), units).get(0);
  }

  /**
   * Explains with every method; they share the forward pass.
   *
   * @param inputs one tensor per input of the model, batch first
   * @param units which units
   * @return why, one explanation per method in their order; where several layers are explained, or
   *     several inputs, one for each of them before the next method's
   * @throws IllegalArgumentException if the model does not take the inputs, has no such unit, or no
   *     such layer
   * @throws dev.keralens.graph.UnsupportedModelException if a method does not apply to the model
   * @throws java.util.concurrent.CancellationException if the thread is interrupted; it stays so
   * @throws IllegalStateException if the explainer is closed
   */
  public List<Explanation> explainAll(List<Tensor> inputs, Units units) {
    return explain(inputs, units, options.progress());
  }

  /**
   * Explains batch by batch, as inputs come: nothing is kept of a batch once the next is asked for.
   * Each step takes one element of the source, so that a source that reads ahead, such as {@link
   * Prefetch}, reads while the network runs.
   *
   * @param source for each batch one tensor per input of the model, batch first, of any number of
   *     images
   * @param units which units; where they are given for each image, those of all batches together
   * @return one list of explanations for each batch, as {@link #explainAll} gives; it fails as that
   *     does, and can be given up at any time
   */
  public Iterator<List<Explanation>> explainEach(Iterator<List<Tensor>> source, Units units) {
    return new Iterator<>() {
      private int done;

      @Override
      public boolean hasNext() {
        return source.hasNext();
      }

      @Override
      public List<Explanation> next() {
        List<Tensor> inputs = source.next();
        int images = inputs.get(0).size(0);
        Units some = UnitColumns.rows(units, done, images);
        List<Explanation> result = explain(inputs, some, ProgressListener.NONE);
        done += images;
        options.progress().progress(done, -1);
        return result;
      }
    };
  }

  /**
   * Explains batch by batch, two batches ahead of the one that is used. At the end of a batch some
   * threads have nothing left to do of it, and begin with the next one; so this is faster than
   * {@link #explainEach} where there are many batches, and keeps the explanations of three.
   *
   * @param source for each batch one tensor per input of the model, batch first, of any number of
   *     images; used on the thread of the caller
   * @param units which units; where they are given for each image, those of all batches together
   * @return one list of explanations for each batch, in order, as {@link #explainAll} gives; it
   *     fails as that does, and is to be closed
   */
  public Prefetch<List<Explanation>> explainAhead(Iterator<List<Tensor>> source, Units units) {
    AtomicInteger explained = new AtomicInteger();
    return Prefetch.of(
        new Iterator<Prefetch.Reader<List<Explanation>>>() {
          private int taken;

          @Override
          public boolean hasNext() {
            return source.hasNext();
          }

          @Override
          public Prefetch.Reader<List<Explanation>> next() {
            List<Tensor> inputs = source.next();
            int images = inputs.get(0).size(0);
            Units some = UnitColumns.rows(units, taken, images);
            taken += images;
            return () -> {
              List<Explanation> result = explain(inputs, some, ProgressListener.NONE);
              options.progress().progress(explained.addAndGet(images), -1);
              return result;
            };
          }
        });
  }

  /**
   * Says what the model gives for units, and explains nothing: for measures that compare an image
   * with what has been changed of it.
   *
   * @param inputs one tensor per input of the model, batch first
   * @param units which units
   * @return the scores, as {@link Explanation#scores} has them
   * @throws IllegalArgumentException if the model does not take the inputs, or has no such unit
   * @throws IllegalStateException if the explainer is closed
   */
  public Scores scores(List<Tensor> inputs, Units units) {
    List<Shape> shapes = model.shapes(inputs);
    int images = images(inputs);
    int available = planner.objective(shapes).units();
    Tensor given = given(units, images, available, shapes);
    int count = units instanceof Units.Top top ? Math.min(top.count(), available) : given(given);
    Kind kind =
        given == null ? Kind.CHOICE : given.rank() == 2 ? Kind.SCORES : Kind.SCORES_BY_PLACE;
    List<BatchMaps> parts = new ArrayList<>();
    int batch = Math.min(options.batchSize(), images);
    for (int from = 0; from < images; from += batch) {
      int start = from;
      int to = Math.min(images, from + batch);
      List<Tensor> rows = inputs.stream().map(input -> input.rows(start, to)).toList();
      Tensor wanted = given == null ? null : given.rows(start, to);
      parts.addAll(run(new Key(shapes, count, kind), model.fed(shapes, rows), wanted));
    }
    return new Scores(
        Tensor.concat(parts.stream().map(BatchMaps::units).toList()),
        Tensor.concat(parts.stream().map(BatchMaps::scores).toList()),
        Tensor.concat(parts.stream().map(BatchMaps::outputs).toList()));
  }

  /**
   * Says which of the methods fit the model, without running it.
   *
   * @param shapes the shape of each input, the batch first as {@link Shape#BATCH}
   * @return for each method whether it fits, and why not
   * @throws IllegalArgumentException if the model does not take these sizes, or has no such layer
   */
  public List<Fit> applies(List<Shape> shapes) {
    Key key = new Key(List.copyOf(shapes), 1, Kind.GIVEN);
    ResolvedObjective objective = planner.objective(key.shapes());
    List<Fit> fits = new ArrayList<>();
    for (Task task : tasks) {
      String refusal = null;
      try {
        Routines.of(List.of(part(task, key, objective))).close();
      } catch (UnsupportedModelException e) {
        refusal = e.getMessage();
      }
      if (fits.isEmpty() || !fits.get(fits.size() - 1).method().equals(task.method())) {
        fits.add(new Fit(task.method(), refusal));
      } else if (refusal != null) {
        fits.set(fits.size() - 1, new Fit(task.method(), refusal));
      }
    }
    return List.copyOf(fits);
  }

  /**
   * Explains the highest unit step by step, without any optimization or rewriting, in the precision
   * and on the threads that were chosen: to see where a number comes from, or where it ceases to be
   * one. Methods that run the network several times are left out.
   *
   * @param inputs one tensor per input of the model, batch first
   * @return what each operator computes, in order: the network, the gradients, the methods
   * @throws IllegalArgumentException if the model does not take the inputs
   * @throws dev.keralens.graph.UnsupportedModelException if a method does not apply to the model,
   *     or all of them run the network several times
   */
  public List<Step> trace(List<Tensor> inputs) {
    List<Shape> shapes = model.shapes(inputs);
    List<Part> parts = parts(new Key(shapes, 1, Kind.HIGHEST), planner.objective(shapes));
    return Step.run(Routines.graph(parts), model.fed(shapes, inputs), planner.runtime());
  }

  /**
   * Writes the model and its explanation as one ONNX file that any ONNX runtime runs: the model's
   * inputs and outputs as they are, and one more output for each method, {@code saliency_map} (of
   * several, {@code saliency_map_gradcam}): float (batch, height, width, unit), filtered and
   * resized as this explainer does. Which units are explained says an input {@code units}, int64
   * (batch, unit), or they are the highest, and come out as {@code saliency_units}. The file is
   * written whole or not at all.
   *
   * @param path where to; a file that was exported before is replaced
   * @param exporting how
   * @throws IOException if it cannot be written, or a file is there that was not exported
   * @throws IllegalArgumentException if the model leaves a size open that the options do not say,
   *     the file is the model's own, or there are not as many units
   * @throws dev.keralens.graph.InvalidModelException if the model's file has changed since it was
   *     read
   * @throws dev.keralens.graph.UnsupportedModelException if a method runs the network several
   *     times, does not apply to the model, or the filter is a Java function; if the model is an
   *     exported explainer; as {@link Model#export(Path, ExportOptions)} does
   */
  public void export(Path path, ExportOptions exporting) throws IOException {
    List<Shape> shapes = Exporter.shapes(model.name(), model.inputs(), exporting);
    ExplainerExport export = new ExplainerExport(model, options, exporting, planner, tasks);
    export.check(shapes);
    Key key = new Key(shapes, exporting.units(), exporting.highest() ? Kind.HIGHEST : Kind.GIVEN);
    export.write(
        model.exporter(path, exporting),
        shapes,
        parts(key, planner.objective(shapes)),
        model.outputNames(shapes));
  }

  /**
   * Runs an exported file by ONNX Runtime alone, beside this explainer, on two images of noise.
   *
   * @param path what {@link #export} wrote
   * @param exporting how
   * @return for each output of the file, the largest difference from what is computed here, as a
   *     part of the largest value: 1e-5 and less is what single precision leaves, infinity another
   *     shape
   * @throws dev.keralens.runtime.GraphExecutionException if ONNX Runtime refuses the file
   */
  public Map<String, Double> check(Path path, ExportOptions exporting) {
    List<Shape> shapes = Exporter.shapes(model.name(), model.inputs(), exporting);
    ExplainerExport export = new ExplainerExport(model, options, exporting, planner, tasks);
    return new ExportCheck(model, path, exporting)
        .outputs()
        .maps(this, export.maps(shapes))
        .differences();
  }

  /** All parts are of one network: they are put together in one graph. */
  private List<Part> parts(Key key, ResolvedObjective objective) {
    List<Part> parts = new ArrayList<>();
    for (Task task : tasks) {
      parts.add(part(task, key, objective));
    }
    return parts;
  }

  private Part part(Task task, Key key, ResolvedObjective objective) {
    return new Part(
        task.method(),
        setting(task, key, objective),
        shapes -> setting(task, key, planner.objective(shapes)));
  }

  private Setting setting(Task task, Key key, ResolvedObjective objective) {
    boolean byPlace = key.kind() == Kind.BY_PLACE || key.kind() == Kind.SCORES_BY_PLACE;
    boolean highest = key.kind() == Kind.HIGHEST || key.kind() == Kind.CHOICE;
    return planner.setting(task, objective, key.units(), highest, byPlace);
  }

  private List<Explanation> explain(List<Tensor> inputs, Units units, ProgressListener listener) {
    List<Shape> shapes = model.shapes(inputs);
    int images = images(inputs);
    int available = planner.objective(shapes).units();
    Tensor given = given(units, images, available, shapes);
    int count = units instanceof Units.Top top ? Math.min(top.count(), available) : given(given);
    int batch = Math.min(options.batchSize(), images);
    List<List<BatchMaps>> results = new ArrayList<>();
    tasks.forEach(task -> results.add(new ArrayList<>()));
    for (int from = 0; from < images; from += batch) {
      int start = from;
      int to = Math.min(images, from + batch);
      List<Tensor> rows = inputs.stream().map(input -> input.rows(start, to)).toList();
      Tensor wanted = given == null ? null : given.rows(start, to);
      List<BatchMaps> maps = batch(shapes, model.fed(shapes, rows), wanted, count);
      for (int i = 0; i < tasks.size(); i++) {
        results.get(i).add(planner.finish(tasks.get(i), shapes, maps.get(i)));
      }
      listener.progress(to, images);
    }
    List<String> explained = tasks.stream().map(task -> planner.explained(task, shapes)).toList();
    List<Explanation> explanations = new ArrayList<>();
    for (int i = 0; i < tasks.size(); i++) {
      String method = tasks.get(i).method().name();
      explanations.add(Explanation.join(method, explained.get(i), results.get(i)));
    }
    return explanations;
  }

  private static int images(List<Tensor> inputs) {
    int images = inputs.get(0).size(0);
    if (images < 1) {
      throw new IllegalArgumentException("There is no image to explain.");
    }
    return images;
  }

  private static int given(@Nullable Tensor given) {
    return given == null ? 0 : given.size(-1);
  }

  /** Explains one batch, the units in as many runs as their number needs. */
  private List<BatchMaps> batch(
      List<Shape> shapes, List<Tensor> inputs, @Nullable Tensor given, int count) {
    int chunk = Math.max(1, Math.min(count, ROWS_AT_ONCE / inputs.get(0).size(0)));
    if (given == null && count <= chunk) {
      return run(new Key(shapes, count, Kind.HIGHEST), inputs, null);
    }
    Tensor units =
        given == null
            ? run(new Key(shapes, count, Kind.CHOICE), inputs, null).get(0).units()
            : given;
    List<List<BatchMaps>> chunks = new ArrayList<>();
    for (int from = 0; from < count; from += chunk) {
      int to = Math.min(count, from + chunk);
      Tensor some = UnitColumns.columns(units, from, to);
      Kind kind = units.rank() == 2 ? Kind.GIVEN : Kind.BY_PLACE;
      chunks.add(run(new Key(shapes, to - from, kind), inputs, some));
    }
    return UnitColumns.join(chunks);
  }

  private List<BatchMaps> run(Key key, List<Tensor> inputs, @Nullable Tensor units) {
    return prepared.use(key, routine -> routine.run(inputs, units, options.passes()));
  }

  private Routine prepare(Key key) {
    ResolvedObjective objective = planner.objective(key.shapes());
    return switch (key.kind()) {
      case CHOICE, SCORES, SCORES_BY_PLACE ->
          Routines.scores(setting(tasks.get(0), key, objective));
      case GIVEN, BY_PLACE, HIGHEST -> Routines.of(parts(key, objective));
    };
  }

  /** The units of every image, int64 (images, ..., k), checked; null for the highest. */
  private @Nullable Tensor given(Units units, int images, int available, List<Shape> shapes) {
    if (units instanceof Units.Top) {
      return null;
    }
    if (units instanceof Units.All) {
      long[] all = new long[available];
      Arrays.setAll(all, i -> i);
      return UnitColumns.repeat(Tensor.of(all, 1, available), images);
    }
    Tensor indices = ((Units.Given) units).indices();
    int[] between = Arrays.copyOfRange(indices.shape(), 1, indices.rank() - 1);
    if (between.length > 0 && !Arrays.equals(between, planner.objective(shapes).places())) {
      throw new IllegalArgumentException(
          "Units for each place of the output of %s have the axes %s between the images and the units, got %s."
              .formatted(
                  model.name(), Tensor.describe(planner.objective(shapes).places()), indices));
    }
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
    prepared.close();
    RecordHandles.release();
  }
}
