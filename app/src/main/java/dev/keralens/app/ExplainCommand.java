package dev.keralens.app;

import dev.keralens.ExplainOptions;
import dev.keralens.Explainer;
import dev.keralens.Explanation;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.inspect.Layers;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code keralens explain}: maps of where the evidence lies. */
@Command(
    name = "explain",
    header = "Shows why a model predicts what it does.",
    description =
        "Makes a map of where the evidence lies, for each image, method and unit; prints what was"
            + " explained with its scores.",
    footer = {
      "",
      "Examples:",
      "  keralens explain *.jpg --model mobilenet.keras --preprocess tf \\",
      "           --classes names.json --method gradcam,gradients -o why.png",
      "  keralens explain cat.jpg --model model.h5 --top 3 -o why.png",
      "  keralens explain photos/*.jpg --model model.keras --method all -o maps/",
      "  keralens explain x.npy --model model.keras --units-from y.npy \\",
      "           --filter none --resize none -o gradcam.npy",
      "",
      "Exit codes: 0 done, 1 failed, 2 wrong usage."
    })
final class ExplainCommand implements Callable<Integer> {
  private static final int MOST_CELLS = 5000;
  private static final int MOST_PRINTED_UNITS = 10;

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "INPUT",
      description = "Image files, or one .npy array, the images in its first axis.")
  private List<String> inputs = List.of();

  @Mixin private ModelOptions options = new ModelOptions();

  @Option(
      names = "--method",
      split = ",",
      paramLabel = "NAME",
      defaultValue = "gradcam",
      description =
          "The methods, or 'all' for all that apply to the model; see 'keralens methods' (default:"
              + " ${DEFAULT-VALUE}).")
  private List<String> methods = List.of();

  @Mixin private UnitOptions unitOptions = new UnitOptions();
  @Mixin private MapOptions mapOptions = new MapOptions();

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "OUT",
      description =
          "What is written: .png or .jpg, a captioned grid of all; .npy, the maps of one method"
              + " (batch, height, width, unit); a folder, a picture for each image and method.")
  private String output = "";

  /** What is done with the open model. */
  private record Plan(
      MethodChoice methods, ExplainOptions options, UnitOptions.Selection units, Labels labels) {}

  @Override
  public Integer call() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    options.check();
    unitOptions.check();
    MethodChoice choice = MethodChoice.of(methods);
    ExplainOptions explainOptions =
        mapOptions
            .explainOptions()
            .withBatchSize(options.batchSize())
            .withOutput(options.output())
            .withRuntime(options.runtime());
    Rendering rendering = mapOptions.rendering();
    Output target = Output.of(output);
    if (target.kind() == Output.Kind.ARRAY && (choice.all() || choice.methods().size() > 1)) {
      throw new UsageException(
          "-o %s: an array holds the maps of one method; choose one with --method."
              .formatted(output));
    }
    List<Path> files = InputFiles.check(inputs);
    List<Path> sources = new ArrayList<>(files);
    sources.add(options.file());
    target.check(sources);
    try (Subject subject = Subject.open(options, files, err)) {
      Plan plan = plan(subject, choice, explainOptions, target);
      Writer writer =
          switch (target.kind()) {
            case ARRAY -> new ArrayWriter(target.path());
            case FOLDER -> new FolderWriter(target.path(), subject.inputs(), rendering);
            case GRID -> new GridWriter(target.path(), subject.inputs(), plan.labels(), rendering);
          };
      explain(subject, plan, writer);
    }
    return 0;
  }

  /** Checks against the model what can be checked without running it. */
  private Plan plan(
      Subject subject, MethodChoice choice, ExplainOptions explainOptions, Output target)
      throws IOException {
    Inputs images = subject.inputs();
    int available = subject.target(mapOptions.ofOutput()).shape().size(-1);
    UnitOptions.Selection units =
        unitOptions.select(subject.classes(), subject.model().name(), available, images.count());
    String layer = mapOptions.layer();
    if (layer != null) {
      checkLayer(subject, layer, choice);
    }
    boolean drawn = target.kind() != Output.Kind.ARRAY;
    if (drawn && !images.areDrawable()) {
      throw new UsageException(
          "The input %s is no picture to draw on; write the maps with -o maps.npy."
              .formatted(images.shape()));
    }
    long cells = (long) images.count() * (1 + (long) units.perImage() * choice.methods().size());
    if (target.kind() == Output.Kind.GRID && cells > MOST_CELLS) {
      throw new UsageException(
          "A picture of %d cells cannot be read; write to a folder, -o maps/.".formatted(cells));
    }
    boolean probabilities = drawn && subject.isClassifier() && subject.endsInProbabilities();
    return new Plan(choice, explainOptions, units, new Labels(subject.classes(), probabilities));
  }

  private void checkLayer(Subject subject, String layer, MethodChoice choice) {
    try {
      Layers.output(subject.network(), layer);
    } catch (IllegalArgumentException e) {
      throw new UsageException(
          e.getMessage() + " 'keralens inspect' lists the layers of the model.", e);
    }
    if (choice.methods().stream().noneMatch(method -> method.explainsActivations())) {
      throw new UsageException(
          "--layer %s has no effect: none of the methods explains a layer.".formatted(layer));
    }
  }

  private void explain(Subject subject, Plan plan, Writer writer) throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    Inputs images = subject.inputs();
    Tensor first = images.read(0, 1).x();
    MethodChoice choice = plan.methods().applying(subject.model(), plan.options(), first, err);
    Report report = new Report(plan.labels());
    int empty = 0;
    try (Explainer explainer = choice.explainer(subject.model(), plan.options());
        ProgressBar progress = new ProgressBar(err, options.progress(), images.count())) {
      for (int from = 0; from < images.count(); from += options.batchSize()) {
        int to = Math.min(images.count(), from + options.batchSize());
        Explained batch = batch(subject, plan, choice, explainer, from, to);
        writer.add(batch);
        report(report, images, batch);
        empty += empty(batch);
        progress.update(to);
      }
    } catch (UnsupportedModelException e) {
      throw new UnsupportedModelException(
          "%s: %s".formatted(subject.model().name(), e.getMessage()), e);
    }
    String written = writer.finish();
    if (plan.units().perImage() <= MOST_PRINTED_UNITS) {
      report.table().print(spec.commandLine().getOut());
    }
    if (empty > 0) {
      err.printf(
          "keralens: %d maps are empty: nothing in them is left by the filter (see --filter)%n",
          empty);
    }
    err.printf("Wrote %s%n", written);
    err.flush();
  }

  private static Explained batch(
      Subject subject, Plan plan, MethodChoice choice, Explainer explainer, int from, int to)
      throws IOException {
    Inputs.Batch batch = subject.inputs().read(from, to);
    List<Explanation> maps = explainer.explainAll(List.of(batch.x()), plan.units().of(from, to));
    Tensor units = maps.get(0).units();
    Tensor scores = maps.get(0).scores();
    if (plan.labels().probabilities() && !plan.options().ofOutput()) {
      ExplainOptions whole = ExplainOptions.defaults().withBatchSize(to - from);
      Tensor all = subject.model().predict(List.of(batch.x()), whole).get(subject.output());
      scores = gather(all, units);
    }
    return new Explained(from, batch.pictures(), maps, choice.ofPixels(), units, scores);
  }

  /** The elements of each row that units name. */
  private static Tensor gather(Tensor all, Tensor units) {
    long[] indices = units.toLongArray();
    float[] picked = new float[indices.length];
    int k = units.size(1);
    for (int i = 0; i < picked.length; i++) {
      picked[i] = all.get(i / k, (int) indices[i]);
    }
    return Tensor.of(picked, units.shape());
  }

  private static void report(Report report, Inputs inputs, Explained batch) {
    if (batch.unitsPerImage() > MOST_PRINTED_UNITS) {
      return;
    }
    for (int i = 0; i < batch.images(); i++) {
      String name = inputs.name(batch.first() + i);
      for (int k = 0; k < batch.unitsPerImage(); k++) {
        report.add(name, k, batch.unit(i, k), batch.score(i, k));
      }
    }
  }

  private static int empty(Explained batch) {
    int empty = 0;
    for (Explanation explanation : batch.explanations()) {
      for (int i = 0; i < batch.images(); i++) {
        for (int k = 0; k < batch.unitsPerImage(); k++) {
          empty += explanation.isEmpty(i, k) ? 1 : 0;
        }
      }
    }
    return empty;
  }
}
