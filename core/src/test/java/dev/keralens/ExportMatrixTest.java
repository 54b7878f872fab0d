package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.explain.Ensemble;
import dev.keralens.explain.Method;
import dev.keralens.filter.Filters;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.method.GradCam;
import dev.keralens.method.Gradients;
import dev.keralens.method.IntegratedGradients;
import dev.keralens.method.Methods;
import dev.keralens.method.Occlusion;
import dev.keralens.method.Rise;
import dev.keralens.method.ScoreCam;
import dev.keralens.method.Smooth;
import dev.keralens.method.Tta;
import dev.keralens.picture.Picture;
import dev.keralens.runtime.Optimization;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every method that can be exported, of eight models, run by other programs: Python's ONNX Runtime
 * of each interpreter in {@code KERALENS_PYTHONS}, and the WASM of {@code onnxruntime-web}, in Node
 * and in a browser. What is not there is skipped, by name.
 */
class ExportMatrixTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final Path SHAPES = Path.of("../models/shapes/shapes.keras");
  private static final Path SCRIPTS = Path.of("../parity/export");
  private static final List<String> APPLICATIONS =
      List.of("ConvNeXt", "EfficientNet", "MobileNet", "MobileNetV2");

  @TempDir private static Path folder;

  private static boolean exported;

  /** The files that other programs run; they are written once, where there is such a program. */
  private static synchronized String matrix() throws IOException {
    if (!exported) {
      exportAll();
      exported = true;
    }
    return folder.resolve("matrix").toString();
  }

  private static void exportAll() throws IOException {
    List<Path> scenes =
        List.of(
            SHAPES.resolveSibling("samples/scene-000.png"),
            SHAPES.resolveSibling("samples/scene-004.png"));
    List<Tensor> pictures = new ArrayList<>();
    for (Path scene : scenes) {
      pictures.add(Picture.read(scene).toTensor().reshape(1, 96, 96, 3));
    }
    export("shapes", SHAPES, Tensor.concat(pictures));
    export("torch", GOLDEN.resolve("methods/net.onnx"), x(GOLDEN.resolve("methods/x.npy")));
    for (String name : List.of("ties/residual", "hub/densenet")) {
      Path model = GOLDEN.resolve(name).resolve("model.keras");
      export(name.replace('/', '_'), model, x(model.resolveSibling("x.npy")));
    }
    for (String name : APPLICATIONS) {
      try (ZipFile zip =
          new ZipFile(GOLDEN.resolve("applications/" + name + "-keras3.zip").toFile())) {
        Path model = extract(zip, "model.keras", name);
        export(name, model, x(extract(zip, "in.npy", name)));
      }
    }
  }

  private static Tensor x(Path file) throws IOException {
    Tensor x = Npy.read(file);
    return x.rows(0, Math.min(2, x.size(0)));
  }

  private static Path extract(ZipFile zip, String entry, String name) throws IOException {
    Path file = folder.resolve(name + "-" + entry);
    try (InputStream in = zip.getInputStream(new ZipEntry(entry))) {
      Files.copy(in, file);
    }
    return file;
  }

  /** All methods that fit, in one file; the maps that are computed here, beside it. */
  private static void export(String name, Path source, Tensor x) throws IOException {
    Path target = Files.createDirectories(folder.resolve("matrix").resolve(name));
    ExplainOptions options = ExplainOptions.defaults();
    try (Model model = Model.load(source)) {
      List<Method> methods = methods(model, x);
      assertTrue(methods.size() > 15, methods::toString);
      try (Explainer explainer = Explainer.of(model, options, methods.toArray(Method[]::new))) {
        explainer.export(target.resolve("why.onnx"), ExportOptions.defaults().withHighestUnits(2));
        Npy.write(target.resolve("x.npy"), x);
        Npy.write(target.resolve("output.npy"), model.predict(x));
        List<Explanation> why = explainer.explainAll(List.of(x), Units.top(2));
        float[] kinks = kinks(model, methods, x, why);
        Npy.write(target.resolve("kinks.npy"), Tensor.of(kinks, kinks.length));
        for (int i = 0; i < methods.size(); i++) {
          Npy.write(target.resolve("map%02d.npy".formatted(i)), why.get(i).maps());
        }
      }
    }
  }

  /**
   * How much each map changes where the network is computed in another order: at a kink, an error
   * of rounding turns a gradient on or off.
   */
  private static float[] kinks(Model model, List<Method> methods, Tensor x, List<Explanation> why) {
    RuntimeOptions plain =
        RuntimeOptions.defaults().withRewriting(false).withOptimization(Optimization.NONE);
    ExplainOptions options = ExplainOptions.defaults().withRuntime(plain);
    float[] changes = new float[methods.size()];
    try (Explainer other = Explainer.of(model, options, methods.toArray(Method[]::new))) {
      List<Explanation> again = other.explainAll(List.of(x), Units.top(2));
      for (int i = 0; i < changes.length; i++) {
        float[] one = why.get(i).maps().toFloatArray();
        float[] two = again.get(i).maps().toFloatArray();
        float largest = 0;
        for (int j = 0; j < one.length; j++) {
          largest = Math.max(largest, Math.abs(one[j]));
          changes[i] = Math.max(changes[i], Math.abs(one[j] - two[j]));
        }
        changes[i] /= largest == 0 ? 1 : largest;
      }
    }
    return changes;
  }

  private static List<Method> methods(Model model, Tensor x) {
    int side = model.network(model.predictor().shapes(List.of(x))).inputs().get(0).places()[0];
    List<Method> all = new ArrayList<>();
    for (Methods.Row row : Methods.byNames().values()) {
      all.add(fewPasses(row.create(), side));
    }
    all.add(Smooth.of(Gradients.create()).repetitions(3).relativeNoise(0.1));
    all.add(Smooth.of(GradCam.create()).repetitions(3));
    all.add(Tta.of(GradCam.create()).scales(0.5));
    List<Method> fitting = new ArrayList<>();
    for (Method method : all) {
      try (Explainer explainer = Explainer.of(model, method)) {
        boolean fits = explainer.applies(model.predictor().shapes(List.of(x))).get(0).fits();
        if (fits && (!(method instanceof Ensemble) || isExported(explainer))) {
          fitting.add(method);
        }
      }
    }
    return fitting;
  }

  /** A method whose passes depend on one another says so. */
  private static boolean isExported(Explainer explainer) {
    Path probe = folder.resolve("probe.onnx");
    try {
      explainer.export(probe, ExportOptions.defaults());
      return true;
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (UnsupportedModelException e) {
      assertTrue(String.valueOf(e.getMessage()).contains("cannot be exported"), e.getMessage());
      return false;
    }
  }

  private static Method fewPasses(Method method, int side) {
    if (method instanceof ScoreCam scoreCam) {
      return scoreCam.maxChannels(4);
    } else if (method instanceof IntegratedGradients path) {
      return path.steps(4);
    } else if (method instanceof Occlusion occlusion) {
      return occlusion.window((side + 1) / 2);
    } else if (method instanceof Rise rise) {
      return rise.masks(12);
    }
    return method;
  }

  @Test
  void python_computesTheSame() throws Exception {
    String given = System.getenv("KERALENS_PYTHONS");
    List<String> pythons =
        given == null
            ? List.of("python3")
            : Arrays.stream(given.split(File.pathSeparator)).filter(p -> !p.isBlank()).toList();
    int run = 0;
    for (String python : pythons) {
      if (run(List.of(python, "-c", "import numpy, onnx, onnxruntime"), 60).code() != 0) {
        System.out.println("skipped: " + python + " has not numpy, onnx and onnxruntime");
        continue;
      }
      Result result = run(List.of(python, script("check_matrix.py"), matrix()), 600);
      System.out.println(result.output());
      assertEquals(0, result.code(), result::output);
      run++;
    }
    Assumptions.assumeTrue(run > 0, "skipped: no Python with numpy, onnx and onnxruntime");
  }

  @Test
  void node_computesTheSame() throws Exception {
    Path modules = web();
    Assumptions.assumeTrue(
        modules != null && run(List.of("node", "--version"), 60).code() == 0,
        "skipped: no Node, or KERALENS_NODE_MODULES has no onnxruntime-web");
    Result result =
        run(
            List.of(
                "node",
                script("check_web.mjs"),
                String.valueOf(modules),
                matrix(),
                "torch",
                "MobileNetV2"),
            600);
    System.out.println(result.output());
    assertEquals(0, result.code(), result::output);
  }

  @Test
  void browser_explainsAsThePageDoes() throws Exception {
    Path modules = web();
    String python = "python3";
    Assumptions.assumeTrue(
        modules != null
            && run(List.of("chromium", "--version"), 60).code() == 0
            && run(List.of(python, "--version"), 60).code() == 0,
        "skipped: no chromium or python3, or KERALENS_NODE_MODULES has no onnxruntime-web");
    Path why = folder.resolve("page.onnx");
    ExplainOptions options = ExplainOptions.defaults().withFilter(Filters::positiveNormalize);
    Tensor x;
    try (Model model = Model.load(SHAPES);
        Explainer explainer = Explainer.of(model, options, GradCam.create())) {
      explainer.export(why, ExportOptions.defaults().withHighestUnits(3));
      Path scene = SHAPES.resolveSibling("samples/scene-000.png");
      x = Picture.read(scene).toTensor().reshape(1, 96, 96, 3);
      Explanation explanation = explainer.explain(x, Units.top(3));
      Npy.write(folder.resolve("page.npy"), explanation.maps());
      Npy.write(folder.resolve("units.npy"), explanation.units());
      Result result =
          run(
              List.of(
                  python,
                  script("check_browser.py"),
                  String.valueOf(modules),
                  why.toString(),
                  scene.toString(),
                  folder.toString()),
              600);
      System.out.println(result.output());
      assertEquals(0, result.code(), result::output);
    }
  }

  private static @Nullable Path web() {
    String given = System.getenv("KERALENS_NODE_MODULES");
    Path modules = given == null ? null : Path.of(given);
    return modules != null && Files.isDirectory(modules.resolve("onnxruntime-web"))
        ? modules
        : null;
  }

  private static String script(String name) {
    return SCRIPTS.resolve(name).toString();
  }

  private record Result(int code, String output) {}

  private static Result run(List<String> command, int seconds) throws Exception {
    Path log = Files.createTempFile(folder, "run", ".log");
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
    } catch (IOException e) {
      return new Result(-1, String.valueOf(e.getMessage()));
    }
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      return new Result(-1, command.get(0) + " took more than " + seconds + " s");
    }
    return new Result(process.exitValue(), Files.readString(log));
  }
}
