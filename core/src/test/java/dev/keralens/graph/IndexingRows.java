package dev.keralens.graph;

import static dev.keralens.graph.Operand.indices;
import static dev.keralens.graph.Operand.ints;
import static dev.keralens.graph.Operand.scalar;
import static dev.keralens.graph.Operand.weights;
import static dev.keralens.graph.Operand.x;
import static dev.keralens.graph.OperatorRow.row;

import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;

/** Rows of the operators that take or put elements by position. */
final class IndexingRows {
  private static final Attributes NONE = Attributes.NONE;

  private IndexingRows() {}

  static List<OperatorRow> rows() {
    List<OperatorRow> rows = new ArrayList<>();
    gathers(rows);
    slices(rows);
    pads(rows);
    elements(rows);
    return rows;
  }

  private static void gathers(List<OperatorRow> rows) {
    Attributes first = Attributes.of("axis", 1);
    rows.add(row(Op.GATHER, "some", first, x(-1, 5, 3), ints(3, 0)));
    rows.add(row(Op.GATHER, "all, reordered", first, x(-1, 3, 2), ints(2, 0, 1)));
    rows.add(row(Op.GATHER, "repeated", first, x(-1, 5, 3), ints(3, 0, 3, 4)));
    rows.add(row(Op.GATHER, "from the end", first, x(-1, 5, 3), ints(-1, 1)));
    rows.add(row(Op.GATHER, "one", first, x(-1, 5, 3), indices(new int[0], 3)));
    rows.add(row(Op.GATHER, "table", first, x(-1, 5, 3), indices(new int[] {2, 2}, 3, 1, 0, 3)));
    rows.add(row(Op.GATHER, "last axis", Attributes.of("axis", -1), x(-1, 3, 5), ints(1, 4)));
    rows.add(row(Op.GATHER, "batch last", NONE, x(5, -1), ints(1, 4)));
    rows.add(
        row(Op.GATHER, "embedding", NONE, weights(5, 3), x(Sampler.below(5), -1, 2))
            .by((b, x) -> b.node(Op.GATHER, x.get(0), b.cast(x.get(1), ElementType.INT64)))
            .passesNone());
    rows.add(
        row(Op.ONE_HOT, "", NONE, x(Sampler.below(5), -1, 2), ints(5), Operand.floats(0, 1))
            .by(
                (b, x) ->
                    b.node(Op.ONE_HOT, b.cast(x.get(0), ElementType.INT64), x.get(1), x.get(2)))
            .passesNone());
  }

  private static void slices(List<OperatorRow> rows) {
    Operand.Fed x = x(-1, 6, 7);
    long end = Long.MAX_VALUE;
    rows.add(row(Op.SLICE, "middle", NONE, x, ints(2), ints(4), ints(1)));
    rows.add(row(Op.SLICE, "two axes", NONE, x, ints(2, 1), ints(4, 9), ints(1, -1)));
    rows.add(row(Op.SLICE, "from the end", NONE, x, ints(-3, -5), ints(-1, end), ints(1, 2)));
    rows.add(row(Op.SLICE, "steps", NONE, x, ints(1, 0), ints(6, end), ints(1, 2), ints(2, 3)));
    rows.add(row(Op.SLICE, "backward", NONE, x, ints(-1), ints(-end), ints(2), ints(-1)));
    rows.add(row(Op.SLICE, "backward, steps", NONE, x, ints(5), ints(0), ints(2), ints(-2)));
    rows.add(row(Op.SLICE, "beyond the ends", NONE, x, ints(-20), ints(20), ints(1)));
    rows.add(row(Op.SLICE, "no axes", NONE, x(4, -1), ints(1), ints(3)));
    rows.add(row(Op.SLICE, "axis 0, steps", NONE, x(4, -1), ints(0), ints(4), ints(0), ints(2)));
  }

  private static void pads(List<OperatorRow> rows) {
    Operand.Fed image = x(-1, 2, 5, 4);
    rows.add(row(Op.PAD, "zeros", NONE, image, ints(0, 0, 1, 2, 0, 0, 3, 0)));
    rows.add(row(Op.PAD, "cut", NONE, image, ints(0, 0, -1, 2, 0, 0, -1, -1)));
    rows.add(row(Op.PAD, "value", NONE, image, ints(0, 1, 0, 2, 0, 0, 0, 0), scalar(7)));
    rows.add(row(Op.PAD, "axes", NONE, x(-1, 3, 4), ints(1, 2, 3, 1), scalar(7), ints(-1, 1)));
    for (String mode : List.of("edge", "reflect", "wrap")) {
      Attributes attributes = NONE.with("mode", mode);
      rows.add(row(Op.PAD, "both sides", attributes, image, ints(0, 0, 1, 2, 0, 0, 3, 0)));
      rows.add(row(Op.PAD, "wide", attributes, x(-1, 2, 4), ints(0, 0, 3, 0, 0, 3)));
    }
  }

  private static void elements(List<OperatorRow> rows) {
    Attributes first = Attributes.of("axis", 1);
    Operand.Fed picked = x(Sampler.below(5), -1, 2, 3).as(ElementType.INT64);
    rows.add(row(Op.GATHER_ELEMENTS, "computed", first, x(-1, 5, 3), picked));
    rows.add(row(Op.GATHER_ND, "constant", NONE, x(4, 3, -1), indices(new int[] {3, 1}, 2, 0, 2)));
    rows.add(
        row(Op.GATHER_ND, "pairs", NONE, x(4, 3, -1), indices(new int[] {3, 2}, 2, 0, 3, 1, 2, 0)));
    rows.add(
        row(
            Op.GATHER_ND,
            "computed",
            Attributes.of("batch_dims", 1),
            x(-1, 5, 3),
            x(Sampler.below(3), -1, 4, 2).as(ElementType.INT64)));
    rows.add(
        row(
            Op.GATHER_ND,
            "rows, computed",
            Attributes.of("batch_dims", 1),
            x(-1, 5, 3),
            x(Sampler.below(5), -1, 4, 1).as(ElementType.INT64)));
    Operand.Known places = indices(new int[] {2, 1}, 3, 1);
    for (String reduction : List.of("none", "add")) {
      Attributes reduce = NONE.with("reduction", reduction);
      rows.add(
          row(
              Op.SCATTER_ELEMENTS,
              "distinct",
              reduce.with("axis", 1),
              x(-1, 5, 3),
              x(Sampler.below(1), -1, 1, 3).as(ElementType.INT64),
              x(-1, 1, 3)));
      rows.add(row(Op.SCATTER_ND, "constant", reduce, x(5, -1), places, x(2, -1)));
    }
    rows.add(
        row(
                Op.SCATTER_ELEMENTS,
                "product",
                first.with("reduction", "mul"),
                x(-1, 5, 3),
                x(Sampler.below(5), -1, 1, 3).as(ElementType.INT64),
                x(-1, 1, 3))
            .isRefused());
    rows.add(
        row(Op.SCATTER_ND, "product", NONE.with("reduction", "mul"), x(5, -1), places, x(2, -1))
            .isRefused());
  }
}
