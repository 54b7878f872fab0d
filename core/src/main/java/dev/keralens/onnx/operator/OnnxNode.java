package dev.keralens.onnx.operator;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.Constant;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.onnx.data.TensorData;
import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A node of the file, as the methods that turn it into operators of graphs see it. */
public final class OnnxNode {
  private final NodeProto proto;
  private final GraphContext reader;
  private final List<@Nullable Known> inputs;
  private final Map<String, AttributeProto> attributes = new HashMap<>();

  public OnnxNode(NodeProto proto, GraphContext reader, List<@Nullable Known> inputs) {
    this.proto = proto;
    this.reader = reader;
    this.inputs = inputs;
    proto.getAttributeList().forEach(attribute -> attributes.put(attribute.getName(), attribute));
  }

  String type() {
    return proto.getOpType();
  }

  String outputName() {
    return proto.getOutput(0);
  }

  /** {@return the version of the operator set that gives the node its meaning} */
  int version() {
    return reader.version();
  }

  GraphBuilder builder() {
    return reader.builder();
  }

  /** {@return what brings numbers to the size of the batch} */
  BatchFill fill() {
    return reader.fill();
  }

  /** {@return whether the batch is of a fixed size in the file, and the graph frees it} */
  boolean freesBatch() {
    return reader.freesBatch();
  }

  int inputCount() {
    return inputs.size();
  }

  /** {@return the number of outputs, those without a name as well} */
  int outputs() {
    return proto.getOutputCount();
  }

  /** {@return the number of outputs up to the last one that has a name} */
  int outputCount() {
    int count = proto.getOutputCount();
    while (count > 1 && proto.getOutput(count - 1).isEmpty()) {
      count--;
    }
    return count;
  }

  /** {@return whether an output has a name, and so may be used} */
  boolean wants(int output) {
    return output < proto.getOutputCount() && !proto.getOutput(output).isEmpty();
  }

  boolean has(int input) {
    return input < inputs.size() && inputs.get(input) != null;
  }

  @Nullable Known optional(int input) {
    return input < inputs.size() ? inputs.get(input) : null;
  }

  Known known(int input) {
    Known known = optional(input);
    if (known == null) {
      throw new IllegalArgumentException("input %d is missing".formatted(input));
    }
    return known;
  }

  /** {@return an input as a value of the graph} */
  Value value(int input) {
    return reader.value(known(input));
  }

  @Nullable Value optionalValue(int input) {
    Known known = optional(input);
    return known == null ? null : reader.value(known);
  }

  Shape shape(int input) {
    return known(input).shape();
  }

  /** {@return the numbers of an input, or null where they are too many or not known beforehand} */
  @Nullable Numbers numbersOrNull(int input) {
    Known known = known(input);
    if (known instanceof Known.Folded folded) {
      return folded.numbers();
    }
    if (known instanceof Known.Uniform uniform && !uniform.shape().hasBatch()) {
      long count = uniform.shape().elements();
      return count > Numbers.MOST
          ? null
          : Numbers.scalar(uniform.type(), Linear.of(uniform.number()))
              .expanded(uniform.shape().sizes());
    }
    if (known instanceof Known.Weight weight
        && weight.shape().elements() <= (weight.type().isFloating() ? 64 : Numbers.MOST)) {
      return Numbers.of(weight.constant());
    }
    return null;
  }

  /** {@return the numbers of an input that must be known beforehand, such as sizes and axes} */
  Numbers numbers(int input) {
    Numbers numbers = numbersOrNull(input);
    if (numbers == null) {
      throw new Refusal(
          "input %d (%s) is computed, and must be known beforehand"
              .formatted(input, proto.getInput(input)));
    }
    return numbers;
  }

  /** {@return the constant behind an input, or null where it is computed} */
  @Nullable Constant constantOrNull(int input) {
    return known(input) instanceof Known.Weight weight ? weight.constant() : null;
  }

  boolean hasAttribute(String name) {
    return attributes.containsKey(name);
  }

  private @Nullable AttributeProto attribute(String name, AttributeProto.AttributeType type) {
    AttributeProto attribute = attributes.get(name);
    if (attribute == null) {
      return null;
    }
    if (attribute.getType() != type || !attribute.getRefAttrName().isEmpty()) {
      throw new IllegalArgumentException(
          "attribute '%s' is a %s, expected %s".formatted(name, attribute.getType(), type));
    }
    return attribute;
  }

  long longAttribute(String name, long otherwise) {
    AttributeProto attribute = attribute(name, AttributeProto.AttributeType.INT);
    return attribute == null ? otherwise : attribute.getI();
  }

  int intAttribute(String name, int otherwise) {
    return Math.toIntExact(longAttribute(name, otherwise));
  }

  float floatAttribute(String name, float otherwise) {
    AttributeProto attribute = attribute(name, AttributeProto.AttributeType.FLOAT);
    return attribute == null ? otherwise : attribute.getF();
  }

  String stringAttribute(String name, String otherwise) {
    AttributeProto attribute = attribute(name, AttributeProto.AttributeType.STRING);
    return attribute == null ? otherwise : attribute.getS().toStringUtf8();
  }

  List<String> stringsAttribute(String name) {
    AttributeProto attribute = attribute(name, AttributeProto.AttributeType.STRINGS);
    return attribute == null
        ? List.of()
        : attribute.getStringsList().stream().map(text -> text.toStringUtf8()).toList();
  }

  int @Nullable [] intsAttribute(String name) {
    AttributeProto attribute = attribute(name, AttributeProto.AttributeType.INTS);
    return attribute == null
        ? null
        : attribute.getIntsList().stream().mapToInt(Math::toIntExact).toArray();
  }

  List<Float> floatsAttribute(String name) {
    AttributeProto attribute = attribute(name, AttributeProto.AttributeType.FLOATS);
    return attribute == null ? List.of() : attribute.getFloatsList();
  }

  @Nullable Constant tensorAttribute(String name) {
    AttributeProto attribute = attribute(name, AttributeProto.AttributeType.TENSOR);
    if (attribute == null) {
      return null;
    }
    TensorProto tensor = attribute.getT();
    return reader.constant(tensor, proto.getOutput(0));
  }

  GraphProto graphAttribute(String name) {
    AttributeProto attribute = attribute(name, AttributeProto.AttributeType.GRAPH);
    if (attribute == null) {
      throw new IllegalArgumentException("attribute '%s' is missing".formatted(name));
    }
    return attribute.getG();
  }

  /**
   * {@return the attributes as graphs have them}
   *
   * @param without those that are left out
   */
  Attributes attributes(String... without) {
    Set<String> omitted = Set.of(without);
    Attributes out = Attributes.NONE;
    for (AttributeProto attribute : proto.getAttributeList()) {
      String name = attribute.getName();
      if (omitted.contains(name)) {
        continue;
      }
      out =
          switch (attribute.getType()) {
            case INT -> out.with(name, longAttribute(name, 0));
            case FLOAT -> out.with(name, floatAttribute(name, 0));
            case STRING -> out.with(name, stringAttribute(name, ""));
            case INTS -> out.with(name, ints(attribute));
            case FLOATS -> out.with(name, floats(attribute));
            default ->
                throw new Refusal("attribute '%s' is a %s".formatted(name, attribute.getType()));
          };
    }
    return out;
  }

  private static int[] ints(AttributeProto attribute) {
    return attribute.getIntsList().stream().mapToInt(Math::toIntExact).toArray();
  }

  private static float[] floats(AttributeProto attribute) {
    float[] out = new float[attribute.getFloatsCount()];
    for (int i = 0; i < out.length; i++) {
      out[i] = attribute.getFloats(i);
    }
    return out;
  }

  /** {@return an axis as a number from 0} */
  static int axis(long axis, int rank) {
    long result = axis < 0 ? axis + rank : axis;
    if (result < 0 || result >= rank) {
      throw new IllegalArgumentException("there is no axis %d among %d".formatted(axis, rank));
    }
    return (int) result;
  }

  /** {@return the type that an attribute such as {@code to} names} */
  ElementType elementType(long onnxType) {
    ElementType type = TensorData.type((int) onnxType);
    if (type == null) {
      throw new Refusal("it makes elements of the type " + TensorData.typeName((int) onnxType));
    }
    return type;
  }

  /** Reads a graph inside this node, which sees the values around it. */
  List<Known> inline(GraphProto graph) {
    return reader.inline(graph);
  }

  /** {@return the result of a node with the inputs and attributes of this one} */
  List<Known> same(Op op) {
    return with(op, attributes());
  }

  /** {@return the result of a node with the inputs of this one} */
  List<Known> with(Op op, Attributes changed) {
    List<@Nullable Value> values = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      values.add(optionalValue(i));
    }
    return computed(builder().nodes(op, changed, outputCount(), values));
  }

  static List<Known> computed(List<Value> values) {
    return values.stream().<Known>map(Known.Computed::new).toList();
  }

  static List<Known> one(Value value) {
    return List.of(new Known.Computed(value));
  }

  static List<Known> one(Numbers numbers) {
    return List.of(new Known.Folded(numbers));
  }
}
