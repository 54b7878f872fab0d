package dev.keralens.graph;

import static dev.keralens.graph.Operand.weights;
import static dev.keralens.graph.Operand.x;
import static dev.keralens.graph.OperatorRow.row;

import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;

/** Rows of the operators that slide a window over an image. */
final class WindowRows {
  private WindowRows() {}

  static List<OperatorRow> rows() {
    List<OperatorRow> rows = new ArrayList<>();
    convolutions(rows);
    transposedConvolutions(rows);
    averages(rows);
    maxima(rows);
    powers(rows);
    rows.addAll(globals());
    return rows;
  }

  private static void convolutions(List<OperatorRow> rows) {
    Attributes none = Attributes.NONE;
    Operand.Fed odd = x(-1, 2, 7, 5);
    rows.add(row(Op.CONV, "plain", none, odd, weights(3, 2, 3, 2)));
    rows.add(row(Op.CONV, "bias", none, odd, weights(3, 2, 3, 2), weights(3)));
    rows.add(row(Op.CONV, "pointwise", none, odd, weights(3, 2, 1, 1)));
    rows.add(row(Op.CONV, "padded", pads(1, 1, 1, 1), odd, weights(3, 2, 3, 3)));
    rows.add(row(Op.CONV, "lopsided", pads(0, 2, 1, 0), odd, weights(3, 2, 3, 3)));
    rows.add(row(Op.CONV, "pads beyond the kernel", pads(3, 2, 4, 3), odd, weights(3, 2, 2, 1)));
    rows.add(row(Op.CONV, "dilated", dilations(2, 3), x(-1, 2, 7, 8), weights(3, 2, 3, 2)));
    rows.add(
        row(
            Op.CONV,
            "dilated",
            dilations(2, 2).with("pads", 1, 0, 2, 3),
            odd,
            weights(3, 2, 3, 2)));
    rows.add(row(Op.CONV, "", strides(2, 2), odd, weights(3, 2, 3, 3)));
    rows.add(row(Op.CONV, "rest", strides(2, 3), x(-1, 2, 8, 9), weights(3, 2, 3, 2)));
    rows.add(row(Op.CONV, "", strides(2, 2).with("pads", 0, 0, 1, 1), odd, weights(3, 2, 3, 3)));
    rows.add(
        row(
            Op.CONV,
            "",
            strides(2, 2).with("pads", 0, 1, 1, 0),
            x(-1, 2, 8, 6),
            weights(3, 2, 3, 3)));
    rows.add(row(Op.CONV, "", strides(3, 3).with("pads", 1, 2, 2, 1), odd, weights(3, 2, 3, 3)));
    rows.add(row(Op.CONV, "skips", strides(3, 2), odd, weights(3, 2, 1, 1)));
    rows.add(row(Op.CONV, "skips", strides(3, 3), x(-1, 2, 8, 9), weights(3, 2, 2, 2)));
    rows.add(row(Op.CONV, "one axis", strides(1, 2), odd, weights(3, 2, 3, 3)));
    rows.add(
        row(
            Op.CONV,
            "strided, dilated",
            strides(2, 2).with("dilations", 2, 3).with("pads", 2, 1, 1, 3),
            x(-1, 2, 9, 8),
            weights(3, 2, 3, 2)));
    rows.add(row(Op.CONV, "groups", group(2), x(-1, 4, 5, 6), weights(6, 2, 3, 2)));
    rows.add(
        row(
            Op.CONV,
            "groups",
            group(2).with("strides", 2, 2),
            x(-1, 4, 7, 6),
            weights(6, 2, 3, 2)));
    rows.add(row(Op.CONV, "depthwise", group(3), x(-1, 3, 5, 6), weights(3, 1, 3, 3)));
    rows.add(row(Op.CONV, "multiplier", group(3), x(-1, 3, 5, 6), weights(6, 1, 3, 3)));
    rows.add(
        row(
            Op.CONV,
            "multiplier",
            group(3).with("strides", 2, 2).with("pads", 0, 0, 1, 1),
            x(-1, 3, 6, 7),
            weights(6, 1, 3, 3)));
    rows.add(
        row(
            Op.CONV,
            "depthwise",
            group(3).with("strides", 2, 2).with("dilations", 2, 1),
            x(-1, 3, 8, 7),
            weights(3, 1, 3, 3)));
    rows.add(row(Op.CONV, "line", strides(2).with("pads", 1, 2), x(-1, 2, 9), weights(3, 2, 3)));
    rows.add(row(Op.CONV, "line", dilations(2), x(-1, 2, 9), weights(3, 2, 3)));
    rows.add(
        row(Op.CONV, "volume", pads(1, 0, 1, 0, 1, 1), x(-1, 2, 4, 3, 5), weights(3, 2, 3, 2, 2)));
    rows.add(
        row(
            Op.CONV,
            "volume",
            strides(2, 1, 3).with("group", 2),
            x(-1, 2, 4, 3, 5),
            weights(4, 1, 3, 2, 2)));
    for (int stride = 1; stride <= 2; stride++) {
      Attributes attributes = group(2).with("strides", stride, stride);
      rows.add(
          row(Op.CONV, "computed kernel", attributes, x(-1, 4, 5, 6), weights(6, 2, 3, 2))
              .by((b, x) -> b.node(Op.CONV, attributes, x.get(0), b.neg(x.get(1)))));
    }
    rows.add(row(Op.CONV, "large batch", none, x(-2, 2, 5, 5), weights(3, 2, 3, 3)));
  }

  private static void transposedConvolutions(List<OperatorRow> rows) {
    Op op = Op.CONV_TRANSPOSE;
    Operand.Fed odd = x(-1, 2, 4, 3);
    rows.add(row(op, "plain", Attributes.NONE, odd, weights(2, 3, 3, 2)));
    rows.add(row(op, "bias", strides(2, 2), odd, weights(2, 3, 3, 2), weights(3)));
    rows.add(row(op, "", strides(2, 2).with("pads", 0, 1, 1, 0), odd, weights(2, 3, 3, 3)));
    rows.add(
        row(
            op,
            "",
            strides(2, 3).with("pads", 1, 1, 1, 1).with("output_padding", 1, 2),
            odd,
            weights(2, 3, 3, 3)));
    rows.add(row(op, "gaps", strides(3, 3), odd, weights(2, 3, 2, 2)));
    rows.add(row(op, "dilated", dilations(2, 2), odd, weights(2, 3, 3, 2)));
    rows.add(
        row(op, "groups", strides(2, 2).with("group", 2), x(-1, 4, 3, 4), weights(4, 3, 3, 3)));
    rows.add(row(op, "line", strides(2), x(-1, 2, 5), weights(2, 3, 3)));
    rows.add(row(op, "volume", strides(2, 2, 1), x(-1, 2, 3, 2, 3), weights(2, 2, 3, 2, 2)));
  }

  private static void averages(List<OperatorRow> rows) {
    Op op = Op.AVERAGE_POOL;
    Operand.Fed odd = x(-1, 2, 7, 5);
    rows.add(row(op, "", kernel(2, 2).with("strides", 2, 2), odd));
    rows.add(row(op, "", kernel(3, 2), odd));
    rows.add(row(op, "", kernel(3, 3).with("strides", 2, 2).with("pads", 1, 1, 1, 1), odd));
    rows.add(
        row(op, "", kernel(3, 3).with("strides", 2, 2).with("pads", 0, 0, 1, 1), x(-1, 2, 8, 6)));
    rows.add(
        row(
            op,
            "",
            kernel(3, 3)
                .with("strides", 2, 2)
                .with("pads", 1, 0, 1, 1)
                .with("count_include_pad", 1),
            odd));
    rows.add(row(op, "", kernel(2, 3).with("strides", 2, 3).with("ceil_mode", 1), odd));
    rows.add(
        row(
            op,
            "",
            kernel(3, 3)
                .with("strides", 2, 3)
                .with("pads", 1, 1, 1, 0)
                .with("ceil_mode", 1)
                .with("count_include_pad", 1),
            x(-1, 2, 8, 7)));
    rows.add(row(op, "", kernel(2, 2).with("strides", 3, 3), odd));
    rows.add(row(op, "", kernel(3, 2).with("dilations", 2, 2), odd));
    rows.add(row(op, "", kernel(3).with("strides", new int[] {2}).with("pads", 1, 0), x(-1, 3, 8)));
    rows.add(row(op, "", kernel(2, 2, 2).with("strides", 2, 1, 2), x(-1, 2, 4, 3, 5)));
  }

  private static void maxima(List<OperatorRow> rows) {
    Op op = Op.MAX_POOL;
    Operand.Fed odd = x(Sampler.distinct(), -1, 2, 7, 5);
    rows.add(row(op, "", kernel(2, 2).with("strides", 2, 2), odd));
    rows.add(row(op, "", kernel(3, 2), odd));
    rows.add(row(op, "", kernel(3, 3).with("strides", 2, 2).with("pads", 1, 1, 1, 1), odd));
    rows.add(
        row(
            op,
            "",
            kernel(3, 3).with("strides", 2, 2).with("pads", 0, 0, 1, 1),
            x(Sampler.distinct(), -1, 2, 8, 6)));
    rows.add(row(op, "", kernel(2, 3).with("strides", 2, 3).with("ceil_mode", 1), odd));
    rows.add(
        row(
            op,
            "",
            kernel(3, 3).with("strides", 2, 3).with("pads", 1, 1, 1, 0).with("ceil_mode", 1),
            x(Sampler.distinct(), -1, 2, 8, 7)));
    Attributes padded = kernel(2, 2).with("pads", 1, 1, 0, 0);
    rows.add(row(op, "double precision", padded, odd.as(ElementType.FLOAT64)));
    rows.add(row(op, "", kernel(2, 2).with("strides", 3, 3), odd));
    rows.add(row(op, "", kernel(1, 1).with("strides", 2, 2), odd));
    rows.add(row(op, "", kernel(3, 2).with("dilations", 2, 3), odd));
    rows.add(
        row(
            op,
            "",
            kernel(2, 2).with("dilations", 2, 2).with("strides", 2, 2).with("pads", 1, 1, 1, 1),
            odd));
    rows.add(
        row(
            op,
            "",
            kernel(3).with("strides", new int[] {2}).with("pads", 1, 0),
            x(Sampler.distinct(), -1, 3, 8)));
    rows.add(
        row(
            op,
            "",
            kernel(2, 2, 2).with("strides", 2, 1, 2),
            x(Sampler.distinct(), -1, 2, 4, 3, 5)));
  }

  private static void powers(List<OperatorRow> rows) {
    Op op = Op.LP_POOL;
    Operand.Fed odd = x(Sampler.awayFrom(0), -1, 2, 7, 5);
    rows.add(row(op, "", kernel(2, 2).with("strides", 2, 2), odd));
    rows.add(row(op, "", kernel(3, 3).with("strides", 2, 1).with("pads", 1, 0, 1, 2), odd));
    rows.add(row(op, "", kernel(3, 2).with("p", 1), odd));
    rows.add(row(op, "", kernel(3, 2).with("p", 3).with("strides", 1, 2), odd));
  }

  private static List<OperatorRow> globals() {
    Attributes none = Attributes.NONE;
    return List.of(
        row(Op.GLOBAL_AVERAGE_POOL, "line", none, x(-1, 3, 5)),
        row(Op.GLOBAL_AVERAGE_POOL, "image", none, x(-1, 3, 5, 4)),
        row(Op.GLOBAL_AVERAGE_POOL, "volume", none, x(-1, 3, 2, 4, 3)),
        row(Op.GLOBAL_MAX_POOL, "line", none, x(Sampler.distinct(), -1, 3, 5)),
        row(Op.GLOBAL_MAX_POOL, "image", none, x(Sampler.distinct(), -1, 3, 5, 4)),
        row(Op.GLOBAL_MAX_POOL, "volume", none, x(Sampler.distinct(), -1, 3, 2, 4, 3)));
  }

  private static Attributes pads(int... pads) {
    return Attributes.of("pads", pads);
  }

  private static Attributes strides(int... strides) {
    return Attributes.of("strides", strides);
  }

  private static Attributes dilations(int... dilations) {
    return Attributes.of("dilations", dilations);
  }

  private static Attributes kernel(int... sizes) {
    return Attributes.of("kernel_shape", sizes);
  }

  private static Attributes group(int groups) {
    return Attributes.of("group", groups);
  }
}
