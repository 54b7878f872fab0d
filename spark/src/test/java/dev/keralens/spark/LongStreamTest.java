package dev.keralens.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.Model;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.model.KerasModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A stream that goes on: memory stays what it is. {@code -Dkeralens.spark.rows=100000} for a long
 * one; the default is what the gate has time for.
 */
@EnabledOnOs(OS.LINUX)
class LongStreamTest {
  private static final long ROWS = Long.getLong("keralens.spark.rows", 4000);
  private static final int BATCH = (int) Math.max(200, ROWS / 200);
  private static final long MEGABYTE = 1 << 20;

  /** What a stream may keep of its own: Spark remembers its last batches, Java what it compiled. */
  private static final long HEAP = 24 * MEGABYTE;

  private static final long RESIDENT = 96 * MEGABYTE;

  @TempDir private Path folder;

  /**
   * After a batch.
   *
   * @param rows all so far
   * @param heap what is reachable, in bytes
   * @param resident the process' memory outside Java's heap, in bytes
   */
  private record Sample(long rows, long heap, long resident) {}

  private static Sample sample(long rows) throws IOException {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    long heap = runtime.totalMemory() - runtime.freeMemory();
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        long all = Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        return new Sample(rows, heap, all - runtime.totalMemory());
      }
    }
    throw new IOException("no VmRSS");
  }

  private Path network() throws IOException {
    ModelBuilder b = ModelBuilder.create("small");
    SymbolicTensor x = b.input(8, 8, 3);
    SymbolicTensor conv = b.conv2d(4, 3).activation("relu").name("conv").apply(x);
    SymbolicTensor scores = b.dense(3).apply(b.globalAveragePooling2d().apply(conv));
    Path file = folder.resolve("small.onnx");
    try (Model model = Model.of("small", KerasModel.initialize(b.build(scores), 3))) {
      model.export(file);
    }
    return file;
  }

  @Test
  void memory_isFlat() throws Exception {
    SparkSession spark = LocalSpark.start();
    Dataset<Row> rows =
        spark
            .readStream()
            .format("rate-micro-batch")
            .option("rowsPerBatch", BATCH)
            .option("numPartitions", 2)
            .load()
            .selectExpr(
                "value",
                "transform(sequence(1, 192), i -> cast((value * 31 + i * 17) % 101 / 101 as"
                    + " float)) as x");
    Dataset<Row> explained =
        new KeralensExplainer()
            .setModelPath(network().toString())
            .setInputCol("x")
            .setBatchSize(32)
            .transform(rows)
            .selectExpr("value", "explanation.units[0] as unit", "explanation.maps[0] as map");
    AtomicLong seen = new AtomicLong();
    List<Sample> samples = new ArrayList<>();
    long every = Math.max(1, ROWS / BATCH / 20);
    VoidFunction2<Dataset<Row>, Long> take =
        (batch, id) -> {
          long complete = batch.where("size(map) = 64 and unit between 0 and 2").count();
          seen.addAndGet(complete);
          if (id % every == 0) {
            samples.add(sample(seen.get()));
          }
        };
    StreamingQuery query = explained.writeStream().foreachBatch(take).start();
    try {
      while (seen.get() < ROWS && query.isActive()) {
        Thread.sleep(100);
      }
    } finally {
      query.stop();
      spark.stop();
    }
    assertTrue(query.exception().isEmpty(), () -> "" + query.exception());
    assertTrue(seen.get() >= ROWS, seen::toString);
    assertEquals(0, seen.get() % BATCH, "each row once");
    Sample early = samples.get(samples.size() / 3);
    Sample late = samples.get(samples.size() - 1);
    System.out.printf(
        "%,d rows; after %,d: heap %d MB, beside it %d MB; at the end: heap %d MB, beside it %d MB%n",
        seen.get(),
        early.rows(),
        early.heap() / MEGABYTE,
        early.resident() / MEGABYTE,
        late.heap() / MEGABYTE,
        late.resident() / MEGABYTE);
    assertTrue(late.heap() - early.heap() < HEAP, samples::toString);
    assertTrue(late.resident() - early.resident() < RESIDENT, samples::toString);
  }
}
