package dev.keralens.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.Explain;
import dev.keralens.ExplainOptions;
import dev.keralens.Explainer;
import dev.keralens.Explanation;
import dev.keralens.Model;
import dev.keralens.Units;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.model.KerasModel;
import dev.keralens.method.GradCam;
import dev.keralens.picture.ImageLoader;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.SparkException;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The stage on Spark within this process, beside the plain library. */
@Timeout(300)
class KeralensExplainerTest {
  private static SparkSession spark;

  @TempDir private Path folder;

  @BeforeAll
  static void start() {
    spark = LocalSpark.start();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static Explanation expected(Tensor x, int top) throws IOException {
    try (Model model = Model.load(LocalSpark.MODEL)) {
      return Explain.gradcam(model, x, Units.top(top));
    }
  }

  private static Tensor scene(String file) throws IOException {
    // Spark gives addresses, in which a space of a folder is %20.
    String path = file.replaceFirst("^file:/*", "/").replace("%20", " ");
    return ImageLoader.create().load(Path.of(path)).reshape(1, 96, 96, 3);
  }

  private static float[] map(Row explanation, int unit) {
    List<List<Float>> maps = explanation.getList(explanation.fieldIndex("maps"));
    Object one = maps.get(unit);
    scala.collection.Seq<?> seq = (scala.collection.Seq<?>) one;
    float[] floats = new float[seq.length()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) seq.apply(i);
    }
    return floats;
  }

  private static Map<String, Row> byPath(Dataset<Row> explained) {
    Map<String, Row> rows = new LinkedHashMap<>();
    for (Row row : explained.collectAsList()) {
      assertNull(rows.put(row.getAs("path"), row.getAs("explanation")), "each row once");
    }
    return rows;
  }

  @Test
  void files_areExplainedAsByTheLibrary() throws IOException {
    Dataset<Row> files = LocalSpark.files(spark).repartition(2);
    Dataset<Row> explained =
        LocalSpark.explainer()
            .setTopK(2)
            .setLabels("arrow", "crescent", "cross", "disc", "heart", "leaf")
            .transform(files);
    Map<String, Row> rows = byPath(explained);
    assertEquals(files.count(), rows.size());
    for (Map.Entry<String, Row> row : rows.entrySet()) {
      Explanation why = expected(scene(row.getKey()), 2);
      Row found = row.getValue();
      assertEquals(96, (int) found.getAs("height"));
      assertEquals(96, (int) found.getAs("width"));
      List<Integer> units = found.getList(found.fieldIndex("units"));
      List<Float> scores = found.getList(found.fieldIndex("scores"));
      List<Float> outputs = found.getList(found.fieldIndex("outputs"));
      List<String> classes = found.getList(found.fieldIndex("classes"));
      for (int i = 0; i < 2; i++) {
        assertEquals(why.unit(0, i), (int) units.get(i));
        assertEquals(why.scores().get(0, i), scores.get(i), 1e-4);
        assertEquals(why.outputs().get(0, i), outputs.get(i), 1e-5);
        assertEquals(units.get(i) == 2 ? "cross" : classes.get(i), classes.get(i));
        assertEquals(units.get(i) > 5, classes.get(i).isEmpty());
        assertArrayEquals(why.map(0, i).toFloatArray(), map(found, i), 1e-5f);
      }
    }
    assertTrue(SharedExplainers.open() <= 8);
  }

  @Test
  void imageSource_isReadAsTheFile() {
    Dataset<Row> images =
        spark
            .read()
            .format("image")
            .option("pathGlobFilter", "scene-00?.png")
            .load(LocalSpark.SCENES.toString())
            .selectExpr("image.origin as path", "image");
    Map<String, Row> fromStructs =
        byPath(LocalSpark.explainer().setInputCol("image").transform(images));
    Map<String, Row> fromFiles = byPath(LocalSpark.explainer().transform(LocalSpark.files(spark)));
    assertFalse(fromStructs.isEmpty());
    fromStructs.forEach(
        (path, row) -> {
          Row file = find(fromFiles, path);
          assertArrayEquals(map(file, 0), map(row, 0), path);
        });
  }

  private static Row find(Map<String, Row> rows, String path) {
    String name = path.replaceAll(".*/", "");
    return rows.entrySet().stream()
        .filter(row -> row.getKey().endsWith(name))
        .findFirst()
        .orElseThrow()
        .getValue();
  }

  @Test
  void photos_standUpright() throws IOException {
    Dataset<Row> photos =
        spark
            .read()
            .format("binaryFile")
            .option("pathGlobFilter", "orientation[16].jpg")
            .load(LocalSpark.IMAGES.toString())
            .select("path", "content");
    Map<String, Row> rows = byPath(LocalSpark.explainer().transform(photos));
    assertEquals(2, rows.size());
    for (String name : List.of("orientation1.jpg", "orientation6.jpg")) {
      Tensor x = ImageLoader.create().size(96, 96).load(LocalSpark.IMAGES.resolve(name));
      float[] map = expected(x.reshape(1, 96, 96, 3), 1).map(0, 0).toFloatArray();
      assertArrayEquals(map, map(find(rows, name), 0), 1e-5f);
    }
  }

  private static Row table(Object value, DataType type, KeralensExplainer explainer) {
    StructType schema = new StructType().add("x", type);
    Dataset<Row> rows = spark.createDataFrame(List.of(RowFactory.create(value)), schema);
    return explainer.setInputCol("x").transform(rows).first().getAs("explanation");
  }

  @Test
  void arraysAndVectors_areUsedAsTheyAre() throws IOException {
    Tensor x = scene(LocalSpark.SCENES.resolve("scene-000.png").toUri().toString());
    float[] floats = x.toFloatArray();
    double[] doubles = new double[floats.length];
    Float[][][] nested = new Float[96][96][3];
    for (int i = 0; i < floats.length; i++) {
      doubles[i] = floats[i];
      nested[i / 288][i / 3 % 96][i % 3] = floats[i];
    }
    float[] map = expected(x, 1).map(0, 0).toFloatArray();
    DataType numbers = DataTypes.createArrayType(DataTypes.FloatType);
    DataType cube = DataTypes.createArrayType(DataTypes.createArrayType(numbers));
    assertArrayEquals(map, map(table(floats, numbers, LocalSpark.explainer()), 0), 1e-5f);
    assertArrayEquals(map, map(table(nested, cube, LocalSpark.explainer()), 0), 1e-5f);
    Row vector = table(Vectors.dense(doubles), SQLDataTypes.VectorType(), LocalSpark.explainer());
    assertArrayEquals(map, map(vector, 0), 1e-5f);
  }

  @Test
  void severalInputs_haveAColumnEach() throws IOException {
    ModelBuilder b = ModelBuilder.create("two");
    SymbolicTensor picture = b.input(8, 8, 3);
    SymbolicTensor table = b.input(4);
    SymbolicTensor conv = b.conv2d(4, 3).activation("relu").name("conv").apply(picture);
    SymbolicTensor joined = b.concatenate().apply(b.globalAveragePooling2d().apply(conv), table);
    SymbolicTensor scores = b.dense(3).apply(joined);
    Path file = folder.resolve("two.onnx");
    try (Model model = Model.of("two", KerasModel.initialize(b.build(scores), 3))) {
      model.export(file);
    }
    Tensor x = Tensor.of(new float[8 * 8 * 3], 1, 8, 8, 3);
    float[] ramp = x.toFloatArray();
    for (int i = 0; i < ramp.length; i++) {
      ramp[i] = i % 17 / 17f;
    }
    float[] numbers = {1, -1, 2, 0};
    DataType floats = DataTypes.createArrayType(DataTypes.FloatType);
    StructType schema = new StructType().add("a", floats).add("b", floats);
    Dataset<Row> rows = spark.createDataFrame(List.of(RowFactory.create(ramp, numbers)), schema);
    KeralensExplainer explainer =
        new KeralensExplainer().setModelPath(file.toString()).setInputCols("a", "b");
    Row found = explainer.transform(rows).first().getAs("explanation");
    try (Model model = Model.load(file);
        Explainer plain = Explainer.of(model, ExplainOptions.defaults(), GradCam.create())) {
      List<Tensor> given = List.of(Tensor.of(ramp, 1, 8, 8, 3), Tensor.of(numbers, 1, 4));
      float[] map = plain.explainAll(given, Units.top(1)).get(0).map(0, 0).toFloatArray();
      assertArrayEquals(map, map(found, 0), 1e-5f);
    }
    assertThrows(Exception.class, () -> explainer.setInputCols("a").transform(rows).first());
  }

  private Dataset<Row> withABrokenFile() throws IOException {
    for (String name : List.of("scene-000.png", "scene-002.png", "scene-004.png")) {
      Files.copy(LocalSpark.SCENES.resolve(name), folder.resolve(name));
    }
    Files.writeString(folder.resolve("scene-003.png"), "no picture");
    return spark.read().format("binaryFile").load(folder.toString()).coalesce(1);
  }

  @Test
  void brokenImage_isAMessageOrFailsTheJob() throws IOException {
    Dataset<Row> files = withABrokenFile();
    List<Row> rows = LocalSpark.explainer().setOnError("null").transform(files).collectAsList();
    assertEquals(4, rows.size());
    for (Row row : rows) {
      boolean broken = row.<String>getAs("path").endsWith("scene-003.png");
      assertEquals(broken, row.getAs("explanation") == null);
      String error = row.getAs("error");
      assertEquals(broken, error != null && error.contains("scene-003.png"), error);
    }
    Exception failed =
        assertThrows(
            Exception.class, () -> LocalSpark.explainer().transform(files).collectAsList());
    assertTrue(String.valueOf(failed).contains("onError"), () -> "" + failed);
    assertTrue(failed instanceof SparkException, () -> "" + failed);
  }

  @Test
  void overlays_arePictures() throws IOException {
    Row row =
        LocalSpark.explainer()
            .setOutput("overlay")
            .transform(LocalSpark.files(spark))
            .first()
            .getAs("explanation");
    List<byte[]> overlays = row.getList(row.fieldIndex("overlays"));
    Picture drawn = ImageLoader.create().read(overlays.get(0), "overlay");
    assertEquals(96, drawn.height());
    assertFalse(Arrays.asList(row.schema().fieldNames()).contains("maps"));
  }

  @Test
  void example_ofTheGuide() throws IOException {
    String photos = LocalSpark.SCENES.resolve("scene-000.png").toString();
    String model = LocalSpark.MODEL.toString();
    Path picture = folder.resolve("why.png");
    Dataset<Row> images = spark.read().format("binaryFile").load(photos).select("path", "content");
    KeralensExplainer explainer =
        new KeralensExplainer().setModelPath(model).setInputCol("content").setOutput("overlay");
    Row why = explainer.transform(images).selectExpr("explanation.overlays[0]").first();
    Files.write(picture, (byte[]) why.get(0));
    assertEquals(96, Picture.read(picture).width());
  }

  @Test
  void partitions_changeNothing() {
    Dataset<Row> files = LocalSpark.files(spark);
    KeralensExplainer smooth =
        LocalSpark.explainer().setMethod("gradients").setSmooth(3).setSeed(5);
    Map<String, Row> one = byPath(smooth.transform(files.coalesce(1)));
    Map<String, Row> three = byPath(smooth.transform(files.repartition(3)));
    assertEquals(one.keySet(), new HashSet<>(three.keySet()));
    one.forEach((path, row) -> assertArrayEquals(map(row, 0), map(find(three, path), 0), 1e-5f));
    Map<String, Row> other =
        byPath(smooth.copy(new ParamMap()).setSeed(6).transform(files.coalesce(1)));
    String first = one.keySet().iterator().next();
    assertFalse(Arrays.equals(map(find(one, first), 0), map(find(other, first), 0)));
  }

  @Test
  void stage_isSavedWithinAPipeline() throws IOException {
    KeralensExplainer stage =
        LocalSpark.explainer()
            .setUnits(3, 1)
            .setLabels("a", "b")
            .setSeed(7)
            .setMethod("layercam")
            .setOnError("null");
    String path = folder.resolve("pipeline").toString();
    Dataset<Row> files = LocalSpark.files(spark);
    new Pipeline().setStages(new PipelineStage[] {stage}).fit(files).write().save(path);
    PipelineModel loaded = PipelineModel.load(path);
    KeralensExplainer again = (KeralensExplainer) loaded.stages()[0];
    assertEquals(stage.uid(), again.uid());
    assertArrayEquals(new int[] {3, 1}, again.getUnits());
    assertArrayEquals(new String[] {"a", "b"}, again.getLabels());
    assertEquals(7, again.getSeed());
    assertEquals("layercam", again.getMethod());
    Map<String, Row> before = byPath(stage.transform(files));
    Map<String, Row> after = byPath(loaded.transform(files));
    before.forEach((key, row) -> assertArrayEquals(map(row, 1), map(find(after, key), 1)));
    String alone = folder.resolve("stage").toString();
    stage.write().overwrite().save(alone);
    assertEquals("null", KeralensExplainer.load(alone).getOnError());
  }

  @Test
  void stage_isFoundAsAService() {
    Set<Class<?>> found = new HashSet<>();
    ServiceLoader.load(Transformer.class).stream().forEach(p -> found.add(p.type()));
    assertTrue(found.contains(KeralensExplainer.class), found::toString);
  }

  @Test
  void model_travelsByBroadcastAndAddFile() throws IOException {
    Dataset<Row> files = LocalSpark.files(spark);
    Map<String, Row> byPath = byPath(LocalSpark.explainer().transform(files));
    Path copy = Files.copy(LocalSpark.MODEL, folder.resolve("sent.keras"));
    spark.sparkContext().addFile(copy.toString());
    Map<String, Row> added =
        byPath(LocalSpark.explainer().setModelPath("sent.keras").transform(files));
    Dataset<Row> lazily =
        LocalSpark.explainer().setModelPath(copy.toString()).setBroadcast(true).transform(files);
    Files.delete(copy);
    Map<String, Row> sent = byPath(lazily);
    byPath.forEach((path, row) -> assertArrayEquals(map(row, 0), map(find(added, path), 0)));
    byPath.forEach((path, row) -> assertArrayEquals(map(row, 0), map(find(sent, path), 0)));
    Exception missing =
        assertThrows(
            Exception.class,
            () ->
                LocalSpark.explainer().setModelPath("none.keras").transform(files).collectAsList());
    assertTrue(String.valueOf(missing).contains("There is no model at"), () -> "" + missing);
  }

  @Test
  void schema_isCheckedBeforeAnythingRuns() {
    StructType files = LocalSpark.files(spark).schema();
    for (KeralensExplainer wrong :
        List.of(
            new KeralensExplainer().setInputCol("content"),
            LocalSpark.explainer().setInputCol("image"),
            LocalSpark.explainer().setInputCol("path"),
            LocalSpark.explainer().setOutputCol("path"),
            LocalSpark.explainer().setMethod("gradcm"),
            LocalSpark.explainer().setOutput("pictures"),
            LocalSpark.explainer().setOnError("skip"),
            LocalSpark.explainer().setPreprocess("half"),
            LocalSpark.explainer().setTopK(0))) {
      assertThrows(IllegalArgumentException.class, () -> wrong.transformSchema(files));
    }
    StructType result = LocalSpark.explainer().setOnError("null").transformSchema(files);
    assertEquals(
        List.of("path", "content", "explanation", "error"), Arrays.asList(result.fieldNames()));
    assertNotNull(result.apply("explanation"));
  }

  @Test
  void missingGpu_failsAndSaysHowToGetOne() {
    Exception failed =
        assertThrows(
            Exception.class,
            () ->
                LocalSpark.explainer()
                    .setDevice("cuda")
                    .transform(LocalSpark.files(spark))
                    .collectAsList());
    assertTrue(
        String.valueOf(failed).contains("spark.task.resource.gpu.amount"), () -> "" + failed);
  }

  @Test
  void streams_areExplained() throws Exception {
    Path incoming = Files.createDirectories(folder.resolve("incoming"));
    for (String name : List.of("scene-000.png", "scene-002.png")) {
      Files.copy(LocalSpark.SCENES.resolve(name), incoming.resolve(name));
    }
    Dataset<Row> stream =
        spark
            .readStream()
            .format("binaryFile")
            .schema(spark.read().format("binaryFile").load(incoming.toString()).schema())
            .load(incoming.toString());
    StreamingQuery query =
        LocalSpark.explainer()
            .transform(stream)
            .select("path", "explanation")
            .writeStream()
            .format("memory")
            .queryName("explained")
            .option("checkpointLocation", folder.resolve("checkpoint").toString())
            .trigger(Trigger.AvailableNow())
            .start();
    query.awaitTermination();
    Map<String, Row> rows = byPath(spark.table("explained"));
    assertEquals(2, rows.size());
    Row row = find(rows, "scene-000.png");
    Tensor x = scene(LocalSpark.SCENES.resolve("scene-000.png").toUri().toString());
    assertArrayEquals(expected(x, 1).map(0, 0).toFloatArray(), map(row, 0), 1e-5f);
  }

  @Test
  void names_areUnlike() {
    assertNotEquals(new KeralensExplainer().uid(), new KeralensExplainer().uid());
    List<String> params = new ArrayList<>();
    Stream.of(new KeralensExplainer().params()).forEach(param -> params.add(param.name()));
    assertEquals(17, params.size(), params::toString);
  }
}
