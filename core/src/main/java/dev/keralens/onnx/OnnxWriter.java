package dev.keralens.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.OnnxTypes;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
  /** The version of ONNX's file format that came with operator set 20. */
  private static final int IR_VERSION = 9;

  /**
   * Constants of up to so many bytes stand in the messages, and integer ones of any size do: shape
   * inference and fusions look into them.
   */
  private static final int INLINE_BYTES = 1024;

  private final Graph graph;
  private final GraphProto.Builder proto = GraphProto.newBuilder().setName("keralens");
  private final Map<String, Constant> external = new LinkedHashMap<>();
  private final Set<String> names = new HashSet<>();

  private OnnxWriter(Graph graph) {
    this.graph = graph;
  }

  /**
   * {@return a graph as ONNX's messages, the elements of large constants left out}
   *
   * @param graph the graph
   */
  public static OnnxModel toModel(Graph graph) {
    return new OnnxWriter(graph).write();
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

  private OnnxModel write() {
    List<String> inputNames = new ArrayList<>();
    for (Value input : graph.inputs()) {
      names.add(input.name());
      inputNames.add(input.name());
      proto.addInput(info(input.name(), input));
    }
    graph.constants().forEach(this::constant);
    Set<Value> asked = new HashSet<>(graph.outputs());
    for (Node node : graph.nodes()) {
      node.outputs().forEach(value -> names.add(value.name()));
      proto.addNode(node(node));
      node.outputs().stream()
          .filter(value -> !asked.contains(value))
          .forEach(value -> proto.addValueInfo(info(value.name(), value)));
    }
    List<String> outputNames = outputs();
    ModelProto model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName("keralens")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(Op.OPSET))
            .setGraph(proto)
            .build();
    return new OnnxModel(model, inputNames, outputNames, external);
  }

  private void constant(Value value, Constant constant) {
    names.add(value.name());
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(value.name()).setDataType(OnnxTypes.code(constant.type()));
    for (int size : constant.shape()) {
      tensor.addDims(size);
    }
    long bytes = value.shape().elements() * constant.type().bytes();
    if (bytes <= INLINE_BYTES || !constant.type().isFloating()) {
      tensor.setRawData(UnsafeByteOperations.unsafeWrap(constant.tensor().bytes()));
    } else {
      external.put(value.name(), constant);
      tensor
          .setDataLocation(TensorProto.DataLocation.EXTERNAL)
          .addExternalData(
              StringStringEntryProto.newBuilder().setKey("location").setValue("weights"));
    }
    proto.addInitializer(tensor);
  }

  private static NodeProto node(Node node) {
    NodeProto.Builder out =
        NodeProto.newBuilder().setOpType(node.op().onnxName()).setName(node.output().name());
    int count = node.inputs().size();
    while (count > 0 && node.inputs().get(count - 1) == null) {
      count--;
    }
    for (Value input : node.inputs().subList(0, count)) {
      out.addInput(input == null ? "" : input.name());
    }
    node.outputs().forEach(value -> out.addOutput(value.name()));
    attributes(node.attributes(), out);
    return out.build();
  }

  private static void attributes(Attributes attributes, NodeProto.Builder node) {
    // Which gradients flow concerns the differentiator alone.
    attributes
        .without("stop_gradient")
        .asMap()
        .forEach((name, value) -> node.addAttribute(attribute(name, value)));
  }

  private static AttributeProto attribute(String name, Object value) {
    AttributeProto.Builder out = AttributeProto.newBuilder().setName(name);
    if (value instanceof Long number) {
      out.setType(AttributeProto.AttributeType.INT).setI(number);
    } else if (value instanceof Float number) {
      out.setType(AttributeProto.AttributeType.FLOAT).setF(number);
    } else if (value instanceof String text) {
      out.setType(AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(text));
    } else if (value instanceof int[] numbers) {
      out.setType(AttributeProto.AttributeType.INTS);
      for (int number : numbers) {
        out.addInts(number);
      }
    } else if (value instanceof float[] numbers) {
      out.setType(AttributeProto.AttributeType.FLOATS);
      for (float number : numbers) {
        out.addFloats(number);
      }
    } else {
      throw new IllegalArgumentException(
          "Attribute '%s' has the type %s, which ONNX has not."
              .formatted(name, value.getClass().getSimpleName()));
    }
    return out.build();
  }

  private List<String> outputs() {
    List<String> outputNames = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    for (Value output : graph.outputs()) {
      String name = output.name();
      if (graph.producer(output).isEmpty() || !taken.add(name)) {
        name = unused(name + "_output");
        proto.addNode(
            NodeProto.newBuilder()
                .setOpType(Op.IDENTITY.onnxName())
                .setName(name)
                .addInput(output.name())
                .addOutput(name));
      }
      outputNames.add(name);
      proto.addOutput(info(name, output));
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

  private static ValueInfoProto info(String name, Value value) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (int size : value.shape().sizes()) {
      TensorShapeProto.Dimension.Builder axis = shape.addDimBuilder();
      if (size >= 0) {
        axis.setDimValue(size);
      } else {
        axis.setDimParam(size == -1 ? "batch" : "batch_x" + -size);
      }
    }
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder()
            .setElemType(OnnxTypes.code(value.type()))
            .setShape(shape)
            .build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }
}
