package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.tensor.Npz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people type, and mistype. */
class WordsTest {
  private static final Path SHAPES = Path.of("../models/shapes/shapes.keras");
  private static final Path SCENE = Path.of("../models/shapes/samples/scene-000.png");

  @TempDir private Path folder;

  private Object[] explain(String units) throws IOException {
    Path classes =
        Files.writeString(
            folder.resolve("classes.txt"),
            "tabby, tabby cat\nEskimo dog, husky\nhog\nwild dog\n5-8\nhusky\ng\nh, x\ni, x\nj\n");
    return new Object[] {
      "explain",
      SCENE,
      "-m",
      SHAPES,
      "--preprocess",
      "none",
      "--classes",
      classes,
      "--units",
      units,
      "-o",
      folder.resolve("out.npz")
    };
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Eskimo dog, husky | 1",
        "eskimo dog        | 1",
        "Tabby,Tabby Cat   | 0",
        "hog,Eskimo dog, husky,j | 2 1 9",
        "husky             | 5",
        "2-4,0             | 2 3 4 0",
        "5-8               | 4",
        "9                 | 9",
      })
  void units_areNamedAsPrinted(String given, String units) throws IOException {
    Cli.done(explain(given));
    long[] expected = List.of(units.split(" ")).stream().mapToLong(Long::parseLong).toArray();
    Npz read = Npz.read(folder.resolve("out.npz"));
    assertArrayEquals(expected, read.array("units").toLongArray());
  }

  @Test
  void units_unknownNamesPointTheWay() throws IOException {
    Cli.fails(
        2,
        List.of("No unit is called 'dog'", "1 'Eskimo dog, husky', 3 'wild dog'"),
        explain("dog"));
    Cli.fails(2, List.of("Did you mean 'tabby'?"), explain("taby"));
    Cli.fails(2, List.of("Several units are called 'x': [7, 8]"), explain("x"));
    Cli.fails(2, List.of("no range of the units 0 to 9"), explain("8-12"));
    Cli.fails(2, List.of("no range"), explain("4-2"));
  }

  @ParameterizedTest
  @CsvSource({
    "gradcam++, gradcampp",
    "Grad-CAM++, gradcampp",
    "saliency, --method gradients",
    "vanilla, --method gradients",
    "smoothgrad, --smooth",
  })
  void methods_ofOtherNamesPointTheWay(String given, String way) {
    Cli.fails(
        2,
        List.of(given, way),
        "explain",
        SCENE,
        "-m",
        SHAPES,
        "--method",
        given,
        "-o",
        folder.resolve("x.png"));
  }

  @Test
  void unknownOption_isNamedBeforeAMissingOne() {
    Cli run = Cli.run("explain", SCENE, "--modle", SHAPES, "-o", folder.resolve("x.png"));
    assertEquals(2, run.code());
    assertTrue(run.err().get(0).contains("'--modle'"), run::toString);
    assertTrue(run.err().toString().contains("--model"), run::toString);
    Cli missing = Cli.run("explain", SCENE, "--layer", "-6", "-o", folder.resolve("x.png"));
    assertTrue(missing.err().get(0).contains("Missing required option"), missing::toString);
  }

  @Test
  void slips_areNamed() {
    Cli.fails(
        1,
        List.of("No such file: gradients", "--method gradcam,gradients"),
        "explain",
        SCENE,
        "-m",
        SHAPES,
        "--method",
        "gradcam",
        "gradients",
        "-o",
        folder.resolve("a.png"));
    Cli.fails(
        1,
        List.of("--smooth=5:10%:foo"),
        "explain",
        SCENE,
        "5:10%:foo",
        "-m",
        SHAPES,
        "-o",
        folder.resolve("a.png"));
    Cli.fails(
        2,
        List.of("https://x/cat.jpg is an address"),
        "predict",
        "https://x/cat.jpg",
        "-m",
        SHAPES);
    Cli missing = Cli.run("explain", SCENE, SHAPES, "-o", folder.resolve("a.png"));
    assertEquals(2, missing.code());
    assertTrue(missing.err().get(0).contains("--model " + SHAPES), missing::toString);
  }

  @Test
  void units_belowZeroAreNoNames() throws IOException {
    Cli.fails(2, List.of("--units -1 is no number from 0"), explain("-1"));
  }
}
