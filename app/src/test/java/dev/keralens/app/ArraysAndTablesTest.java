package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Npz;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What programs read: arrays by name, JSON, CSV. */
class ArraysAndTablesTest {
  private static final Path MIX = Cli.PARITY.resolve("conv_mix");
  private static final Path X = MIX.resolve("x.npy");
  private static final Path MODEL = MIX.resolve("model.keras");
  private static final Path PHOTO = Cli.IMAGES.resolve("444.jpg");

  /** It ends in sigmoids; conv_mix ends in logits. */
  private static final Path SHAPES = Path.of("../models/shapes/shapes.keras");

  private static final Path SCENE = Path.of("../models/shapes/samples/scene-000.png");

  @TempDir private Path folder;

  private static int units() throws IOException {
    return Npy.read(MIX.resolve("gradcam_all_units_raw.npy")).size(-1);
  }

  @Test
  void npz_hasTheMapsOfEveryMethodByName() throws IOException {
    Path one = folder.resolve("one.npy");
    Path all = folder.resolve("all.npz");
    Path y = MIX.resolve("y.npy");
    Cli run =
        Cli.done(
            "explain",
            X,
            "-m",
            MODEL,
            "--method",
            "gradcam,gradients",
            "--units-from",
            y,
            "-o",
            all);
    assertTrue(run.err().contains("Wrote " + all + ": maps of gradcam, gradients"), run::toString);
    Npz read = Npz.read(all);
    for (String method : List.of("gradcam", "gradients")) {
      Cli.done("explain", X, "-m", MODEL, "--method", method, "--units-from", y, "-o", one);
      Tensor expected = Npy.read(one);
      Tensor actual = read.array(method);
      assertArrayEquals(expected.shape(), actual.shape());
      assertArrayEquals(expected.toFloatArray(), actual.toFloatArray());
      assertEquals(2, read.array(method + "_range").size(-1));
    }
    Tensor units = Npy.read(y);
    assertArrayEquals(units.toLongArray(), read.array("units").toLongArray());
    assertArrayEquals(units.shape(), read.array("scores").shape());
    assertArrayEquals(units.shape(), read.array("outputs").shape());
    assertEquals("x.npy 0", read.text("names").get(0));
    assertEquals(units.size(0), read.text("names").size());
    assertEquals(List.of("gradcam", "gradients"), read.text("maps"));
    assertEquals(1, read.text("gradcam_layer").size());
  }

  @Test
  void npz_ofSeveralLayers_hasThemByLayer() throws IOException {
    Path all = folder.resolve("all.npz");
    Cli.done("explain", X, "-m", MODEL, "--layer", "-3,-4,1", "-o", all);
    List<String> maps = Npz.read(all).text("maps");
    assertEquals(3, Set.copyOf(maps).size());
    maps.forEach(map -> assertTrue(map.startsWith("gradcam/"), map));
  }

  @Test
  void npz_ofUnreadImage_keepsItsRow() throws IOException {
    Path bad = Files.write(folder.resolve("bad.jpg"), new byte[] {1, 2, 3});
    Path all = folder.resolve("all.npz");
    Cli run = Cli.run("explain", bad, PHOTO, "-m", MODEL, "--keep-going", "-o", all);
    assertEquals(1, run.code(), run::toString);
    Npz read = Npz.read(all);
    assertTrue(Float.isNaN(read.array("scores").get(0, 0)));
    assertFalse(Float.isNaN(read.array("scores").get(1, 0)));
    assertEquals(-1, read.array("units").getLong(0, 0));
    assertEquals(List.of("bad.jpg", "444.jpg"), read.text("names"));
  }

  private static List<JsonNode> rows(Path json) throws IOException {
    JsonNode all = new ObjectMapper().readTree(Files.readString(json));
    assertTrue(all.isArray());
    return StreamSupport.stream(all.spliterator(), false).toList();
  }

  private Path classes() throws IOException {
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < 10; i++) {
      names.append("name, \"").append(i).append("\"\n");
    }
    return Files.writeString(folder.resolve("classes.txt"), names);
  }

  @Test
  void explainTables_haveARowForEachImageMapAndUnit() throws IOException {
    Path json = folder.resolve("t.json");
    Path csv = folder.resolve("t.csv");
    Path maps = folder.resolve("maps");
    Cli run =
        Cli.done(
            "explain",
            SCENE,
            "-m",
            SHAPES,
            "--method",
            "gradcam,gradients",
            "--top",
            2,
            "--classes",
            classes(),
            "-o",
            maps,
            "--json",
            json,
            "--csv",
            csv);
    assertTrue(run.out().get(0).matches("image +unit +class +score +probability"), run::toString);
    List<JsonNode> rows = rows(json);
    assertEquals(4, rows.size());
    List<String> lines = Files.readAllLines(csv);
    assertEquals(
        "image,source,method,layer,unit,class,logit,probability,output,finding,file", lines.get(0));
    assertEquals(5, lines.size());
    for (JsonNode row : rows) {
      assertEquals("scene-000.png", row.path("image").asText());
      assertEquals(SCENE.toString(), row.path("source").asText());
      assertTrue(Files.exists(Path.of(row.path("file").asText())), row::toString);
      assertEquals("name, \"" + row.path("unit").asInt() + '"', row.path("class").asText());
      assertTrue(row.path("probability").asDouble() <= 1, row::toString);
      assertTrue(row.path("logit").isNumber(), row::toString);
    }
    assertTrue(
        lines.get(1).contains(",\"name, \"\"" + rows.get(0).path("unit").asInt() + "\"\"\","),
        lines.get(1));
    assertEquals(
        Set.of("gradcam", "gradients"),
        Set.copyOf(rows.stream().map(row -> row.path("method").asText()).toList()));
  }

  /** What predict says of a unit is what explain says of it. */
  @Test
  void predictTables_haveLogitAndProbability() throws IOException {
    Path predicted = folder.resolve("p.json");
    Path explained = folder.resolve("e.json");
    Cli run = Cli.done("predict", SCENE, "-m", SHAPES, "--top", 1, "--json", predicted);
    assertTrue(run.out().get(0).matches("image +unit +score +probability"), run::toString);
    Cli.done("explain", SCENE, "-m", SHAPES, "-o", folder.resolve("x.npz"), "--json", explained);
    List<JsonNode> one = rows(predicted);
    List<JsonNode> other = rows(explained);
    assertEquals(1, one.size());
    for (int i = 0; i < one.size(); i++) {
      assertEquals(other.get(i).path("unit"), one.get(i).path("unit"));
      for (String number : List.of("logit", "probability", "output")) {
        assertEquals(
            other.get(i).path(number).asDouble(), one.get(i).path(number).asDouble(), 1e-4);
      }
    }
  }

  @Test
  void predict_writesArraysByName() throws IOException {
    Path all = folder.resolve("all.npz");
    Cli.done("predict", SCENE, "-m", SHAPES, "-o", all);
    Npz arrays = Npz.read(all);
    assertEquals(Set.of("outputs", "logits"), arrays.arrays().keySet());
    assertArrayEquals(arrays.array("outputs").shape(), arrays.array("logits").shape());
    float[] outputs = arrays.array("outputs").toFloatArray();
    float[] logits = arrays.array("logits").toFloatArray();
    for (int i = 0; i < outputs.length; i++) {
      assertEquals(1 / (1 + Math.exp(-logits[i])), outputs[i], 1e-5);
    }
  }

  /** A model that ends in logits has no probabilities to show. */
  @Test
  void tables_ofLogits_haveNoProbability() throws IOException {
    Path json = folder.resolve("t.json");
    Cli run = Cli.done("predict", X, "-m", MODEL, "--json", json);
    assertTrue(run.out().get(0).matches("image +unit +score"), run::toString);
    assertTrue(rows(json).get(0).path("probability").isNull());
    assertEquals(rows(json).get(0).path("output"), rows(json).get(0).path("logit"));
  }

  @Test
  void table_toStandardOutput_isAlone() throws IOException {
    Cli run = Cli.done("predict", X, "-m", MODEL, "--csv", "-");
    assertEquals("image,source,unit,class,logit,probability,output", run.out().get(0));
    assertEquals(1 + Math.min(5, units()) * Npy.read(X).size(0), run.out().size());
  }

  @Test
  void tables_wrongFilesAreRefused() {
    Object[] common = {"explain", X, "-m", MODEL, "-o", folder.resolve("a.npz")};
    Path json = folder.resolve("a.npz");
    Cli.fails(2, List.of("-o and the table"), joined(common, "--json", json));
    Cli.fails(2, List.of("overwrite"), joined(common, "--csv", X));
    Cli.fails(1, List.of("no folder"), joined(common, "--csv", folder.resolve("no/t.csv")));
    Cli.fails(
        2,
        List.of("both go to the standard output"),
        "explain",
        X,
        "-m",
        MODEL,
        "-o",
        "-",
        "--csv",
        "-");
  }

  private static Object[] joined(Object[] first, Object... more) {
    return Stream.of(first, more).flatMap(Stream::of).toArray();
  }

  /** Labels as people have them. */
  @Test
  void unitsFrom_labels_areOneUnitOfEachImage() throws IOException {
    long[] labels = Npy.read(MIX.resolve("y.npy")).toLongArray();
    int images = Npy.read(X).size(0);
    Tensor flat = Tensor.of(Arrays.copyOf(labels, images), images);
    Path npy = folder.resolve("y.npy");
    Npy.write(npy, flat);
    StringBuilder lines = new StringBuilder("label\n");
    for (long label : flat.toLongArray()) {
      lines.append(label).append("\r\n");
    }
    Path csv = Files.writeString(folder.resolve("y.csv"), lines);
    Path txt = Files.writeString(folder.resolve("y.txt"), lines.substring(6));
    Path npz = folder.resolve("y.npz");
    new Npz(Map.of("labels", flat)).write(npz);
    for (Path file : List.of(npy, csv, txt, npz)) {
      Path out = folder.resolve("out.npz");
      Cli.done("explain", X, "-m", MODEL, "--units-from", file, "-o", out);
      assertArrayEquals(
          flat.toLongArray(), Npz.read(out).array("units").toLongArray(), file::toString);
    }
  }

  @Test
  void unitsFrom_otherText_isRefused() throws IOException {
    Path y = folder.resolve("y.csv");
    Object[] run = {"explain", X, "-m", MODEL, "--units-from", y, "-o", folder.resolve("o.npy")};
    Files.writeString(y, "label\ncat\n");
    Cli.fails(1, List.of("y.csv, line 2", "'cat'"), run);
    Files.writeString(y, "1,2\n1\n");
    Cli.fails(1, List.of("y.csv, line 2", "1 units, but 2"), run);
    Files.writeString(y, "\n");
    Cli.fails(1, List.of("y.csv", "no units"), run);
    Files.writeString(y, "1\n");
    Cli.done(run);
    Files.writeString(y, "1\n1\n".repeat(50));
    Cli.fails(1, List.of("100 images"), run);
    Files.writeString(y, "999\n");
    Cli.fails(2, List.of("no unit 999"), run);
  }

  @Test
  void npzInput_isItsOneArray() throws IOException {
    Path npz = folder.resolve("x.npz");
    Tensor x = Npy.read(X);
    new Npz(Map.of("arr_0", x), Map.of("names", List.of("a"))).write(npz);
    Path out = folder.resolve("o.npy");
    Path same = folder.resolve("same.npy");
    Cli.done("explain", npz, "-m", MODEL, "-o", out);
    Cli.done("explain", X, "-m", MODEL, "-o", same);
    assertArrayEquals(Npy.read(same).toFloatArray(), Npy.read(out).toFloatArray());
    new Npz(Map.of("a", x, "b", x)).write(npz);
    Cli.fails(1, List.of("2 arrays", "a", "b"), "explain", npz, "-m", MODEL, "-o", out);
  }

  @Test
  void tableOfManyUnits_saysWhatItLeavesOut() throws IOException {
    Path model = Cli.PARITY.resolve("flatten/model.keras");
    Path x = Cli.PARITY.resolve("flatten/x.npy");
    Path out = folder.resolve("o.npz");
    Cli run = Cli.done("explain", x, "-m", model, "--all-units", "-o", out);
    int units = Npz.read(out).array("units").size(1);
    int shown = Math.min(units, 10);
    assertEquals(1 + shown * Npy.read(x).size(0), run.out().size(), run::toString);
    assertEquals(
        units > 10,
        run.err().stream().anyMatch(line -> line.contains("leaves out " + (units - 10))));
  }
}
