package dev.keralens.spark;

import java.io.IOException;
import java.util.Iterator;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.util.TaskCompletionListener;

/** Explains the rows of a partition. */
final class ExplainRows implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;

  private final ExplainJob job;
  private final Columns columns;
  private final ModelFile file;

  ExplainRows(ExplainJob job, Columns columns, ModelFile file) {
    this.job = job;
    this.columns = columns;
    this.file = file;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) throws IOException {
    if (!rows.hasNext()) {
      return rows;
    }
    SharedExplainers shared = SharedExplainers.acquire(job, columns, file);
    TaskContext task = TaskContext.get();
    if (task != null) {
      TaskCompletionListener end = ended -> shared.release();
      task.addTaskCompletionListener(end);
    }
    return new ExplainedRows(rows, job, columns, shared);
  }
}
