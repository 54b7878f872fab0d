package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.picture.Picture;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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

  /** CAM needs a global pooling, which {@code flatten} has not. */
  @ParameterizedTest
  @CsvSource({
    "conv_mix, model.keras, gradcam gradients cam gradcampp scorecam",
    "residual, model.h5, gradcam gradients cam gradcampp scorecam",
    "flatten, model.keras, gradcam gradients gradcampp scorecam",
    "nested, model.h5, gradcam gradients cam gradcampp scorecam",
  })
  void explain_arrayGivesTheMapsOfThePythonLibrary(String name, String file, String methods)
      throws IOException {
    Path x = parity(name + "/x.npy");
    Path y = parity(name + "/y.npy");
    Path model = parity(name + "/" + file);
    Path maps = folder.resolve("maps.npy");
    List<Object> common = List.of("explain", x, "-m", model, "-o", maps);
    List<Object> raw = List.of("--filter", "none", "--resize", "none", "--batch-size", 2);
    for (String method : Stream.of(methods.split(" ")).toList()) {
      List<Object> one = List.of("--method", method, "--units-from", y);
      Cli.done(joined(common, one, raw));
      assertClose(parity(name + "/" + method + "_raw.npy"), maps, 1e-4);
      Cli.done(joined(common, one));
      assertClose(parity(name + "/" + method + ".npy"), maps, 1e-3);
    }
    Cli.done(joined(common, raw, List.of("--all-units")));
    assertClose(parity(name + "/gradcam_all_units_raw.npy"), maps, 1e-4);
  }

  /** Of the four, the one whose layers have no activation of their own: there, it is right. */
  @Test
  void explain_arrayGivesFullGradientsOfThePythonLibrary() throws IOException {
    Path maps = folder.resolve("maps.npy");
    Cli.done(
        "explain",
        parity("residual/x.npy"),
        "-m",
        parity("residual/model.keras"),
        "--method",
        "full_gradients",
        "--units-from",
        parity("residual/y.npy"),
        "--filter",
        "none",
        "-o",
        maps);
    assertClose(parity("residual/full_gradients_per_unit_raw.npy"), maps, 1e-4);
  }

  private static Object[] joined(List<?>... parts) {
    return Stream.of(parts).flatMap(List::stream).toArray();
  }

  private Tensor maps(String model, Object... options) throws IOException {
    Path maps = folder.resolve("maps.npy");
    Object[] fixed = {"explain", parity(model + "/x.npy"), "-m", parity(model + "/model.keras")};
    Cli.done(joined(List.of(fixed), List.of(options), List.of("-o", maps)));
    return Npy.read(maps);
  }

  @Test
  void smooth_withoutNoiseIsThePlainMethod() throws IOException {
    float[] plain = maps("conv_mix").toFloatArray();
    assertArrayEquals(plain, maps("conv_mix", "--smooth", "2:0").toFloatArray(), 1e-5f);
    float[] noisy = maps("conv_mix", "--smooth=4:20%", "--seed", 5).toFloatArray();
    assertArrayEquals(noisy, maps("conv_mix", "--smooth=4:20%", "--seed", 5).toFloatArray(), 1e-6f);
    assertFalse(Arrays.equals(plain, noisy));
    float[] other = maps("conv_mix", "--smooth=4:20%", "--seed", 6).toFloatArray();
    assertFalse(Arrays.equals(other, noisy));
  }

  @Test
  void precision_doubleIsTheSameUpToRounding() throws IOException {
    float[] plain = maps("conv_mix", "--method", "gradients").toFloatArray();
    float[] twice =
        maps("conv_mix", "--method", "gradients", "--precision", "float64").toFloatArray();
    assertArrayEquals(plain, twice, 1e-5f);
    assertFalse(Arrays.equals(plain, twice));
  }

  @Test
  void scratch_isWrittenToAndLeftEmpty(@TempDir Path scratch) throws IOException {
    float[] plain = maps("conv_mix").toFloatArray();
    assertArrayEquals(plain, maps("conv_mix", "--scratch", scratch).toFloatArray());
    try (Stream<Path> left = Files.list(scratch)) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void smooth_formsDiffer() throws IOException {
    float[] square = maps("conv_mix", "--smooth=3:20%:square").toFloatArray();
    float[] variance = maps("conv_mix", "--smooth=3:20%:variance").toFloatArray();
    assertFalse(Arrays.equals(square, variance));
  }

  @Test
  void tta_takesScalesAndLeavesOutMirroring() throws IOException {
    float[] plain = maps("residual", "--method", "gradients").toFloatArray();
    float[] one =
        maps("residual", "--method", "gradients", "--tta", "1", "--no-flip").toFloatArray();
    assertArrayEquals(plain, one, 1e-4f);
    assertFalse(
        Arrays.equals(one, maps("residual", "--method", "gradients", "--tta").toFloatArray()));
    assertTrue(maps("residual", "--tta", "--smooth=2").elements() > 0);
  }

  @Test
  void smoothAndTta_asLastOption_doNotTakeTheNextFile() {
    Path why = folder.resolve("why.png");
    Object model = parity("conv_mix/model.h5");
    Cli.done("explain", "-m", model, "-o", why, "--smooth", PHOTO);
    Cli.done("explain", "-m", model, "-o", why, "--tta", PHOTO);
  }

  @Test
  void wrappers_wrongUsageIsSaid() {
    Object[] common = {"explain", PHOTO, "-m", parity("conv_mix/model.h5"), "-o", "why.png"};
    Cli.fails(2, List.of("--smooth takes", "'3:x'"), with(common, "--smooth=3:x"));
    Cli.fails(2, List.of("--tta takes", "'0'"), with(common, "--tta=0"));
    Cli.fails(2, List.of("--seed", "--smooth"), with(common, "--seed", "3"));
    Cli.fails(2, List.of("--no-flip", "--tta"), with(common, "--no-flip"));
    Cli.fails(2, List.of("--max-channels", "scorecam"), with(common, "--max-channels", "3"));
    Cli.fails(
        2,
        List.of("scorecam:papre", "'scorecam:paper'"),
        with(common, "--method", "scorecam:papre"));
  }

  private static Object[] with(Object[] common, Object... more) {
    return joined(List.of(common), List.of(more));
  }

  @Test
  void layer_severalGiveAMapEach() throws IOException {
    Path out = folder.resolve("out");
    Path model = parity("nested/model.keras");
    Cli.done(
        "explain",
        PHOTO,
        "-m",
        model,
        "--layer",
        "backbone/conv2d",
        "--layer",
        "input:global_average_pooling2d,-3",
        "--method",
        "gradcam,gradients",
        "-o",
        out);
    try (Stream<Path> files = Files.list(out)) {
      assertEquals(
          List.of(
              "444-gradcam-backbone-activation.png",
              "444-gradcam-backbone-conv2d.png",
              "444-gradcam-input-global_average_pooling2d.png",
              "444-gradients.png"),
          files.map(file -> String.valueOf(file.getFileName())).sorted().toList());
    }
    Cli.done("explain", PHOTO, "-m", model, "--layer", "conv2d,-3", "-o", folder.resolve("a.png"));
    Cli array = Cli.run("explain", PHOTO, "-m", model, "--layer", "conv2d,-3", "-o", "a.npy");
    assertEquals(2, array.code());
  }

  @Test
  void layer_thatIsNotThere_isSaidWithTheClosest() {
    Cli run =
        Cli.run(
            "explain",
            PHOTO,
            "-m",
            parity("nested/model.keras"),
            "--layer",
            "conv3d",
            "-o",
            "a.png");
    assertEquals(2, run.code());
    assertTrue(run.err().toString().contains("did you mean 'conv2d'?"), run::toString);
  }

  @Test
  void maps_thatShowNothing_areSaidWithTheReason() {
    Cli run =
        Cli.done(
            "explain",
            parity("flatten/x.npy"),
            "-m",
            parity("flatten/model.keras"),
            "--method",
            "gradcampp",
            "--all-units",
            "-o",
            folder.resolve("maps.npy"));
    assertTrue(
        run.err().stream().anyMatch(l -> l.contains("gradcampp: ") && l.contains("above 0")),
        run::toString);
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
        run.err().get(0).startsWith("keralens: --preprocess unit, since the model takes"),
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

  private List<String> drawn(Path out, String... options) throws IOException {
    List<Object> fixed = List.of("explain", PHOTO, "-m", parity("conv_mix/model.keras"));
    Cli.done(joined(fixed, List.of("--units", "2,5", "-o", out), List.of(options)));
    try (Stream<Path> files = Files.list(out)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  @Test
  void draw_stylesDiffer() throws IOException {
    List<String> each = List.of("444-gradcam-unit2.png", "444-gradcam-unit5.png");
    Path heat = folder.resolve("heat");
    assertEquals(each, drawn(heat));
    Path contours = folder.resolve("contours");
    assertEquals(each, drawn(contours, "--draw", "contours"));
    Path box = folder.resolve("box");
    assertEquals(each, drawn(box, "--draw", "box", "--threshold", "0.5"));
    Set<Picture> pictures = new HashSet<>();
    for (Path one : List.of(heat, contours, box)) {
      pictures.add(Picture.read(one.resolve(each.get(0))));
    }
    assertEquals(3, pictures.size());
  }

  @Test
  void draw_unitsShareAPictureWithALegend() throws IOException {
    Path out = folder.resolve("units");
    assertEquals(List.of("444-gradcam.png"), drawn(out, "--draw", "units"));
    Picture photo = Picture.read(PHOTO);
    Picture drawn = Picture.read(out.resolve("444-gradcam.png"));
    assertEquals(photo.width(), drawn.width());
    assertTrue(drawn.height() > photo.height(), drawn::toString);
    Path grid = folder.resolve("why.png");
    Cli.done(
        "explain",
        PHOTO,
        "-m",
        parity("conv_mix/model.keras"),
        "--draw",
        "units",
        "--top",
        3,
        "--method",
        "gradcam,cam",
        "-o",
        grid);
    Picture picture = Picture.read(grid);
    assertTrue(picture.width() > 3 * 200, picture::toString);
  }

  @Test
  void draw_wrongUsageIsSaid() {
    Object[] fixed = {"explain", PHOTO, "-m", parity("conv_mix/model.keras"), "-o", "why.png"};
    List<Object> common = List.of(fixed);
    Cli.fails(
        2,
        List.of("no way to draw 'contour'", "Did you mean 'contours'"),
        joined(common, List.of("--draw", "contour")));
    Cli.fails(
        2,
        List.of("--threshold is above 0"),
        joined(common, List.of("--draw", "box", "--threshold", "0")));
    Cli.fails(
        2, List.of("--threshold has no effect"), joined(common, List.of("--threshold", "0.5")));
    Cli.fails(2, List.of("--recursive has no effect"), joined(common, List.of("--recursive")));
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
              || line.contains("off what it should be") // Few steps for this network.
              || line.contains("no value above 0"); // That of Grad-CAM++ is all negative here.
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
