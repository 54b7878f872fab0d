package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.tensor.Npy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that {@code export} writes, and what the other commands say of them. */
class ExportCommandTest {
  private static final Path MODEL = Path.of("../models/shapes/shapes.keras");
  private static final Path SCENE = Path.of("../models/shapes/samples/scene-000.png");
  private static final Path CLASSES = Path.of("../models/shapes/classes.json");

  @TempDir private Path folder;

  private Path file(String name) {
    return folder.resolve(name);
  }

  @Test
  void model_predictsTheSame() throws IOException {
    Path exported = file("model.onnx");
    Cli run = Cli.done("export", "-m", MODEL, "-o", exported);
    assertTrue(run.err().get(0).startsWith("Wrote " + exported), run::toString);
    Cli.done("predict", SCENE, "-m", MODEL, "--preprocess", "none", "-o", file("a.npy"));
    Cli.done("predict", SCENE, "-m", exported, "--preprocess", "none", "-o", file("b.npy"));
    assertArrayEquals(
        Npy.read(file("a.npy")).toFloatArray(), Npy.read(file("b.npy")).toFloatArray(), 1e-5f);
    Cli inspected = Cli.done("inspect", exported);
    assertTrue(
        inspected.out().contains("Exported: shapes.keras alone"), () -> inspected.out().toString());
  }

  @Test
  void explainer_isRecognised() throws IOException {
    Path why = file("why.onnx");
    Cli.done(
        "export",
        "-m",
        MODEL,
        "--method",
        "gradcam,gradients",
        "--units",
        "top",
        "--classes",
        CLASSES,
        "-o",
        why);
    Cli inspected = Cli.done("inspect", why);
    String line =
        inspected.out().stream().filter(l -> l.startsWith("Exported: ")).findFirst().orElse("");
    assertTrue(line.contains("explainer of shapes.keras"), line);
    assertTrue(line.contains("saliency_map_gradcam (gradcam of "), line);
    assertTrue(line.contains("saliency_units"), line);
    Cli json = Cli.done("inspect", why, "--json");
    assertTrue(String.join("\n", json.out()).contains("\"keralens.classes\""), json::toString);
    Cli.fails(
        1,
        List.of("exported explainer"),
        "export",
        "-m",
        why,
        "--method",
        "gradcam",
        "-o",
        file("twice.onnx"));
    assertFalse(Files.exists(file("twice.onnx")));
    Cli.done("export", "-m", MODEL, "--method", "gradients", "-o", file("given.onnx"));
    assertTrue(
        String.join("\n", Cli.done("inspect", file("given.onnx")).out())
            .contains("units: input units"));
  }

  @Test
  void explain_usesTheMapsOfTheFile() throws IOException {
    Path why = file("why.onnx");
    Cli exported =
        Cli.done(
            "export",
            "-m",
            MODEL,
            "--method",
            "gradcam",
            "--classes",
            CLASSES,
            "--embed-preprocessing",
            "--check",
            "-o",
            why);
    assertEquals(2, exported.out().size(), exported::toString);
    assertTrue(exported.out().get(1).startsWith("saliency_map: differs by"), exported::toString);
    Cli own = Cli.done("explain", SCENE, "-m", MODEL, "--top", "2", "-o", file("own.npy"));
    Cli stored = Cli.done("explain", SCENE, "-m", why, "--top", "2", "-o", file("stored.npy"));
    assertArrayEquals(
        Npy.read(file("own.npy")).toFloatArray(),
        Npy.read(file("stored.npy")).toFloatArray(),
        1e-5f);
    assertTrue(String.join("\n", stored.out()).contains("cross"), stored::toString);
    assertEquals(own.out().size(), stored.out().size());
    Cli.fails(
        2,
        List.of("--layer", "exported explainer"),
        "explain",
        SCENE,
        "-m",
        why,
        "--layer",
        "-2",
        "--preprocess",
        "none",
        "-o",
        file("stored.npy"));
    Cli.done("predict", SCENE, "-m", why, "-o", file("p.npy"));
  }

  @Test
  void passes_areInTheFile() throws IOException {
    Path why = file("why.onnx");
    Cli.done(
        "export",
        "-m",
        MODEL,
        "--method",
        "gradients,scorecam",
        "--smooth",
        "3:10%",
        "--max-channels",
        "2",
        "-o",
        why);
    assertTrue(
        String.join("\n", Cli.done("inspect", why).out())
            .contains("saliency_map_smooth_scorecam (smooth(scorecam) of "));
  }

  @Test
  void refusals() throws IOException {
    Path other = Files.writeString(file("other.onnx"), "not ours");
    Cli.fails(1, List.of("--force", "other.onnx"), "export", "-m", MODEL, "-o", other);
    assertEquals("not ours", Files.readString(other));
    Cli.done("export", "-m", MODEL, "-o", other, "--force");
    Cli.fails(2, List.of(".onnx"), "export", "-m", MODEL, "-o", file("model.keras"));
    Cli.fails(
        2, List.of("--filter", "--method"), "export", "-m", MODEL, "--filter", "none", "-o", other);
    Cli.fails(2, List.of("--opset", "17"), "export", "-m", MODEL, "--opset", "16", "-o", other);
    Cli.fails(2, List.of("overwrite"), "export", "-m", other, "-o", other);
    Cli.fails(
        1,
        List.of("rise", "4,000 times", "--samples"),
        "export",
        "-m",
        MODEL,
        "--method",
        "rise",
        "-o",
        file("why.onnx"));
    Cli.fails(
        1,
        List.of("Resize", "18"),
        "export",
        "-m",
        MODEL,
        "--method",
        "gradcam",
        "--opset",
        "17",
        "-o",
        file("why.onnx"));
    Cli.fails(
        2,
        List.of("no layer", "nowhere"),
        "export",
        "-m",
        MODEL,
        "--method",
        "gradcam",
        "--layer",
        "nowhere",
        "-o",
        file("why.onnx"));
    assertFalse(Files.exists(file("why.onnx")));
  }
}
