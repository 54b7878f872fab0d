package dev.keralens.onnx.read;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.keralens.graph.Graph;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.InputSpec;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.network.NetworkSource;
import dev.keralens.network.search.AxisRoles;
import dev.keralens.onnx.data.ModelSource;
import dev.keralens.onnx.data.TensorData;
import dev.keralens.onnx.operator.Known;
import dev.keralens.onnx.operator.Refusal;
import dev.keralens.text.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An ONNX file that was read, ready to become a network for given sizes of its inputs.
 *
 * <p>Files of operator sets 11 to {@value #NEWEST_OPSET} are read, with constants in the file or
 * beside it in the same folder. Every operator is brought to the meaning that graphs give it. The
 * first axis of each input is the batch; where the file fixes it to one, it is free in the network.
 * Half-precision models compute in single precision.
 *
 * <p>Constants are read when a graph is compiled. Immutable and safe for use by several threads.
 */
public final class OnnxReader implements NetworkSource {
  private static final int OLDEST_OPSET = 11;
  private static final int NEWEST_OPSET = 28;
  private static final int NEWEST_IR = 14;

  /** The tag of a model's first field, the version of the format. */
  private static final byte VERSION_FIELD = 0x08;

  private static final byte HDF5 = (byte) 0x89;
  private static final int FIRST_BYTES = 4;

  private final ModelSource source;
  private final GraphProto graph;
  private final int version;
  private final String format;
  private final boolean freesBatch;
  private final List<InputSpec> inputs;
  private final Map<String, String> metadata = new LinkedHashMap<>();

  private OnnxReader(ModelSource source, ModelProto model) {
    this.source = source;
    this.graph = model.getGraph();
    this.version = version(source, model);
    this.format = format(model, version);
    this.freesBatch = openInputs().anyMatch(input -> fixedBatch(input) == 1);
    this.inputs = openInputs().map(this::spec).toList();
    model.getMetadataPropsList().forEach(entry -> metadata.put(entry.getKey(), entry.getValue()));
    check(model);
  }

  /**
   * {@return whether a file is meant to be an ONNX model: it begins as one, or is called {@code
   * .onnx} and does not begin as Keras' files do}
   *
   * @param path a file, which may be missing
   * @throws IOException if the file cannot be read
   */
  public static boolean isOnnx(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(path)) {
      return isOnnx(path, in.readNBytes(FIRST_BYTES));
    }
  }

  /**
   * {@return whether bytes are meant to be an ONNX model, as {@link #isOnnx(Path)} says}
   *
   * @param name what they are called
   * @param bytes the bytes, or the first of them
   */
  public static boolean isOnnx(Path name, byte[] bytes) {
    if (bytes.length >= FIRST_BYTES
        && bytes[0] == VERSION_FIELD
        && bytes[1] > 0
        && bytes[1] <= NEWEST_IR) {
      return true;
    }
    boolean isKeras =
        bytes.length > 1 && ((bytes[0] == 'P' && bytes[1] == 'K') || bytes[0] == HDF5);
    return !isKeras
        && String.valueOf(name.getFileName()).toLowerCase(Locale.ROOT).endsWith(".onnx");
  }

  /**
   * Reads a file.
   *
   * @param path an {@code .onnx} file
   * @return the model
   * @throws IOException if the file cannot be read
   * @throws InvalidModelException if it is no ONNX file, or damaged
   * @throws UnsupportedModelException if it needs a newer operator set, or its inputs have no batch
   */
  public static OnnxReader open(Path path) throws IOException {
    ModelSource source = new ModelSource(path);
    return new OnnxReader(source, source.read());
  }

  /**
   * Reads a model that lies in memory; its weights have to lie in it.
   *
   * @param name what it is called, for messages
   * @param bytes what an {@code .onnx} file holds, not to be changed
   * @return the model
   * @throws IOException if it cannot be read
   * @throws InvalidModelException if it is no ONNX file, or damaged
   * @throws UnsupportedModelException as {@link #open(Path)} does
   */
  public static OnnxReader of(String name, ByteBuffer bytes) throws IOException {
    ModelSource source = new ModelSource(name, bytes);
    return new OnnxReader(source, source.read());
  }

  /** The operator set, and who wrote the file, as far as it says. */
  private static String format(ModelProto model, int version) {
    String producer = (model.getProducerName() + " " + model.getProducerVersion()).strip();
    String writer = producer.isEmpty() ? "" : ", written by " + producer;
    return "ONNX, operator set " + version + writer;
  }

  @Override
  public String format() {
    return format;
  }

  @Override
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(metadata);
  }

  @Override
  public List<String> outputNames() {
    return graph.getOutputList().stream().map(ValueInfoProto::getName).toList();
  }

  private static int version(ModelSource source, ModelProto model) {
    if (!model.hasGraph() || model.getOpsetImportCount() == 0) {
      throw new InvalidModelException(
          "%s is no ONNX model: it has no graph or no operator set.".formatted(source.name()));
    }
    long version = 0;
    for (OperatorSetIdProto set : model.getOpsetImportList()) {
      if (isOwn(set.getDomain())) {
        version = set.getVersion();
      }
    }
    if (version < OLDEST_OPSET || version > NEWEST_OPSET || model.getIrVersion() > NEWEST_IR) {
      throw new UnsupportedModelException(
          "%s uses version %d of ONNX's operators and version %d of its format; versions %d to %d, and"
                  .formatted(
                      source.name(), version, model.getIrVersion(), OLDEST_OPSET, NEWEST_OPSET)
              + " up to %d, are supported. Export it with another version.".formatted(NEWEST_IR));
    }
    return (int) version;
  }

  private static boolean isOwn(String domain) {
    return domain.isEmpty() || domain.equals("ai.onnx");
  }

  private void check(ModelProto model) {
    model
        .getFunctionsList()
        .forEach(
            function -> {
              if (isOwn(function.getDomain())) {
                throw new UnsupportedModelException(
                    "%s defines the function '%s'; export it with functions inlined."
                        .formatted(source.name(), function.getName()));
              }
            });
    if (graph.getSparseInitializerCount() > 0) {
      throw new UnsupportedModelException(
          "%s has sparse constants; export it with dense ones.".formatted(source.name()));
    }
    if (inputs.isEmpty() || graph.getOutputCount() == 0) {
      throw new UnsupportedModelException("%s has no input or no output.".formatted(source.name()));
    }
  }

  /** Old files list their constants among the inputs. */
  private Stream<ValueInfoProto> openInputs() {
    Set<String> constants = new HashSet<>();
    for (TensorProto tensor : graph.getInitializerList()) {
      constants.add(tensor.getName());
    }
    return graph.getInputList().stream().filter(input -> !constants.contains(input.getName()));
  }

  /** The size of the batch in the file; zero where it is free. */
  private static long fixedBatch(ValueInfoProto input) {
    var shape = input.getType().getTensorType().getShape();
    return shape.getDimCount() == 0 ? 0 : shape.getDim(0).getDimValue();
  }

  private InputSpec spec(ValueInfoProto input) {
    if (!input.getType().hasTensorType()) {
      throw unsupported(input, "is no tensor");
    }
    int onnxType = input.getType().getTensorType().getElemType();
    var type = TensorData.type(onnxType);
    if (type == null) {
      throw unsupported(
          input, "has elements of the type %s".formatted(TensorData.typeName(onnxType)));
    }
    var dims = input.getType().getTensorType().getShape().getDimList();
    if (dims.isEmpty()) {
      throw unsupported(input, "has no batch axis");
    }
    if (fixedBatch(input) > 1) {
      throw unsupported(
          input,
          "has %d as its first size, which is that of the batch; export it with a free batch or one of 1, as the first axis"
              .formatted(fixedBatch(input)));
    }
    List<@Nullable Integer> sizes = new ArrayList<>();
    for (var dim : dims.subList(1, dims.size())) {
      long size = dim.getDimValue();
      sizes.add(size > 0 && size <= Integer.MAX_VALUE ? Integer.valueOf((int) size) : null);
    }
    return new InputSpec(input.getName(), type, sizes);
  }

  private UnsupportedModelException unsupported(ValueInfoProto input, String why) {
    return new UnsupportedModelException(
        "Input '%s' of %s %s.".formatted(input.getName(), source.name(), why));
  }

  @Override
  public List<InputSpec> inputs() {
    return inputs;
  }

  /**
   * {@return the network for the model's own sizes}
   *
   * @throws IllegalStateException if the model leaves the size of an input open
   * @throws InvalidModelException if the model is wrong
   * @throws UnsupportedModelException if a node cannot be read
   */
  public Network network() {
    return network(inputs.stream().map(InputSpec::shape).toList());
  }

  @Override
  public Network network(List<Shape> shapes) {
    boolean own = check(shapes);
    try {
      Network network = build(shapes, freesBatch);
      if (!own) {
        checkRows(network);
      }
      return network;
    } catch (NodeMismatchException e) {
      if (!own) {
        throw new IllegalArgumentException(Printable.reason(e), e);
      }
      if (fitsOneRow(shapes)) {
        throw new UnsupportedModelException(
            Printable.reason(e) + " The rows of a batch do not stay apart in this model.", e);
      }
      throw new InvalidModelException(Printable.reason(e), e);
    }
  }

  /** Checks the number of inputs and axes; says whether the sizes are the model's own. */
  private boolean check(List<Shape> shapes) {
    if (shapes.size() != inputs.size()) {
      throw new IllegalArgumentException(
          "%s has %d inputs, got %d shapes."
              .formatted(source.name(), inputs.size(), shapes.size()));
    }
    boolean own = true;
    for (int i = 0; i < inputs.size(); i++) {
      InputSpec input = inputs.get(i);
      Shape shape = shapes.get(i);
      if (shape.rank() != input.sizes().size() + 1 || shape.batchAxis() != 0) {
        throw new IllegalArgumentException(
            "%s takes %s, got %s.".formatted(source.name(), input, shape));
      }
      for (int axis = 1; axis < shape.rank(); axis++) {
        Integer size = input.sizes().get(axis - 1);
        own &= size == null || size == shape.size(axis);
      }
    }
    return own;
  }

  /**
   * Other sizes than the model's may make several rows of one, and none of them is a prediction.
   */
  private void checkRows(Network network) {
    for (KerasTensor output : network.outputs()) {
      Shape shape = output.value().shape();
      if (shape.hasBatch() && shape.size(shape.batchAxis()) != Shape.BATCH) {
        throw new IllegalArgumentException(
            "%s does not take these sizes: its output would have the shape %s."
                .formatted(source.name(), shape));
      }
    }
  }

  /** Whether the nodes fit one another where there is no batch. */
  private boolean fitsOneRow(List<Shape> shapes) {
    try {
      build(shapes.stream().map(shape -> shape.with(0, 1)).toList(), false);
      return true;
    } catch (NodeMismatchException | InvalidModelException | UnsupportedModelException e) {
      return false;
    }
  }

  private Value input(GraphReader reader, InputSpec input, Shape shape) {
    try {
      return reader.builder().input(input.name(), input.type(), shape);
    } catch (IllegalArgumentException e) {
      throw new NodeMismatchException("%s: %s".formatted(source.name(), Printable.reason(e)), e);
    }
  }

  private Network build(List<Shape> shapes, boolean freed) {
    GraphReader reader = new GraphReader(source, version, freed);
    List<Value> values = new ArrayList<>();
    for (int i = 0; i < shapes.size(); i++) {
      InputSpec input = inputs.get(i);
      Value value = input(reader, input, shapes.get(i));
      values.add(value);
      reader.input(input.name(), value);
    }
    List<Known> outputs = reader.read(graph);
    List<Value> results = new ArrayList<>();
    try {
      outputs.forEach(output -> results.add(reader.value(output)));
    } catch (Refusal e) {
      throw new UnsupportedModelException(
          "An output of %s: %s.".formatted(source.name(), Printable.reason(e)), e);
    }
    Graph built = reader.builder().build(results);
    AxisRoles axes = new AxisRoles(built);
    Function<Value, KerasTensor> tensor = value -> axes.laid(KerasTensor.plain(value));
    Set<Value> needed = new HashSet<>(built.inputs());
    built.nodes().forEach(node -> needed.addAll(node.outputs()));
    Map<String, KerasTensor> named = new LinkedHashMap<>();
    reader
        .named()
        .forEach(
            (name, value) -> {
              if (needed.contains(value)) {
                named.put(name, tensor.apply(value));
              }
            });
    return new Network(
        built,
        values.stream().map(tensor).toList(),
        results.stream().map(tensor).toList(),
        reader.layers().layers(needed::contains, tensor),
        named,
        reader.layers().passing(needed::contains, tensor));
  }
}
