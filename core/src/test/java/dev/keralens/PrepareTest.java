package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.explain.Method;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.method.Cam;
import dev.keralens.method.GradCam;
import dev.keralens.method.Gradients;
import dev.keralens.method.IntegratedGradients;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Warming up, and joining the maps of several layers. */
class PrepareTest {
  private static final List<Shape> ONE = List.of(Shape.of(1, 6, 5, 2));
  private static final List<Shape> BATCH = List.of(Shape.of(Shape.BATCH, 6, 5, 2));

  @TempDir private Path folder;

  private static Model classifier() {
    return SmallNetwork.model(
        (n, in) -> SmallNetwork.classifier(n, in.get(0), 3, 3), new int[] {6, 5, 2});
  }

  private static Tensor images(int count) {
    return Tensor.of(SmallNetwork.random(11, count * 60), count, 6, 5, 2);
  }

  /** The engine writes a profile for each session when it is closed, run or not. */
  private long sessions(List<Shape> shapes, Units units, Method method) throws IOException {
    Path own = Files.createTempDirectory(folder, "profile");
    RuntimeOptions profiled = RuntimeOptions.defaults().withProfile(own.resolve("p"));
    ExplainOptions options = ExplainOptions.defaults().withRuntime(profiled);
    try (Model model = classifier();
        Explainer explainer = Explainer.of(model, options, method)) {
      explainer.prepare(shapes, units);
    }
    try (Stream<Path> files = Files.list(own)) {
      return files.count();
    }
  }

  @Test
  void prepare_compilesWhatExplanationsUse() throws IOException {
    assertEquals(1, sessions(ONE, Units.top(2), GradCam.create()));
    assertEquals(1, sessions(BATCH, Units.of(1), GradCam.create()));
    assertEquals(1, sessions(List.of(Shape.of(8, 6, 5, 2)), Units.all(), Gradients.create()));
    assertTrue(sessions(ONE, Units.top(1), IntegratedGradients.create()) >= 2);
  }

  @Test
  void prepare_changesNothing() {
    try (Model model = classifier();
        Explainer warm = Explainer.of(model, GradCam.create());
        Explainer cold = Explainer.of(model, GradCam.create())) {
      warm.prepare(BATCH, Units.top(1));
      assertArrayEquals(
          cold.explain(images(3)).maps().toFloatArray(),
          warm.explain(images(3)).maps().toFloatArray());
    }
  }

  @Test
  void prepare_refusesAsExplainDoes() {
    SmallNetwork.Body dense =
        (n, in) -> {
          KerasTensor flat =
              n.layer(
                  "flat",
                  "Flatten",
                  in.get(0),
                  n.b.reshape(in.get(0).value(), Shape.of(Shape.BATCH, 60)),
                  Layout.PLAIN);
          return List.of(n.dense("dense", flat, SmallNetwork.random(1, 60 * 3), 3));
        };
    try (Model model = SmallNetwork.model(dense, new int[] {6, 5, 2});
        Explainer cam = Explainer.of(model, Cam.create());
        Explainer gradients = Explainer.of(model, Gradients.create())) {
      assertThrows(UnsupportedModelException.class, () -> cam.prepare(ONE, Units.top(1)));
      assertThrows(IllegalArgumentException.class, () -> gradients.prepare(ONE, Units.of(3)));
      Explainer closed = Explainer.of(model, Gradients.create());
      closed.close();
      assertThrows(IllegalStateException.class, () -> closed.prepare(ONE, Units.top(1)));
    }
  }

  @Test
  void fusion_joinsTheMapsOfLayers() {
    ExplainOptions each = ExplainOptions.defaults().withLayers("relu1", "relu2");
    try (Model model = classifier();
        Explainer apart = Explainer.of(model, each, GradCam.create(), Gradients.create());
        Explainer max = Explainer.of(model, each.withFusion(Fusion.MAX), GradCam.create());
        Explainer mean =
            Explainer.of(
                model, each.withFusion(Fusion.MEAN), GradCam.create(), Gradients.create())) {
      Tensor x = images(2);
      List<Explanation> two = apart.explainAll(List.of(x), Units.top(1));
      Explanation joined = max.explain(x, Units.top(1));
      List<Explanation> means = mean.explainAll(List.of(x), Units.top(1));
      assertEquals(3, two.size());
      assertEquals(2, means.size());
      assertEquals("max of relu1, relu2", joined.explained());
      assertEquals("gradients", means.get(1).method());
      float[] first = two.get(0).maps().toFloatArray();
      float[] second = two.get(1).maps().toFloatArray();
      for (int i = 0; i < first.length; i++) {
        assertEquals(Math.max(first[i], second[i]), joined.maps().toFloatArray()[i], 1e-6);
        assertEquals((first[i] + second[i]) / 2, means.get(0).maps().toFloatArray()[i], 1e-6);
      }
      assertEquals(
          Math.min(two.get(0).lowest().get(1, 0), two.get(1).lowest().get(1, 0)),
          joined.lowest().get(1, 0));
    }
  }
}
