package dev.keralens.onnx.operator;

import ai.onnx.proto.OnnxMl.GraphProto;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Shape;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Operators that give constants or sizes, that choose between graphs, or that do nothing. */
final class ConstantOperators {
  static final Map<String, Operator> TABLE =
      Map.ofEntries(
          Map.entry("Cast", ConstantOperators::cast),
          Map.entry("CastLike", ConstantOperators::castLike),
          Map.entry("Constant", ConstantOperators::constant),
          Map.entry("ConstantOfShape", ConstantOperators::constantOfShape),
          Map.entry("Dropout", ConstantOperators::dropout),
          Map.entry("Identity", node -> List.of(node.known(0))),
          Map.entry("If", ConstantOperators::choice),
          Map.entry("NonZero", ConstantOperators::unknown),
          Map.entry("Range", ConstantOperators::unknown),
          Map.entry("Shape", ConstantOperators::shape),
          Map.entry("Size", ConstantOperators::size));

  private ConstantOperators() {}

  private static List<Known> unknown(OnnxNode node) {
    throw new Refusal("the shape of its output is only known when it runs");
  }

  private static List<Known> constant(OnnxNode node) {
    Constant tensor = node.tensorAttribute("value");
    if (tensor != null) {
      return List.of(new Known.Weight(node.outputName(), tensor));
    }
    if (node.hasAttribute("value_int")) {
      return OnnxNode.one(
          Numbers.scalar(
              ElementType.INT64, Linear.of((double) node.longAttribute("value_int", 0))));
    }
    if (node.hasAttribute("value_float")) {
      return OnnxNode.one(
          Numbers.scalar(ElementType.FLOAT32, Linear.of(node.floatAttribute("value_float", 0))));
    }
    int[] ints = node.intsAttribute("value_ints");
    if (ints != null) {
      return OnnxNode.one(
          Numbers.list(
              ElementType.INT64, Arrays.stream(ints).mapToObj(i -> Linear.of(i)).toList()));
    }
    if (node.hasAttribute("value_floats")) {
      List<Float> floats = node.floatsAttribute("value_floats");
      return OnnxNode.one(
          Numbers.list(
              ElementType.FLOAT32, floats.stream().map(number -> Linear.of(number)).toList()));
    }
    throw new Refusal("its value is a text or a sparse tensor");
  }

  private static List<Known> constantOfShape(OnnxNode node) {
    Constant value = node.tensorAttribute("value");
    ElementType type = value == null ? ElementType.FLOAT32 : value.type();
    double number = value == null ? 0 : Numbers.of(value).single().fixed();
    Shape shape = RearrangingOperators.shapeOf(node.numbers(0));
    return List.of(new Known.Uniform(type, shape, number));
  }

  static List<Known> shape(OnnxNode node) {
    List<Linear> sizes = Numbers.of(node.shape(0)).elements();
    int start = clamped(node.longAttribute("start", 0), sizes.size());
    int end = clamped(node.longAttribute("end", sizes.size()), sizes.size());
    return OnnxNode.one(
        Numbers.list(ElementType.INT64, sizes.subList(start, Math.max(start, end))));
  }

  private static int clamped(long position, int size) {
    return (int) Math.max(0, Math.min(size, position < 0 ? position + size : position));
  }

  private static List<Known> size(OnnxNode node) {
    Linear product = Linear.of(1);
    for (Linear size : Numbers.of(node.shape(0)).elements()) {
      product = product.times(size);
    }
    return OnnxNode.one(Numbers.scalar(ElementType.INT64, product));
  }

  private static List<Known> cast(OnnxNode node) {
    return castTo(node, node.elementType(node.longAttribute("to", 0)));
  }

  private static List<Known> castLike(OnnxNode node) {
    return castTo(node, node.known(1).type());
  }

  private static List<Known> castTo(OnnxNode node, ElementType type) {
    if (node.known(0).type() == type) {
      return List.of(node.known(0));
    }
    if (node.known(0) instanceof Known.Uniform uniform) {
      double number = Linear.of(uniform.number()).as(type).number();
      return List.of(new Known.Uniform(type, uniform.shape(), number));
    }
    return OnnxNode.one(node.builder().cast(node.value(0), type));
  }

  /** Dropout does nothing at inference; its mask is true everywhere. */
  private static List<Known> dropout(OnnxNode node) {
    boolean off = !node.has(2) || !node.numbers(2).single().isTrue() || node.version() < 12;
    if (!off) {
      throw new Refusal("it drops at random, as in training; export the model for inference");
    }
    return List.of(node.known(0), new Known.Uniform(ElementType.BOOL, node.shape(0), 1));
  }

  private static List<? extends Known> choice(OnnxNode node) {
    Numbers condition = node.numbersOrNull(0);
    if (condition == null) {
      throw new Refusal("its condition is only known when it runs");
    }
    GraphProto graph =
        node.graphAttribute(condition.single().isTrue() ? "then_branch" : "else_branch");
    return node.inline(graph);
  }

  /** A constant that follows from another one: the same elements, otherwise arranged. */
  static List<Known> derived(OnnxNode node, int[] shape, UnaryOperator<Tensor> function) {
    Known.Weight weight = (Known.Weight) node.known(0);
    Constant from = weight.constant();
    Constant constant = Constant.deferred(from.type(), shape, () -> function.apply(from.tensor()));
    return List.of(new Known.Weight(weight.name(), constant));
  }
}
