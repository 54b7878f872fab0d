package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.picture.Picture;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExplainCommandTest {
  private static final Path PHOTO = Cli.IMAGES.resolve("444.jpg");
  private static final Path GRAY = Cli.IMAGES.resolve("gray.png");

  @TempDir private Path folder;

  private static Path parity(String name) {
    return Cli.PARITY.resolve(name);
  }

  private List<String> written() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  private static void assertClose(Path golden, Path written, double tolerance) throws IOException {
    Tensor expected = Npy.read(golden);
    Tensor actual = Npy.read(written);
    assertArrayEquals(expected.shape(), actual.shape());
    float[] wanted = expected.toFloatArray();
    float[] got = actual.toFloatArray();
    float largest = 0;
    for (float value : wanted) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < wanted.length; i++) {
      assertEquals(wanted[i], got[i], tolerance * largest, golden + " at " + i);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "conv_mix, model.keras",
    "residual, model.h5",
    "flatten, model.keras",
    "nested, model.h5",
  })
  void explain_arrayGivesTheMapsOfThePythonLibrary(String name, String file) throws IOException {
    Path x = parity(name + "/x.npy");
    Path y = parity(name + "/y.npy");
    Path model = parity(name + "/" + file);
    for (String method : List.of("gradcam", "gradients")) {
      Path raw = folder.resolve(method + "_raw.npy");
      Cli.done(
          "explain",
          x,
          "--model",
          model,
          "--method",
          method,
          "--units-from",
          y,
          "--batch-size",
          2,
          "--filter",
          "none",
          "--resize",
          "none",
          "-o",
          raw);
      assertClose(parity(name + "/" + method + "_raw.npy"), raw, 1e-4);
      Path maps = folder.resolve(method + ".npy");
      Cli.done("explain", x, "-m", model, "--method", method, "--units-from", y, "-o", maps);
      assertClose(parity(name + "/" + method + ".npy"), maps, 1e-3);
    }
    Path all = folder.resolve("all.npy");
    Cli.done(
        "explain",
        x,
        "-m",
        model,
        "--all-units",
        "--filter",
        "none",
        "--resize",
        "none",
        "-o",
        all);
    assertClose(parity(name + "/gradcam_all_units_raw.npy"), all, 1e-4);
  }

  @Test
  void explain_gridOfSeveralImagesAndMethods() throws IOException {
    Path grid = folder.resolve("a folder/why.png");
    Files.createDirectory(grid.getParent());
    Cli run =
        Cli.done(
            "explain",
            PHOTO,
            GRAY,
            "--model",
            parity("conv_mix/model.keras"),
            "--method",
            "gradcam,gradients",
            "-o",
            grid);
    assertEquals(3, run.out().size(), run::toString);
    assertTrue(run.out().get(1).startsWith("444.jpg "), run::toString);
    assertTrue(
        run.err().get(0).startsWith("keralens: --preprocess none, since the model scales"),
        run::toString);
    assertTrue(run.err().get(0).contains("'rescaling' (Rescaling)"), run::toString);
    Picture picture = Picture.read(grid);
    assertTrue(picture.width() > 3 * 200 && picture.height() > 2 * 100, picture::toString);
    assertEquals(List.of("a folder"), written());
  }

  @Test
  void explain_grayscaleModelTakesColourPhotos() throws IOException {
    Path why = folder.resolve("why.jpg");
    Cli run =
        Cli.done("explain", PHOTO, "--model", parity("flatten/model.h5"), "--top", 3, "-o", why);
    assertTrue(run.err().get(0).startsWith("keralens: --preprocess unit, since"), run::toString);
    assertEquals(4, run.out().size(), run::toString);
    Picture picture = Picture.read(why);
    assertTrue(picture.width() > picture.height(), picture::toString);
  }

  @Test
  void explain_folderHasAPictureForEachImageMethodAndUnit() throws IOException {
    Path copy = Files.createDirectory(folder.resolve("in")).resolve("444.png");
    Files.copy(GRAY, copy);
    Path out = folder.resolve("out");
    Cli.done(
        "explain",
        PHOTO,
        copy,
        "-m",
        parity("conv_mix/model.h5"),
        "--method",
        "gradcam,gradients",
        "--units",
        "2,5",
        "-o",
        out);
    try (Stream<Path> files = Files.list(out)) {
      assertEquals(
          List.of(
              "444-2-gradcam-unit2.png",
              "444-2-gradcam-unit5.png",
              "444-2-gradients-unit2.png",
              "444-2-gradients-unit5.png",
              "444-gradcam-unit2.png",
              "444-gradcam-unit5.png",
              "444-gradients-unit2.png",
              "444-gradients-unit5.png"),
          files.map(file -> String.valueOf(file.getFileName())).sorted().toList());
    }
    Picture photo = Picture.read(PHOTO);
    Picture map = Picture.read(out.resolve("444-gradcam-unit2.png"));
    assertEquals(photo.width(), map.width());
    assertEquals(photo.height(), map.height());
    assertNotEquals(photo, map);
  }

  @Test
  void explain_arrayOfPicturesCanBeDrawn() throws IOException {
    Path out = folder.resolve("maps/");
    Cli.done(
        "explain", parity("flatten/x.npy"), "-m", parity("flatten/model.keras"), "-o", out + "/");
    try (Stream<Path> files = Files.list(out)) {
      assertEquals(
          List.of("x-0-gradcam.png", "x-1-gradcam.png", "x-2-gradcam.png"),
          files.map(file -> String.valueOf(file.getFileName())).sorted().toList());
    }
  }

  @Test
  void explain_batchesGiveTheSameAsOne() throws IOException {
    Path one = folder.resolve("one.npy");
    Path three = folder.resolve("three.npy");
    Path x = parity("residual/x.npy");
    Path model = parity("residual/model.keras");
    Cli.done("explain", x, "-m", model, "--batch-size", 1, "--top", 2, "-o", one);
    Cli.done("explain", x, "-m", model, "--batch-size", 8, "--top", 2, "-o", three);
    assertClose(one, three, 1e-5);
  }

  @Test
  void explain_allMethodsLeavesOutThoseThatDoNotApply() throws IOException {
    Path why = folder.resolve("why.png");
    Cli run =
        Cli.done(
            "explain",
            parity("flatten/x.npy"),
            "-m",
            parity("flatten/model.keras"),
            "--method",
            "all",
            "-o",
            why);
    assertTrue(Files.size(why) > 1000);
    assertTrue(
        run.err().stream().anyMatch(line -> line.startsWith("keralens: without cam: ")),
        run.err()::toString);
    for (String line : run.err()) {
      boolean note =
          line.startsWith("keralens: without ")
              || line.startsWith("Wrote ")
              || line.contains(" maps are empty"); // That of Grad-CAM++ is all negative here.
      assertTrue(note, line);
    }
  }

  @Test
  void explain_unitsByClassName() throws IOException {
    Path names = folder.resolve("names.txt");
    Files.writeString(names, "a\nb\nc, the third\nd\ne\nf\ng\n");
    Path why = folder.resolve("why.png");
    Cli run =
        Cli.done(
            "explain",
            PHOTO,
            "-m",
            parity("conv_mix/model.h5"),
            "--classes",
            names,
            "--units",
            "C,6",
            "-o",
            why);
    assertTrue(run.out().get(1).matches("444.jpg +2  c, the third +\\S+"), run::toString);
    assertTrue(run.out().get(2).matches(" +6  g +\\S+"), run::toString);
  }

  @Test
  void explain_aFailureLeavesTheOldOutput() throws IOException {
    Path old = Files.writeString(folder.resolve("why.png"), "old");
    Path broken = Files.writeString(folder.resolve("broken.jpg"), "no picture");
    Cli run =
        Cli.run("explain", PHOTO, broken, "-m", parity("conv_mix/model.h5"), "-o", old.toString());
    assertEquals(1, run.code());
    assertEquals("old", Files.readString(old));
    assertEquals(List.of("broken.jpg", "why.png"), written());
  }
}
