package dev.keralens;

import dev.keralens.file.LateReads;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.network.InputSpec;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.network.NetworkSource;
import dev.keralens.network.search.FloatInputs;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A model's networks by the sizes of its inputs, what they take, and what they predict. */
final class Predictor implements AutoCloseable {
  private static final int KEPT_SIZES = 8;

  private final String name;
  private final NetworkSource source;
  private final SharedCache<List<Shape>, Network> networks;
  private final SharedCache<List<Shape>, CompiledGraph> compiled;

  Predictor(String name, NetworkSource source, RuntimeOptions runtime) {
    this.name = name;
    this.source = source;
    String closed = "The model " + name + " is closed.";
    this.networks =
        new SharedCache<>(
            KEPT_SIZES,
            closed,
            shapes ->
                LateReads.together(() -> FloatInputs.of(source.network(shapes)), unused -> {}),
            unused -> {});
    this.compiled =
        new SharedCache<>(
            KEPT_SIZES,
            closed,
            shapes -> CompiledGraph.compile(network(shapes).graph(), runtime),
            CompiledGraph::close);
  }

  /** {@return the network at given sizes} */
  Network network(List<Shape> shapes) {
    return networks.use(shapes, network -> network);
  }

  /** {@return for how many sizes predictions hold native memory} */
  int compiledSizes() {
    return compiled.size();
  }

  /**
   * {@return the shapes that inputs have, checked against what the model says of their number}
   *
   * @param inputs one tensor per input, batch first
   * @throws IllegalArgumentException if the number of inputs or of axes is wrong
   */
  List<Shape> shapes(List<Tensor> inputs) {
    List<InputSpec> specs = source.inputs();
    if (inputs.size() != specs.size()) {
      throw new IllegalArgumentException(
          "%s takes %d inputs %s, got %d.".formatted(name, specs.size(), specs, inputs.size()));
    }
    List<Shape> shapes = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      int[] sizes = inputs.get(i).shape();
      if (sizes.length == 0 || inputs.get(i).type() != specs.get(i).type()) {
        throw new IllegalArgumentException(
            "%s takes %s %s, got %s."
                .formatted(name, specs.get(i).type(), specs.get(i), inputs.get(i).typeAndShape()));
      }
      if (sizes.length == specs.get(i).sizes().size()) {
        throw new IllegalArgumentException(
            "%s takes %s, the batch first, got %s; x.batch() makes a batch of one."
                .formatted(name, specs.get(i), inputs.get(i).typeAndShape()));
      }
      sizes[0] = Shape.BATCH;
      shapes.add(Shape.of(sizes));
    }
    return shapes;
  }

  /**
   * {@return inputs as the graph takes them: cast to float where {@link FloatInputs} says so}
   *
   * @param shapes their shapes
   * @param inputs one tensor per input, as {@link #shapes(List)} takes them
   */
  List<Tensor> fed(List<Shape> shapes, List<Tensor> inputs) {
    List<KerasTensor> taken = network(shapes).inputs();
    List<Tensor> fed = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      Tensor x = inputs.get(i);
      boolean cast = x.type() != taken.get(i).value().type();
      fed.add(cast ? Tensor.of(x.toFloatArray(), x.shape()) : x);
    }
    return fed;
  }

  /**
   * {@return one tensor per output, its axes as the model gives them}
   *
   * @param inputs one tensor per input, batch first
   * @param batchSize how many images run at once, where each has rows of its own
   */
  List<Tensor> predict(List<Tensor> inputs, int batchSize, ProgressListener listener) {
    List<Shape> shapes = shapes(inputs);
    List<Value> given = network(shapes).graph().outputs();
    int images = inputs.get(0).size(0);
    boolean apart = given.stream().allMatch(Predictor::hasRowsOfImages);
    int batch = apart ? batchSize : Math.max(1, images);
    List<List<Tensor>> parts = new ArrayList<>();
    byBatch(
        shapes,
        inputs,
        batch,
        (rows, from, to) -> {
          parts.add(compiled.use(shapes, graph -> graph.run(rows)));
          listener.progress(to, images);
        });
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("There is no image to predict.");
    }
    List<Tensor> outputs = new ArrayList<>();
    for (int i = 0; i < parts.get(0).size(); i++) {
      int output = i;
      List<Tensor> rows = parts.stream().map(part -> part.get(output)).toList();
      outputs.add(joined(rows, given.get(i).shape().batchAxis()));
    }
    return outputs;
  }

  /** What is done with the images of a batch, as the graph takes them. */
  interface Rows {
    /** Does it with the images from one to another, which is not among them. */
    void of(List<Tensor> rows, int from, int to);
  }

  /** Goes through images batch by batch. */
  void byBatch(List<Shape> shapes, List<Tensor> inputs, int batch, Rows work) {
    int images = inputs.get(0).size(0);
    for (int from = 0; from < images; from += batch) {
      int start = from;
      int to = Math.min(images, from + batch);
      List<Tensor> rows = inputs.stream().map(input -> input.rows(start, to)).toList();
      work.of(fed(shapes, rows), start, to);
    }
  }

  /** Whether each image has one row of its own, on whichever axis. */
  private static boolean hasRowsOfImages(Value output) {
    int axis = output.shape().batchAxis();
    return axis >= 0 && output.shape().size(axis) == Shape.BATCH;
  }

  private static Tensor joined(List<Tensor> parts, int axis) {
    if (axis <= 0 || parts.size() == 1) {
      return Tensor.concat(parts);
    }
    int[] swapped = IntStream.range(0, parts.get(0).rank()).toArray();
    swapped[0] = axis;
    swapped[axis] = 0;
    return Tensor.concat(parts.stream().map(part -> part.transpose(swapped)).toList())
        .transpose(swapped);
  }

  @Override
  public void close() {
    compiled.close();
  }
}
