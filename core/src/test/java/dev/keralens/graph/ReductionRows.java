package dev.keralens.graph;

import static dev.keralens.graph.Operand.ints;
import static dev.keralens.graph.Operand.x;
import static dev.keralens.graph.OperatorRow.row;
import static dev.keralens.graph.OperatorRow.rowOf;

import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Rows of the operators that work along axes. */
final class ReductionRows {
  private static final Attributes NONE = Attributes.NONE;
  private static final Attributes DROP = Attributes.of("keepdims", 0);

  private ReductionRows() {}

  static List<OperatorRow> rows() {
    List<OperatorRow> rows = new ArrayList<>();
    Sampler positive = Sampler.between(0.5, 2);
    reduce(rows, Op.REDUCE_L1, Sampler.awayFrom(0));
    reduce(rows, Op.REDUCE_L2, Sampler.awayFrom(0));
    reduce(rows, Op.REDUCE_LOG_SUM, positive);
    reduce(rows, Op.REDUCE_LOG_SUM_EXP, Sampler.between(-2, 2));
    reduce(rows, Op.REDUCE_MAX, Sampler.distinct());
    reduce(rows, Op.REDUCE_MEAN, Sampler.between(-2, 2));
    reduce(rows, Op.REDUCE_MIN, Sampler.distinct());
    reduce(rows, Op.REDUCE_PROD, positive);
    reduce(rows, Op.REDUCE_SUM, Sampler.between(-2, 2));
    reduce(rows, Op.REDUCE_SUM_SQUARE, Sampler.between(-2, 2));
    Operand.Fed precise = x(Sampler.distinct(), -1, 4).as(ElementType.FLOAT64);
    for (Op op : List.of(Op.REDUCE_MAX, Op.REDUCE_MEAN, Op.REDUCE_SUM)) {
      rows.add(row(op, "double precision", DROP, precise, ints(1)));
    }
    Sampler zeros = Sampler.below(3);
    rows.add(row(Op.REDUCE_PROD, "with zeros", NONE, x(zeros, -1, 8, 3), ints(-1)));
    for (Op op : List.of(Op.ARG_MAX, Op.ARG_MIN)) {
      rows.add(row(op, "", Attributes.of("axis", 1), x(-1, 5, 3)).passesNone());
      rows.add(row(op, "", Attributes.of("axis", -1).with("keepdims", 0), x(-1, 5)).passesNone());
    }
    Operand.Known second = new Operand.Known(Tensor.of(new long[] {1}));
    rows.add(row(Op.CUM_SUM, "", NONE, x(-1, 5, 2), second));
    rows.add(row(Op.CUM_SUM, "", Attributes.of("reverse", 1), x(-1, 5, 2), second));
    rows.add(row(Op.CUM_SUM, "", Attributes.of("exclusive", 1), x(-1, 5, 2), second));
    Attributes both = Attributes.of("exclusive", 1).with("reverse", 1);
    rows.add(row(Op.CUM_SUM, "", both, x(-1, 5, 2), second));
    Operand.Known last = new Operand.Known(Tensor.of(new long[] {-1}));
    rows.add(row(Op.CUM_SUM, "last axis", NONE, x(-1, 2, 5), last));
    Sampler apart = Sampler.distinct();
    rows.add(rowOf(Op.TOP_K, "rows", 2, NONE, x(apart, -1, 7), ints(3)));
    rows.add(rowOf(Op.TOP_K, "smallest", 2, Attributes.of("largest", 0), x(apart, -1, 7), ints(2)));
    rows.add(rowOf(Op.TOP_K, "image", 2, Attributes.of("axis", 1), x(apart, -1, 5, 3, 2), ints(2)));
    return rows;
  }

  private static void reduce(List<OperatorRow> rows, Op op, Sampler sampler) {
    rows.add(row(op, "last axis", NONE, x(sampler, -1, 4, 3), ints(-1)));
    rows.add(row(op, "last axis", DROP, x(sampler, -1, 4, 3), ints(-1)));
    rows.add(row(op, "two axes", DROP, x(sampler, -1, 3, 4, 2), ints(2, 1)));
    rows.add(row(op, "axes apart", DROP, x(sampler, -1, 3, 4, 2), ints(1, -1)));
    rows.add(row(op, "batch in between", DROP, x(sampler, 3, -1, 2), ints(0, 2)));
    rows.add(row(op, "multiple of the batch", NONE, x(sampler, -2, 4), ints(1)));
  }
}
