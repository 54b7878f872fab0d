package dev.keralens.onnx.write;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.UnsafeByteOperations;
import dev.keralens.graph.Constant;
import dev.keralens.graph.OnnxTypes;
import dev.keralens.graph.Value;
import dev.keralens.onnx.write.OpenSizes.Axis;
import dev.keralens.onnx.write.OpenSizes.Count;
import dev.keralens.onnx.write.OpenSizes.Formula;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Writes what computes sizes, and what refuses those that a file is not for. */
final class SizeNodes {
  private static final String SCOPE = "sizes/";

  private final OpenSizes open;
  private final GraphProto.Builder proto;
  private final UnaryOperator<String> unused;
  private final Function<Value, String> name;
  private final Map<Axis, String> axes = new HashMap<>();
  private final Map<Value, String> shapes = new HashMap<>();
  private final Map<List<Long>, String> numbers = new HashMap<>();
  private final Set<Value> written = new HashSet<>();

  SizeNodes(
      OpenSizes open,
      GraphProto.Builder proto,
      UnaryOperator<String> unused,
      Function<Value, String> name) {
    this.open = open;
    this.proto = proto;
    this.unused = unused;
    this.name = name;
  }

  /** Writes what computes a constant, before it is first read. */
  void before(Value value, Constant constant) {
    Formula formula = open.constants().get(value);
    if (formula == null || !written.add(value)) {
      return;
    }
    String result = name.apply(value);
    if (formula instanceof Formula.Whole whole) {
      String all = vector(whole.numbers());
      node("Reshape", result, List.of(all, known(longs(constant.shape()))));
    } else if (formula instanceof Formula.Quotient quotient) {
      String size =
          node("Cast", number(quotient.divisor()), "to", OnnxTypes.code(ElementType.FLOAT32));
      String one =
          node("Div", unused.apply(SCOPE + "Div"), List.of(real((float) quotient.factor()), size));
      if (Tensor.elements(constant.shape()) == 1) {
        node("Reshape", result, List.of(one, known(longs(constant.shape()))));
      } else {
        node("Expand", result, List.of(one, known(longs(constant.shape()))));
      }
    } else if (formula instanceof Formula.Repeated repeated) {
      String pattern = constant(repeated.pattern());
      String times =
          node(
              "Div",
              unused.apply(SCOPE + "Div"),
              List.of(vector(repeated.sizes()), known(longs(repeated.pattern().shape()))));
      node("Tile", result, List.of(pattern, times));
    }
  }

  /**
   * {@return the name of an input whose open sizes have been checked} A size that is too small or
   * no multiple is an index out of bounds: the run fails.
   */
  String checked(String input, Value value) {
    List<Integer> sizes = open.axes().getOrDefault(value, List.of());
    if (sizes.isEmpty() || (open.step() == 1 && open.least() == 1)) {
      return input;
    }
    String shape = node("Shape", unused.apply(SCOPE + "Shape"), List.of(input));
    String checked = shape;
    for (int axis : sizes) {
      String size = gather(shape, axis);
      String rest = binary("Mod", size, known(open.step()));
      String lacking = binary("Max", binary("Sub", known(open.least()), size), known(0));
      String zero =
          node(
              "Gather",
              unused.apply(SCOPE + "multiple_of_%d_from_%d".formatted(open.step(), open.least())),
              List.of(known(0), binary("Add", rest, lacking)));
      checked = binary("Add", checked, zero);
    }
    return node("Reshape", unused.apply(input + "/checked"), List.of(input, checked));
  }

  private String binary(String op, String one, String two) {
    return node(op, unused.apply(SCOPE + op), List.of(one, two));
  }

  private String gather(String shape, int axis) {
    return node("Gather", unused.apply(SCOPE + "size"), List.of(shape, known(axis)));
  }

  private String axis(Axis axis) {
    String known = axes.get(axis);
    if (known == null) {
      String shape = shapes.get(axis.value());
      if (shape == null) {
        String read = name.apply(axis.value());
        shape = node("Shape", unused.apply(SCOPE + "Shape"), List.of(read));
        shapes.put(axis.value(), shape);
      }
      known = gather(shape, axis.axis());
      axes.put(axis, known);
    }
    return known;
  }

  /** A number as an array of one. */
  private String number(Count number) {
    if (number.factors().isEmpty()) {
      return known(number.plus());
    }
    String product = axis(number.factors().get(0));
    for (Axis factor : number.factors().subList(1, number.factors().size())) {
      product = binary("Mul", product, axis(factor));
    }
    return number.plus() == 0 ? product : binary("Add", product, known(number.plus()));
  }

  private String vector(List<Count> all) {
    List<String> parts = new ArrayList<>(all.stream().map(this::number).toList());
    if (parts.size() == 1) {
      return parts.get(0);
    }
    String result = unused.apply(SCOPE + "Concat");
    proto.addNode(
        NodeProto.newBuilder()
            .setOpType("Concat")
            .setName(result)
            .addAllInput(parts)
            .addOutput(result)
            .addAttribute(number("axis", 0)));
    return result;
  }

  private String node(String op, String output, List<String> inputs) {
    proto.addNode(
        NodeProto.newBuilder().setOpType(op).setName(output).addAllInput(inputs).addOutput(output));
    return output;
  }

  private String node(String op, String input, String attribute, int value) {
    String output = unused.apply(SCOPE + op);
    proto.addNode(
        NodeProto.newBuilder()
            .setOpType(op)
            .setName(output)
            .addInput(input)
            .addOutput(output)
            .addAttribute(number(attribute, value)));
    return output;
  }

  private static AttributeProto number(String name, int value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  private static long[] longs(int[] sizes) {
    return Arrays.stream(sizes).asLongStream().toArray();
  }

  /** Whole numbers that are known. */
  private String known(long... values) {
    List<Long> key = Arrays.stream(values).boxed().toList();
    String known = numbers.get(key);
    if (known == null) {
      known = constant(Tensor.of(values, values.length));
      numbers.put(key, known);
    }
    return known;
  }

  private String real(float value) {
    return constant(Tensor.of(new float[] {value}, 1));
  }

  private String constant(Tensor tensor) {
    String name = unused.apply(SCOPE + "known");
    TensorProto.Builder out =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(OnnxTypes.code(tensor.type()))
            .setRawData(UnsafeByteOperations.unsafeWrap(tensor.bytes()));
    for (int size : tensor.shape()) {
      out.addDims(size);
    }
    proto.addInitializer(out);
    return name;
  }
}
