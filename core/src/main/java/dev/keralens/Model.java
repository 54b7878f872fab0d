package dev.keralens;

import dev.keralens.applications.Application;
import dev.keralens.converter.ImageConverter;
import dev.keralens.file.LateReads;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.Shape;
import dev.keralens.inspect.InputScaling;
import dev.keralens.inspect.Summary;
import dev.keralens.keras.LayerRegistry;
import dev.keralens.keras.build.ModelDefinition;
import dev.keralens.keras.model.KerasModel;
import dev.keralens.network.InputSpec;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import dev.keralens.network.NetworkSource;
import dev.keralens.network.search.Bias;
import dev.keralens.network.search.Layers;
import dev.keralens.objective.Objective;
import dev.keralens.objective.ResolvedObjective;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.runtime.engine.Devices;
import dev.keralens.tensor.CheckReturnValue;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A model that was read from a file: it predicts, and {@link Explainer}s explain it.
 *
 * <p>Safe for use by several threads. It is compiled when it is first used, once for each size of
 * its inputs, and holds native memory until it is closed; what was compiled for the eight sizes
 * that were used last is kept. The file has to stay as it is: weights of files of more than 16 MB
 * are read when the model is compiled, and an {@link InvalidModelException} says so if the file has
 * changed by then.
 */
public final class Model implements AutoCloseable {
  private final String name;
  private final NetworkSource source;
  private final Origin origin;
  private final PictureSource pictures;
  private final RuntimeOptions runtime;
  private final Predictor predictor;

  private Model(
      String name,
      NetworkSource source,
      Origin origin,
      PictureSource pictures,
      RuntimeOptions runtime) {
    this.name = name;
    this.source = source;
    this.origin = origin;
    this.pictures = pictures;
    this.runtime = runtime;
    this.predictor = new Predictor(name, source, runtime);
  }

  /**
   * Reads a model.
   *
   * @param path a {@code .keras} file or the folder it unpacks to, a {@code .h5} or {@code .onnx}
   *     file, or a SavedModel folder of Keras 2
   * @return the model, to be closed by the caller
   * @throws IOException if the file cannot be read
   * @throws InvalidModelException if the file is wrong
   * @throws dev.keralens.graph.UnsupportedModelException if it holds what cannot be read yet
   */
  public static Model load(Path path) throws IOException {
    return load(path, LoadOptions.defaults());
  }

  /**
   * Makes one of Keras' published networks. Its weights are downloaded when they are not in Keras'
   * cache yet.
   *
   * @param application the network and its options
   * @return the model, to be closed by the caller
   * @throws dev.keralens.applications.DownloadException if the weights cannot be downloaded; the
   *     message says what to do
   * @throws IOException if the weights cannot be read
   * @throws IllegalArgumentException if the options do not go together
   */
  public static Model load(Application application) throws IOException {
    return of(application.name(), LateReads.together(application::load, unused -> {}));
  }

  /**
   * Reads a model that has layers of the user's own.
   *
   * @param path as in {@link #load(Path)}
   * @param layers how each class of layers is built
   * @return the model, to be closed by the caller
   * @throws IOException if the file cannot be read
   * @throws InvalidModelException if the file is wrong
   * @throws dev.keralens.graph.UnsupportedModelException if it holds what cannot be read yet
   */
  public static Model load(Path path, LayerRegistry layers) throws IOException {
    return load(path, LoadOptions.defaults().withLayers(layers));
  }

  /**
   * Reads a model whose architecture and weights lie in two files.
   *
   * @param architecture the JSON that {@code model.to_json()} gives, or a whole model, whose own
   *     weights are then not read
   * @param weights as in {@link LoadOptions#withWeights}
   * @return the model, to be closed by the caller
   * @throws IOException if a file cannot be read
   * @throws InvalidModelException if a file is wrong, or the weights are not those of the
   *     architecture
   * @throws dev.keralens.graph.UnsupportedModelException if they hold what cannot be read yet
   */
  public static Model load(Path architecture, Path weights) throws IOException {
    return load(architecture, LoadOptions.defaults().withWeights(weights));
  }

  /**
   * Reads a model.
   *
   * @param path as in {@link #load(Path)}; where the options name weights, as in {@link #load(Path,
   *     Path)}
   * @param options the layers, and where the weights are
   * @return the model, to be closed by the caller
   * @throws IOException if a file cannot be read
   * @throws InvalidModelException if a file is wrong
   * @throws dev.keralens.graph.UnsupportedModelException if it holds what cannot be read yet
   */
  public static Model load(Path path, LoadOptions options) throws IOException {
    Origin origin = Origin.of(path, options.weights());
    return new Model(
        String.valueOf(path.getFileName()),
        LateReads.together(() -> ModelFiles.open(path, options), unused -> {}),
        origin,
        PictureSource.of(() -> ImageConverter.find(path)),
        RuntimeOptions.defaults());
  }

  /**
   * Reads a model that lies in memory.
   *
   * @param name what it is called, for messages, such as {@code model.keras}
   * @param bytes what a {@code .keras}, {@code .h5} or {@code .onnx} file holds; they are copied
   * @return the model, to be closed by the caller
   * @throws IOException if it cannot be read
   * @throws InvalidModelException if it is no model, or damaged
   * @throws dev.keralens.graph.UnsupportedModelException if it holds what cannot be read yet, or an
   *     ONNX file's weights lie beside it
   */
  public static Model load(String name, byte[] bytes) throws IOException {
    return held(name, bytes.clone(), LoadOptions.defaults());
  }

  /**
   * Reads a model from a stream, to its end. It is held in memory.
   *
   * @param name as in {@link #load(String, byte[])}
   * @param stream gives what a {@code .keras}, {@code .h5} or {@code .onnx} file holds; the caller
   *     closes it
   * @param options the layers
   * @return the model, to be closed by the caller
   * @throws IOException if it cannot be read
   * @throws InvalidModelException if it is no model, or damaged
   * @throws IllegalArgumentException if the options name weights
   * @throws dev.keralens.graph.UnsupportedModelException as {@link #load(String, byte[])} does; if
   *     it has more than 2 GiB
   */
  public static Model load(String name, InputStream stream, LoadOptions options)
      throws IOException {
    return held(name, ModelFiles.bytes(name, stream), options);
  }

  /**
   * Reads a model from a stream, as {@link #load(String, InputStream, LoadOptions)} with the
   * default options.
   *
   * @param name what it is called, for messages, such as {@code model.keras}
   * @param stream gives what a {@code .keras}, {@code .h5} or {@code .onnx} file holds; the caller
   *     closes it
   * @return the model, to be closed by the caller
   * @throws IOException if it cannot be read
   * @throws InvalidModelException if it is no model, or damaged
   * @throws dev.keralens.graph.UnsupportedModelException if it holds what cannot be read yet
   */
  public static Model load(String name, InputStream stream) throws IOException {
    return load(name, stream, LoadOptions.defaults());
  }

  private static Model held(String name, byte[] bytes, LoadOptions options) throws IOException {
    return new Model(
        String.valueOf(Path.of(name).getFileName()),
        ModelFiles.open(name, bytes, options),
        Origin.NONE,
        PictureSource.of(() -> ImageConverter.find(name, bytes)),
        RuntimeOptions.defaults());
  }

  /**
   * {@return a model that was built in Java, with the weights that training would begin with}
   *
   * @param definition the layers
   * @param seed the same seed gives the same weights; they are not those that Keras draws
   */
  public static Model of(ModelDefinition definition, long seed) {
    return of(definition.name(), KerasModel.initialize(definition, seed));
  }

  /**
   * {@return a model from a source of networks, such as one that was built in Java}
   *
   * @param name what the model is called in messages
   * @param source gives the network for each size of its inputs
   */
  public static Model of(String name, NetworkSource source) {
    return new Model(name, source, Origin.NONE, PictureSource.NONE, RuntimeOptions.defaults());
  }

  /**
   * {@return this model, compiled with other options} Its explainers use them, too, unless {@link
   * ExplainOptions#withRuntime} names others.
   *
   * @param options how graphs are compiled and run
   * @throws dev.keralens.runtime.GraphExecutionException if a device of the options is not there
   */
  @CheckReturnValue
  public Model withRuntime(RuntimeOptions options) {
    Devices.check(options);
    return new Model(name, source, origin, pictures, options);
  }

  /**
   * {@return what the preprocessor of a task of KerasHub does to pictures; nothing for other
   * models}
   *
   * @throws InvalidModelException if its settings are not what its class takes
   * @throws dev.keralens.graph.UnsupportedModelException if the preprocessor is of a class or has
   *     settings that are not known
   * @throws java.io.UncheckedIOException if the model's file can no longer be read
   */
  public Optional<ImageConverter> imageConverter() {
    return pictures.find();
  }

  /** {@return what the model is called in messages: its file's name} */
  public String name() {
    return name;
  }

  /**
   * {@return what kind of file the model was read from and who wrote it, as far as it says, such as
   * {@code HDF5 by Keras 2.3.1}; empty for a model that was built in Java}
   */
  public String format() {
    return source.format();
  }

  /**
   * {@return what the file says about itself, as an ONNX file may: keys that begin with {@code
   * keralens.} for one that was exported here}
   */
  public Map<String, String> metadata() {
    return source.metadata();
  }

  /** {@return what the model says about its inputs, in its order} */
  public List<InputSpec> inputs() {
    return source.inputs();
  }

  /**
   * {@return the layers at the model's own sizes, those of nested models after the nested model}
   *
   * @throws IllegalStateException if the model leaves the size of an input open
   */
  public List<Layer> layers() {
    return network().layers();
  }

  /**
   * {@return the layer of a name}
   *
   * @param layer its name; inside nested models the path, such as {@code backbone/conv5}, or its
   *     last part where only one layer is called so
   * @throws IllegalArgumentException if there is none or there are several
   * @throws IllegalStateException if the model leaves the size of an input open
   */
  public Layer layer(String layer) {
    return Layers.named(network(), layer);
  }

  /**
   * {@return the layers that a condition holds for, in the model's order}
   *
   * @param condition the condition
   * @throws IllegalStateException if the model leaves the size of an input open
   */
  public List<Layer> find(Predicate<Layer> condition) {
    return layers().stream().filter(condition).toList();
  }

  /**
   * {@return the layer that computes the logits of the first output, where there is one}
   *
   * @throws IllegalStateException if the model leaves the size of an input open
   */
  public Optional<Layer> logitsLayer() {
    return Optional.ofNullable(summary().logits());
  }

  /**
   * {@return the layer that pools or flattens the activation that is explained unless a layer is
   * named; nothing where none does}
   *
   * @throws IllegalStateException if the model leaves the size of an input open
   */
  public Optional<Layer> poolingLayer() {
    return Optional.ofNullable(summary().pooling());
  }

  /**
   * {@return the biases by the names of their layers, in the model's order: those of the layers
   * themselves, and what normalizations imply, beta - mean gamma / sqrt(variance + epsilon)}
   *
   * @throws IllegalStateException if the model leaves the size of an input open
   */
  public Map<String, List<Tensor>> biases() {
    Map<String, List<Tensor>> biases = new LinkedHashMap<>();
    Network network = network();
    for (Bias bias : Bias.of(network.graph())) {
      String owner = bias.layer(network).map(Layer::name).orElse(bias.sum().name());
      biases.computeIfAbsent(owner, key -> new ArrayList<>()).add(bias.bias().tensor());
    }
    return Collections.unmodifiableMap(biases);
  }

  /**
   * {@return the layers that add a bias, their own or one that a normalization implies}
   *
   * @throws IllegalStateException if the model leaves the size of an input open
   */
  public List<Layer> layersWithBiases() {
    Set<String> names = biases().keySet();
    return find(layer -> names.contains(layer.name()));
  }

  /**
   * {@return the model as a table: layers, shapes, parameters, and what is explained}
   *
   * @throws IllegalStateException if the model leaves the size of an input open
   */
  public Summary summary() {
    return Summary.of(name, inputs(), network());
  }

  /**
   * {@return a model that gives values from inside instead of its outputs}
   *
   * @param values each a layer by its name, path, index or class, also after {@code input:}, as
   *     {@link dev.keralens.inspect.LayerSelector#parse} takes it; or a value of the graph by its
   *     name. What is not there fails when the model is first used
   */
  @CheckReturnValue
  public Model expose(String... values) {
    List<String> texts = List.of(values);
    return expose(
        network -> texts.stream().flatMap(text -> Exposure.named(network, text).stream()).toList());
  }

  /**
   * {@return a model that gives values from inside instead of its outputs}
   *
   * @param values gives them for each size of the inputs, such as what one of its nodes computes
   */
  @CheckReturnValue
  public Model expose(Function<Network, List<KerasTensor>> values) {
    return new Model(name, new Exposure(source, values), origin, pictures, runtime);
  }

  /** The model with one more input, the last, in the place of a value from inside. */
  Model replacing(Function<Network, KerasTensor> value) {
    return new Model(name, new VectorInput(source, value), origin, pictures, runtime);
  }

  /**
   * Runs the model step by step as it is written, without any optimization or rewriting, in the
   * precision and on the threads that were chosen for it: to see where a number comes from, or
   * where it ceases to be one.
   *
   * @param inputs one tensor per input, as Keras takes them, batch first
   * @return what each operator computes, in order
   * @throws IllegalArgumentException if the model does not take these inputs
   */
  public List<Step> trace(List<Tensor> inputs) {
    List<Shape> shapes = predictor.shapes(inputs);
    return Step.run(network(shapes).graph(), predictor.fed(shapes, inputs), runtime);
  }

  /**
   * {@return what pixels the model's first input takes, and on what ground that is said; nothing if
   * it takes no pictures}
   *
   * @throws IllegalStateException if the model leaves the size of an input open
   */
  public Optional<InputScaling> inputScaling() {
    return InputScaling.of(inputs().get(0), network(), 0);
  }

  /**
   * {@return the network at the model's own sizes}
   *
   * @throws IllegalStateException if the model leaves the size of an input open
   */
  public Network network() {
    return network(inputs().stream().map(InputSpec::shape).toList());
  }

  /**
   * {@return the network at given sizes; it is built once for each, and those of the sizes that
   * were used last are kept}
   *
   * @param shapes the shape of each input, the batch first as {@link Shape#BATCH}
   * @throws IllegalArgumentException if the model does not take these sizes
   */
  public Network network(List<Shape> shapes) {
    return predictor.network(List.copyOf(shapes));
  }

  /**
   * Writes the model as an ONNX file that any ONNX runtime runs.
   *
   * @param path where to; a file that was exported before is replaced
   * @throws IOException if it cannot be written, or a file is there that was not exported
   * @throws dev.keralens.graph.UnsupportedModelException as {@link #export(Path, ExportOptions)}
   *     does
   */
  public void export(Path path) throws IOException {
    export(path, ExportOptions.defaults());
  }

  /**
   * Writes the model as an ONNX file that any ONNX runtime runs: operators of ONNX' own set only,
   * in single precision, as the model is written, with any batch. Inputs and outputs are called as
   * the model calls them and have its order of axes; nodes are called after its layers. The file is
   * written whole or not at all.
   *
   * @param path where to; a file that was exported before is replaced
   * @param options how
   * @throws IOException if it cannot be written, or a file is there that was not exported
   * @throws IllegalArgumentException if the model leaves a size open that the options do not say,
   *     or the file is the model's own
   * @throws InvalidModelException if the model's file has changed since it was read
   * @throws dev.keralens.graph.UnsupportedModelException if one file cannot hold it, or the
   *     operator set lacks an operator
   */
  public void export(Path path, ExportOptions options) throws IOException {
    exporter(path, options).network(Exporter.shapes(name, inputs(), options));
  }

  /**
   * Runs an exported file by ONNX Runtime alone, beside this model, on two images of noise.
   *
   * @param path what {@link #export(Path, ExportOptions)} wrote
   * @param options how
   * @return as {@link Explainer#check} has it
   * @throws dev.keralens.runtime.GraphExecutionException if ONNX Runtime refuses the file
   */
  public Map<String, Double> check(Path path, ExportOptions options) {
    return new ExportCheck(this, path, options).outputs().differences();
  }

  /**
   * {@return the shapes of the inputs in an exported file; of sizes that it leaves open, some that
   * it takes}
   *
   * @param options how it is exported
   * @throws IllegalArgumentException if the model leaves a size open, and the options neither say
   *     it nor leave it open
   */
  public List<Shape> exportedShapes(ExportOptions options) {
    return Exporter.shapes(name, inputs(), options);
  }

  /** {@return what writes this model, or an explainer of it} */
  Exporter exporter(Path path, ExportOptions options) {
    return new Exporter(source, origin, name, options, path);
  }

  /**
   * {@return what the outputs are called, as the file calls them or as the layers they are of}
   *
   * @param shapes the shape of each input, the batch first as {@link Shape#BATCH}
   * @throws IllegalArgumentException if the model does not take these sizes
   */
  public List<String> outputNames(List<Shape> shapes) {
    return OutputNames.of(network(shapes), source.outputNames());
  }

  /**
   * {@return what an objective comes to in this model}
   *
   * @param objective what is explained
   * @param shapes the shape of each input, the batch first as {@link Shape#BATCH}
   * @throws IllegalArgumentException if the model does not take these sizes, or has no such output,
   *     axis, unit or region
   * @throws dev.keralens.graph.UnsupportedModelException if its output cannot be explained so
   */
  public ResolvedObjective objective(Objective objective, List<Shape> shapes) {
    Network network = network(shapes);
    try {
      return objective.resolve(network, OutputNames.of(network, source.outputNames()));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }

  /** {@return how graphs are compiled and run} */
  RuntimeOptions runtime() {
    return runtime;
  }

  /** {@return for how many sizes predictions hold native memory} */
  int compiledSizes() {
    return predictor.compiledSizes();
  }

  /** {@return what the model takes and gives, by the sizes of its inputs} */
  Predictor predictor() {
    return predictor;
  }

  /**
   * Computes the model's output.
   *
   * @param x the input as Keras takes it, batch first: for images (batch, height, width, channels)
   * @return the output, batch first
   * @throws IllegalArgumentException if the model does not take this input, or has several
   */
  public Tensor predict(Tensor x) {
    return predict(List.of(x), ExplainOptions.defaults()).get(0);
  }

  /**
   * Computes the model's outputs, batch by batch.
   *
   * @param inputs one tensor per input, as Keras takes them, batch first
   * @param options the batch size and the listener are taken from here
   * @return one tensor per output, its axes as the model gives them
   * @throws IllegalArgumentException if the model does not take these inputs
   * @throws IllegalStateException if the model is closed
   */
  public List<Tensor> predict(List<Tensor> inputs, ExplainOptions options) {
    return predictor.predict(inputs, options.batchSize(), options.progress());
  }

  /** Frees what predictions hold. Explainers of the model hold their own, until they are closed. */
  @Override
  public void close() {
    predictor.close();
    RecordHandles.release();
  }
}
