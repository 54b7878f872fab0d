package dev.keralens.onnx.write;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.UnsafeByteOperations;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.OnnxTypes;
import dev.keralens.graph.Op;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.onnx.read.OwnFile;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Turns graphs into ONNX's messages, of operator set {@value Op#OPSET}.
 *
 * <p>The axis that is the batch becomes the symbolic size {@code batch}; one that is m times the
 * batch becomes {@code batch_x}m. Every value's shape is written: ONNX Runtime infers most, but
 * loses the batch at a {@code Reshape}, and does not see then that two values have one shape. An
 * output that is an input or a constant, or that is asked for twice, gets an {@code Identity} of
 * its own.
 */
public final class OnnxWriter {
  /** From this operator set on, a Pad may name its axes. */
  private static final int PAD_SAYS_AXES = 18;

  /**
   * Constants of up to so many bytes stand in the messages, and integer ones of any size do: shape
   * inference and fusions look into them.
   */
  private static final int INLINE_BYTES = 1024;

  private final ExportedGraph written;
  private final Graph graph;
  private final GraphProto.Builder proto = GraphProto.newBuilder().setName("keralens");
  private final Map<String, Constant> external = new LinkedHashMap<>();
  private final Set<String> names = new HashSet<>();
  private final Set<Node> pooled;
  private final SizeNodes sizes;
  private final OnnxMessages messages;

  /** Values that do not have their own name in the file. */
  private final Map<Value, String> renamed = new HashMap<>();

  private OnnxWriter(ExportedGraph written) {
    this.written = written;
    this.graph = written.graph();
    this.pooled = pooled();
    this.messages = new OnnxMessages(graph, written.open());
    this.sizes = new SizeNodes(written.open(), proto, this::unused, this::name);
  }

  /**
   * {@return a graph as ONNX's messages, the elements of large constants left out}
   *
   * @param graph the graph
   */
  public static OnnxModel toModel(Graph graph) {
    return toModel(ExportedGraph.plain(graph));
  }

  /**
   * {@return a graph that is exported as ONNX's messages, the elements of large constants left out}
   *
   * @param exported the graph, and what the file says of it
   * @throws dev.keralens.graph.UnsupportedModelException if its operator set lacks an operator
   */
  public static OnnxModel toModel(ExportedGraph exported) {
    return new OnnxWriter(exported).write();
  }

  /**
   * Writes a graph as an ONNX file, its constants in it. Where the file would have more than
   * protobuf can read (2 GiB), the large constants go into a second file, named as the first with
   * {@code .data} behind.
   *
   * @param graph the graph
   * @param path where to; a file that is there is replaced once the new one is complete
   * @throws IOException if it cannot be written
   */
  public static void write(Graph graph, Path path) throws IOException {
    OnnxFile.write(toModel(graph), path, Integer.MAX_VALUE);
  }

  /**
   * Writes a graph that is exported, in one file or with its large constants in a second one, named
   * as the first with {@code .data} behind.
   *
   * @param exported the graph, and what the file says of it
   * @param path where to; a file that is there is replaced once the new one is complete
   * @param besides whether large constants go into a second file
   * @throws IOException if it cannot be written
   * @throws UnsupportedModelException if one file cannot hold it, or its operator set lacks an
   *     operator
   */
  public static void write(ExportedGraph exported, Path path, boolean besides) throws IOException {
    OnnxModel model = toModel(exported);
    long size = OnnxFile.embeddedSize(model);
    if (!besides && size >= Integer.MAX_VALUE) {
      throw new UnsupportedModelException(
          "%s would have %,d bytes, and one ONNX file ends at 2 GiB; export with external data, its weights in a second file."
              .formatted(path.getFileName(), size));
    }
    OnnxFile.checkRoom(path, size);
    OnnxFile.write(model, path, besides ? 0 : Integer.MAX_VALUE);
  }

  private OnnxModel write() {
    reserveNames();
    List<String> inputNames = new ArrayList<>();
    for (int i = 0; i < graph.inputs().size(); i++) {
      Value input = graph.inputs().get(i);
      inputNames.add(input.name());
      proto.addInput(messages.info(input.name(), written.inputTypes().get(i), input));
      String checked = sizes.checked(input.name(), input);
      if (written.inputTypes().get(i) != input.type()) {
        cast(input, checked);
      } else if (!checked.equals(input.name())) {
        renamed.put(input, checked);
      }
    }
    OlderOperators older = new OlderOperators(graph, written.opset());
    List<Node> nodes =
        written.opset() >= Op.OPSET
            ? graph.nodes()
            : graph.nodes().stream().map(older::node).toList();
    Set<Value> read = new HashSet<>(graph.outputs());
    nodes.forEach(node -> read.addAll(node.inputs()));
    Map<Value, Value> same =
        written.version().isEmpty() ? Map.of() : SharedConstants.of(graph, read, INLINE_BYTES);
    same.forEach((value, first) -> renamed.put(value, name(first)));
    graph
        .constants()
        .forEach(
            (value, constant) -> {
              if (read.contains(value)
                  && !same.containsKey(value)
                  && !written.open().constants().containsKey(value)) {
                constant(value, constant);
              }
            });
    Set<Value> asked = new HashSet<>(graph.outputs());
    for (Node node : nodes) {
      addNode(node);
      node.outputs().stream()
          .filter(value -> !asked.contains(value))
          .forEach(value -> proto.addValueInfo(info(value)));
    }
    List<String> outputNames = outputs();
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(written.formatVersion())
            .setProducerName(OwnFile.PRODUCER)
            .addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain("").setVersion(written.opset()))
            .setGraph(proto);
    if (!written.version().isEmpty()) {
      model.setProducerVersion(written.version());
    }
    written
        .metadata()
        .forEach(
            (key, value) ->
                model.addMetadataProps(
                    StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    return new OnnxModel(model.build(), inputNames, outputNames, external);
  }

  /** Outputs have the names that are asked for; what else is called so gets another. */
  private void reserveNames() {
    Set<Value> all = new LinkedHashSet<>(graph.constants().keySet());
    graph.nodes().forEach(node -> all.addAll(node.outputs()));
    graph.inputs().forEach(value -> names.add(value.name()));
    all.forEach(value -> names.add(value.name()));
    List<String> wanted = written.outputNames();
    names.addAll(wanted);
    for (int i = 0; i < wanted.size(); i++) {
      Value output = graph.outputs().get(i);
      if (graph.producer(output).isPresent()) {
        renamed.putIfAbsent(output, wanted.get(i));
      }
    }
    for (Value value : all) {
      if (wanted.contains(value.name()) && !renamed.containsKey(value)) {
        renamed.put(value, unused(value.name()));
      }
    }
  }

  private String name(Value value) {
    return renamed.getOrDefault(value, value.name());
  }

  /** The input as the graph takes it. */
  private void cast(Value input, String read) {
    String name = unused(input.name() + "/" + Op.CAST.onnxName());
    renamed.put(input, name);
    proto.addNode(
        NodeProto.newBuilder()
            .setOpType(Op.CAST.onnxName())
            .setName(name)
            .addInput(read)
            .addOutput(name)
            .addAttribute(OnnxMessages.attribute("to", (long) OnnxTypes.code(input.type()))));
    proto.addValueInfo(info(input));
  }

  private void constant(Value value, Constant constant) {
    String name = name(value);
    if (written.halfWeights() && HalfPrecision.fits(constant, INLINE_BYTES)) {
      half(name, constant);
      return;
    }
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(name).setDataType(OnnxTypes.code(constant.type()));
    for (int size : constant.shape()) {
      tensor.addDims(size);
    }
    long bytes = value.shape().elements() * constant.type().bytes();
    if (bytes <= INLINE_BYTES || !constant.type().isFloating()) {
      tensor.setRawData(UnsafeByteOperations.unsafeWrap(constant.tensor().bytes()));
    } else {
      external.put(name, constant);
      tensor
          .setDataLocation(TensorProto.DataLocation.EXTERNAL)
          .addExternalData(
              StringStringEntryProto.newBuilder().setKey("location").setValue("weights"));
    }
    proto.addInitializer(tensor);
  }

  /** A constant in half precision, and its cast. */
  private void half(String name, Constant constant) {
    String stored = unused(name + "/half");
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(stored)
            .setDataType(TensorProto.DataType.FLOAT16_VALUE)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(
                StringStringEntryProto.newBuilder().setKey("location").setValue("weights"));
    for (int size : constant.shape()) {
      tensor.addDims(size);
    }
    external.put(stored, HalfPrecision.of(constant));
    proto.addInitializer(tensor);
    proto.addNode(
        NodeProto.newBuilder()
            .setOpType(Op.CAST.onnxName())
            .setName(name)
            .addInput(stored)
            .addOutput(name)
            .addAttribute(OnnxMessages.attribute("to", (long) OnnxTypes.code(constant.type()))));
  }

  private void addNode(Node node) {
    for (Value input : node.inputs()) {
      Constant constant = input == null ? null : graph.constant(input);
      if (input != null && constant != null) {
        sizes.before(input, constant);
      }
    }
    NodeProto.Builder out = node(node);
    if (!pooled.contains(node)) {
      proto.addNode(out);
    } else if (written.opset() >= PAD_SAYS_AXES) {
      addAxes(node, out);
      proto.addNode(out);
    } else {
      String name = out.getOutput(0);
      String padded = unused(name + "/padded");
      proto.addNode(out.setOutput(0, padded));
      proto.addNode(
          NodeProto.newBuilder()
              .setOpType(Op.MAX.onnxName())
              .setName(name + "/apart")
              .addInput(padded)
              .addInput(padded)
              .addOutput(name));
    }
  }

  private NodeProto.Builder node(Node node) {
    NodeProto.Builder out =
        NodeProto.newBuilder().setOpType(node.op().onnxName()).setName(node.output().name());
    int count = node.inputs().size();
    while (count > 0 && node.inputs().get(count - 1) == null) {
      count--;
    }
    for (Value input : node.inputs().subList(0, count)) {
      out.addInput(input == null ? "" : name(input));
    }
    node.outputs().forEach(value -> out.addOutput(name(value)));
    OnnxMessages.attributes(node.attributes(), out);
    return out;
  }

  /*
   * Some versions of ONNX Runtime, 1.28 among them, move the zeros of a Pad into the MaxPool behind it,
   * which pads with negative infinity: where all else in a window is negative, the maximum is then wrong.
   * A Pad that says its axes is left alone; before operator set 18 it cannot, and the maximum of its
   * output with itself stands between the two.
   */
  private void addAxes(Node node, NodeProto.Builder out) {
    int rank = node.output().rank();
    long[] axes = LongStream.range(0, rank).toArray();
    String name = unused(node.output().name() + "/axes");
    proto.addInitializer(
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.INT64_VALUE)
            .addDims(rank)
            .setRawData(UnsafeByteOperations.unsafeWrap(Tensor.of(axes, rank).bytes())));
    while (out.getInputCount() < 3) {
      out.addInput("");
    }
    out.addInput(name);
  }

  /** The paddings of an exported file that a maximum pooling reads. */
  private Set<Node> pooled() {
    Set<Node> found = new HashSet<>();
    boolean exported = !written.version().isEmpty();
    for (Node node : graph.nodes()) {
      Node before = exported && node.op() == Op.MAX_POOL ? producer(node) : null;
      while (before != null && before.op() == Op.IDENTITY) {
        before = producer(before);
      }
      if (before != null && before.op() == Op.PAD && before.optionalInput(3) == null) {
        found.add(before);
      }
    }
    return found;
  }

  private @Nullable Node producer(Node node) {
    return graph.producer(node.input(0)).orElse(null);
  }

  private List<String> outputs() {
    List<String> outputNames = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    for (int i = 0; i < graph.outputs().size(); i++) {
      Value output = graph.outputs().get(i);
      boolean chosen = !written.outputNames().isEmpty();
      String name = chosen ? written.outputNames().get(i) : output.name();
      if (graph.producer(output).isEmpty() || !taken.add(name(output))) {
        name = chosen ? name : unused(name + "_output");
        proto.addNode(
            NodeProto.newBuilder()
                .setOpType(Op.IDENTITY.onnxName())
                .setName(name)
                .addInput(name(output))
                .addOutput(name));
      }
      outputNames.add(name);
      proto.addOutput(messages.info(name, output.type(), output));
    }
    return outputNames;
  }

  private String unused(String name) {
    String candidate = name;
    for (int i = 1; !names.add(candidate); i++) {
      candidate = name + "_" + i;
    }
    return candidate;
  }

  private ValueInfoProto info(Value value) {
    return messages.info(name(value), value.type(), value);
  }
}
