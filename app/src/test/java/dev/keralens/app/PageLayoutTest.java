package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many images lie on a page, and where. */
class PageLayoutTest {
  private static final Path SHAPES = Path.of("../models/shapes/shapes.keras");
  private static final Path SCENE = Path.of("../models/shapes/samples/scene-000.png");

  @TempDir private Path folder;

  private static int blocks(int width, int height, int images, int pictureHeight) {
    Picture picture =
        Picture.ofTensor(Tensor.of(new float[pictureHeight * 100], pictureHeight, 100, 1));
    return new PageLayout(width, height).blocks(Collections.nCopies(images, picture));
  }

  @Test
  void page_isNeitherRibbonNorStrip() {
    assertEquals(1, blocks(2, 1, 1, 100));
    assertEquals(1, blocks(3, 1, 2, 100));
    assertEquals(4, blocks(2, 1, 30, 75));
    assertEquals(1, blocks(9, 1, 5, 100));
    for (int images = 4; images <= 60; images++) {
      int blocks = blocks(2, 1, images, 100);
      double rows = Math.ceil((double) images / blocks);
      double shape = 2 * blocks / (rows * 1.15);
      assertTrue(shape > 0.6 && shape < 3, images + " images: " + shape);
    }
  }

  private Path images(int count) throws IOException {
    Path images = Files.createDirectories(folder.resolve("images"));
    for (int i = 0; i < count; i++) {
      Files.copy(SCENE, images.resolve("%03d.png".formatted(i)));
    }
    return images;
  }

  @Test
  void manyImages_goOnSeveralPages() throws IOException {
    Path why = folder.resolve("why.png");
    Path csv = folder.resolve("why.csv");
    Path images = images(62);
    Files.write(images.resolve("000.png"), new byte[9]); // Its place stays empty.
    Cli run = Cli.run("explain", images, "-m", SHAPES, "-o", why, "--csv", csv);
    assertEquals(1, run.code(), run::toString);
    Path first = folder.resolve("why-1.png");
    Path second = folder.resolve("why-2.png");
    assertTrue(
        run.err().contains("Wrote " + first + " and on: 61 images on 2 pages"), run::toString);
    assertFalse(Files.exists(why));
    Picture page = Picture.read(first);
    assertTrue(page.height() < page.width() && page.width() < 2 * page.height(), page::toString);
    assertTrue(Picture.read(second).width() > 0);
    List<String> rows = Files.readAllLines(csv);
    assertEquals(62, rows.size());
    assertTrue(rows.get(1).endsWith("," + first), rows.get(1));
    assertTrue(rows.get(61).endsWith("," + second), rows.get(61));
  }

  @Test
  void columns_areAsWanted() throws IOException {
    Path one = folder.resolve("one.png");
    Path two = folder.resolve("two.png");
    Path images = images(3);
    Cli.done("explain", images, "-m", SHAPES, "--columns", 1, "-o", one);
    Cli.done("explain", images, "-m", SHAPES, "--columns", 3, "-o", two);
    assertTrue(Picture.read(one).height() > Picture.read(one).width());
    assertTrue(Picture.read(two).width() > 3 * Picture.read(two).height());
    Cli.fails(2, List.of("--columns"), "explain", images, "-m", SHAPES, "--columns", 0, "-o", one);
    Cli.fails(
        2,
        List.of("--columns has no effect"),
        "explain",
        images,
        "-m",
        SHAPES,
        "--columns",
        2,
        "-o",
        folder.resolve("maps"));
  }

  @Test
  void methodsOfOneImage_areWrapped() throws IOException {
    Path why = folder.resolve("why.png");
    Cli.done(
        "explain",
        SCENE,
        "-m",
        SHAPES,
        "--method",
        "gradcam,gradients,gradcampp,hirescam,layercam,xgradcam,cam",
        "-o",
        why);
    Picture page = Picture.read(why);
    assertTrue(page.width() < 2.5 * page.height(), page::toString);
  }

  @Test
  void moreUnitsThanColours_areRefused() {
    Cli.fails(
        2,
        List.of("--draw units tells 8 units apart", "--top"),
        "explain",
        SCENE,
        "-m",
        SHAPES,
        "--preprocess",
        "none",
        "--all-units",
        "--draw",
        "units",
        "-o",
        folder.resolve("u.png"));
  }
}
