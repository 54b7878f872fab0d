package dev.keralens.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.Model;
import dev.keralens.picture.ImageLoader;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import org.apache.spark.ml.evaluation.Evaluator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Deletion and insertion of explained rows, beside the same worked out pixel by pixel. */
@Timeout(300)
class KeralensEvaluatorTest {
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

  private static KeralensEvaluator evaluator() {
    return new KeralensEvaluator()
        .setModelPath(LocalSpark.MODEL.toString())
        .setInputCols("content")
        .setSteps(4);
  }

  private static Dataset<Row> explained() {
    return LocalSpark.explainer().setTopK(2).transform(LocalSpark.files(spark));
  }

  /** The output for one image of which the places of a rank below {@code share} are taken away. */
  private static double output(
      Model model, float[] pixels, float[] map, int unit, double share, boolean insertion) {
    List<Integer> order = new ArrayList<>();
    for (int place = 0; place < map.length; place++) {
      order.add(place);
    }
    order.sort(Comparator.comparing(place -> -map[place]));
    float[] mean = new float[3];
    for (int i = 0; i < pixels.length; i++) {
      mean[i % 3] += pixels[i] / map.length;
    }
    float[] changed = pixels.clone();
    for (int rank = 0; rank < map.length; rank++) {
      if ((rank < share * map.length) != insertion) {
        for (int channel = 0; channel < 3; channel++) {
          changed[order.get(rank) * 3 + channel] = mean[channel];
        }
      }
    }
    return model.predict(Tensor.of(changed, 1, 96, 96, 3)).get(0, unit);
  }

  @Test
  void measures_areThoseOfEveryRowAndUnit() throws IOException {
    for (boolean insertion : new boolean[] {false, true}) {
      double sum = 0;
      int count = 0;
      try (Model model = Model.load(LocalSpark.MODEL)) {
        for (Row row : explained().collectAsList()) {
          Path file = Path.of(row.<String>getAs("path").replaceFirst("^file:/*", "/"));
          float[] pixels = ImageLoader.create().load(file).toFloatArray();
          Row why = row.getAs("explanation");
          for (int i = 0; i < 2; i++) {
            int unit = (int) why.getList(why.fieldIndex("units")).get(i);
            float[] map =
                RowNumbers.of(why.getList(why.fieldIndex("maps")).get(i)).toFloatArray();
            for (int step = 0; step <= 4; step++) {
              double weight = step == 0 || step == 4 ? 0.125 : 0.25;
              sum += weight * output(model, pixels, map, unit, step / 4.0, insertion);
            }
            count++;
          }
        }
      }
      KeralensEvaluator evaluator = evaluator().setMetricName(insertion ? "insertion" : "deletion");
      assertEquals(sum / count, evaluator.evaluate(explained()), 1e-5);
      assertEquals(insertion, evaluator.isLargerBetter());
    }
  }

  @Test
  void invertedMaps_areWorse() {
    Dataset<Row> good = explained();
    Dataset<Row> bad =
        good.selectExpr(
            "path",
            "content",
            "named_struct('units', explanation.units, 'height', explanation.height, 'width',"
                + " explanation.width, 'maps', transform(explanation.maps, map -> transform(map, x"
                + " -> -x))) as explanation");
    double deleted = evaluator().evaluate(good);
    double inserted = evaluator().setMetricName("insertion").evaluate(good);
    assertTrue(deleted < evaluator().evaluate(bad));
    assertTrue(inserted > evaluator().setMetricName("insertion").evaluate(bad));
    assertFalse(deleted == evaluator().setBaseline("zero").evaluate(good));
  }

  @Test
  void rowsWithoutExplanation_areLeftOut() {
    Dataset<Row> all = explained();
    Dataset<Row> half =
        all.selectExpr(
            "path",
            "content",
            "if(path like '%scene-000%' or path like '%scene-002.png', explanation, null) as"
                + " explanation");
    Dataset<Row> some = all.where("path like '%scene-000%' or path like '%scene-002.png'");
    assertEquals(evaluator().evaluate(some), evaluator().evaluate(half), 1e-9);
    IllegalArgumentException none =
        assertThrows(
            IllegalArgumentException.class,
            () -> evaluator().evaluate(half.where("explanation is null")));
    assertTrue(String.valueOf(none.getMessage()).contains("explanation"), none::toString);
  }

  @Test
  void whatCannotBeMeasured_isRefused() {
    Dataset<Row> good = explained();
    for (KeralensEvaluator wrong :
        List.of(
            evaluator().setMetricName("removal"),
            evaluator().setBaseline("blur"),
            evaluator().setSteps(0),
            new KeralensEvaluator().setInputCols("content"))) {
      assertThrows(IllegalArgumentException.class, () -> wrong.evaluate(good));
    }
    Dataset<Row> small =
        good.limit(1)
            .selectExpr(
                "content",
                "named_struct('units', array(0), 'height', 2, 'width', 2, 'maps',"
                    + " array(array(1f, 2f, 3f, 4f))) as explanation");
    Exception failed = assertThrows(Exception.class, () -> evaluator().evaluate(small));
    assertTrue(String.valueOf(failed).contains("2 x 2 places"), () -> "" + failed);
  }

  @Test
  void example_ofTheGuide() {
    String model = LocalSpark.MODEL.toString();
    Dataset<Row> explained = explained();
    double area =
        new KeralensEvaluator()
            .setModelPath(model)
            .setInputCols("content")
            .setSteps(10)
            .evaluate(explained);
    assertTrue(area > 0 && area < 1);
  }

  @Test
  void measure_isSavedAndFoundAsAService() throws IOException {
    String path = folder.resolve("measure").toString();
    evaluator().setMetricName("insertion").write().overwrite().save(path);
    KeralensEvaluator again = KeralensEvaluator.load(path);
    assertTrue(again.isLargerBetter());
    assertEquals(4, again.getOrDefault(again.steps()));
    assertTrue(
        ServiceLoader.load(Evaluator.class).stream()
            .anyMatch(found -> found.type() == KeralensEvaluator.class));
  }
}
