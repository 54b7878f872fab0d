package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.Model;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.model.KerasModel;
import dev.keralens.picture.Picture;
import dev.keralens.picture.PictureNotes;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pictures of what was explained: of signals and tables, their layout, and folders of them. */
class FigureCommandTest {
  private static final Path SHAPES = Path.of("../models/shapes/shapes.keras");
  private static final Path SCENE = Path.of("../models/shapes/samples/scene-000.png");
  private static final Path OTHER = Path.of("../models/shapes/samples/scene-002.png");

  /** It takes 160 steps of 3 channels. */
  private static final Path SIGNALS = Cli.CORE.resolve("golden/ties/overlapping/model.keras");

  @TempDir private Path folder;

  private Cli explain(Path out, Object... more) {
    Object[] start = {"explain", SCENE, "-m", SHAPES, "-o", out};
    Object[] all = Arrays.copyOf(start, start.length + more.length);
    System.arraycopy(more, 0, all, start.length, more.length);
    return Cli.run(all);
  }

  private void fails(String text, Path out, Object... more) {
    Cli run = explain(out, more);
    assertEquals(2, run.code(), run::toString);
    assertTrue(run.err().toString().contains(text), run::toString);
  }

  private Path signal() throws IOException {
    String rows =
        IntStream.range(0, 160)
            .mapToObj(i -> "%.4f,%.4f,1".formatted(Math.sin(i * .3), Math.cos(i * .2)))
            .collect(Collectors.joining("\n", "lead I,lead II,lead III\n", "\n"));
    return Files.writeString(folder.resolve("s.csv"), rows);
  }

  @Test
  void signal_isDrawnByFileAndIntoAFolder() throws IOException {
    Path model = SIGNALS;
    Path png = folder.resolve("s.png");
    Cli run =
        Cli.done("explain", signal(), "-m", model, "--method", "gradcam,gradients", "-o", png);
    assertTrue(run.err().contains("Wrote " + png + ": 1 example"), run::toString);
    Picture both = Picture.read(png);
    assertTrue(both.width() > 1900 && both.height() < 600, both::toString);
    Path maps = folder.resolve("maps");
    Cli.done("explain", signal(), "-m", model, "-o", maps);
    Picture one = Picture.read(maps.resolve("s-gradcam.png"));
    assertEquals(1000, one.width());
    Path features = Files.writeString(folder.resolve("names.txt"), "a\nb\n");
    Cli.fails(
        2,
        List.of("has 2 names, and the input has 3"),
        "explain",
        signal(),
        "-m",
        model,
        "--features",
        features,
        "-o",
        png);
    Cli.fails(
        2,
        List.of("--draw box is for pictures"),
        "explain",
        signal(),
        "-m",
        model,
        "--draw",
        "box",
        "-o",
        png);
  }

  @Test
  void files_noteHowTheyWereMade() throws IOException {
    Path png = folder.resolve("a.png");
    assertEquals(0, explain(png, "--dpi", 300).code());
    PictureNotes notes = PictureNotes.read(png);
    assertEquals(300, notes.dpi());
    assertTrue(notes.text("Software").orElse("").startsWith("Keralens "));
    assertEquals(
        "keralens explain scene-000.png -m shapes.keras -o a.png --dpi 300",
        notes.text("Command").orElse(""));
    assertTrue(notes.text("Description").orElse("").startsWith("gradcam of shapes.keras"));
  }

  @Test
  void vectorFiles_haveTextAsText() throws IOException {
    Path svg = folder.resolve("a.svg");
    Path pdf = folder.resolve("a.pdf");
    assertEquals(0, explain(svg, "--dpi", 192).code());
    assertEquals(0, explain(pdf).code());
    String text = Files.readString(svg);
    assertTrue(text.contains(">Grad-CAM</text>") && text.contains(">scene-000.png</text>"));
    assertTrue(text.contains("xlink:href=\"data:image/png;base64,"));
    assertTrue(text.contains("<desc>Software: Keralens "));
    String page = Files.readString(pdf, StandardCharsets.ISO_8859_1);
    assertTrue(page.startsWith("%PDF-1.4") && page.endsWith("%%EOF\n"));
    assertTrue(page.contains("/BaseFont /Helvetica") && page.contains("/Subtype /Image"));
  }

  @Test
  void layout_isAsAskedFor() throws IOException {
    Path usual = folder.resolve("usual.png");
    Path wide = folder.resolve("wide.png");
    Path bar = folder.resolve("bar.png");
    explain(usual);
    explain(wide, "--width", 1600);
    explain(bar, "--color-bar");
    assertEquals(1600, Picture.read(wide).width());
    Path both = folder.resolve("both.png");
    explain(both, "--width", 1200, "--color-bar");
    assertEquals(1200, Picture.read(both).width());
    fails("has no room in 120 pixels", both, "--width", 120, "--columns", 40, "--top", 8);
    assertTrue(Picture.read(bar).width() > Picture.read(usual).width() + 30);
    Path cubic = folder.resolve("cubic.png");
    Path nearest = folder.resolve("nearest.png");
    explain(cubic, "--interpolation", "cubic");
    explain(nearest, "--interpolation", "nearest");
    assertNotEquals(Picture.read(usual), Picture.read(cubic));
    assertNotEquals(Picture.read(cubic), Picture.read(nearest));
    fails("--width has no effect", folder.resolve("maps"), "--width", 900);
    fails("--dpi has no effect", folder.resolve("x.npy"), "--dpi", 90);
    fails("no interpolation 'spline'", usual, "--interpolation", "spline");
    fails("take methods of one kind", usual, "--color-bar", "--method", "gradcam,gradients");
    fails("--color-bar has no effect with --draw box", usual, "--color-bar", "--draw", "box");
  }

  @Test
  void fit_cropsOrPads() {
    float[] samples = new float[4 * 8];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = 10 + i;
    }
    Picture wide = Picture.ofTensor(Tensor.of(samples, 4, 8, 1));
    Picture cropped = Fit.CROP.applied(wide, 10, 10);
    assertEquals(4, cropped.width());
    assertEquals(12, cropped.sample(0, 0, 0));
    Picture padded = Fit.PAD.applied(wide, 10, 10);
    assertEquals(8, padded.height());
    assertEquals(0, padded.sample(1, 3, 0));
    assertEquals(10, padded.sample(2, 0, 0));
    assertEquals(wide, Fit.STRETCH.applied(wide, 10, 10));
    assertEquals(wide, Fit.CROP.applied(wide, 50, 100));
  }

  @Test
  void folder_ofAnotherRunIsNotOverwritten() throws IOException {
    Path maps = folder.resolve("maps");
    assertEquals(0, explain(maps).code());
    Path file = maps.resolve("scene-000-gradcam.png");
    FileTime first = Files.getLastModifiedTime(file);
    assertEquals(0, explain(maps).code(), "the same run");
    fails("--force overwrites", maps, "--alpha", 0.3);
    assertEquals(0, explain(maps, "--alpha", 0.3, "--force").code());
    Files.setLastModifiedTime(file, first);
    Cli resumed = Cli.done("explain", SCENE, "-m", SHAPES, "-o", maps, "--alpha", 0.3, "--resume");
    assertTrue(
        resumed.err().contains("keralens: --resume: 1 of 1 images are there already"),
        resumed::toString);
    assertEquals(first, Files.getLastModifiedTime(file));
    fails("--resume has no effect", folder.resolve("a.png"), "--resume");
    fails("--force has no effect", folder.resolve("a.npz"), "--force");
  }

  @Test
  void resume_makesWhatIsMissing() throws IOException {
    Path maps = folder.resolve("maps");
    Object[] command = {"explain", SCENE, OTHER, "-m", SHAPES, "--top", 2, "-o", maps, "--resume"};
    Cli.done(command);
    List<Path> all;
    try (var files = Files.list(maps)) {
      all = files.sorted().toList();
    }
    assertEquals(4, all.size(), all::toString);
    Files.delete(all.get(3));
    Cli run = Cli.done(command);
    assertTrue(
        run.err().contains("keralens: --resume: 1 of 2 images are there already"), run::toString);
    assertTrue(Files.exists(all.get(3)));
    assertFalse(run.out().toString().contains("scene-000"), run::toString);
  }

  @Test
  void ownPictures_areNoInput() throws IOException {
    Path photos = Files.createDirectory(folder.resolve("photos"));
    Files.copy(SCENE, photos.resolve("a.png"));
    Cli.done("explain", photos.resolve("a.png"), "-m", SHAPES, "-o", photos.resolve("why.png"));
    Cli run = Cli.done("explain", photos, "-m", SHAPES, "-o", folder.resolve("x.npz"));
    assertTrue(
        run.err().toString().contains("left out 1 picture that Keralens drew"), run::toString);
    assertEquals(2, run.out().size(), run::toString);
  }

  @Test
  void standardInput_isAPictureOrAnArray() throws IOException {
    Path picture = StandardInput.file(new ByteArrayInputStream(Files.readAllBytes(SCENE)));
    assertEquals(-1, Files.mismatch(SCENE, picture));
    Path array = folder.resolve("x.npy");
    Npy.write(array, Tensor.of(new float[4], 2, 2));
    Path read = StandardInput.file(new ByteArrayInputStream(Files.readAllBytes(array)));
    assertTrue(DataFile.is(read), read::toString);
    assertEquals(-1, Files.mismatch(array, read));
  }

  @Test
  void detector_showsItsBoxes() throws IOException {
    ModelBuilder b = ModelBuilder.create("detector");
    SymbolicTensor x = b.input(32, 32, 3);
    SymbolicTensor head =
        b.conv2d(7, 8).strides(8).activation("sigmoid").apply(x); // 4 x 4 boxes of 7 numbers
    Path model = folder.resolve("detector.onnx");
    try (Model built =
        Model.of("detector", KerasModel.initialize(b.build(b.reshape(16, 7).apply(head)), 7))) {
      built.export(model);
    }
    Path csv = folder.resolve("boxes.csv");
    Cli run =
        Cli.done(
            "predict",
            SCENE,
            "-m",
            model,
            "--box-form",
            "yolo",
            "--preprocess",
            "unit",
            "--top",
            2,
            "--csv",
            csv);
    assertTrue(run.out().get(0).matches("image +unit +score +box x1,y1,x2,y2"), run::toString);
    List<String> rows = Files.readAllLines(csv);
    assertEquals("image,source,unit,class,score,x1,y1,x2,y2", rows.get(0));
    Tensor all;
    Path out = folder.resolve("all.npy");
    Cli.done("predict", SCENE, "-m", model, "--preprocess", "unit", "-o", out);
    all = Npy.read(out);
    int best = 0;
    int unit = 0;
    for (int box = 0; box < 16; box++) {
      for (int i = 0; i < 3; i++) {
        if (all.get(0, box, 4 + i) > all.get(0, best, 4 + unit)) {
          best = box;
          unit = i;
        }
      }
    }
    String[] cells = rows.get(1).split(",", -1);
    assertEquals(unit, Integer.parseInt(cells[2]));
    assertEquals(all.get(0, best, 4 + unit), Float.parseFloat(cells[4]), 1e-6);
    double left = (all.get(0, best, 0) - all.get(0, best, 2) / 2) * Picture.read(SCENE).width();
    assertEquals(left, Float.parseFloat(cells[5]), 1e-3);
    Cli plain = Cli.done("predict", SCENE, "-m", model, "--preprocess", "unit");
    assertTrue(
        plain.out().get(0).matches("image +step +unit +(probability|output)"), plain::toString);
  }
}
