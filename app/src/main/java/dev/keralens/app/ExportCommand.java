package dev.keralens.app;

import dev.keralens.ExplainOptions;
import dev.keralens.Explainer;
import dev.keralens.ExportOptions;
import dev.keralens.Model;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.objective.Objective;
import dev.keralens.objective.ResolvedObjective;
import dev.keralens.text.Printable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keralens export}: a model, or its explanation, as an ONNX file for other programs. */
@Command(
    name = "export",
    header = "Writes a model, or its explanation, as an ONNX file.",
    description =
        "The file has plain ONNX operators and takes any batch, so it runs where ONNX runs. With"
            + " --method it gives, beside the model's own outputs, the maps: saliency_map, or"
            + " saliency_map_gradcam of several methods, float (batch, height, width, unit).",
    footer = {
      "",
      "Examples:",
      "  keralens export --model model.keras -o model.onnx",
      "  keralens export --model model.keras --method gradcam,gradients -o why.onnx",
      "  keralens export --model resnet50v2 --method gradcam --units top -o why.onnx"
    })
final class ExportCommand implements Callable<Integer> {
  /** More than rounding makes of maps of which some lie at a kink. */
  private static final double LARGEST = 1e-3;

  private static final double LARGEST_OF_HALF = 0.1;

  /** What has an effect without a method. */
  private static final Set<String> OF_MODELS =
      Set.of(
          "--model",
          "--weights",
          "--weights-by-name",
          "--output",
          "--size",
          "--open-size",
          "--classes",
          "--opset",
          "--external-data",
          "--force",
          "--preprocess",
          "--embed-preprocessing",
          "--float16",
          "--check",
          "--verbose");

  @Spec private CommandSpec spec;

  @Option(
      names = {"-m", "--model"},
      required = true,
      paramLabel = "FILE",
      converter = ModelPath.class,
      description = WeightsOptions.MODEL)
  private Path file = Path.of("");

  @Mixin private WeightsOptions weights = new WeightsOptions();

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FILE.onnx",
      description = "Where to write. A file that was exported before is replaced.")
  private String output = "";

  @Option(
      names = "--method",
      split = ",",
      paramLabel = "NAME",
      description =
          "The methods whose maps the file gives, such as gradcam,gradients. The passes of those"
              + " that run the network several times are rows of one run. Default: none, the model"
              + " alone.")
  private List<String> methods = List.of();

  @Mixin private MethodOptions methodOptions = new MethodOptions();

  @Mixin private MapOptions maps = new MapOptions();
  @Mixin private ObjectiveOptions objectives = new ObjectiveOptions();

  @Mixin private ExportFileOptions written = new ExportFileOptions();

  @Option(
      names = "--two-classes",
      description = "Take one sigmoid neuron as two classes: unit 0 is its absence.")
  private boolean twoClasses;

  @Option(
      names = "--output-index",
      paramLabel = "N",
      defaultValue = "0",
      description = "Which output of a model that has several is explained, from 0.")
  private int index;

  @Option(
      names = "--check",
      description =
          "Run the file in ONNX Runtime beside the model here, on noise, and print the largest"
              + " difference of each output.")
  private boolean check;

  @Override
  public Integer call() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    Path target = ExportFileOptions.target(output);
    checkOptions();
    try (Model model = weights.open(file, err, true)) {
      checkTarget(target);
      ExportOptions options = written.options(file, model, index, twoClasses, err);
      Map<String, Double> differences = Map.of();
      if (methods.isEmpty()) {
        model.export(target, options);
        differences = check ? model.check(target, options) : differences;
      } else {
        differences = explainer(model, options, target);
      }
      tell(target, err);
      tellDifferences(differences);
    } catch (UnsupportedModelException e) {
      throw new UnsupportedModelException("%s: %s".formatted(file, e.getMessage()), e);
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    }
    return 0;
  }

  /** Refuses what would have no effect. */
  private void checkOptions() {
    if (methods.isEmpty()) {
      for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
        if (!OF_MODELS.contains(option.longestName())) {
          throw new UsageException(
              option.longestName()
                  + " has no effect without --method: the model alone is exported.");
        }
      }
    }
    written.check();
  }

  /** The name of a published network is no file. */
  private void checkTarget(Path target) throws IOException {
    if (Files.exists(file) && Files.exists(target) && Files.isSameFile(file, target)) {
      throw new UsageException(
          "-o would overwrite %s, which is read; name another output.".formatted(target));
    }
  }

  private Map<String, Double> explainer(Model model, ExportOptions options, Path target)
      throws IOException {
    MethodChoice choice = methodOptions.choiceWithoutInput(methods);
    if (choice.all()) {
      throw new UsageException("--method all: name the methods that the file is to have.");
    }
    Objective objective = objectives.base().withOutput(index);
    objective = twoClasses ? objective.asTwoClasses() : objective;
    List<Shape> shapes = model.exportedShapes(options);
    ResolvedObjective units = model.objective(objective, shapes);
    maps.checkLayers(units, choice.methods());
    maps.checkTokens(units, choice.methods(), units.network().inputs().get(0));
    objectives.check(model, shapes, index);
    objective = objectives.of(objective, units, ExportFileOptions.names(options));
    ExplainOptions explaining = maps.explainOptions().withObjective(objective);
    try (Explainer explainer = choice.explainer(model, explaining)) {
      explainer.export(target, options);
      return check ? explainer.check(target, options) : Map.of();
    }
  }

  private void tellDifferences(Map<String, Double> differences) {
    PrintWriter out = spec.commandLine().getOut();
    differences.forEach(
        (output, difference) ->
            out.printf(
                Locale.ROOT,
                "%s: differs by %.1e of its largest value%n",
                Printable.name(output),
                difference));
    out.flush();
    for (Map.Entry<String, Double> entry : differences.entrySet()) {
      if (!(entry.getValue() <= (written.isHalf() ? LARGEST_OF_HALF : LARGEST))) {
        throw new UnsupportedModelException(
            "ONNX Runtime computes another %s of the file than here."
                .formatted(Printable.name(entry.getKey())));
      }
    }
  }

  /** Says what was written, as the file itself says it. */
  private static void tell(Path target, PrintWriter err) throws IOException {
    long bytes = Files.size(target);
    try (Model model = Model.load(target)) {
      err.printf("Wrote %s: %,d bytes; %s%n", target, bytes, ExportedText.of(model.metadata()));
      err.flush();
    }
  }
}
