package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.keralens.explain.Method;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.method.GradCam;
import dev.keralens.method.Methods;
import dev.keralens.method.Xrai;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.objective.Box;
import dev.keralens.objective.Objective;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every method of the table, so that a new one has to pass it too. */
class MethodContractTest {
  private static final int[] SIZES = {6, 5, 2};
  private static final int UNITS = 3;

  /** Methods that follow attention need a transformer: see {@code AttentionTest}. */
  private static Collection<Methods.Row> rows() {
    return Methods.byNames().values().stream().filter(row -> !row.info().isOfAttention()).toList();
  }

  private static Model model() {
    return SmallNetwork.model((n, in) -> SmallNetwork.classifier(n, in.get(0), 3, 3), SIZES);
  }

  /** A classifier; of a method that explains boxes, a detector with as many classes. */
  private static Model model(Methods.Row row) {
    return row.info().isOfBoxes() ? detector(1) : model();
  }

  /** A box and three classes at each place, (batch, 7, 30); of a scale of 0, there is nothing. */
  private static Model detector(float scale) {
    return SmallNetwork.model(
        (n, in) -> {
          float[] kernel = SmallNetwork.random(7, 7 * 2 * 9);
          float none = scale == 0 ? -200 : 0;
          float[] bias = {2, 3, 2, 2, none, none, none};
          for (int i = 0; i < kernel.length; i++) {
            kernel[i] *= i < 4 * 2 * 9 ? 0.3f : scale;
          }
          KerasTensor conv = n.convolution("conv", in.get(0), kernel, bias, 3, 3);
          Value flat = n.b.reshape(conv.value(), Shape.of(Shape.BATCH, 7, 30));
          Value boxes = n.b.slice(flat, new int[] {1}, new int[] {0}, new int[] {4});
          Value scores = n.b.slice(flat, new int[] {1}, new int[] {4}, new int[] {7});
          Value all = n.b.concat(1, List.of(boxes, n.b.node(Op.SIGMOID, scores)));
          return List.of(n.layer("head", "Concatenate", conv, all, Layout.PLAIN));
        },
        SIZES);
  }

  private static ExplainOptions options(Methods.Row row) {
    ExplainOptions options = ExplainOptions.defaults();
    return row.info().isOfBoxes()
        ? options.withObjective(Objective.box(new Box(1, 1, 3, 4), null))
        : options;
  }

  private static Tensor images(int count) {
    return Tensor.of(SmallNetwork.random(11, count * 60), count, 6, 5, 2);
  }

  private static Explanation explain(Methods.Row row, Tensor x, Units units) {
    try (Model model = model(row);
        Explainer explainer = Explainer.of(model, options(row), row.create())) {
      return explainer.explain(x, units);
    }
  }

  private static void assertClose(Tensor expected, Tensor actual) {
    assertArrayEquals(expected.shape(), actual.shape());
    assertArrayEquals(expected.toFloatArray(), actual.toFloatArray(), 2e-5f);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void batch_equalsItsRowsOneAtATime(Methods.Row row) {
    Tensor x = images(3);
    Explanation together = explain(row, x, Units.of(1, 2));
    assertArrayEquals(new int[] {3, 6, 5, 2}, together.maps().shape());
    for (int i = 0; i < 3; i++) {
      Explanation one = explain(row, x.rows(i, i + 1), Units.of(1, 2));
      assertClose(one.maps(), together.maps().rows(i, i + 1));
      assertClose(one.scores(), together.scores().rows(i, i + 1));
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void units_equalOneAtATime(Methods.Row row) {
    Tensor x = images(2);
    Explanation together = explain(row, x, Units.all());
    for (int unit = 0; unit < UNITS; unit++) {
      Explanation one = explain(row, x, Units.of(unit));
      for (int image = 0; image < 2; image++) {
        assertClose(one.map(image, 0), together.map(image, unit));
        assertEquals(one.scores().get(image, 0), together.scores().get(image, unit), 1e-5);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void highestUnits_areExplainedAsIfTheyWereGiven(Methods.Row row) {
    Tensor x = images(2);
    Explanation highest = explain(row, x, Units.top(2));
    Explanation given = explain(row, x, Units.each(highest.units()));
    assertClose(highest.maps(), given.maps());
    assertClose(highest.scores(), given.scores());
    assertClose(highest.outputs(), given.outputs());
  }

  /** A unit that no pixel changes has an empty map, and the explanation says so. */
  @ParameterizedTest
  @MethodSource("rows")
  void unitThatNothingChanges_isExplainedByNothing(Methods.Row row) {
    SmallNetwork.Body silent =
        (n, in) -> {
          KerasTensor conv =
              n.convolution("conv", in.get(0), SmallNetwork.random(1, 4 * 2), new float[4], 1, 1);
          KerasTensor mean = n.globalAverage("gap", n.relu("relu", conv));
          return List.of(n.dense("dense", mean, new float[4 * 2], 2));
        };
    boolean ofBoxes = row.info().isOfBoxes(); // a box has its own scores, however pixels are
    try (Model model = ofBoxes ? detector(0) : SmallNetwork.model(silent, SIZES);
        Explainer explainer = Explainer.of(model, options(row), row.create())) {
      Explanation why = explainer.explain(images(1), Units.of(0));
      boolean softmax = row.name().equals("scorecam:paper"); // weighs all channels alike
      boolean ofAll = row.info().isOfAllUnits(); // shows what the network sees, whatever the unit
      if (!softmax && !ofAll) {
        assertArrayEquals(new float[30], why.map(0, 0).toFloatArray(), 1e-6f);
        assertEquals(Explanation.Finding.CONSTANT, why.finding(0, 0));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void sameSeed_givesTheSameMap(Methods.Row row) {
    Tensor x = images(2);
    assertArrayEquals(
        explain(row, x, Units.top(1)).maps().toFloatArray(),
        explain(row, x, Units.top(1)).maps().toFloatArray());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void closedExplainer_refuses(Methods.Row row) {
    try (Model model = model(row)) {
      Explainer explainer = Explainer.of(model, options(row), row.create());
      explainer.explain(images(1));
      explainer.close();
      explainer.close();
      assertThrows(IllegalStateException.class, () -> explainer.explain(images(1)));
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void eightThreads_giveWhatOneGives(Methods.Row row)
      throws InterruptedException, ExecutionException {
    Tensor x = images(8);
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (Model model = model(row);
        Explainer explainer = Explainer.of(model, options(row), row.create())) {
      List<Tensor> alone = new ArrayList<>();
      List<Future<Tensor>> together = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        Tensor image = x.rows(i, i + 1);
        alone.add(explainer.explain(image, Units.of(0)).maps());
        together.add(threads.submit(() -> explainer.explain(image, Units.of(0)).maps()));
      }
      for (int i = 0; i < 8; i++) {
        assertArrayEquals(alone.get(i).toFloatArray(), together.get(i).get().toFloatArray());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void scores_areThoseOfTheExplanation() {
    Tensor x = images(5);
    try (Model model = model();
        Explainer explainer =
            Explainer.of(model, ExplainOptions.defaults().withBatchSize(2), GradCam.create())) {
      Explanation why = explainer.explain(x, Units.top(2));
      Scores highest = explainer.scores(List.of(x), Units.top(2));
      assertArrayEquals(why.units().toLongArray(), highest.units().toLongArray());
      assertClose(why.scores(), highest.scores());
      assertClose(why.outputs(), highest.outputs());
      Scores given = explainer.scores(List.of(x), Units.each(why.units()));
      assertClose(why.scores(), given.scores());
      assertClose(model.predict(x), explainer.scores(List.of(x), Units.all()).scores());
      assertThrows(
          IllegalArgumentException.class, () -> explainer.scores(List.of(x), Units.of(UNITS)));
    }
  }

  @Test
  void applies_saysWhichMethodsFitAndWhyNot() {
    SmallNetwork.Body flat =
        (n, in) -> List.of(n.dense("dense", in.get(0), SmallNetwork.random(1, 6 * 2), 2));
    Method[] all = rows().stream().map(Methods.Row::create).toArray(Method[]::new);
    try (Model pictures = model();
        Model table = SmallNetwork.model(flat, new int[] {6});
        Explainer ofPictures = Explainer.of(pictures, all);
        Explainer ofTable = Explainer.of(table, all)) {
      List<Fit> fits = ofPictures.applies(List.of(Shape.of(Shape.BATCH, 6, 5, 2)));
      assertEquals(all.length, fits.size());
      for (Fit fit : fits) {
        assertEquals(!fit.method().info().isOfBoxes(), fit.fits(), fit.toString());
      }
      for (Fit fit : ofTable.applies(List.of(Shape.of(Shape.BATCH, 6)))) {
        boolean onlyPictures = fit.method() instanceof Xrai || fit.method().info().isOfBoxes();
        boolean fitting = !fit.method().explainsActivations() && !onlyPictures;
        assertEquals(fitting, fit.fits(), fit.toString());
        assertEquals(fit.fits(), fit.refusal().isEmpty());
      }
    }
  }
}
