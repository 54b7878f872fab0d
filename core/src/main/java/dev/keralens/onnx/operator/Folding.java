package dev.keralens.onnx.operator;

import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;

/** Operators of numbers that are known beforehand: arithmetic, comparisons, sums. */
final class Folding {
  static final Map<String, Operator> TABLE = table();

  private Folding() {}

  private static Map<String, Operator> table() {
    Map<String, Operator> table = new HashMap<>(RearrangedNumbers.TABLE);
    table.put("Abs", unary(x -> x.sign() < 0 ? Linear.ZERO.minus(x) : x));
    table.put("Add", binary(Linear::plus));
    table.put("And", logical((a, b) -> Linear.of(a.isTrue() && b.isTrue())));
    table.put("Cast", Folding::cast);
    table.put("Ceil", rounding(Math::ceil));
    table.put("Div", Folding::div);
    table.put("Equal", logical((a, b) -> Linear.of(a.minus(b).sign() == 0)));
    table.put("Exp", fixed(Math::exp));
    table.put("Floor", rounding(Math::floor));
    table.put("Greater", logical((a, b) -> Linear.of(a.minus(b).sign() > 0)));
    table.put("GreaterOrEqual", logical((a, b) -> Linear.of(a.minus(b).sign() >= 0)));
    table.put("Less", logical((a, b) -> Linear.of(a.minus(b).sign() < 0)));
    table.put("LessOrEqual", logical((a, b) -> Linear.of(a.minus(b).sign() <= 0)));
    table.put("Log", fixed(Math::log));
    table.put("Max", variadic((a, b) -> a.minus(b).sign() >= 0 ? a : b));
    table.put("Min", variadic((a, b) -> a.minus(b).sign() <= 0 ? a : b));
    table.put("Mod", Folding::mod);
    table.put("Mul", binary(Linear::times));
    table.put("Neg", unary(Linear.ZERO::minus));
    table.put("Not", node -> OnnxNode.one(node.numbers(0).map(ElementType.BOOL, Folding::not)));
    table.put("Or", logical((a, b) -> Linear.of(a.isTrue() || b.isTrue())));
    table.put("Pow", binary((a, b) -> Linear.of(Math.pow(a.number(), b.number()))));
    table.put("Reciprocal", unary(x -> Linear.of(1).over(x, /* whole= */ false)));
    table.put("ReduceMax", reduction((a, b) -> a.minus(b).sign() >= 0 ? a : b));
    table.put("ReduceMin", reduction((a, b) -> a.minus(b).sign() <= 0 ? a : b));
    table.put("ReduceProd", reduction(Linear::times));
    table.put("ReduceSum", reduction(Linear::plus));
    table.put("Round", rounding(Math::rint));
    table.put("Sign", unary(x -> Linear.of(x.sign())));
    table.put("Sqrt", fixed(Math::sqrt));
    table.put("Sub", binary(Linear::minus));
    table.put("Sum", variadic(Linear::plus));
    table.put("Where", Folding::where);
    table.put("Xor", logical((a, b) -> Linear.of(a.isTrue() != b.isTrue())));
    return Map.copyOf(table);
  }

  private static Linear not(Linear x) {
    return Linear.of(!x.isTrue());
  }

  private static Operator unary(UnaryOperator<Linear> function) {
    return node -> OnnxNode.one(node.numbers(0).map(node.numbers(0).type(), function));
  }

  private static Operator fixed(DoubleUnaryOperator function) {
    return unary(x -> Linear.of(function.applyAsDouble(x.number())));
  }

  /** Rounding leaves whole multiples of the batch as they are. */
  private static Operator rounding(DoubleUnaryOperator function) {
    return unary(
        x ->
            x.perBatch() == Math.rint(x.perBatch())
                ? new Linear(function.applyAsDouble(x.fixed()), x.perBatch())
                : Linear.of(function.applyAsDouble(x.number())));
  }

  private static Operator binary(BinaryOperator<Linear> function) {
    return node ->
        OnnxNode.one(
            Numbers.combine(node.numbers(0), node.numbers(1), node.numbers(0).type(), function));
  }

  private static Operator logical(BinaryOperator<Linear> function) {
    return node ->
        OnnxNode.one(Numbers.combine(node.numbers(0), node.numbers(1), ElementType.BOOL, function));
  }

  private static Operator variadic(BinaryOperator<Linear> function) {
    return node -> {
      Numbers result = node.numbers(0);
      for (int i = 1; i < node.inputCount(); i++) {
        result = Numbers.combine(result, node.numbers(i), result.type(), function);
      }
      return OnnxNode.one(result);
    };
  }

  private static List<Known> div(OnnxNode node) {
    boolean whole = !node.numbers(0).type().isFloating();
    return List.copyOf(binary((a, b) -> a.over(b, whole)).apply(node));
  }

  /** Integers: the remainder has the divisor's sign; with fmod, the dividend's. */
  private static List<Known> mod(OnnxNode node) {
    boolean truncated = node.intAttribute("fmod", 0) != 0;
    return List.copyOf(
        binary(
                (a, b) -> {
                  double divisor = b.number();
                  double rest = a.number() % divisor;
                  return Linear.of(
                      truncated || rest == 0 || (rest < 0) == (divisor < 0)
                          ? rest
                          : rest + divisor);
                })
            .apply(node));
  }

  private static List<Known> cast(OnnxNode node) {
    ElementType type = node.elementType(node.longAttribute("to", 0));
    return OnnxNode.one(node.numbers(0).map(type, x -> x));
  }

  private static List<Known> where(OnnxNode node) {
    Numbers a = node.numbers(1);
    Numbers b = node.numbers(2);
    Numbers wide = Numbers.combine(a, b, a.type(), (x, y) -> x);
    Numbers condition = Numbers.combine(node.numbers(0), wide, ElementType.BOOL, (x, y) -> x);
    Numbers left = a.expanded(condition.shape());
    Numbers right = b.expanded(condition.shape());
    List<Linear> out = new ArrayList<>();
    for (int i = 0; i < condition.size(); i++) {
      out.add((condition.elements().get(i).isTrue() ? left : right).elements().get(i));
    }
    return OnnxNode.one(new Numbers(a.type(), condition.shape(), out));
  }

  /** Reductions of lists to one number; of more axes only where all are reduced. */
  private static Operator reduction(BinaryOperator<Linear> function) {
    return node -> {
      Numbers numbers = node.numbers(0);
      int[] axes = ReductionOperators.axes(node, numbers.shape().length);
      if (axes.length == 0) {
        return OnnxNode.one(numbers);
      }
      if (axes.length != numbers.shape().length || numbers.size() == 0) {
        throw new Refusal("it reduces some axes of numbers that are known beforehand");
      }
      Linear result =
          numbers.elements().stream().reduce(function).orElse(Linear.ZERO).as(numbers.type());
      int[] ones = new int[node.intAttribute("keepdims", 1) != 0 ? axes.length : 0];
      Arrays.fill(ones, 1);
      return OnnxNode.one(new Numbers(numbers.type(), ones, List.of(result)));
    };
  }
}
