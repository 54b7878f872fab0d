package dev.keralens.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.graph.Graph;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What rewritings promise where numbers are not finite: an image whose numbers all are comes out as
 * before, whatever its neighbours in the batch are, and with what is infinite or NaN in an image
 * something is not finite in what is computed of it, wherever that was so before.
 */
final class NonFinite {
  private static final int ROWS = 3;

  private NonFinite() {}

  /** Compares a graph as it was written with its rewritten form. */
  static void check(Graph graph, CompiledGraph written, CompiledGraph rewritten) {
    for (float bad : new float[] {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN}) {
      List<Tensor> feeds = feeds(graph, bad);
      List<Tensor> expected = written.run(feeds);
      List<Tensor> actual = rewritten.run(feeds);
      for (int i = 0; i < expected.size(); i++) {
        Shape shape = graph.outputs().get(i).shape();
        if (shape.batchAxis() == 0 && expected.get(i).type() == ElementType.FLOAT32) {
          compare(bad, -shape.size(0), expected.get(i), actual.get(i));
        }
      }
    }
  }

  private static List<Tensor> feeds(Graph graph, float bad) {
    Random random = new Random(5);
    List<Tensor> feeds = new ArrayList<>();
    for (Value input : graph.inputs()) {
      int[] shape = input.shape().forBatch(ROWS);
      if (input.type() != ElementType.FLOAT32) {
        feeds.add(Tensor.of(new long[(int) Tensor.elements(shape)], shape));
        continue;
      }
      float[] numbers = new float[(int) Tensor.elements(shape)];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = (float) random.nextGaussian();
      }
      // In the first image only, and away from its edge.
      numbers[numbers.length / ROWS / 2] = bad;
      feeds.add(Tensor.of(numbers, shape));
    }
    return feeds;
  }

  private static void compare(float bad, int rowsOfAnImage, Tensor expected, Tensor actual) {
    int images = expected.size(0) / rowsOfAnImage;
    float[] all = expected.toFloatArray();
    float[] found = actual.toFloatArray();
    int size = all.length / images;
    float largest = 0;
    for (float each : all) {
      largest = Float.isFinite(each) ? Math.max(largest, Math.abs(each)) : largest;
    }
    for (int image = 0; image < images; image++) {
      int lost = 0;
      int more = 0;
      for (int i = image * size; i < (image + 1) * size; i++) {
        lost += !Float.isFinite(all[i]) && Float.isFinite(found[i]) ? 1 : 0;
        more += Float.isFinite(all[i]) && !Float.isFinite(found[i]) ? 1 : 0;
        if (image > 0) {
          assertEquals(all[i], found[i], 1e-4f * largest, "an image beside that with " + bad);
        }
      }
      String what =
          "of %d numbers of image %d with %s, %d are finite that were not, %d not that were"
              .formatted(size, image, bad, lost, more);
      assertTrue(lost == 0, what);
    }
  }
}
