package dev.keralens.graph;

import static dev.keralens.graph.Operand.scalar;
import static dev.keralens.graph.Operand.weights;
import static dev.keralens.graph.Operand.x;
import static dev.keralens.graph.OperatorRow.row;

import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;

/** Rows of the operators whose operands broadcast. */
final class ArithmeticRows {
  private static final Attributes NONE = Attributes.NONE;
  private static final Sampler POSITIVE = Sampler.between(0.5, 3);

  private ArithmeticRows() {}

  static List<OperatorRow> rows() {
    List<OperatorRow> rows = new ArrayList<>();
    for (Op op : List.of(Op.ADD, Op.SUB, Op.MUL, Op.SUM, Op.MEAN)) {
      shapes(rows, op, Sampler.between(-2, 2));
    }
    shapes(rows, Op.DIV, POSITIVE);
    shapes(rows, Op.POW, POSITIVE);
    for (Op op : List.of(Op.MAX, Op.MIN)) {
      rows.add(row(op, "same shape", NONE, x(low(), -1, 9), x(high(), -1, 9)));
      rows.add(row(op, "broadcast", NONE, x(low(), -1, 1, 3), x(high(), -1, 4, 1)));
      rows.add(row(op, "constant", NONE, x(low(), -1, 9), scalar(-1)));
      rows.add(row(op, "constant first", NONE, scalar(-1), x(low(), -1, 9)));
      rows.add(row(op, "three", NONE, x(low(), -1, 9), x(high(), -1, 9), scalar(-1)));
    }
    rows.add(row(Op.SUM, "three", NONE, x(-1, 1, 3), x(-1, 4, 1), weights(2, 1, 1, 3)));
    rows.add(row(Op.SUM, "one", NONE, x(-1, 3)));
    rows.add(row(Op.MEAN, "three", NONE, x(-1, 1, 3), x(-1, 4, 1), weights(2, 1, 1, 3)));
    for (double exponent : new double[] {2, 3, -1, 0.5, 1}) {
      rows.add(row(Op.POW, "constant " + exponent, NONE, x(POSITIVE, -1, 9), scalar(exponent)));
    }
    rows.add(
        row(Op.POW, "of negative numbers", NONE, x(Sampler.between(-2, -0.5), -1, 9), scalar(2)));
    rows.add(row(Op.POW, "of a constant", NONE, scalar(1.5), x(-1, 9)));
    fractions(rows);
    choices(rows);
    truths(rows);
    return rows;
  }

  private static void shapes(List<OperatorRow> rows, Op op, Sampler sampler) {
    Operand.Fed row = x(sampler, -1, 3);
    rows.add(row(op, "same shape", NONE, row, row));
    rows.add(row(op, "constant", NONE, x(sampler, -1, 2, 3), weights(POSITIVE, 3)));
    rows.add(row(op, "constant first", NONE, weights(POSITIVE, 2, 1, 3), row));
    rows.add(row(op, "one row a channel", NONE, x(sampler, -1, 2, 3, 4), x(sampler, -1, 2, 1, 1)));
    rows.add(row(op, "both broadcast", NONE, x(sampler, -1, 1, 3), x(sampler, -1, 4, 1)));
    rows.add(row(op, "batch last", NONE, x(sampler, 2, 3, -1), x(sampler, 3, -1)));
    rows.add(row(op, "multiple of the batch", NONE, x(sampler, -2, 3), x(sampler, 4, -2, 1)));
    if (op != Op.SUB && op != Op.DIV) {
      rows.add(row(op, "value used twice", NONE, row).by((b, x) -> b.node(op, x.get(0), x.get(0))));
    }
    rows.add(
        row(op, "value used in two places", NONE, row)
            .by((b, x) -> b.node(op, x.get(0), b.node(Op.EXP, x.get(0)))));
  }

  private static void fractions(List<OperatorRow> rows) {
    Attributes fmod = Attributes.of("fmod", 1);
    Sampler odd = (random, count) -> halves(Sampler.below(4).sample(random, count));
    rows.add(row(Op.MOD, "remainder", fmod, x(odd, -1, 9), scalar(1)));
    rows.add(row(Op.MOD, "divisor", fmod, x(odd, -1, 9), x(Sampler.between(2.75, 3.25), -1, 9)));
    rows.add(
        row(Op.MOD, "broadcast", fmod, x(odd, -1, 2, 3), x(Sampler.between(2.75, 3.25), -1, 1, 3)));
  }

  private static float[] halves(float[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] += 0.5f;
    }
    return values;
  }

  private static void choices(List<OperatorRow> rows) {
    Operand.Fed image = x(Sampler.awayFrom(0), -1, 2, 3, 4);
    rows.add(row(Op.PRELU, "slope a channel", NONE, image, weights(2, 1, 1)));
    rows.add(row(Op.PRELU, "one slope", NONE, image, weights(1)));
    rows.add(row(Op.PRELU, "computed slope", NONE, image, x(-1, 2, 1, 1)));
    Operand.Fed truth = x(Sampler.below(2), -1, 1, 8).as(ElementType.BOOL);
    rows.add(row(Op.WHERE, "same shape", NONE, truth, x(-1, 1, 8), x(-1, 1, 8)));
    rows.add(row(Op.WHERE, "broadcast", NONE, truth, x(-1, 4, 1), x(-1, 1, 8)));
    rows.add(row(Op.WHERE, "constant", NONE, truth, scalar(0), x(-1, 1, 8)));
    rows.add(
        row(Op.WHERE, "condition computed from the same value", NONE, x(Sampler.awayFrom(0), -1, 9))
            .by((b, x) -> b.where(positive(b, x.get(0)), x.get(0), b.mul(x.get(0), 3))));
  }

  private static void truths(List<OperatorRow> rows) {
    Operand.Fed row = x(-1, 9);
    for (Op op : List.of(Op.EQUAL, Op.GREATER, Op.GREATER_OR_EQUAL, Op.LESS, Op.LESS_OR_EQUAL)) {
      rows.add(row(op, "same shape", NONE, row, row).passesNone());
      rows.add(row(op, "constant", NONE, row, scalar(0)).passesNone());
    }
    for (Op op : List.of(Op.AND, Op.OR, Op.XOR)) {
      rows.add(
          row(op, "broadcast", NONE, x(-1, 1, 9), x(-1, 4, 1))
              .by((b, x) -> b.node(op, positive(b, x.get(0)), positive(b, x.get(1))))
              .passesNone());
    }
  }

  private static Value positive(GraphBuilder b, Value x) {
    return b.node(Op.GREATER, x, b.scalar(0));
  }

  /** Numbers between -2 and 0, none near -1. */
  private static Sampler low() {
    return (random, count) -> {
      float[] out = Sampler.between(-0.75, 0).sample(random, count);
      for (int i = 0; i < count; i++) {
        out[i] -= random.nextInt(2) * 1.25f;
      }
      return out;
    };
  }

  /** Numbers above and below those of {@link #low}, none near them. */
  private static Sampler high() {
    return (random, count) -> {
      float[] out = Sampler.between(0.5, 1).sample(random, count);
      for (int i = 0; i < count; i += 2) {
        out[i] -= 4;
      }
      return out;
    };
  }
}
