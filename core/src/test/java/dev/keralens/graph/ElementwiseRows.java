package dev.keralens.graph;

import static dev.keralens.graph.Operand.none;
import static dev.keralens.graph.Operand.scalar;
import static dev.keralens.graph.Operand.x;
import static dev.keralens.graph.OperatorRow.row;

import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;

/** Rows of the operators that work on each element by itself. */
final class ElementwiseRows {
  private static final Attributes NONE = Attributes.NONE;
  private static final Sampler ANY = Sampler.between(-2, 2);
  private static final Sampler NOT_ZERO = Sampler.awayFrom(0);
  private static final Sampler POSITIVE = Sampler.between(0.5, 3);
  private static final Sampler INSIDE_ONE = Sampler.between(-0.75, 0.75);

  private ElementwiseRows() {}

  static List<OperatorRow> rows() {
    List<OperatorRow> rows = new ArrayList<>();
    functions(rows);
    activations(rows);
    steps(rows);
    return rows;
  }

  private static void functions(List<OperatorRow> rows) {
    rows.add(each(Op.ABS, NOT_ZERO));
    rows.add(each(Op.ACOS, INSIDE_ONE));
    rows.add(each(Op.ACOSH, Sampler.between(1.5, 4)));
    rows.add(each(Op.ASIN, INSIDE_ONE));
    rows.add(each(Op.ASINH, ANY));
    rows.add(each(Op.ATAN, ANY));
    rows.add(each(Op.ATANH, INSIDE_ONE));
    rows.add(each(Op.COS, ANY));
    rows.add(each(Op.COSH, ANY));
    rows.add(each(Op.ERF, ANY));
    rows.add(each(Op.EXP, ANY));
    rows.add(each(Op.IDENTITY, ANY));
    rows.add(each(Op.LOG, POSITIVE));
    rows.add(each(Op.NEG, ANY));
    rows.add(each(Op.RECIPROCAL, POSITIVE));
    rows.add(each(Op.SIN, ANY));
    rows.add(each(Op.SINH, ANY));
    rows.add(each(Op.SQRT, POSITIVE));
    rows.add(each(Op.TAN, Sampler.between(-1, 1)));
    rows.add(each(Op.TANH, ANY));
    Attributes toDouble = Attributes.of("to", OnnxTypes.code(ElementType.FLOAT64));
    Attributes toFloat = Attributes.of("to", OnnxTypes.code(ElementType.FLOAT32));
    rows.add(row(Op.CAST, "wider", toDouble, x(-1, 7)));
    rows.add(row(Op.CAST, "narrower", toFloat, x(-1, 7).as(ElementType.FLOAT64)));
    for (Op op : List.of(Op.EXP, Op.SQRT, Op.TANH, Op.SIGMOID, Op.RELU)) {
      Operand.Fed x = x(POSITIVE, -1, 7).as(ElementType.FLOAT64);
      rows.add(row(op, "double precision", NONE, x));
    }
    rows.add(row(Op.EXP, "batch last", NONE, x(3, -1)));
    rows.add(row(Op.EXP, "multiple of the batch", NONE, x(-2, 3)));
  }

  private static void activations(List<OperatorRow> rows) {
    rows.add(each(Op.CELU, NOT_ZERO));
    rows.add(each(Op.CELU, NONE.with("alpha", 0.5f), NOT_ZERO));
    rows.add(each(Op.ELU, NOT_ZERO));
    rows.add(each(Op.ELU, NONE.with("alpha", 0.5f), NOT_ZERO));
    rows.add(each(Op.GELU, ANY));
    rows.add(each(Op.GELU, NONE.with("approximate", "tanh"), ANY));
    rows.add(each(Op.HARD_SIGMOID, Sampler.awayFrom(-2.5, 2.5)));
    Attributes sixth = NONE.with("alpha", 1 / 6f).with("beta", 0.25f);
    rows.add(each(Op.HARD_SIGMOID, sixth, Sampler.awayFrom(-1.5)));
    rows.add(each(Op.HARD_SWISH, Sampler.between(-2.875, 2.875)));
    rows.add(row(Op.HARD_SWISH, "outside", NONE, x(outside(), -1, 40)));
    rows.add(each(Op.LEAKY_RELU, NOT_ZERO));
    rows.add(each(Op.LEAKY_RELU, NONE.with("alpha", 0.25f), NOT_ZERO));
    rows.add(each(Op.MISH, ANY));
    rows.add(each(Op.RELU, NOT_ZERO));
    rows.add(each(Op.SELU, NOT_ZERO));
    rows.add(each(Op.SELU, NONE.with("alpha", 1.5f).with("gamma", 2f), NOT_ZERO));
    rows.add(each(Op.SHRINK, Sampler.awayFrom(-0.5, 0.5)));
    Attributes soft = NONE.with("lambd", 1f).with("bias", 1f);
    rows.add(each(Op.SHRINK, soft, Sampler.awayFrom(-1, 1)));
    rows.add(each(Op.SIGMOID, ANY));
    rows.add(each(Op.SOFTPLUS, ANY));
    rows.add(each(Op.SOFTSIGN, NOT_ZERO));
    rows.add(each(Op.THRESHOLDED_RELU, Sampler.awayFrom(1)));
    rows.add(each(Op.THRESHOLDED_RELU, NONE.with("alpha", 0.5f), Sampler.awayFrom(0.5)));
    Operand.Fed wide = x(Sampler.awayFrom(-1, 1), -1, 40);
    rows.add(row(Op.CLIP, "two bounds", NONE, wide, scalar(-1), scalar(1)));
    rows.add(row(Op.CLIP, "lower bound", NONE, wide, scalar(-1)));
    rows.add(row(Op.CLIP, "upper bound", NONE, wide, none(), scalar(1)));
    rows.add(row(Op.CLIP, "no bound", NONE, wide));
  }

  private static void steps(List<OperatorRow> rows) {
    for (Op op : List.of(Op.CEIL, Op.FLOOR, Op.IS_INF, Op.IS_NAN, Op.ROUND, Op.SIGN)) {
      rows.add(each(op, ANY).passesNone());
    }
    rows.add(
        each(Op.NOT, ANY)
            .by((b, x) -> b.node(Op.NOT, b.cast(x.get(0), ElementType.BOOL)))
            .passesNone());
    rows.add(each(Op.CAST, Attributes.of("to", 7), ANY).passesNone());
    rows.add(each(Op.CAST, Attributes.of("to", 9), ANY).passesNone());
  }

  private static Sampler outside() {
    return (random, count) -> {
      float[] out = Sampler.between(3.125, 5).sample(random, count);
      for (int i = 0; i < count; i += 2) {
        out[i] = -out[i];
      }
      return out;
    };
  }

  private static OperatorRow each(Op op, Sampler sampler) {
    return each(op, NONE, sampler);
  }

  private static OperatorRow each(Op op, Attributes attributes, Sampler sampler) {
    return row(op, "", attributes, x(sampler, -1, 24));
  }
}
