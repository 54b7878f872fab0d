package dev.keralens.picture.draw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BoundingBoxTest {
  private static final Tensor TWO_PARTS =
      Tensor.of(
          new float[] {
            1, 0, 0, 0, 0,
            0, 0, 0, 0.5f, 0,
            0, 0, 0.5f, 0, 0.1f,
            0, 0, 0, 0, 0,
          },
          4,
          5);

  @Test
  void of_isAroundTheLargestPartNotTheHighest() {
    assertEquals(Optional.of(new BoundingBox(1, 2, 2, 2)), BoundingBox.of(TWO_PARTS, 0.2));
  }

  @Test
  void of_lowerThresholdTakesMore() {
    assertEquals(Optional.of(new BoundingBox(1, 2, 2, 3)), BoundingBox.of(TWO_PARTS, 0.1));
    assertEquals(Optional.of(new BoundingBox(0, 0, 1, 1)), BoundingBox.of(TWO_PARTS, 1));
  }

  @Test
  void of_doesNotDependOnTheScale() {
    float[] values = TWO_PARTS.toFloatArray();
    for (int i = 0; i < values.length; i++) {
      values[i] *= 1e-6f;
    }
    assertEquals(BoundingBox.of(TWO_PARTS, 0.2), BoundingBox.of(Tensor.of(values, 4, 5), 0.2));
  }

  @Test
  void of_otherSizeIsInThePicturesPixels() {
    Tensor map = Tensor.of(new float[] {0, 0, 0, 1}, 2, 2);
    BoundingBox box = BoundingBox.of(map, 0.9, 100, 200).orElseThrow();
    assertEquals(200, box.left() + box.width());
    assertEquals(100, box.top() + box.height());
    // Bilinear, half-pixel centres: one at the centre of the last quarter and beyond it.
    assertEquals(75, box.top(), 5);
    assertEquals(150, box.left(), 10);
  }

  @Test
  void of_mapWithoutEvidenceHasNone() {
    assertEquals(Optional.empty(), BoundingBox.of(Tensor.of(new float[4], 2, 2), 0.2));
    assertEquals(
        Optional.empty(), BoundingBox.of(Tensor.of(new float[] {-1, -2, -3, -4}, 2, 2), 0.2));
  }

  @Test
  void of_badThresholdIsRefused() {
    for (double threshold : new double[] {0, -1, 1.01, Double.NaN}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> BoundingBox.of(TWO_PARTS, threshold),
          "" + threshold);
    }
  }

  @Test
  void intersectionOverUnion_isSharedOverCovered() {
    BoundingBox box = new BoundingBox(0, 0, 2, 2);
    assertEquals(1, box.intersectionOverUnion(box));
    assertEquals(1 / 7.0, box.intersectionOverUnion(new BoundingBox(1, 1, 2, 2)), 1e-12);
    assertEquals(0, box.intersectionOverUnion(new BoundingBox(2, 0, 2, 2)));
    assertEquals(0, box.intersectionOverUnion(new BoundingBox(5, 5, 1, 1)));
  }

  @Test
  void draw_linesLieInsideTheBox() {
    Picture ground = Picture.ofTensor(Tensor.of(new float[100 * 100 * 3], 100, 100, 3));
    Picture drawn = new BoundingBox(10, 20, 30, 40).draw(ground, 0x00FF00);
    assertEquals(255, drawn.sample(10, 20, 1));
    assertEquals(255, drawn.sample(39, 59, 1));
    assertEquals(0, drawn.sample(9, 20, 1));
    assertEquals(0, drawn.sample(40, 59, 1));
    assertEquals(0, drawn.sample(25, 40, 1));
  }
}
