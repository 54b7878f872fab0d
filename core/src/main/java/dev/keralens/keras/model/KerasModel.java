package dev.keralens.keras.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.Constant;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.keras.LayerLocation;
import dev.keralens.keras.LayerRegistry;
import dev.keralens.keras.build.ModelDefinition;
import dev.keralens.keras.file.KerasFile;
import dev.keralens.keras.hub.HubModels;
import dev.keralens.keras.weights.LayerPath;
import dev.keralens.keras.weights.LayerWeights;
import dev.keralens.keras.weights.WeightMatching;
import dev.keralens.keras.weights.WeightStore;
import dev.keralens.network.InputSpec;
import dev.keralens.network.Network;
import dev.keralens.network.NetworkSource;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A Keras model that was read from a file, ready to become a graph for given sizes of its inputs.
 * No weights are read before such a graph is compiled, and nothing of the file is ever run.
 *
 * <p>Immutable and safe for use by several threads.
 */
public final class KerasModel implements NetworkSource {
  /** Building so many takes seconds; the largest published networks have some thousands. */
  private static final long MOST_CALLS = 200_000;

  private final String file;
  private final String format;
  private final int kerasVersion;
  private final LayerClasses classes;
  private final WeightStore weights;
  private final Topology topology;
  private final List<ModelInput> declared;
  private final List<InputSpec> inputs;
  private final List<String> outputNames;

  private KerasModel(KerasFile file, LayerRegistry registry) {
    JsonNode architecture = file.architecture();
    this.file = String.valueOf(file.path().getFileName());
    this.format = file.describe();
    this.kerasVersion = file.version().isAtLeast(3, 0) ? 3 : 2;
    this.classes = new LayerClasses(registry);
    LayerLocation location =
        new LayerLocation(
            this.file, TopologyReader.name(architecture), architecture.path("class_name").asText());
    if (!TopologyReader.isModel(architecture) && HubModels.isOfKerasHub(architecture)) {
      throw location.unsupported(HubModels.refusal(architecture));
    }
    if (!TopologyReader.isModel(architecture)) {
      throw location.unsupported(
          "a model of a class of its own runs Python code, which is not in the file;"
              + " save it as a Functional or Sequential model, or export it to ONNX.");
    }
    this.topology = TopologyReader.read(architecture, location);
    double calls = checkClasses(LayerPath.ROOT, topology);
    if (calls > MOST_CALLS) {
      throw location.unsupported(
          "its nested models, called several times each, have %.0f calls of layers in all; at most %d are built."
              .formatted(calls, MOST_CALLS));
    }
    this.declared = declared(topology, this.file);
    this.outputNames = List.copyOf(TopologyReader.outputNames(architecture));
    this.inputs = declared.stream().map(ModelInput::spec).toList();
    this.weights = file.weights(classes::weights);
    checkShapes("", architecture);
  }

  /** Layers that were written out from arguments must have the weights of the file. */
  private void checkShapes(String prefix, JsonNode model) {
    HubModels.shapes(model).forEach((path, own) -> check(Path.of(file), prefix + path, own));
    for (JsonNode layer : model.path("config").path("layers")) {
      if (TopologyReader.isModel(layer)) {
        checkShapes(prefix + TopologyReader.name(layer) + "/", layer);
      }
    }
  }

  /**
   * Refuses classes without a builder before weights are looked for: those of an unknown class
   * would be in the way of the others where a file matches them by their order.
   *
   * @return how many calls of layers there are where nested models are written out
   */
  private double checkClasses(LayerPath path, Topology model) {
    double all = 0;
    for (Topology.Vertex vertex : model.layers()) {
      if (vertex.isInput() || vertex.calls().isEmpty()) {
        continue;
      }
      JsonNode envelope = vertex.envelope();
      LayerPath inner = path.child(vertex.name());
      LayerLocation location =
          new LayerLocation(file, inner.toString(), envelope.path("class_name").asText());
      if (TopologyReader.isModel(envelope)) {
        double each = checkClasses(inner, TopologyReader.read(envelope, location));
        all += each * vertex.calls().size();
      } else {
        classes.find(envelope, location);
        all += vertex.calls().size();
      }
    }
    return all;
  }

  /**
   * Opens a file and reads how the layers of the model in it are connected.
   *
   * @param path the file
   * @param registry how each class of layers is built
   * @return the model
   * @throws IOException if the file cannot be read
   * @throws InvalidModelException if the file is not as Keras writes it
   * @throws UnsupportedModelException if it holds what cannot be read yet
   */
  public static KerasModel read(Path path, LayerRegistry registry) throws IOException {
    return of(KerasFile.open(path), registry);
  }

  /**
   * Opens a model that lies in memory.
   *
   * @param name what it is called, for messages
   * @param bytes what a {@code .keras} archive or a whole-model HDF5 file holds, not to be changed
   * @param registry how each class of layers is built
   * @return the model
   * @throws IOException if it cannot be read
   * @throws dev.keralens.graph.InvalidModelException if it is no model, or damaged
   * @throws UnsupportedModelException if it is a model that cannot be read
   */
  public static KerasModel of(String name, ByteBuffer bytes, LayerRegistry registry)
      throws IOException {
    return of(KerasFile.of(name, bytes), registry);
  }

  /**
   * Opens a model whose architecture and weights lie in two files.
   *
   * @param architecture the JSON that {@code model.to_json()} gives, or a whole model
   * @param weights what {@code model.save_weights} wrote, or a whole model
   * @param byName whether weights in Keras' older HDF5 format find their layers by name, not by
   *     order
   * @param registry how each class of layers is built
   * @return the model
   * @throws IOException if a file cannot be read
   * @throws InvalidModelException if a file is not as Keras writes it
   * @throws UnsupportedModelException if it holds what cannot be read yet
   */
  public static KerasModel read(
      Path architecture, Path weights, boolean byName, LayerRegistry registry) throws IOException {
    WeightMatching matching = byName ? WeightMatching.NAME : WeightMatching.ORDER;
    return of(KerasFile.open(architecture, weights, matching), registry);
  }

  /**
   * {@return a model whose weights no file holds}
   *
   * @param name what the model is called in messages
   * @param json the model as {@code model.to_json()} of Keras 3 writes it
   * @param weights for each layer, by its path such as {@code backbone/conv5}, its weights by
   *     Keras' names of them, such as {@code kernel}
   * @throws InvalidModelException if the JSON is no model, or a layer's weights are not there
   * @throws UnsupportedModelException if it is a model of a class of its own
   */
  public static KerasModel of(
      String name, String json, Map<String, Map<String, Constant>> weights) {
    return of(KerasFile.of(name, json, weights), LayerRegistry.standard());
  }

  /**
   * Reads the weights of a model from a file. Where the file has groups by layer, they are matched
   * with layers by their order, as Keras does.
   *
   * @param name what the model is called in messages
   * @param json the model as {@code model.to_json()} of Keras 3 writes it
   * @param weights a file that {@code model.save_weights} or {@code model.save} wrote
   * @param shapes for each layer, by its path, the shapes that its weights must have
   * @param beginning whether the file may have weights of more layers at its end
   * @return the model
   * @throws IOException if the file cannot be read
   * @throws InvalidModelException if the JSON is no model, the file is not as Keras writes it, or
   *     it has other weights
   * @throws UnsupportedModelException if it holds what cannot be read yet
   */
  public static KerasModel read(
      String name,
      String json,
      Path weights,
      Map<String, Map<String, int[]>> shapes,
      boolean beginning)
      throws IOException {
    WeightMatching matching = beginning ? WeightMatching.BEGINNING : WeightMatching.ORDER;
    KerasModel model = of(KerasFile.of(name, json, weights, matching), LayerRegistry.standard());
    shapes.forEach((path, own) -> model.check(weights, path, own));
    return model;
  }

  /**
   * {@return a model that was defined in Java, with the weights that training would begin with}
   *
   * @param definition the layers
   * @param seed the same seed gives the same weights; they are not those that Keras draws
   */
  public static KerasModel initialize(ModelDefinition definition, long seed) {
    return of(definition.name(), definition.toJson(), definition.initialWeights(seed));
  }

  /**
   * Reads the weights of a model that was defined in Java. Layers are matched with those in the
   * file by their order, as Keras does; each weight must have the shape that its layer here wants.
   *
   * @param definition the layers
   * @param file what {@code model.save_weights} or {@code model.save} wrote for the same layers:
   *     {@code .weights.h5}, {@code .h5} or {@code .keras}
   * @return the model with these weights
   * @throws IOException if the file cannot be read
   * @throws InvalidModelException if it has no weights for these layers, or other ones
   */
  public static KerasModel load(ModelDefinition definition, Path file) throws IOException {
    return read(definition.name(), definition.toJson(), file, definition.shapes(), false);
  }

  /**
   * Reads the weights from a file of a model that begins with these layers.
   *
   * @param definition the layers
   * @param file as in {@link #load}; what its model has after these layers is left out
   * @return the model with these weights
   * @throws IOException if the file cannot be read
   * @throws InvalidModelException if it has no weights for these layers, or other ones
   */
  public static KerasModel loadBeginning(ModelDefinition definition, Path file) throws IOException {
    return read(definition.name(), definition.toJson(), file, definition.shapes(), true);
  }

  private void check(Path source, String path, Map<String, int[]> shapes) {
    LayerWeights own = weights.of(new LayerPath(List.of(path.split("/", -1))));
    shapes.forEach(
        (weight, expected) -> {
          int[] found = own.get(weight).shape();
          if (!Arrays.equals(expected, found)) {
            throw new InvalidModelException(
                "Layer '%s' of %s: its weight '%s' has the shape %s, %s has %s: '%s'."
                    .formatted(
                        path,
                        file,
                        weight,
                        Tensor.describe(expected),
                        source,
                        Tensor.describe(found),
                        own.get(weight).name()));
          }
        });
  }

  /**
   * Reads how the layers of a model are connected.
   *
   * @param file an opened file
   * @param registry how each class of layers is built
   * @return the model
   * @throws InvalidModelException if the architecture in the file is not as Keras writes it
   * @throws UnsupportedModelException if it is a model of a class of its own
   */
  public static KerasModel of(KerasFile file, LayerRegistry registry) {
    String name = String.valueOf(file.path().getFileName());
    return new KerasModel(file.with(HubModels.expand(name, file.architecture())), registry);
  }

  private static List<ModelInput> declared(Topology topology, String file) {
    List<ModelInput> inputs = new ArrayList<>();
    topology
        .inputs()
        .references()
        .flatMap(r -> topology.layers().stream().filter(v -> v.name().equals(r.layer())))
        .forEach(
            vertex ->
                inputs.add(
                    ModelInputs.of(vertex, new LayerLocation(file, vertex.name(), "InputLayer"))));
    return List.copyOf(inputs);
  }

  @Override
  public String format() {
    return format;
  }

  @Override
  public List<String> outputNames() {
    return outputNames;
  }

  @Override
  public List<InputSpec> inputs() {
    return inputs;
  }

  /**
   * {@return the network for the model's own sizes}
   *
   * @throws IllegalArgumentException if the model leaves a size open
   * @throws InvalidModelException if the layers do not fit one another or their weights
   * @throws UnsupportedModelException if there is a layer that cannot be built
   */
  public Network network() {
    List<Shape> shapes = new ArrayList<>();
    for (ModelInput input : declared) {
      Shape shape = input.shape();
      if (shape == null) {
        throw new IllegalArgumentException(
            "Input '%s' of %s is %s: give its size."
                .formatted(input.name(), file, input.describe()));
      }
      shapes.add(shape);
    }
    return network(shapes);
  }

  /**
   * {@return the network for given sizes}
   *
   * @param shapes the shape of each input, in the order of {@link #inputs()}: the batch first, as
   *     {@link Shape#BATCH}, then sizes as Keras orders them, for instance (batch, height, width,
   *     channels). A size that the model fixes may be another one; layers that depend on it, such
   *     as a {@code Dense} layer on a {@code Flatten} layer, then refuse it
   * @throws IllegalArgumentException if the shapes have not the axes of the inputs, or a layer
   *     cannot take what these shapes lead to, where the model says otherwise
   * @throws InvalidModelException if the layers do not fit one another or their weights
   * @throws UnsupportedModelException if there is a layer that cannot be built
   */
  @Override
  public Network network(List<Shape> shapes) {
    if (shapes.size() != declared.size()) {
      throw new IllegalArgumentException(
          "%s has %d inputs, got %d shapes.".formatted(file, declared.size(), shapes.size()));
    }
    Map<ModelInput, Shape> sized = new LinkedHashMap<>();
    boolean own = true;
    for (int i = 0; i < declared.size(); i++) {
      check(declared.get(i), shapes.get(i));
      own &= agrees(declared.get(i), shapes.get(i));
      sized.put(declared.get(i), shapes.get(i));
    }
    try {
      return new NetworkBuilder(file, kerasVersion, classes, weights).build(topology, sized);
    } catch (LayerMismatch e) {
      if (own) {
        throw new InvalidModelException(e.getMessage(), e);
      }
      throw new IllegalArgumentException(
          "%s The model was asked to take %s; its own inputs are %s."
              .formatted(
                  e.getMessage(), shapes, declared.stream().map(ModelInput::describe).toList()),
          e);
    }
  }

  private void check(ModelInput input, Shape shape) {
    boolean sizes = shape.rank() > 0 && shape.size(0) == Shape.BATCH;
    for (int axis = 1; sizes && axis < shape.rank(); axis++) {
      sizes = shape.size(axis) > 0;
    }
    if (!sizes || !input.hasRankOf(shape)) {
      throw new IllegalArgumentException(
          "Input '%s' of %s is %s, got %s.".formatted(input.name(), file, input.describe(), shape));
    }
  }

  private static boolean agrees(ModelInput input, Shape shape) {
    List<Integer> sizes = input.sizes();
    for (int axis = 1; sizes != null && axis < shape.rank(); axis++) {
      Integer size = sizes.get(axis);
      if (size != null && size != shape.size(axis)) {
        return false;
      }
    }
    return true;
  }
}
