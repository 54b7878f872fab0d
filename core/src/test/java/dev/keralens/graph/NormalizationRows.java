package dev.keralens.graph;

import static dev.keralens.graph.Operand.floats;
import static dev.keralens.graph.Operand.weights;
import static dev.keralens.graph.Operand.x;
import static dev.keralens.graph.OperatorRow.row;

import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of normalizations and of softmax. */
final class NormalizationRows {
  private static final Attributes NONE = Attributes.NONE;
  private static final Sampler NOT_ZERO = Sampler.awayFrom(0);

  private NormalizationRows() {}

  static List<OperatorRow> rows() {
    List<OperatorRow> rows = new ArrayList<>();
    batch(rows, "rows", NONE, x(-1, 3));
    batch(rows, "line", NONE, x(-1, 3, 5));
    batch(rows, "image", NONE.with("epsilon", 1e-1f), x(-1, 3, 4, 2));
    batch(rows, "volume", NONE, x(-1, 3, 2, 3, 2));
    batch(rows, "double precision", NONE, x(-1, 3, 4, 2).as(ElementType.FLOAT64));
    Attributes large = NONE.with("epsilon", 0.5f);
    rows.add(row(Op.INSTANCE_NORMALIZATION, "line", NONE, x(-1, 3, 7), weights(3), weights(3)));
    rows.add(
        row(Op.INSTANCE_NORMALIZATION, "image", large, x(-1, 3, 4, 2), weights(3), weights(3)));
    Operand.Fed image = x(-1, 3, 4, 2);
    rows.add(row(Op.LAYER_NORMALIZATION, "last axis", large, image, weights(2), weights(2)));
    rows.add(row(Op.LAYER_NORMALIZATION, "no bias", NONE, x(-1, 3, 7), weights(7)));
    rows.add(
        row(
            Op.LAYER_NORMALIZATION,
            "three axes",
            large.with("axis", 1),
            image,
            weights(3, 4, 2),
            weights(3, 4, 2)));
    rows.add(row(Op.LAYER_NORMALIZATION, "", NONE.with("axis", -2), image, weights(4, 2)));
    for (Op op : List.of(Op.SOFTMAX, Op.LOG_SOFTMAX)) {
      rows.add(row(op, "rows", NONE, x(-1, 7)));
      rows.add(row(op, "image", Attributes.of("axis", 1), image));
      rows.add(row(op, "image", Attributes.of("axis", -2), image));
      rows.add(row(op, "batch last", Attributes.of("axis", 0), x(5, -1)));
    }
    for (int p = 1; p <= 2; p++) {
      Attributes norm = Attributes.of("p", p);
      rows.add(row(Op.LP_NORMALIZATION, "rows", norm, x(NOT_ZERO, -1, 7)));
      rows.add(row(Op.LP_NORMALIZATION, "image", norm.with("axis", 1), x(NOT_ZERO, -1, 3, 4, 2)));
    }
    Attributes size = NONE.with("alpha", 0.5f).with("beta", 0.75f);
    rows.add(row(Op.LRN, "image", size.with("size", 5).with("bias", 2f), x(-1, 7, 2, 3)));
    rows.add(row(Op.LRN, "one channel", size.with("size", 1), x(-1, 2, 2, 3)));
    rows.add(row(Op.LRN, "wider than the channels", size.with("size", 5), x(-1, 2, 2, 3)));
    return rows;
  }

  private static void batch(
      List<OperatorRow> rows, String name, Attributes attributes, Operand.Fed x) {
    rows.add(
        row(
                Op.BATCH_NORMALIZATION,
                name,
                attributes,
                x,
                weights(3),
                floats(0.1, 0.2, 0.3),
                floats(0.5, 0.25, -1),
                floats(0.5, 1, 2))
            .by((b, values) -> batch(b, attributes, values)));
  }

  private static Value batch(GraphBuilder b, Attributes attributes, List<Value> values) {
    Value x = values.get(0);
    List<@Nullable Value> operands = new ArrayList<>();
    values.forEach(value -> operands.add(b.cast(value, x.type())));
    return b.nodes(Op.BATCH_NORMALIZATION, attributes, 1, operands).get(0);
  }
}
