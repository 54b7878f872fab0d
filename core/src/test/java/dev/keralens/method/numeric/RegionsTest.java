package dev.keralens.method.numeric;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The ranking beside that of PAIR's saliency (parity/methods/make_paths.py). */
class RegionsTest {
  private static final Path FOLDER = Path.of("src/test/resources/golden/methods");

  private static float[] read(String name) throws IOException {
    return Npy.read(FOLDER.resolve(name + ".npy")).toFloatArray();
  }

  @Test
  void ranked_isThatOfPairSaliency() throws IOException {
    float[] given = read("xrai_attributions");
    double[] attributions = new double[given.length];
    for (int i = 0; i < given.length; i++) {
      attributions[i] = given[i];
    }
    Tensor masks = Npy.read(FOLDER.resolve("xrai_masks.npy"));
    List<int[]> regions = new ArrayList<>();
    for (int region = 0; region < masks.size(0); region++) {
      float[] mask = masks.row(region).toFloatArray();
      regions.add(IntStream.range(0, mask.length).filter(i -> mask[i] > 0).toArray());
    }
    assertArrayEquals(read("xrai"), Regions.ranked(attributions, regions, 3), 1e-5f);
  }

  @Test
  void of_aPictureOfTwoColours_hasARegionOfEach() {
    int side = 48;
    float[] picture = new float[side * side];
    for (int i = 0; i < picture.length; i++) {
      picture[i] = i % side < 24 ? 0 : 1;
    }
    List<int[]> regions = Regions.of(picture, side, side, 1);
    boolean left = false;
    boolean right = false;
    for (int[] region : regions) {
      boolean ofLeft = IntStream.of(region).allMatch(i -> i % side < 24 + 8);
      boolean ofRight = IntStream.of(region).allMatch(i -> i % side >= 24 - 8);
      left |= ofLeft && region.length > side * 20;
      right |= ofRight && region.length > side * 20;
    }
    assertTrue(left && right, "regions: " + regions.size());
  }
}
