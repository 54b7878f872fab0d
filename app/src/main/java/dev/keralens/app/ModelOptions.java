package dev.keralens.app;

import dev.keralens.Model;
import dev.keralens.applications.Preprocessing;
import dev.keralens.runtime.Precision;
import dev.keralens.runtime.RuntimeOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which model, and how it is fed. */
final class ModelOptions {
  private static final SortedMap<String, Precision> PRECISIONS =
      Collections.unmodifiableSortedMap(
          new TreeMap<>(Map.of("float32", Precision.FLOAT32, "float64", Precision.FLOAT64)));

  private static final SortedMap<String, Fit> FITS =
      Collections.unmodifiableSortedMap(
          new TreeMap<>(Map.of("stretch", Fit.STRETCH, "crop", Fit.CROP, "pad", Fit.PAD)));

  @Option(
      names = {"-m", "--model"},
      required = true,
      paramLabel = "FILE",
      converter = ModelPath.class,
      description = WeightsOptions.MODEL)
  private Path file = Path.of("");

  @Mixin private WeightsOptions weights = new WeightsOptions();

  @Option(
      names = "--preprocess",
      paramLabel = "NAME",
      description =
          "How pixels of 0 to 255 become the model's input: none; unit (0 to 1); tf (-1 to 1);"
              + " torch (ImageNet's mean and deviation); caffe (BGR less ImageNet's mean); uint16"
              + " (0 to 65535); or as a network of keras.applications, such as resnet50, does."
              + " Default: what the model's own arithmetic before its first layer with weights"
              + " takes, or the network that its layers are those of; else unit. NumPy arrays are"
              + " used as they are, unless it is named.")
  private @Nullable String preprocess;

  @Mixin private DepthOptions depth = new DepthOptions();

  @Option(
      names = "--size",
      paramLabel = "HxW",
      description = "The size that images are resized to. Default: the model's input.")
  private @Nullable String size;

  @Option(
      names = "--fit",
      paramLabel = "HOW",
      description =
          "What becomes of an image in another proportion than the model's input: stretch, crop"
              + " (what is too much is cut off) or pad (with black). Default: stretch, as Keras"
              + " does; and so it is drawn.")
  private @Nullable String fit;

  @Option(
      names = "--classes",
      paramLabel = "FILE",
      description =
          "What the units are called: a JSON list of names, a JSON object from number to name, or a"
              + " text file with a name on each line.")
  private @Nullable Path classes;

  @Option(
      names = {"--output-name", "--output-index"},
      paramLabel = "NAME",
      description =
          "Which output of a model that has several: its name, or its number from 0 (default: 0);"
              + " 'keralens inspect' lists them.")
  private @Nullable String output;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "8",
      description = "Images that run at once (default: ${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Threads that work together, at most four for each processor. Default: one for each.")
  private @Nullable Integer threads;

  @Mixin private DeviceOptions devices = new DeviceOptions();

  @Option(
      names = "--precision",
      paramLabel = "NUMBERS",
      defaultValue = "float32",
      description =
          "float32, as Keras, or float64: several times slower, to check maps against (default:"
              + " ${DEFAULT-VALUE}).")
  private String precision = "float32";

  @Option(
      names = "--scratch",
      paramLabel = "FOLDER",
      description =
          "Write the weights to a file here while the network is compiled, which takes less"
              + " memory.")
  private @Nullable Path scratch;

  @Option(names = "--no-progress", description = "Show no progress bar.")
  private boolean noProgress;

  /** Checks what can be checked before anything is read. */
  void check() {
    weights.check();
    if (batchSize < 1) {
      throw new UsageException("--batch-size is at least 1, got " + batchSize + ".");
    }
    if (threads != null && threads < 1) {
      throw new UsageException("--threads is at least 1, got " + threads + ".");
    }
    devices.check();
    Choice.of(PRECISIONS, "precision", precision);
    if (scratch != null && !Files.isDirectory(scratch)) {
      throw new UsageException("--scratch is a folder, and there is none at " + scratch + ".");
    }
    if (preprocess != null) {
      Pixels.named(preprocess);
    }
    depth.check(preprocess);
    size();
    fit();
  }

  Path file() {
    return file;
  }

  /** The network that is named in the place of a file, if it is one. */
  Optional<NamedNetwork> named() {
    return NamedNetwork.of(file);
  }

  /** Opens the model; downloads are shown. */
  Model open(PrintWriter err) throws IOException {
    return weights.open(file, err, progress()).withRuntime(devices.applied(runtime(), err));
  }

  private RuntimeOptions runtime() {
    RuntimeOptions options =
        RuntimeOptions.defaults()
            .withPrecision(Choice.of(PRECISIONS, "precision", precision))
            .withScratch(scratch);
    return threads == null
        ? options
        : options.withThreads(Math.min(threads, 4 * Runtime.getRuntime().availableProcessors()));
  }

  @Nullable String preprocess() {
    if (depth.isSixteen()) {
      return Preprocessing.UINT16.label();
    }
    return preprocess;
  }

  DepthOptions depth() {
    return depth;
  }

  @Nullable Size size() {
    return size == null ? null : Size.of("--size", size);
  }

  /** What becomes of images in another proportion. */
  Fit fit() {
    return fit == null ? Fit.STRETCH : Choice.of(FITS, "way to fit", fit);
  }

  /** Refuses to resize or fit what is no image. */
  void checkArray(Path array) {
    String vain = fit != null ? "--fit" : size != null ? "--size" : null;
    if (vain != null) {
      throw new UsageException(
          "%s is for images; the array %s is used as it is.".formatted(vain, array));
    }
  }

  /** Refuses to fit what a task's own preprocessor fits. */
  void checkNotFitted() {
    if (fit != null) {
      throw new UsageException(
          "--fit: the task's own preprocessor says what becomes of pictures; with --preprocess it"
              + " is left out.");
    }
  }

  @Nullable Path classes() {
    return classes;
  }

  /** The output that is named, or its number; null for the first. */
  @Nullable String output() {
    return output;
  }

  int batchSize() {
    return batchSize;
  }

  boolean progress() {
    return !noProgress;
  }
}
