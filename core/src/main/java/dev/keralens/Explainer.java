package dev.keralens;

import dev.keralens.explain.Method;
import dev.keralens.explain.run.BatchMaps;
import dev.keralens.explain.run.Routines;
import dev.keralens.graph.Shape;
import dev.keralens.objective.ResolvedObjective;
import dev.keralens.runtime.engine.Devices;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Explains a model with one or several methods. It is compiled when it is first used, once for each
 * size of input and number of units, and once more where both single images and batches come, and
 * then kept: use one explainer for many images.
 *
 * <p>Safe for use by several threads. Holds native memory until it is closed.
 */
public final class Explainer implements AutoCloseable {
  private final Model model;
  private final ExplainOptions options;
  private final List<Task> tasks;
  private final Planner planner;
  private final Preparations prepared;

  private Explainer(Model model, ExplainOptions options, List<Method> methods) {
    this.model = model;
    this.options = options;
    this.tasks = Task.of(model, options, methods);
    this.planner = new Planner(model, options);
    Devices.check(planner.runtime());
    this.prepared = new Preparations(model.name(), planner, tasks, options.passes());
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
   * {@return why the highest unit of each image has its score, by the one method}
   *
   * @param x the input as Keras takes it, batch first
   * @throws IllegalArgumentException as {@link #explain(Tensor, Units)} does
   */
  public Explanation explain(Tensor x) {
    return explain(x, Units.top(1));
  }

  /**
   * Explains with the one method, at the one layer or input; {@link #explainAll} with several.
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
    Task.requireOne(tasks, options.fusion());
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
    return new UnitColumns.Batches(source, units)
        .map(
            (batch, done) -> {
              List<Explanation> result =
                  explain(batch.inputs(), batch.units(), ProgressListener.NONE);
              options.progress().progress(done, -1);
              return result;
            });
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
        new UnitColumns.Batches(source, units)
            .map(
                (batch, done) ->
                    () -> {
                      List<Explanation> result =
                          explain(batch.inputs(), batch.units(), ProgressListener.NONE);
                      options.progress().progress(explained.addAndGet(batch.images()), -1);
                      return result;
                    }));
  }

  /**
   * Says what the model gives for units, and explains nothing: for measures that compare an image
   * with what has been changed of it.
   *
   * @param inputs one tensor per input of the model, batch first
   * @param units which units
   * @return the scores
   * @throws IllegalArgumentException if the model does not take the inputs, or has no such unit
   * @throws IllegalStateException if the explainer is closed
   */
  public Scores scores(List<Tensor> inputs, Units units) {
    List<Shape> shapes = model.predictor().shapes(inputs);
    int images = inputs.get(0).size(0);
    UnitIndices all = UnitIndices.of(units, images, planner.objective(shapes), model.name());
    List<BatchMaps> parts = new ArrayList<>();
    model
        .predictor()
        .byBatch(
            shapes,
            inputs,
            options.batchSize(),
            (rows, from, to) -> parts.add(prepared.score(shapes, rows, all.rows(from, to))));
    return new Scores(
        Tensor.concat(parts.stream().map(BatchMaps::units).toList()),
        Tensor.concat(parts.stream().map(BatchMaps::scores).toList()),
        Tensor.concat(parts.stream().map(BatchMaps::outputs).toList()));
  }

  /**
   * Compiles now what the first explanation would compile: for a service that is to answer its
   * first request as fast as the others. Nothing is explained.
   *
   * @param shapes the shape of each input; its first size is how many images will come at once, or
   *     {@link Shape#BATCH} for as many as a batch has
   * @param units which units will be explained; of given ones, their number counts
   * @throws IllegalArgumentException if the model does not take these sizes, or has no such unit or
   *     layer
   * @throws dev.keralens.graph.UnsupportedModelException if a method does not apply to the model
   * @throws IllegalStateException if the explainer is closed
   */
  public void prepare(List<Shape> shapes, Units units) {
    List<Shape> open = shapes.stream().map(shape -> shape.with(0, Shape.BATCH)).toList();
    int images = shapes.get(0).size(0);
    int rows = images > 0 ? Math.min(images, options.batchSize()) : options.batchSize();
    ResolvedObjective objective = planner.objective(open);
    prepared.prepare(
        open, UnitIndices.of(units, units.images(rows), objective, model.name()), rows);
  }

  /**
   * Says which of the methods fit the model, without running it.
   *
   * @param shapes the shape of each input, the batch first as {@link Shape#BATCH}
   * @return for each method whether it fits, and why not
   * @throws IllegalArgumentException if the model does not take these sizes, or has no such layer
   */
  public List<Fit> applies(List<Shape> shapes) {
    return Task.fits(tasks, task -> prepared.part(task, List.copyOf(shapes)));
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
    List<Shape> shapes = model.predictor().shapes(inputs);
    return Step.run(
        Routines.graph(prepared.parts(shapes, 1, true)),
        model.predictor().fed(shapes, inputs),
        planner.runtime());
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
    export.write(
        model.exporter(path, exporting),
        shapes,
        at -> prepared.parts(at, exporting.units(), exporting.highest()),
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

  private List<Explanation> explain(List<Tensor> inputs, Units units, ProgressListener listener) {
    List<Shape> shapes = model.predictor().shapes(inputs);
    int images = inputs.get(0).size(0);
    UnitIndices all = UnitIndices.of(units, images, planner.objective(shapes), model.name());
    UnitIndices.requireOthers(units, options.objective().comparedUnit());
    List<List<BatchMaps>> results = new ArrayList<>();
    tasks.forEach(task -> results.add(new ArrayList<>()));
    model
        .predictor()
        .byBatch(
            shapes,
            inputs,
            options.batchSize(),
            (rows, from, to) -> {
              List<BatchMaps> maps = prepared.explain(shapes, rows, all.rows(from, to));
              for (int i = 0; i < tasks.size(); i++) {
                results.get(i).add(planner.finish(tasks.get(i), shapes, maps.get(i)));
              }
              listener.progress(to, images);
            });
    List<String> explained = tasks.stream().map(task -> planner.explained(task, shapes)).toList();
    List<Explanation> explanations = new ArrayList<>();
    for (int i = 0; i < tasks.size(); i++) {
      String method = tasks.get(i).method().name();
      explanations.add(Explanation.join(method, explained.get(i), results.get(i)));
    }
    return Task.fused(tasks, explanations, options.fusion());
  }

  /** Frees the native memory, after the work that is under way. Closing twice does nothing. */
  @Override
  public void close() {
    prepared.close();
    RecordHandles.release();
  }
}
