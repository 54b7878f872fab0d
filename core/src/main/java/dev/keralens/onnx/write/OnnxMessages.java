package dev.keralens.onnx.write;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.Graph;
import dev.keralens.graph.OnnxTypes;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;

/** Attributes, types and shapes as ONNX's messages. */
final class OnnxMessages {
  private final Graph graph;
  private final OpenSizes open;

  OnnxMessages(Graph graph, OpenSizes open) {
    this.graph = graph;
    this.open = open;
  }

  /** Adds a node's attributes. */
  static void attributes(Attributes attributes, NodeProto.Builder node) {
    // Which gradients flow concerns the differentiator alone.
    attributes
        .without("stop_gradient")
        .asMap()
        .forEach((name, value) -> node.addAttribute(attribute(name, value)));
  }

  /** An attribute as a message. */
  static AttributeProto attribute(String name, Object value) {
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

  /** What a file says of an input, an output or a value between: its name, type and shape. */
  ValueInfoProto info(String name, ElementType type, Value value) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    int[] sizes = value.shape().sizes();
    for (int i = 0; i < sizes.length; i++) {
      TensorShapeProto.Dimension.Builder axis = shape.addDimBuilder();
      if (open.isOpen(value, i)) {
        if (graph.inputs().contains(value)) {
          axis.setDimParam(value.name() + "_" + i);
        }
      } else if (sizes[i] >= 0) {
        axis.setDimValue(sizes[i]);
      } else {
        axis.setDimParam(sizes[i] == -1 ? "batch" : "batch_x" + -sizes[i]);
      }
    }
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder().setElemType(OnnxTypes.code(type)).setShape(shape).build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }
}
