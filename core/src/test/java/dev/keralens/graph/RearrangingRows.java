package dev.keralens.graph;

import static dev.keralens.graph.Operand.ints;
import static dev.keralens.graph.Operand.x;
import static dev.keralens.graph.OperatorRow.row;
import static dev.keralens.graph.OperatorRow.rowOf;

import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Rows of the operators that join, part, repeat, reorder and resize. */
final class RearrangingRows {
  private static final Attributes NONE = Attributes.NONE;

  private RearrangingRows() {}

  static List<OperatorRow> rows() {
    List<OperatorRow> rows = new ArrayList<>();
    joins(rows);
    shapes(rows);
    repetitions(rows);
    resizes(rows);
    return rows;
  }

  private static void joins(List<OperatorRow> rows) {
    Attributes first = Attributes.of("axis", 1);
    rows.add(row(Op.CONCAT, "three", first, x(-1, 2, 3), x(-1, 1, 3), x(-1, 4, 3)));
    rows.add(row(Op.CONCAT, "last axis", Attributes.of("axis", -1), x(-1, 2), x(-1, 3)));
    rows.add(
        row(Op.CONCAT, "twice", first, x(-1, 3))
            .by((b, x) -> b.concat(1, List.of(x.get(0), x.get(0)))));
    rows.add(rowOf(Op.SPLIT, "halves", 2, first.with("num_outputs", 2), x(-1, 6, 3)));
    rows.add(rowOf(Op.SPLIT, "parts", 3, first, x(-1, 6, 3), ints(1, 3, 2)));
    rows.add(
        rowOf(Op.SPLIT, "rest", 3, Attributes.of("axis", -1).with("num_outputs", 3), x(-1, 3, 7)));
    rows.add(rowOf(Op.SPLIT, "parts", 3, first, x(-1, 6, 3), ints(1, 3, 2)).only(1));
  }

  private static void shapes(List<OperatorRow> rows) {
    rows.add(row(Op.RESHAPE, "other sizes", NONE, x(-1, 2, 6), ints(-1, 3, 4)));
    rows.add(row(Op.RESHAPE, "flat", NONE, x(-1, 2, 6), ints(0, -1)));
    rows.add(row(Op.RESHAPE, "into the batch", NONE, x(-1, 2, 6), ints(-1, 6)));
    rows.add(row(Op.RESHAPE, "out of the batch", NONE, x(-2, 6), ints(-1, 2, 6)));
    rows.add(row(Op.FLATTEN, "", NONE, x(-1, 2, 3, 4)));
    rows.add(row(Op.FLATTEN, "", Attributes.of("axis", 2), x(-1, 2, 3)));
    rows.add(row(Op.FLATTEN, "", Attributes.of("axis", -1), x(-1, 2, 3)));
    rows.add(row(Op.SQUEEZE, "one axis", NONE, x(-1, 1, 3, 1), ints(1)));
    rows.add(row(Op.SQUEEZE, "two axes", NONE, x(-1, 1, 3, 1), ints(-1, 1)));
    rows.add(row(Op.UNSQUEEZE, "two axes", NONE, x(-1, 3), ints(1, -1)));
    rows.add(row(Op.UNSQUEEZE, "before the batch", NONE, x(-1, 3), ints(0)));
    rows.add(row(Op.TRANSPOSE, "channels last", Attributes.of("perm", 0, 2, 3, 1), x(-1, 2, 3, 4)));
    rows.add(row(Op.TRANSPOSE, "batch moved", Attributes.of("perm", 1, 2, 0), x(-1, 2, 3)));
    rows.add(row(Op.TRANSPOSE, "default", NONE, x(-1, 2, 3)));
    Attributes two = Attributes.of("blocksize", 2);
    Attributes three = Attributes.of("blocksize", 3);
    rows.add(row(Op.DEPTH_TO_SPACE, "", two, x(-1, 8, 3, 2)));
    rows.add(row(Op.DEPTH_TO_SPACE, "", two.with("mode", "CRD"), x(-1, 8, 3, 2)));
    rows.add(row(Op.DEPTH_TO_SPACE, "", three.with("mode", "CRD"), x(-1, 18, 2, 3)));
    rows.add(row(Op.SPACE_TO_DEPTH, "", two, x(-1, 3, 4, 6)));
    rows.add(row(Op.SPACE_TO_DEPTH, "", three, x(-1, 2, 3, 6)));
    rows.add(row(Op.TRILU, "upper", NONE, x(-1, 4, 3)));
    rows.add(row(Op.TRILU, "lower", Attributes.of("upper", 0), x(-1, 3, 4)));
    Operand.Known diagonal = new Operand.Known(Tensor.of(new long[] {1}));
    rows.add(row(Op.TRILU, "above the diagonal", NONE, x(-1, 4, 4), diagonal));
  }

  private static void repetitions(List<OperatorRow> rows) {
    rows.add(row(Op.EXPAND, "axis of one", NONE, x(-1, 1, 3), ints(1, 4, 1)));
    rows.add(row(Op.EXPAND, "more axes", NONE, x(-1, 3), ints(2, 1, 1)));
    rows.add(row(Op.TILE, "one axis", NONE, x(-1, 2, 3), ints(1, 1, 4)));
    rows.add(row(Op.TILE, "two axes", NONE, x(-1, 2, 3), ints(1, 3, 2)));
    rows.add(row(Op.TILE, "of one", NONE, x(-1, 1, 3), ints(1, 3, 1)));
  }

  private static void resizes(List<OperatorRow> rows) {
    for (String mode : List.of("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric")) {
      Attributes linear = NONE.with("mode", "linear").with("coordinate_transformation_mode", mode);
      rows.add(resize("to sizes", linear, x(-1, 2, 4, 5), 7, 3));
    }
    Attributes linear = NONE.with("mode", "linear");
    rows.add(resize("one axis", linear, x(-1, 2, 4, 5), 4, 9));
    rows.add(resize("one pixel", linear, x(-1, 2, 1, 1), 3, 4));
    rows.add(resize("to one pixel", linear, x(-1, 2, 3, 4), 1, 1));
    Attributes cubic = NONE.with("mode", "cubic").with("cubic_coeff_a", -0.5f);
    rows.add(resize("to sizes", cubic, x(-1, 2, 4, 5), 7, 3));
    rows.add(resize("to sizes", cubic.with("exclude_outside", 1), x(-1, 2, 4, 5), 7, 3));
    rows.add(resize("smaller", linear.with("antialias", 1), x(-1, 2, 9, 8), 4, 3));
    rows.add(resize("smaller", cubic.with("antialias", 1), x(-1, 2, 9, 8), 4, 3));
    for (String rounding : List.of("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")) {
      Attributes nearest =
          NONE.with("nearest_mode", rounding).with("coordinate_transformation_mode", "asymmetric");
      rows.add(resize("nearest", nearest, x(-1, 2, 4, 5), 7, 3));
    }
    rows.add(resize("nearest", NONE, x(-1, 2, 4, 5), 8, 10));
    rows.add(scale("twice", NONE, x(-1, 2, 4, 5), 2, 2));
    rows.add(scale("by fractions", linear, x(-1, 2, 4, 5), 1.7, 0.6));
    rows.add(scale("to the same size", linear, x(-1, 2, 4, 5), 1.2, 1.1));
    rows.add(
        resize(
                "crop",
                linear.with("coordinate_transformation_mode", "tf_crop_and_resize"),
                x(-1, 2, 4, 5),
                7,
                3)
            .isRefused());
  }

  private static OperatorRow resize(
      String name, Attributes attributes, Operand.Fed x, long... sizes) {
    Attributes ofImage = attributes.with("axes", 2, 3);
    return row(Op.RESIZE, name, ofImage, x, Operand.none(), Operand.none(), ints(sizes));
  }

  private static OperatorRow scale(
      String name, Attributes attributes, Operand.Fed x, double height, double width) {
    Operand.Known scales = Operand.floats(1, 1, height, width);
    return row(Op.RESIZE, name, attributes, x, Operand.none(), scales);
  }
}
