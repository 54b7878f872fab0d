package dev.keralens.graph;

import static dev.keralens.graph.Operand.weights;
import static dev.keralens.graph.Operand.x;
import static dev.keralens.graph.OperatorRow.row;

import java.util.ArrayList;
import java.util.List;

/** Rows of the products of matrices. */
final class MatrixRows {
  private static final Attributes NONE = Attributes.NONE;

  private MatrixRows() {}

  static List<OperatorRow> rows() {
    List<OperatorRow> rows = new ArrayList<>();
    gemm(rows);
    matMul(rows);
    einsum(rows);
    return rows;
  }

  private static void gemm(List<OperatorRow> rows) {
    Attributes transA = Attributes.of("transA", 1);
    Attributes transB = Attributes.of("transB", 1);
    Attributes scaled = NONE.with("alpha", 0.5f).with("beta", 2f);
    rows.add(row(Op.GEMM, "dense", NONE, x(-1, 3), weights(3, 4), weights(4)));
    rows.add(row(Op.GEMM, "no bias", transB, x(-1, 3), weights(4, 3)));
    rows.add(row(Op.GEMM, "computed bias", scaled, x(-1, 3), weights(3, 4), x(-1, 4)));
    rows.add(row(Op.GEMM, "computed bias a row", scaled, x(-1, 3), weights(3, 4), x(-1, 1)));
    rows.add(row(Op.GEMM, "batch last", transA, x(3, -1), weights(3, 4)));
    rows.add(row(Op.GEMM, "batch last", transA.with("transB", 1), x(3, -1), weights(4, 3)));
    rows.add(row(Op.GEMM, "weights first", NONE, weights(4, 3), x(3, -1)));
    rows.add(row(Op.GEMM, "weights first", transA, weights(3, 4), x(3, -1)));
    rows.add(row(Op.GEMM, "weights first", transB, weights(4, 3), x(-1, 3)));
    rows.add(row(Op.GEMM, "weights first", transA.with("transB", 1), weights(3, 4), x(-1, 3)));
    rows.add(row(Op.GEMM, "multiple of the batch", NONE, x(-2, 3), weights(3, 4)));
  }

  private static void matMul(List<OperatorRow> rows) {
    rows.add(row(Op.MAT_MUL, "dense", NONE, x(-1, 3), weights(3, 4)));
    rows.add(row(Op.MAT_MUL, "dense on a sequence", NONE, x(-1, 2, 3), weights(3, 4)));
    rows.add(row(Op.MAT_MUL, "dense on an image", NONE, x(-1, 5, 2, 3), weights(3, 4)));
    rows.add(row(Op.MAT_MUL, "attention", NONE, x(-1, 2, 5, 3), x(-1, 2, 3, 4)));
    rows.add(row(Op.MAT_MUL, "broadcast", NONE, x(-1, 1, 5, 3), x(-1, 2, 3, 4)));
    rows.add(row(Op.MAT_MUL, "ranks differ", NONE, x(2, -1, 5, 3), x(-1, 3, 4)));
    rows.add(row(Op.MAT_MUL, "weights first", NONE, weights(4, 3), x(-1, 3, 5)));
    rows.add(row(Op.MAT_MUL, "weights first, batch last", NONE, weights(4, 3), x(3, -1)));
    rows.add(row(Op.MAT_MUL, "batch second", NONE, x(2, -1, 3), weights(3, 4)));
    rows.add(row(Op.MAT_MUL, "stacked weights", NONE, x(-1, 2, 5, 3), weights(2, 3, 4)));
    rows.add(row(Op.MAT_MUL, "multiple of the batch", NONE, x(-2, 5, 3), x(-2, 3, 4)));
    rows.add(row(Op.MAT_MUL, "vector of weights", NONE, x(-1, 3), weights(3)));
    rows.add(row(Op.MAT_MUL, "vector of weights on an image", NONE, x(-1, 2, 5, 3), weights(3)));
    rows.add(row(Op.MAT_MUL, "vector of weights first", NONE, weights(3), x(-1, 3, 4)));
    rows.add(row(Op.MAT_MUL, "vector of weights, batch last", NONE, weights(3), x(3, -1)));
    rows.add(
        row(Op.MAT_MUL, "with itself", NONE, x(-1, 3, 3))
            .by((b, x) -> b.matMul(x.get(0), x.get(0))));
  }

  private static void einsum(List<OperatorRow> rows) {
    rows.add(row(Op.EINSUM, "dense", equation("bi,io->bo"), x(-1, 3), weights(3, 4)));
    rows.add(row(Op.EINSUM, "heads", equation("bti,ihd->bhtd"), x(-1, 5, 3), weights(3, 2, 4)));
    rows.add(row(Op.EINSUM, "scores", equation("bthd,bshd->bhts"), x(-1, 5, 2, 3), x(-1, 4, 2, 3)));
    rows.add(row(Op.EINSUM, "batch moved", equation("tbi,oi->obt"), x(2, -1, 3), weights(4, 3)));
    rows.add(row(Op.EINSUM, "batch last", equation("ib,jb->ijb"), x(3, -1), x(4, -1)));
    rows.add(row(Op.EINSUM, "sum", equation("bij->bi"), x(-1, 3, 4)));
    rows.add(row(Op.EINSUM, "sum of one term", equation("bij,bk->bik"), x(-1, 3, 4), x(-1, 2)));
    rows.add(row(Op.EINSUM, "transposition", equation("bij->jbi"), x(-1, 3, 4)));
    rows.add(
        row(
            Op.EINSUM,
            "three terms",
            equation("bi,bj,ijk->bk"),
            x(-1, 3),
            x(-1, 4),
            weights(3, 4, 2)));
    rows.add(row(Op.EINSUM, "product", equation("bi,bi->bi"), x(-1, 3), x(-1, 3)));
    rows.add(row(Op.EINSUM, "multiple of the batch", equation("bi,bj->bij"), x(-2, 3), x(-2, 4)));
    rows.add(row(Op.EINSUM, "diagonal", equation("bii->bi"), x(-1, 3, 3)).isRefused());
  }

  private static Attributes equation(String text) {
    return Attributes.NONE.with("equation", text);
  }
}
