package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keralens.Model;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.model.KerasModel;
import dev.keralens.picture.Picture;
import dev.keralens.picture.draw.BoundingBox;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Npz;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is explained beyond a unit, on the command line. */
class ObjectiveCommandTest {
  private static final Path GOLDEN = Cli.CORE.resolve("golden/objectives");
  private static final Path MODEL = GOLDEN.resolve("model.keras");

  @TempDir private Path folder;

  private Cli explain(Object... more) {
    return explainOf(GOLDEN.resolve("x.npy"), MODEL, more);
  }

  private Cli explainOf(Path input, Path model, Object... more) {
    Object[] common = {
      "explain", input, "-m", model, "--no-progress", "-o", folder.resolve("o.npy")
    };
    Object[] all = Arrays.copyOf(common, common.length + more.length);
    System.arraycopy(more, 0, all, common.length, more.length);
    return Cli.done(all);
  }

  private void refused(List<String> texts, Object... more) {
    Object[] common = {
      "explain",
      GOLDEN.resolve("x.npy"),
      "-m",
      MODEL,
      "--no-progress",
      "-o",
      folder.resolve("o.npy")
    };
    Object[] all = Arrays.copyOf(common, common.length + more.length);
    System.arraycopy(more, 0, all, common.length, more.length);
    Cli.fails(2, texts, all);
  }

  private Path classes(String... names) throws IOException {
    return Files.writeString(folder.resolve("classes.txt"), String.join("\n", names) + "\n");
  }

  private static void assertSays(Cli run, String text) {
    assertTrue(run.err().stream().anyMatch(line -> line.contains(text)), run::toString);
  }

  private static JsonNode json(Cli run) throws IOException {
    return new ObjectMapper().readTree(String.join("\n", run.out()));
  }

  private static double score(String golden) throws IOException {
    return Npz.read(GOLDEN.resolve(golden + ".npz")).array("score").get(0);
  }

  @Test
  void versus_namesBothClasses() throws IOException {
    Path classes = classes("cat", "wolf", "dog", "fox");
    Cli run = explain("--classes", classes, "--units", "dog", "--versus", "wolf", "--json", "-");
    assertSays(
        run, "explained is the difference of each unit to wolf: classes, before the softmax");
    JsonNode first = json(run).get(0);
    assertEquals("dog", first.get("class").asText());
    assertEquals(score("versus"), first.get("score").asDouble(), 1e-4);
    assertTrue(first.get("logit").isNull());
    assertTrue(first.get("probability").isNumber());
  }

  @Test
  void absenceAndSum_areNamed() throws IOException {
    Cli absence = explain("--units", "2", "--absence", "--json", "-");
    assertSays(absence, "explained is the absence of a unit: minus classes, before the softmax");
    assertEquals(score("absence"), json(absence).get(0).get("score").asDouble(), 1e-4);
    Cli sum =
        explain(
            "--classes",
            classes("cat", "wolf", "dog", "fox"),
            "--sum",
            "cat:0.5,fox:-2",
            "--json",
            "-");
    assertSays(sum, "explained is the sum 0.5 cat - 2 fox of classes, before the softmax");
    assertEquals("0.5 cat - 2 fox", json(sum).get(0).get("class").asText());
    assertEquals(score("sum"), json(sum).get(0).get("score").asDouble(), 1e-4);
  }

  @Test
  void probability_isThatOfTheOutput() throws IOException {
    Cli run = explain("--units", "2", "--probability", "--json", "-");
    assertEquals(score("probability"), json(run).get(0).get("probability").asDouble(), 1e-5);
  }

  @Test
  void regionPredicted_isEachClassesOwn() throws IOException {
    Cli run =
        explain("--output-index", "2", "--units", "1", "--region", "predicted", "--json", "-");
    assertSays(run, "explained is each unit over the places where it is the highest: segments");
    assertEquals(score("region"), json(run).get(0).get("score").asDouble(), 1e-3);
  }

  @Test
  void similarTo_takesEmbeddingsAndPictures() throws IOException {
    Path reference = GOLDEN.resolve("reference.npy");
    Cli run = explain("--output-index", "1", "--similar-to", reference, "--json", "-");
    assertSays(run, "the cosine of the output, 5 numbers, to that of reference.npy");
    assertEquals(score("cosine"), json(run).get(0).get("score").asDouble(), 1e-5);
    Path picture = folder.resolve("a.png");
    Picture.ofTensor(Tensor.of(new float[120], 10, 12, 1)).save(picture);
    Cli same =
        explainOf(
            picture,
            MODEL,
            "--output-index",
            "1",
            "--preprocess",
            "unit",
            "--similar-to",
            picture,
            "--json",
            "-");
    assertEquals(1, json(same).get(0).get("score").asDouble(), 1e-5);
    refused(List.of("--similar-to", "an array", "predict -o"), "--similar-to", picture);
    refused(List.of("4 numbers", "have 5"), "--output-index", "0", "--similar-to", reference);
    refused(List.of("--absence is of units"), "--absence", "--similar-to", reference);
  }

  /** Eight rows of eight boxes of four numbers and three scores. */
  private Path detector() throws IOException {
    return detector(1, 0);
  }

  /** Its numbers times a factor, and shifted. */
  private Path detector(double scale, double offset) throws IOException {
    ModelBuilder b = ModelBuilder.create("detector");
    SymbolicTensor x = b.input(32, 32, 3);
    SymbolicTensor h = b.conv2d(8, 3).strides(4).padding("same").activation("relu").apply(x);
    SymbolicTensor head = b.conv2d(7, 1).name("head").apply(h);
    SymbolicTensor rows = b.rescaling(scale, offset).apply(b.reshape(64, 7).apply(head));
    Path file = folder.resolve("detector.onnx");
    try (Model model = Model.of("detector", KerasModel.initialize(b.build(rows), 7))) {
      model.export(file);
    }
    return file;
  }

  @Test
  void box_isInPixelsOfThePicture() throws IOException {
    Path model = detector();
    Path picture = folder.resolve("a.png");
    float[] pixels = new float[64 * 48 * 3];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = i * 37 % 251;
    }
    Picture.ofTensor(Tensor.of(pixels, 48, 64, 3)).save(picture);
    Cli inspect = Cli.done("inspect", model); // rows of seven numbers need not be boxes
    assertTrue(
        inspect.out().stream().noneMatch(line -> line.contains("Detects")), inspect::toString);
    Cli strongest =
        explainOf(
            picture, model, "--preprocess", "unit", "--box", "strongest", "--box-form", "yolo");
    assertSays(strongest, "the score of the prediction that is the strongest (boxes as yolo)");
    JsonNode first =
        json(Cli.done(
                "predict",
                picture,
                "-m",
                model,
                "--preprocess",
                "unit",
                "--box-form",
                "yolo",
                "--json",
                "-"))
            .get(0);
    assertSays(
        strongest,
        String.format(
            Locale.ROOT,
            "a.png: %.0f,%.0f,%.0f,%.0f",
            first.get("x1").asDouble(),
            first.get("y1").asDouble(),
            first.get("x2").asDouble(),
            first.get("y2").asDouble()));
    Cli run =
        explainOf(
            picture,
            model,
            "--preprocess",
            "unit",
            "--box",
            "0,0,64,48",
            "--box-form",
            "yolo",
            "--classes",
            classes("car", "bus", "cat"),
            "--all-units",
            "--json",
            "-");
    assertSays(run, "overlaps best with the box 0,0,32,32 of the input");
    assertEquals(3, json(run).size());
    assertEquals("cat", json(run).get(2).get("class").asText());
    Object[] base = {
      "explain",
      picture,
      "-m",
      model,
      "-o",
      folder.resolve("o.npy"),
      "--no-progress",
      "--preprocess",
      "unit"
    };
    Cli.fails(
        2,
        List.of("outside the picture", "64 wide and 48 high"),
        with(base, "--box-form", "yolo", "--box", "64,0,70,9"));
    Cli.fails(
        2,
        List.of("64 boxes of 7 numbers", "yolo, yolo-objectness"),
        with(base, "--box", "strongest"));
    Cli.fails(2, List.of("--box takes left,top,right,bottom"), with(base, "--box", "1,2,3"));
    Cli.fails(2, List.of("no area"), with(base, "--box", "9,0,3,9"));
    Cli.fails(2, List.of("--box-form has no effect"), with(base, "--box-form", "xyxy"));
    Cli.fails(
        2,
        List.of("xywh", "Did you mean"),
        with(base, "--box", "strongest", "--box-form", "xywhh"));
    Path other = folder.resolve("b.png");
    Picture.ofTensor(Tensor.of(new float[64 * 64 * 3], 64, 64, 3)).save(other);
    Object[] two = with(base, "--box-form", "yolo", "--box", "1,1,20,20");
    two[1] = folder.resolve("?.png");
    Cli mixed = Cli.run(two);
    assertEquals(2, mixed.code(), mixed::toString);
    assertSays(mixed, "pictures of one size: b.png is 64 x 64");
  }

  @Test
  void box_isDrawn() throws IOException {
    Path model = detector(4, 16); // boxes around the middle, of about half the picture
    Path file = folder.resolve("a.png");
    Picture.ofTensor(Tensor.of(new float[64 * 48 * 3], 48, 64, 3)).save(file);
    Path maps = folder.resolve("maps");
    Object[] detects = {"-m", model, "--preprocess", "unit", "--box-form", "yolo"};
    Object[] explains = {
      "explain", file, "--no-progress", "--box", "strongest", "--alpha", "0", "-o", maps
    };
    Cli run = Cli.done(with(explains, detects));
    JsonNode box =
        json(Cli.done(with(new Object[] {"predict", file, "--json", "-"}, detects))).get(0);
    int top = (int) Math.max(0, Math.round(box.get("y1").asDouble()));
    int left = (int) Math.max(0, Math.round(box.get("x1").asDouble()));
    int bottom = (int) Math.min(48, Math.round(box.get("y2").asDouble()));
    int right = (int) Math.min(64, Math.round(box.get("x2").asDouble()));
    assertTrue(bottom - top > 5 && right - left > 5, run::toString);
    Picture expected =
        new BoundingBox(top, left, bottom - top, right - left).draw(Picture.read(file), 0xFFFFFF);
    Picture drawn = Picture.read(maps.resolve("a-gradcam.png"));
    assertArrayEquals(expected.toBytes(), drawn.toBytes());
  }

  /** Four numbers and three scores that the graph joins. */
  private Path joined() throws IOException {
    ModelBuilder b = ModelBuilder.create("joined");
    SymbolicTensor x = b.input(32, 32, 3);
    SymbolicTensor h = b.conv2d(8, 3).strides(4).padding("same").activation("relu").apply(x);
    SymbolicTensor edges = b.reshape(64, 4).apply(b.conv2d(4, 1).apply(h));
    SymbolicTensor scores = b.reshape(64, 3).apply(b.conv2d(3, 1).activation("sigmoid").apply(h));
    SymbolicTensor head = b.concatenate().apply(edges, scores);
    Path file = folder.resolve("joined.onnx");
    try (Model model = Model.of("joined", KerasModel.initialize(b.build(head), 7))) {
      model.export(file);
    }
    return file;
  }

  /** Names of classes do not fit the numbers of boxes, which is not what is wrong. */
  @Test
  void detector_isNotExplainedWithoutABox() throws IOException {
    Path model = joined();
    Path picture = folder.resolve("a.png");
    Picture.ofTensor(Tensor.of(new float[32 * 32 * 3], 32, 32, 3)).save(picture);
    Object[] base = {
      "explain",
      picture,
      "-m",
      model,
      "-o",
      folder.resolve("o.npy"),
      "--no-progress",
      "--preprocess",
      "unit",
      "--method",
      "gradients",
      "--classes",
      classes("car", "bus", "cat")
    };
    Cli.fails(2, List.of("64 boxes and their scores for 3 classes", "--box"), base);
    Cli box = Cli.run(with(base, "--box", "strongest"));
    assertEquals(0, box.code(), box::toString);
    assertSays(box, "boxes as yolo");
    Object[] all = Arrays.copyOf(base, base.length - 2);
    Cli axis = Cli.run(with(all, "--unit-axis", "2"));
    assertEquals(0, axis.code(), axis::toString);
  }

  private static Object[] with(Object[] base, Object... more) {
    Object[] all = Arrays.copyOf(base, base.length + more.length);
    System.arraycopy(more, 0, all, base.length, more.length);
    return all;
  }

  @Test
  void whatDoesNotFit_isRefusedInOneLine() throws IOException {
    refused(List.of("no unit 9", "0 to 3"), "--versus", "9");
    refused(List.of("'wolf' is no number", "--classes"), "--versus", "wolf");
    refused(List.of("--sum takes units with weights", "'1'"), "--sum", "1");
    refused(List.of("at least one weight"), "--sum", "1:0");
    refused(List.of("is no map", "(batch, 4)"), "--region", "predicted");
    refused(List.of("not those of a detector"), "--box", "strongest");
    Tensor zero = Tensor.of(new float[5], 1, 5);
    Path file = folder.resolve("zero.npy");
    Npy.write(file, zero);
    refused(List.of("no direction"), "--output-index", "1", "--similar-to", file);
  }
}
