package dev.keralens.graph;

import java.util.List;
import java.util.stream.Stream;

/** The specification of every operator. To add an operator, add a row to one of these tables. */
public final class OperatorRows {
  private OperatorRows() {}

  /** {@return all rows} */
  public static List<OperatorRow> all() {
    return Stream.of(
            ElementwiseRows.rows(),
            ArithmeticRows.rows(),
            MatrixRows.rows(),
            WindowRows.rows(),
            NormalizationRows.rows(),
            ReductionRows.rows(),
            RearrangingRows.rows(),
            IndexingRows.rows())
        .flatMap(List::stream)
        .toList();
  }
}
