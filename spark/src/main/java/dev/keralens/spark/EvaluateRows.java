package dev.keralens.spark;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.util.TaskCompletionListener;
import scala.collection.Seq;

/** Measures the maps of a partition's rows: a value for each unit of each row. */
final class EvaluateRows implements MapPartitionsFunction<Row, Double> {
  private static final long serialVersionUID = 1L;

  private final ExplainJob job;
  private final Columns columns;
  private final ModelFile file;
  private final boolean insertion;
  private final int steps;
  private final boolean mean;

  EvaluateRows(
      ExplainJob job,
      Columns columns,
      ModelFile file,
      boolean insertion,
      int steps,
      boolean mean) {
    this.job = job;
    this.columns = columns;
    this.file = file;
    this.insertion = insertion;
    this.steps = steps;
    this.mean = mean;
  }

  @Override
  public Iterator<Double> call(Iterator<Row> rows) throws IOException {
    if (!rows.hasNext()) {
      return Collections.emptyIterator();
    }
    SharedExplainers shared = SharedExplainers.acquire(job, columns, file);
    TaskContext task = TaskContext.get();
    if (task != null) {
      TaskCompletionListener end = ended -> shared.release();
      task.addTaskCompletionListener(end);
    }
    return new Iterator<>() {
      private final Queue<Double> ready = new ArrayDeque<>();

      @Override
      public boolean hasNext() {
        while (ready.isEmpty() && rows.hasNext()) {
          ready.addAll(values(rows.next(), shared));
        }
        return !ready.isEmpty();
      }

      @Override
      public Double next() {
        return hasNext() ? ready.remove() : Collections.<Double>emptyIterator().next();
      }
    };
  }

  private List<Double> values(Row row, SharedExplainers shared) {
    try {
      List<ModelInputs.Value> inputs = new ArrayList<>();
      for (int i = 0; i < columns.inputs().size(); i++) {
        inputs.add(shared.inputs().read(i, row.get(columns.inputs().get(i)), "a row"));
      }
      RemovalCurve curve =
          new RemovalCurve(
              shared.explainer(),
              inputs.stream().map(ModelInputs.Value::tensor).toList(),
              (int) row.<Integer>getAs("height"),
              (int) row.<Integer>getAs("width"),
              mean);
      List<Integer> units = row.getList(row.fieldIndex("units"));
      List<Object> maps = row.getList(row.fieldIndex("maps"));
      List<Double> values = new ArrayList<>();
      for (int i = 0; i < units.size(); i++) {
        float[] map = RowNumbers.of((Seq<?>) maps.get(i)).toFloatArray();
        values.add(curve.area(map, units.get(i), steps, insertion));
      }
      return values;
    } catch (IOException e) {
      throw new IllegalArgumentException("A row cannot be measured. " + e.getMessage(), e);
    }
  }
}
