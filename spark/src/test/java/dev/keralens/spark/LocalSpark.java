package dev.keralens.spark;

import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Spark within this process, on two threads; the demo's network and its pictures. */
final class LocalSpark {
  static final Path SHAPES = Path.of("../models/shapes").toAbsolutePath().normalize();
  static final Path MODEL = SHAPES.resolve("shapes.keras");
  static final Path SCENES = SHAPES.resolve("samples");
  static final Path IMAGES =
      Path.of("../core/src/test/resources/golden/images").toAbsolutePath().normalize();

  private LocalSpark() {}

  static SparkSession start() {
    return SparkSession.builder()
        .master("local[2]")
        .appName("keralens-test")
        .config("spark.ui.enabled", false)
        .config("spark.sql.shuffle.partitions", 2)
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.warehouse.dir", Path.of("target/warehouse").toAbsolutePath().toString())
        .getOrCreate();
  }

  /** Eight scenes as files, in the order of their names. */
  static Dataset<Row> files(SparkSession spark) {
    return spark
        .read()
        .format("binaryFile")
        .option("pathGlobFilter", "scene-0[0-2]?.png")
        .load(SCENES.toString())
        .select("path", "content");
  }

  static KeralensExplainer explainer() {
    return new KeralensExplainer()
        .setModelPath(MODEL.toString())
        .setInputCol("content")
        .setBatchSize(3);
  }
}
