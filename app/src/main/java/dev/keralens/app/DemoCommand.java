package dev.keralens.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keralens.Explainer;
import dev.keralens.Explanation;
import dev.keralens.Model;
import dev.keralens.PictureFormat;
import dev.keralens.Units;
import dev.keralens.applications.Preprocessing;
import dev.keralens.explain.Baseline;
import dev.keralens.explain.Method;
import dev.keralens.inspect.InputScaling;
import dev.keralens.method.EigenCam;
import dev.keralens.method.FullGradients;
import dev.keralens.method.GradCam;
import dev.keralens.method.Gradients;
import dev.keralens.method.GuidedBackprop;
import dev.keralens.method.IntegratedGradients;
import dev.keralens.method.KernelShap;
import dev.keralens.method.Occlusion;
import dev.keralens.method.Rise;
import dev.keralens.method.ScoreCam;
import dev.keralens.method.Smooth;
import dev.keralens.method.Xrai;
import dev.keralens.picture.draw.Grid;
import dev.keralens.picture.draw.Pictures;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code keralens demo}: explains pictures whose answer is known, with a model that is packed in.
 */
@Command(
    name = "demo",
    header = "Explains sample pictures with a model that is packed in.",
    description =
        "The model tells shapes in drawn scenes. Prints what it finds and how often each method"
            + " points at it, and writes a picture with a dozen methods' maps of the highest kind"
            + " in each scene.",
    footer = {"", "Example:", "  keralens demo -o /tmp"})
final class DemoCommand implements Callable<Integer> {
  static final String FILE = "keralens-demo.png";
  private static final double FOUND = 0.5;
  private static final int UNITS = 2;

  /** Few, since the pictures are small and somebody waits. */
  private static final int STEPS = 10;

  private static final int MASKS = 150;
  private static final Rendering RENDERING = Rendering.ofHeat();

  @Spec private CommandSpec spec;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      defaultValue = ".",
      description = "The folder for " + FILE + ". Default: the working directory.")
  private Path folder = Path.of(".");

  @Override
  public Integer call() throws IOException {
    Path file = folder.resolve(FILE).toAbsolutePath().normalize();
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new IOException("Cannot write to %s: it is no folder.".formatted(folder));
    }
    new Output(Output.Kind.FOLDER, folder).check(List.of());
    List<Scene> scenes = Scene.samples();
    ClassNames classes = classes();
    try (Model model = model()) {
      Tensor x = input(model, scenes);
      Tensor scores = model.predict(x);
      try (Explainer explainer = Explainer.of(model, methods().toArray(Method[]::new))) {
        List<Explanation> why = explainer.explainAll(List.of(x), Units.top(UNITS));
        print(scenes, classes, scores);
        Files.createDirectories(folder);
        grid(scenes, new Labels(classes, true), scores, why).save(file);
        hits(scenes, classes, scores, why);
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println(Terminal.line("The picture is " + file));
    out.flush();
    return 0;
  }

  /** What the embedded model tells apart. */
  static ClassNames classes() throws IOException {
    List<String> names = new ArrayList<>();
    for (JsonNode name : new ObjectMapper().readTree(Scene.resource("classes.json"))) {
      names.add(name.asText());
    }
    return ClassNames.of(names);
  }

  /** Models are read from files. */
  private static Model model() throws IOException {
    byte[] content = Scene.resource("shapes.keras");
    Path folder = Files.createTempDirectory("keralens");
    Path file = folder.resolve("shapes.keras");
    try {
      Files.write(file, content);
      return Model.load(file);
    } finally {
      file.toFile().deleteOnExit();
      folder.toFile().deleteOnExit();
    }
  }

  private static Tensor input(Model model, List<Scene> scenes) {
    PictureFormat format = InputFormat.of(model, model.inputs().get(0), null);
    Preprocessing preprocessing =
        model.inputScaling().map(InputScaling::preprocessing).orElse(Preprocessing.UNIT);
    int each = format.height() * format.width() * format.channels();
    float[] samples = new float[each * scenes.size()];
    for (int i = 0; i < scenes.size(); i++) {
      float[] one = preprocessing.apply(scenes.get(i).picture().toTensor()).toFloatArray();
      System.arraycopy(one, 0, samples, i * each, each);
    }
    return format.tensor(samples, scenes.size());
  }

  private void print(List<Scene> scenes, ClassNames classes, Tensor scores) {
    Table table = new Table("scene", "shows", "found");
    for (int i = 0; i < scenes.size(); i++) {
      float[] row = scores.row(i).toFloatArray();
      List<String> found = new ArrayList<>();
      for (int unit : PredictCommand.highest(row, row.length)) {
        if (row[unit] > FOUND) {
          found.add(classes.name(unit) + " " + Numbers.brief(row[unit], true));
        }
      }
      Scene scene = scenes.get(i);
      table.add(scene.name(), String.join(", ", scene.kinds()), String.join(", ", found));
    }
    table.print(spec.commandLine().getOut());
  }

  /** A dozen that differ in kind: of activations, gradients, paths, regions and masks. */
  private static List<Method> methods() {
    return List.of(
        GradCam.create(),
        EigenCam.create(),
        ScoreCam.create(),
        FullGradients.create(),
        Gradients.create(),
        Smooth.of(Gradients.create()),
        GuidedBackprop.create(),
        IntegratedGradients.create(),
        Xrai.create().steps(STEPS),
        Occlusion.create().baseline(Baseline.mean()),
        Rise.create().masks(MASKS).baseline(Baseline.mean()),
        KernelShap.create().samples(MASKS).baseline(Baseline.mean()));
  }

  /** A scene a row; the picture, then each method's map of the highest unit. */
  private static Grid grid(
      List<Scene> scenes, Labels labels, Tensor scores, List<Explanation> why) {
    List<String> titles = new ArrayList<>(List.of("picture"));
    methods().forEach(method -> titles.add(method.title()));
    Grid grid =
        Pictures.grid().overlay(RENDERING.overlay()).columnTitles(titles).columns(titles.size());
    for (int i = 0; i < scenes.size(); i++) {
      Scene scene = scenes.get(i);
      grid = grid.add(scene.picture(), String.join(", ", scene.kinds()));
      for (int m = 0; m < why.size(); m++) {
        Tensor map = why.get(m).map(i, 0);
        int unit = why.get(m).unit(i, 0);
        String caption = labels.caption(unit, scores.get(i, unit));
        grid =
            methods().get(m).explainsActivations()
                ? grid.add(scene.picture(), map, caption)
                : grid.add(RENDERING.draw(scene.picture(), map, true), caption);
      }
    }
    return grid;
  }

  private void hits(List<Scene> scenes, ClassNames classes, Tensor scores, List<Explanation> why) {
    PrintWriter out = spec.commandLine().getOut();
    out.println();
    Table table = new Table("method", "maps whose strongest point lies on a shape of the kind");
    for (Explanation explanation : why) {
      int hits = 0;
      int maps = 0;
      for (int i = 0; i < scenes.size(); i++) {
        for (int k = 0; k < explanation.unitsPerImage(); k++) {
          int unit = explanation.unit(i, k);
          if (scores.get(i, unit) > FOUND) {
            maps++;
            hits += scenes.get(i).isHit(explanation.map(i, k), classes.name(unit)) ? 1 : 0;
          }
        }
      }
      table.add(explanation.method(), "%d of %d".formatted(hits, maps));
    }
    table.print(out);
    out.println();
  }
}
