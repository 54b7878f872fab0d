package dev.keralens.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.keralens.Model;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.inspect.InputScaling;
import dev.keralens.inspect.InputScaling.Certainty;
import dev.keralens.inspect.Summary;
import dev.keralens.network.InputSpec;
import dev.keralens.network.Network;
import dev.keralens.objective.Objective;
import dev.keralens.text.Printable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code keralens inspect}: what a model consists of. */
@Command(
    name = "inspect",
    header = "Lists the layers of a model.",
    description =
        "Prints the layers, their shapes and parameters, and marks what is explained unless"
            + " something else is named: the logits, the pooling layer, the activation.",
    footer = {
      "",
      "Examples:",
      "  keralens inspect model.keras",
      "  keralens inspect model.h5 --json"
    })
final class InspectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", converter = ModelPath.class, description = WeightsOptions.MODEL)
  private Path file = Path.of("");

  @Mixin private WeightsOptions weights = new WeightsOptions();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(
      names = "--size",
      paramLabel = "HxW",
      description = "Show shapes at this size of an image.")
  private @Nullable String size;

  @Option(
      names = "--shape",
      split = ",",
      paramLabel = "[NAME=]SIZES",
      description =
          "Show shapes for an input of these sizes, the batch first, such as 1x1000x4; of several"
              + " inputs text=1x20. Default: 224x224 for images, 256 for other sizes that are"
              + " open.")
  private List<String> shapes = List.of();

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    Size wanted = size == null ? null : Size.of("--size", size);
    try (Model model = weights.open(file, spec.commandLine().getErr(), true)) {
      List<Shape> shapes = OpenSizes.of(model, wanted, this.shapes, spec.commandLine().getErr());
      Network network = model.network(shapes);
      Summary summary =
          Summary.of(model.name(), model.inputs(), network, model.outputNames(shapes));
      Map<String, InputScaling> scalings = scalings(model, network);
      if (json) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("format", model.format());
        if (isExported(model)) {
          object.put("exported", model.metadata());
        }
        object.putAll(SummaryJson.of(summary));
        detections(model, network, shapes).ifPresent(found -> object.put("detects", found));
        object.put("pixels", scalings.values().stream().map(SummaryJson::of).toList());
        out.println(
            new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValueAsString(object));
      } else {
        print(out, "Format: " + model.format());
        if (isExported(model)) {
          print(out, "Exported: " + Printable.visible(ExportedText.of(model.metadata())));
        }
        printPixels(out, model, scalings);
        detections(model, network, shapes)
            .ifPresent(found -> print(out, "Detects: " + found + " (explain --box)"));
        OptionalInt width = Terminal.width();
        out.print(width.isPresent() ? summary.toString(width.getAsInt()) : summary.toString());
      }
      out.flush();
    }
    return 0;
  }

  private static Optional<String> detections(Model model, Network network, List<Shape> shapes) {
    return Objective.detections(network, model.outputNames(shapes));
  }

  private static boolean isExported(Model model) {
    return model.metadata().containsKey("keralens.version");
  }

  /** What pixels the inputs take, by their names; of those that take pictures. */
  private static Map<String, InputScaling> scalings(Model model, Network network) {
    Map<String, InputScaling> scalings = new LinkedHashMap<>();
    for (int i = 0; i < model.inputs().size(); i++) {
      InputSpec input = model.inputs().get(i);
      InputScaling.of(input, network, i).ifPresent(found -> scalings.put(input.name(), found));
    }
    return scalings;
  }

  /** A line for what a task has with it, also where it is not read. */
  private static String preprocessor(Model model) {
    try {
      return model.imageConverter().map(own -> "Preprocessor: pictures are " + own).orElse("");
    } catch (UnsupportedModelException e) {
      return "Preprocessor: " + e.getMessage();
    }
  }

  private static void printPixels(
      PrintWriter out, Model model, Map<String, InputScaling> scalings) {
    boolean several = model.inputs().size() > 1;
    String preprocessor = preprocessor(model);
    if (!preprocessor.isEmpty()) {
      print(out, preprocessor);
    }
    boolean told = !preprocessor.isEmpty();
    scalings.forEach(
        (input, found) ->
            print(
                out,
                "Takes"
                    + (several ? " as " + Printable.name(input) : "")
                    + ": "
                    + (told && found.certainty() == Certainty.OPEN
                        ? "pixels as its preprocessor gives them"
                        : found)));
  }

  private static void print(PrintWriter out, String line) {
    out.println(Terminal.line(line));
  }
}
