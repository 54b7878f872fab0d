package dev.keralens.app;

import dev.keralens.ExplainOptions;
import dev.keralens.Explainer;
import dev.keralens.ExportOptions;
import dev.keralens.Model;
import dev.keralens.applications.Preprocessing;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.inspect.scaling.InputScaling;
import dev.keralens.network.InputSpec;
import dev.keralens.network.Network;
import dev.keralens.objective.Objective;
import dev.keralens.text.Printable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
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

  @Option(
      names = "--units",
      paramLabel = "HOW",
      defaultValue = "input",
      description =
          "Which units are explained: input, given by an input 'units' (int64, batch x K), or top,"
              + " the highest, which come out as 'saliency_units' (default: ${DEFAULT-VALUE}).")
  private String units = "input";

  @Option(
      names = "--top",
      paramLabel = "K",
      defaultValue = "1",
      description = "How many units are explained of each image (default: ${DEFAULT-VALUE}).")
  private int count;

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
      names = "--size",
      paramLabel = "HxW",
      description = "The size of the input, where the model leaves it open.")
  private @Nullable String size;

  @Option(
      names = "--classes",
      paramLabel = "FILE",
      description = "What the units are called, as for 'explain'; written into the file.")
  private @Nullable Path classes;

  @Option(
      names = "--preprocess",
      paramLabel = "NAME",
      description =
          "What pixels of 0 to 255 go through, as for 'explain': tf, torch, caffe, unit or none."
              + " Default: what the model proves.")
  private @Nullable String preprocess;

  @Option(
      names = "--embed-preprocessing",
      description = "Let the file take pixels of 0 to 255 and preprocess them itself.")
  private boolean embed;

  @Option(
      names = "--opset",
      paramLabel = "N",
      defaultValue = "20",
      description = "ONNX' operator set, 17 to 24 (default: ${DEFAULT-VALUE}).")
  private int opset;

  @Option(
      names = "--float16",
      description =
          "Store the weights in half precision: half the size, and about three exact digits.")
  private boolean half;

  @Option(
      names = "--check",
      description =
          "Run the file in ONNX Runtime beside the model here, on noise, and print the largest"
              + " difference of each output.")
  private boolean check;

  @Option(
      names = "--external-data",
      description = "Write the weights into a second file, FILE.onnx.data: for more than 2 GiB.")
  private boolean external;

  @Option(names = "--force", description = "Replace a file that was not exported by Keralens.")
  private boolean force;

  @Override
  public Integer call() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    Path target = target();
    checkOptions();
    try (Model model = weights.open(file, err, true)) {
      checkTarget(target);
      ExportOptions options = options(model, err);
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

  private Path target() {
    try {
      if (output.toLowerCase(Locale.ROOT).endsWith(".onnx")) {
        return Path.of(output);
      }
    } catch (InvalidPathException e) {
      throw new UsageException(
          "-o %s is no name of a file: %s.".formatted(output, e.getReason()), e);
    }
    throw new UsageException("-o %s: the model is written to a .onnx file.".formatted(output));
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
    if (!units.equalsIgnoreCase("input") && !units.equalsIgnoreCase("top")) {
      throw new UsageException("--units takes input or top, got '%s'.".formatted(units));
    }
    if (count < 1) {
      throw new UsageException("--top is at least 1, got " + count + ".");
    }
    if (preprocess != null) {
      Pixels.named(preprocess);
    }
  }

  /** The name of a published network is no file. */
  private void checkTarget(Path target) throws IOException {
    if (Files.exists(file) && Files.exists(target) && Files.isSameFile(file, target)) {
      throw new UsageException(
          "-o would overwrite %s, which is read; name another output.".formatted(target));
    }
  }

  private ExportOptions options(Model model, PrintWriter err) throws IOException {
    ExportOptions options;
    try {
      options = ExportOptions.defaults().withOpset(opset);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--opset: " + e.getMessage(), e);
    }
    options = options.withExternalData(external).withReplacing(force);
    if (size != null) {
      options = options.withShapes(shapes(model, Size.of("--size", size)));
    }
    Optional<NamedNetwork> named = NamedNetwork.of(file);
    options = pixels(model, options, named);
    int available = units(model, options);
    ClassNames names =
        classes != null
            ? ClassNames.read(classes, available)
            : named.isPresent() ? named.get().classes(available, err, true) : ClassNames.none();
    if (!names.isEmpty()) {
      options = options.withClasses(IntStream.range(0, available).mapToObj(names::name).toList());
    }
    return units.equalsIgnoreCase("top")
        ? options.withHighestUnits(count)
        : options.withUnitsGiven(count);
  }

  /** What pixels go through: in words, or in the file. */
  private ExportOptions pixels(Model model, ExportOptions options, Optional<NamedNetwork> named) {
    Optional<Preprocessing> known =
        preprocess != null
            ? Optional.of(Pixels.named(preprocess))
            : named.map(NamedNetwork::preprocessing);
    if (known.isPresent() && !embed) {
      return options.withPreprocessing(known.get().label());
    } else if (!embed) {
      return options;
    }
    if (known.isEmpty()) {
      known =
          InputScaling.of(model.inputs().get(0), network(model, options), 0)
              .filter(found -> found.certainty() != InputScaling.Certainty.OPEN)
              .map(InputScaling::preprocessing);
    }
    return options.withEmbeddedPreprocessing(
        known.orElseThrow(
            () ->
                new UsageException(
                    "--embed-preprocessing: nothing in %s tells what pixels go through; say it with --preprocess."
                        .formatted(model.name()))));
  }

  private Network network(Model model, ExportOptions options) {
    try {
      return options.shapes().isEmpty() ? model.network() : model.network(options.shapes());
    } catch (IllegalStateException e) {
      throw new UsageException(
          "%s: %s Say it with --size.".formatted(file, Failures.message(e)), e);
    }
  }

  /** The number of units that have names: those of the last axis of the explained output. */
  private int units(Model model, ExportOptions options) {
    Network network = network(model, options);
    int outputs = network.outputs().size();
    if (index < 0 || index >= outputs) {
      throw new UsageException(
          "--output-index %d: %s has %d outputs, counted from 0."
              .formatted(index, model.name(), outputs));
    }
    Shape shape = network.outputs().get(index).shape();
    return twoClasses ? 2 : shape.rank() < 2 ? 1 : shape.size(-1);
  }

  private Map<String, Double> explainer(Model model, ExportOptions options, Path target)
      throws IOException {
    MethodChoice choice = methodOptions.choice(methods);
    if (choice.all()) {
      throw new UsageException("--method all: name the methods that the file is to have.");
    }
    Objective objective = objectives.base().withOutput(index);
    objective = twoClasses ? objective.asTwoClasses() : objective;
    List<Shape> shapes =
        options.shapes().isEmpty()
            ? model.inputs().stream().map(InputSpec::shape).toList()
            : options.shapes();
    objective = objectives.of(objective, model.objective(objective, shapes), names(options));
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
      if (!(entry.getValue() <= (half ? LARGEST_OF_HALF : LARGEST))) {
        throw new UnsupportedModelException(
            "ONNX Runtime computes another %s of the file than here."
                .formatted(Printable.name(entry.getKey())));
      }
    }
  }

  private static ClassNames names(ExportOptions options) {
    return options.classes().isEmpty() ? ClassNames.none() : ClassNames.of(options.classes());
  }

  /** Images of open sizes get the one that is said. */
  private static List<Shape> shapes(Model model, Size wanted) {
    List<Shape> shapes = new ArrayList<>();
    for (InputSpec input : model.inputs()) {
      List<@Nullable Integer> sizes = new ArrayList<>(input.sizes());
      if (sizes.size() != 3) {
        throw new UsageException(
            "%s: --size is for images, and the input is %s.".formatted(model.name(), input));
      }
      int height = InputFormat.order(model, input) == InputFormat.Order.CHANNELS_FIRST ? 1 : 0;
      sizes.set(height, wanted.height());
      sizes.set(height + 1, wanted.width());
      shapes.add(new InputSpec(input.name(), input.type(), sizes).shape());
    }
    return shapes;
  }

  /** Says what was written, as the file itself says it. */
  private static void tell(Path target, PrintWriter err) throws IOException {
    long bytes = Files.size(target);
    try (Model written = Model.load(target)) {
      err.printf("Wrote %s: %,d bytes; %s%n", target, bytes, describe(written.metadata()));
      err.flush();
    }
  }

  /**
   * What an exported file says of itself, in a line.
   *
   * @param metadata its metadata
   */
  static String describe(Map<String, String> metadata) {
    String source = metadata.getOrDefault("keralens.source", "a model");
    String methods = metadata.get("keralens.methods");
    if (methods == null) {
      return source + " alone";
    }
    List<String> parts = new ArrayList<>();
    for (String key : metadata.keySet()) {
      if (key.endsWith(".method")) {
        String map = key.substring("keralens.".length(), key.length() - ".method".length());
        String layer = metadata.get("keralens." + map + ".layer");
        parts.add(
            "%s (%s%s)".formatted(map, metadata.get(key), layer == null ? "" : " of " + layer));
      }
    }
    return "an explainer of %s: %s; units: %s"
        .formatted(source, String.join(", ", parts), metadata.get("keralens.units"));
  }
}
