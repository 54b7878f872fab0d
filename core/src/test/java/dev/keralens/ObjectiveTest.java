package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.filter.Filters;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.method.Gradients;
import dev.keralens.method.Methods;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.objective.Objective;
import dev.keralens.objective.ResolvedObjective;
import dev.keralens.tensor.Tensor;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Objectives beyond a unit: values by hand, every method, and what is refused. */
class ObjectiveTest {
  private static final int[] SIZES = {6, 5, 2};

  private static Collection<Methods.Row> rows() {
    return Methods.byNames().values().stream()
        .filter(row -> !row.info().isOfAttention() && !row.info().isOfBoxes())
        .toList();
  }

  private static Model classifier() {
    return SmallNetwork.model((n, in) -> SmallNetwork.classifier(n, in.get(0), 3, 3), SIZES);
  }

  private static Tensor images(int count) {
    return Tensor.of(SmallNetwork.random(11, count * 60), count, 6, 5, 2);
  }

  private static ExplainOptions options(Objective objective) {
    return ExplainOptions.defaults()
        .withFilter(Filters::none)
        .withResize(Resize.none())
        .withObjective(objective);
  }

  private static Explanation gradients(Model model, Objective objective, Tensor x, Units units) {
    return Explain.explain(
        Gradients.create().gradientFilter(Filters::none), model, x, units, options(objective));
  }

  /** Every method that explains a unit explains what is made of units, in every row of a batch. */
  @ParameterizedTest
  @MethodSource("rows")
  void everyMethod_explainsWhatIsMadeOfUnits(Methods.Row row) {
    Objective sum = Objective.logits().weightedSum(Map.of(0, 1.0, 2, -0.5));
    for (Objective objective :
        List.of(Objective.logits().versus(1), Objective.logits().absence(), sum)) {
      if (row.name().equals("finercam") && objective == sum) {
        continue; // It compares with similar units, and a sum is one unit.
      }
      Tensor x = images(2);
      try (Model model = classifier();
          Explainer explainer = Explainer.of(model, options(objective), row.create())) {
        Explanation together = explainer.explain(x, Units.top(1));
        for (int i = 0; i < 2; i++) {
          Explanation one =
              explainer.explain(x.rows(i, i + 1), Units.each(together.units().rows(i, i + 1)));
          assertArrayEquals(
              one.maps().toFloatArray(), together.maps().rows(i, i + 1).toFloatArray(), 2e-5f);
          assertTrue(one.finding(0, 0) != Explanation.Finding.NOT_FINITE);
        }
      }
    }
  }

  /** What is made of the output as a whole fits all methods that need no linear end. */
  @ParameterizedTest
  @MethodSource("rows")
  void everyMethod_explainsSimilarityProbabilityAndOwnObjectives(Methods.Row row) {
    Tensor reference = Tensor.of(new float[] {1, -2, 0.5f, 0, 1, 1}, 2, 3);
    Objective probability = Objective.probability();
    Objective own = Objective.of("square", (b, outputs) -> b.mul(outputs.get(0), outputs.get(0)));
    for (Objective objective : List.of(Objective.similarity(reference), probability, own)) {
      try (Model model = classifier();
          Explainer explainer = Explainer.of(model, options(objective), row.create())) {
        Fit fit = explainer.applies(List.of(Shape.of(Shape.BATCH, 6, 5, 2))).get(0);
        boolean linearEnd = row.name().equals("cam");
        assertEquals(!linearEnd, fit.fits(), fit::toString);
        if (fit.fits()) {
          Explanation why = explainer.explain(images(2), Units.of(0, 1));
          assertTrue(why.finding(1, 1) != Explanation.Finding.NOT_FINITE);
        }
      }
    }
  }

  @Test
  void versus_isTheDifference_andTheOtherUnitIsNotAmongTheHighest() {
    try (Model model = classifier()) {
      Tensor x = images(3);
      Explanation all = gradients(model, Objective.logits(), x, Units.all());
      Explanation versus = gradients(model, Objective.logits().versus(2), x, Units.all());
      for (int i = 0; i < 3; i++) {
        for (int unit = 0; unit < 3; unit++) {
          assertEquals(
              all.scores().get(i, unit) - all.scores().get(i, 2),
              versus.scores().get(i, unit),
              1e-5);
          assertEquals(all.outputs().get(i, unit), versus.outputs().get(i, unit), 1e-6);
          float[] expected = all.map(i, unit).toFloatArray();
          float[] other = all.map(i, 2).toFloatArray();
          float[] actual = versus.map(i, unit).toFloatArray();
          for (int p = 0; p < expected.length; p++) {
            assertEquals(expected[p] - other[p], actual[p], 1e-6);
          }
        }
      }
      for (int other = 0; other < 3; other++) {
        Explanation top = gradients(model, Objective.logits().versus(other), x, Units.top(2));
        for (long unit : top.units().toLongArray()) {
          assertTrue(unit != other);
        }
      }
    }
  }

  private static SmallNetwork.Body ending(Op op) {
    return (n, in) -> {
      KerasTensor dense = SmallNetwork.classifier(n, in.get(0), 3, 3).get(0);
      Value value = n.b.node(op, Attributes.of("axis", 1), dense.value());
      return List.of(n.layer("end", "Activation", dense, value, Layout.PLAIN));
    };
  }

  @Test
  void absence_isMinusTheLogit_andOneMinusTheProbability() {
    SmallNetwork.Body sigmoid =
        (n, in) -> {
          KerasTensor dense = SmallNetwork.classifier(n, in.get(0), 3, 3).get(0);
          Value value = n.b.node(Op.SIGMOID, dense.value());
          return List.of(n.layer("end", "Activation", dense, value, Layout.PLAIN));
        };
    try (Model model = SmallNetwork.model(sigmoid, SIZES)) {
      Tensor x = images(2);
      Explanation unit = gradients(model, Objective.logits(), x, Units.of(1));
      Explanation absence = gradients(model, Objective.logits().absence(), x, Units.of(1));
      assertEquals(-unit.scores().get(0, 0), absence.scores().get(0, 0), 1e-6);
      assertEquals(1 - unit.outputs().get(0, 0), absence.outputs().get(0, 0), 1e-6);
      Explanation itself = gradients(model, Objective.output(), x, Units.of(1));
      Explanation not = gradients(model, Objective.output().absence(), x, Units.of(1));
      assertEquals(1 - itself.scores().get(0, 0), not.scores().get(0, 0), 1e-6);
      float[] expected = itself.map(0, 0).toFloatArray();
      float[] actual = not.map(0, 0).toFloatArray();
      for (int p = 0; p < expected.length; p++) {
        assertEquals(-expected[p], actual[p], 1e-6);
      }
    }
  }

  /** A probability that is added to a model of logits has an absence of its own: 1 less it. */
  @Test
  void absence_ofAProbabilityThatIsAdded_isOneMinusIt() {
    try (Model logits = classifier();
        Model logarithm = SmallNetwork.model(ending(Op.LOG_SOFTMAX), SIZES)) {
      for (Model model : List.of(logits, logarithm)) {
        Tensor x = images(2);
        Explanation itself = gradients(model, Objective.probability(), x, Units.of(1));
        Explanation not = gradients(model, Objective.probability().absence(), x, Units.of(1));
        assertEquals(1 - itself.scores().get(0, 0), not.scores().get(0, 0), 1e-6);
        assertEquals(1 - itself.outputs().get(0, 0), not.outputs().get(0, 0), 1e-6);
      }
    }
  }

  @Test
  void probability_isAddedWhereTheModelEndsInLogits() {
    try (Model logits = classifier();
        Model softmax = SmallNetwork.model(ending(Op.SOFTMAX), SIZES);
        Model logarithm = SmallNetwork.model(ending(Op.LOG_SOFTMAX), SIZES)) {
      Tensor x = images(2);
      Explanation expected = gradients(softmax, Objective.output(), x, Units.all());
      for (Model model : List.of(logits, softmax, logarithm)) {
        Explanation why = gradients(model, Objective.probability(), x, Units.all());
        assertArrayEquals(expected.scores().toFloatArray(), why.scores().toFloatArray(), 1e-6f);
        assertArrayEquals(expected.maps().toFloatArray(), why.maps().toFloatArray(), 1e-6f);
      }
    }
  }

  @Test
  void regression_isTheNumberItself() {
    SmallNetwork.Body number =
        (n, in) -> {
          KerasTensor mean =
              n.globalAverage(
                  "gap", n.convolution("conv", in.get(0), new float[] {2, -3}, new float[1], 1, 1));
          return List.of(n.dense("price", mean, new float[] {5}, 1));
        };
    try (Model model = SmallNetwork.model(number, new int[] {2, 2, 2})) {
      Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 1, 2, 2, 2);
      Explanation why = gradients(model, Objective.logits(), x, Units.top(1));
      assertEquals(5 * (2 * 4 - 3 * 5), why.scores().get(0, 0), 1e-4);
      for (float gradient : why.maps().toFloatArray()) {
        assertEquals(5 * (2 - 3) / 4.0 / 2, gradient, 1e-6);
      }
      ResolvedObjective resolved =
          model.objective(Objective.logits(), List.of(Shape.of(Shape.BATCH, 2, 2, 2)));
      assertTrue(resolved.isUnits());
      assertTrue(resolved.description().contains("itself"), resolved.description());
    }
  }

  /** Places of units 0 and 1 by hand: unit 0 is higher where x &gt; 0. */
  @Test
  void predictedRegion_sumsEachUnitWhereItIsHighest() {
    SmallNetwork.Body body =
        (n, in) ->
            List.of(n.convolution("conv", in.get(0), new float[] {2, -1}, new float[2], 1, 1));
    float[] x = {3, -1, 2, -4, 5, 0.5f};
    try (Model model = SmallNetwork.model(body, new int[] {2, 3, 1})) {
      Objective objective = Objective.logits().withPredictedRegion();
      Explanation why = gradients(model, objective, Tensor.of(x, 1, 2, 3, 1), Units.all());
      assertEquals(2 * (3 + 2 + 5 + 0.5), why.scores().get(0, 0), 1e-5);
      assertEquals(1 + 4, why.scores().get(0, 1), 1e-5);
      assertEquals(2 * 10.5 / 4, why.outputs().get(0, 0), 1e-5);
      assertEquals(5 / 2.0, why.outputs().get(0, 1), 1e-5);
      for (int p = 0; p < 6; p++) {
        assertEquals(x[p] > 0 ? 2 : 0, why.map(0, 0).get(p / 3, p % 3), 1e-6);
        assertEquals(x[p] > 0 ? 0 : -1, why.map(0, 1).get(p / 3, p % 3), 1e-6);
      }
      Explanation top = gradients(model, objective, Tensor.of(x, 1, 2, 3, 1), Units.top(1));
      assertEquals(0, top.unit(0, 0));
      Explanation versus =
          gradients(model, objective.versus(0), Tensor.of(x, 1, 2, 3, 1), Units.top(1));
      assertEquals(1, versus.unit(0, 0));
      assertEquals(3 * (1 + 4), versus.scores().get(0, 0), 1e-5);
    }
  }

  @Test
  void predictedRegion_ofOneSigmoid_isWhereItIsAboveHalf() {
    SmallNetwork.Body body =
        (n, in) -> {
          KerasTensor map = n.convolution("conv", in.get(0), new float[] {2}, new float[1], 1, 1);
          Value value = n.b.node(Op.SIGMOID, map.value());
          return List.of(n.layer("sigmoid", "Activation", map, value, Layout.CHANNELS_MOVED));
        };
    try (Model model = SmallNetwork.model(body, new int[] {1, 3, 1})) {
      Tensor x = Tensor.of(new float[] {1, -1, 3}, 1, 1, 3, 1);
      for (Objective objective : List.of(Objective.logits(), Objective.output())) {
        Explanation why = gradients(model, objective.withPredictedRegion(), x, Units.of(0));
        assertEquals(0, why.map(0, 0).get(0, 1), 0);
        assertTrue(why.map(0, 0).get(0, 0) > 0);
      }
    }
  }

  /** The examples of docs/objectives.md. */
  @Test
  void examples_ofTheGuide() {
    Objective dogAndNotWolf = Objective.logits().versus(1);
    ExplainOptions options = ExplainOptions.defaults().withObjective(dogAndNotWolf);
    Objective energy =
        Objective.of(
            "energy", (b, outputs) -> b.reduceSum(b.mul(outputs.get(0), outputs.get(0)), false, 1));
    try (Model model = classifier()) {
      Tensor x = images(1);
      Explanation why = Explain.explain(Gradients.create(), model, x, Units.of(0), options);
      double squares = 0;
      for (float output : model.predict(x).toFloatArray()) {
        squares += output * output;
      }
      assertEquals(1, why.images());
      assertEquals(
          squares, gradients(model, energy, x, Units.of(0)).scores().get(0, 0), 1e-4 * squares);
    }
  }

  @Test
  void unit_thatIsComparedWithItselfIsRefused() {
    try (Model model = classifier()) {
      Tensor x = Tensor.of(SmallNetwork.random(4, 60), 1, 6, 5, 2);
      Exception e =
          assertThrows(
              IllegalArgumentException.class,
              () -> gradients(model, Objective.logits().versus(2), x, Units.of(0, 2)));
      assertTrue(String.valueOf(e.getMessage()).contains("compared with itself"), e.getMessage());
    }
  }

  private static void refused(Model model, Objective objective, String... parts) {
    List<Shape> shapes = List.of(Shape.of(Shape.BATCH, 6, 5, 2));
    Exception e =
        assertThrows(IllegalArgumentException.class, () -> model.objective(objective, shapes));
    for (String part : parts) {
      assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
    }
  }

  @Test
  void whatDoesNotFit_isRefusedWithWhatFits() {
    try (Model model = classifier()) {
      refused(model, Objective.logits().versus(3), "no unit 3", "0 to 2");
      refused(model, Objective.logits().withOutput(1), "1 outputs", "no output 1");
      refused(model, Objective.logits().withOutput("dence"), "dense", "Did you mean");
      refused(model, Objective.logits().weightedSum(Map.of(7, 1.0)), "no unit 7", "0 to 2");
      refused(model, Objective.logits().withPredictedRegion(), "no map", "segmentation");
      refused(model, Objective.similarity(Tensor.of(new float[4], 1, 4)), "3 numbers", "have 4");
      refused(model, Objective.similarity(Tensor.of(new float[3], 1, 3)), "no direction");
      refused(model, Objective.strongestBox(null), "(batch, 4 + classes, boxes)");
      refused(
          model,
          Objective.of("map", (b, outputs) -> b.unsqueeze(outputs.get(0), 2)),
          "(batch, unit)",
          "(batch, 3, 1)");
    }
    assertThrows(
        IllegalArgumentException.class, () -> Objective.logits().weightedSum(Map.of(1, 0.0)));
    assertThrows(
        IllegalArgumentException.class, () -> Objective.similarity(Tensor.of(new float[3], 3)));
  }
}
