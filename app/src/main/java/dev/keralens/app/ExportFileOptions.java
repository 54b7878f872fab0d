package dev.keralens.app;

import dev.keralens.ExportOptions;
import dev.keralens.Model;
import dev.keralens.PictureFormat;
import dev.keralens.applications.Preprocessing;
import dev.keralens.converter.ImageConverter;
import dev.keralens.graph.Shape;
import dev.keralens.inspect.InputScaling;
import dev.keralens.network.InputSpec;
import dev.keralens.network.Network;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What an exported file is like: units, sizes, pixels, operator set, weights. */
final class ExportFileOptions {
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
      names = "--size",
      paramLabel = "HxW",
      description = "The size of the input, where the model leaves it open.")
  private @Nullable String size;

  @Option(
      names = "--open-size",
      description =
          "Leave the size open in the file, where the model leaves it open: the file takes any that"
              + " is a multiple of a step, which it says. Refused where a size decides more.")
  private boolean open;

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
      names = "--external-data",
      description = "Write the weights into a second file, FILE.onnx.data: for more than 2 GiB.")
  private boolean external;

  @Option(names = "--force", description = "Replace a file that was not exported by Keralens.")
  private boolean force;

  /** Whether weights lose precision. */
  boolean isHalf() {
    return half;
  }

  /** Refuses values that are none. */
  void check() {
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

  /** Where the file is written. */
  static Path target(String output) {
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

  /** The options for a model. */
  ExportOptions options(Path file, Model model, int index, boolean twoClasses, PrintWriter err)
      throws IOException {
    ExportOptions options;
    try {
      options = ExportOptions.defaults().withOpset(opset);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--opset: " + e.getMessage(), e);
    }
    options = options.withExternalData(external).withReplacing(force).withHalfWeights(half);
    if (size != null && open) {
      throw new UsageException("--size and --open-size: a file has one size, or leaves it open.");
    }
    if (open
        && model.inputs().stream()
            .allMatch(input -> input.sizes().stream().allMatch(Objects::nonNull))) {
      throw new UsageException(
          "--open-size has no effect: %s leaves no size open, it takes %s."
              .formatted(model.name(), model.inputs()));
    }
    options = options.withOpenSizes(open);
    if (size != null) {
      options = options.withShapes(shapes(model, Size.of("--size", size)));
    }
    Optional<NamedNetwork> named = NamedNetwork.of(file);
    options = pixels(file, model, options, named);
    int available = units(file, model, options, index, twoClasses);
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
  private ExportOptions pixels(
      Path file, Model model, ExportOptions options, Optional<NamedNetwork> named) {
    Optional<Preprocessing> known =
        preprocess != null
            ? Optional.of(Pixels.named(preprocess))
            : named.map(NamedNetwork::preprocessing);
    ImageConverter own = known.isPresent() ? null : Pixels.converter(model);
    if (own != null && embed) {
      throw new UsageException(
          "--embed-preprocessing: pictures go through the task's own preprocessor (%s), which is not written into a file; say what pixels go through with --preprocess."
              .formatted(own));
    } else if (own != null) {
      return options.withPreprocessing(own.toString());
    }
    if (known.isPresent() && !embed) {
      return options.withPreprocessing(known.get().label());
    } else if (!embed) {
      return options;
    }
    if (known.isEmpty()) {
      known =
          InputScaling.of(model.inputs().get(0), network(file, model, options), 0)
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

  private static Network network(Path file, Model model, ExportOptions options) {
    try {
      return model.network(model.exportedShapes(options));
    } catch (IllegalArgumentException e) {
      throw new UsageException("%s: %s".formatted(file, Failures.message(e)), e);
    }
  }

  /** The number of units that have names: those of the last axis of the explained output. */
  private static int units(
      Path file, Model model, ExportOptions options, int index, boolean twoClasses) {
    Network network = network(file, model, options);
    int outputs = network.outputs().size();
    if (index < 0 || index >= outputs) {
      throw new UsageException(
          "--output-index %d: %s has %d outputs, counted from 0."
              .formatted(index, model.name(), outputs));
    }
    Shape shape = network.outputs().get(index).shape();
    return twoClasses ? 2 : shape.rank() < 2 ? 1 : shape.size(-1);
  }

  static ClassNames names(ExportOptions options) {
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
      int height = InputFormat.order(model, input) == PictureFormat.Order.CHANNELS_FIRST ? 1 : 0;
      sizes.set(height, wanted.height());
      sizes.set(height + 1, wanted.width());
      shapes.add(new InputSpec(input.name(), input.type(), sizes).shape());
    }
    return shapes;
  }
}
