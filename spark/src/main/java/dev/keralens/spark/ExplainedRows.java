package dev.keralens.spark;

import dev.keralens.Explanation;
import dev.keralens.runtime.engine.Ahead;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a partition with their explanations, in their order. The next batch is decoded while
 * the network runs; rows are taken from the partition on the task's own thread.
 */
final class ExplainedRows implements Iterator<Row> {
  /** One thread for each task that runs, and none when there is none. */
  private static final Executor DECODERS =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          10,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          work -> {
            Thread thread = new Thread(work, "keralens-decode");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * A row, decoded.
   *
   * @param values its inputs; none where it has a failure
   * @param failure why it cannot be explained
   */
  private record Decoded(Row row, List<ModelInputs.Value> values, @Nullable Exception failure) {}

  private final Iterator<Row> rows;
  private final ExplainJob job;
  private final Columns columns;
  private final SharedExplainers shared;
  private final OutputRows outputs;
  private final Queue<Row> ready = new ArrayDeque<>();
  private @Nullable Ahead<List<Decoded>> next;

  ExplainedRows(Iterator<Row> rows, ExplainJob job, Columns columns, SharedExplainers shared) {
    this.rows = rows;
    this.job = job;
    this.columns = columns;
    this.shared = shared;
    this.outputs = new OutputRows(job);
    this.next = decodeNext();
  }

  @Override
  public boolean hasNext() {
    while (ready.isEmpty() && next != null) {
      TaskContext task = TaskContext.get();
      if (task != null && task.isInterrupted()) {
        throw new TaskKilledException("The task was killed.");
      }
      List<Decoded> batch = next.get();
      next = decodeNext();
      explain(batch);
    }
    return !ready.isEmpty();
  }

  @Override
  public Row next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ready.remove();
  }

  private @Nullable Ahead<List<Decoded>> decodeNext() {
    List<Row> batch = new ArrayList<>();
    while (batch.size() < job.batchSize() && rows.hasNext()) {
      batch.add(rows.next());
    }
    return batch.isEmpty()
        ? null
        : Ahead.supply(DECODERS, () -> batch.stream().map(this::decode).toList());
  }

  private Decoded decode(Row row) {
    String name = name(row);
    try {
      List<ModelInputs.Value> values = new ArrayList<>();
      for (int i = 0; i < columns.inputs().size(); i++) {
        values.add(shared.inputs().read(i, row.get(columns.inputs().get(i)), name));
      }
      return new Decoded(row, values, null);
    } catch (IOException | IllegalArgumentException e) {
      return new Decoded(row, List.of(), e);
    }
  }

  private String name(Row row) {
    int path = columns.path();
    return path >= 0 && !row.isNullAt(path) ? String.valueOf(row.get(path)) : "a row";
  }

  /** Explains rows of one shape together. */
  private void explain(List<Decoded> batch) {
    Map<List<String>, List<Integer>> byShape = new LinkedHashMap<>();
    for (int i = 0; i < batch.size(); i++) {
      if (batch.get(i).failure() == null) {
        List<String> shapes =
            batch.get(i).values().stream().map(v -> Arrays.toString(v.tensor().shape())).toList();
        byShape.computeIfAbsent(shapes, key -> new ArrayList<>()).add(i);
      }
    }
    Row[] results = new Row[batch.size()];
    for (List<Integer> places : byShape.values()) {
      explain(batch, places, results);
    }
    for (int i = 0; i < results.length; i++) {
      Exception failure = batch.get(i).failure();
      ready.add(failure == null ? results[i] : failed(batch.get(i).row(), failure));
    }
  }

  private void explain(List<Decoded> batch, List<Integer> places, Row[] results) {
    try {
      Explanation why = explanation(places.stream().map(batch::get).toList());
      for (int i = 0; i < places.size(); i++) {
        Decoded decoded = batch.get(places.get(i));
        Row explained = outputs.of(why, i, decoded.values().get(0).picture());
        results[places.get(i)] = with(decoded.row(), explained, null);
      }
    } catch (IllegalArgumentException e) {
      if (places.size() == 1) {
        results[places.get(0)] = failed(batch.get(places.get(0)).row(), e);
      } else { // one of them is the reason, and the others are explained
        places.forEach(place -> explain(batch, List.of(place), results));
      }
    }
  }

  private Explanation explanation(List<Decoded> batch) {
    List<Tensor> inputs = new ArrayList<>();
    for (int i = 0; i < columns.inputs().size(); i++) {
      List<Tensor> parts = new ArrayList<>();
      for (Decoded decoded : batch) {
        Tensor one = decoded.values().get(i).tensor();
        int[] shape = new int[one.rank() + 1];
        shape[0] = 1;
        System.arraycopy(one.shape(), 0, shape, 1, one.rank());
        parts.add(one.reshape(shape));
      }
      inputs.add(Tensor.concat(parts));
    }
    return shared.explainer().explainAll(inputs, job.explained()).get(0);
  }

  private Row failed(Row row, Exception failure) {
    if (job.failsAtErrors()) {
      throw new IllegalArgumentException(
          "%s cannot be explained; onError 'null' goes on. %s"
              .formatted(name(row), failure.getMessage()),
          failure);
    }
    return with(row, null, String.valueOf(failure.getMessage()));
  }

  private Row with(Row row, @Nullable Row explanation, @Nullable String error) {
    int size = row.size();
    @Nullable Object[] values = new Object[columns.result().length()];
    for (int i = 0; i < size; i++) {
      values[i] = row.get(i);
    }
    values[size] = explanation;
    if (!job.failsAtErrors()) {
      values[size + 1] = error;
    }
    return RowFactory.create(values);
  }
}
