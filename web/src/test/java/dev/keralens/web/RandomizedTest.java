package dev.keralens.web;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.keralens.ExplainOptions;
import dev.keralens.Model;
import dev.keralens.graph.Shape;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class RandomizedTest {
  private static final Shape SHAPE = Shape.of(Shape.BATCH, 3);

  private static Model model() {
    ModelBuilder b = ModelBuilder.create("small");
    SymbolicTensor x = b.input(3);
    SymbolicTensor hidden = b.dense(4).name("first").apply(x);
    return Model.of(b.build(b.dense(1).name("last").activation("sigmoid").apply(hidden)), 7);
  }

  private static float[] weights(Model model, String layer) {
    return Objects.requireNonNull(model.layer(layer).weights().get("kernel"))
        .tensor()
        .toFloatArray();
  }

  private static float logit(Model model, float[] x) {
    float p = model.predict(Tensor.of(x, 1, 3)).get(0, 0);
    return (float) Math.log(p / (1 - p));
  }

  @Test
  void lastLayer_isShuffledAndTheOthersStay() {
    try (Model model = model();
        Model random = Randomized.of(model, 0, 3)) {
      assertEquals("last", Randomized.layer(model.network(List.of(SHAPE)), 0));
      float[] first = weights(model, "first");
      float[] last = weights(model, "last");
      // Linear in x: what each input adds says which order the last weights have now.
      float[] added = new float[3];
      float[] wanted = new float[3];
      float zero = logit(random, new float[3]);
      for (int i = 0; i < 3; i++) {
        float[] x = new float[3];
        x[i] = 1;
        added[i] = logit(random, x) - zero;
      }
      boolean found = false;
      for (int[] order : orders()) {
        for (int i = 0; i < 3; i++) {
          wanted[i] = 0;
          for (int h = 0; h < 4; h++) {
            wanted[i] += first[i * 4 + h] * last[order[h]];
          }
        }
        boolean own = Arrays.equals(order, new int[] {0, 1, 2, 3});
        found |= !own && close(wanted, added);
      }
      assertEquals(true, found, () -> Arrays.toString(added));
    }
  }

  private static boolean close(float[] one, float[] other) {
    for (int i = 0; i < one.length; i++) {
      if (Math.abs(one[i] - other[i]) > 1e-4) {
        return false;
      }
    }
    return true;
  }

  private static List<int[]> orders() {
    List<int[]> all = new java.util.ArrayList<>();
    for (int a = 0; a < 256; a++) {
      int[] order = {a & 3, a >> 2 & 3, a >> 4 & 3, a >> 6 & 3};
      if (Arrays.stream(order).distinct().count() == 4) {
        all.add(order);
      }
    }
    return all;
  }

  @Test
  void shuffling_isTheSameForASeed() {
    try (Model model = model();
        Model one = Randomized.of(model, 0, 3);
        Model other = Randomized.of(model, 0, 3)) {
      List<Tensor> x = List.of(Tensor.of(new float[] {1, -2, 3}, 1, 3));
      ExplainOptions options = ExplainOptions.defaults();
      assertArrayEquals(
          one.predict(x, options).get(0).toFloatArray(),
          other.predict(x, options).get(0).toFloatArray());
    }
  }

  @Test
  void model_withoutWeightsIsRefused() {
    ModelBuilder b = ModelBuilder.create("none");
    try (Model model = Model.of(b.build(b.activation("tanh").apply(b.input(3))), 7)) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> Randomized.layer(model.network(List.of(SHAPE)), 0));
      assertEquals("The model has no layer with weights to shuffle.", e.getMessage());
    }
  }
}
