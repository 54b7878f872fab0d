package dev.keralens.app;

import dev.keralens.ExplainOptions;
import dev.keralens.Model;
import dev.keralens.graph.Layer;
import dev.keralens.graph.Network;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.inspect.Logits;
import dev.keralens.runtime.CompiledGraph;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model that was opened, and what it is asked about.
 *
 * @param network the model at the size of the inputs
 * @param output the position of the output that is looked at
 * @param classes what its units are called
 */
record Subject(Model model, Inputs inputs, Network network, int output, ClassNames classes)
    implements AutoCloseable {

  /**
   * Opens a model and prepares its inputs.
   *
   * @param keepsGoing whether a file that is named and cannot be read is left out
   * @param err is told how images are preprocessed, where the user did not say
   */
  @SuppressWarnings("MustBeClosed")
  static Subject open(ModelOptions options, InputFiles files, boolean keepsGoing, PrintWriter err)
      throws IOException {
    CompiledGraph.preload();
    Model model = options.open(err);
    try {
      Inputs inputs = inputs(model, options, files.files(), keepsGoing, err);
      Network network = model.network(List.of(inputs.shape()));
      int outputs = network.outputs().size();
      if (options.output() >= outputs) {
        throw new UsageException(
            "--output-index %d: %s has %d outputs, counted from 0."
                .formatted(options.output(), model.name(), outputs));
      }
      int units = units(network.outputs().get(options.output()).shape());
      Path classes = options.classes();
      return new Subject(
          model,
          inputs,
          network,
          options.output(),
          classes == null ? classes(options, units, err) : ClassNames.read(classes, units));
    } catch (IOException | RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /** Published networks bring the names of their classes. */
  private static ClassNames classes(ModelOptions options, int units, PrintWriter err)
      throws IOException {
    Optional<NamedNetwork> named = options.named();
    return named.isPresent()
        ? named.get().classes(units, err, options.progress())
        : ClassNames.none();
  }

  private static Inputs inputs(
      Model model, ModelOptions options, List<InputFile> files, boolean keepsGoing, PrintWriter err)
      throws IOException {
    Path first = files.get(0).path();
    if (InputFiles.isArray(first)) {
      if (options.preprocess() != null) {
        throw new UsageException(
            "--preprocess is for images; the array %s is used as it is.".formatted(first));
      }
      return ArrayInput.read(first, model, options.size());
    }
    InputFormat format = InputFormat.of(model, options.size());
    Network network = model.network(List.of(format.shape()));
    Optional<Layer> scaling = Preprocessing.ownScaling(network, network.inputs().get(0));
    Optional<String> own = options.named().map(NamedNetwork::preprocessing);
    String name =
        options.preprocess() == null && own.isPresent()
            ? own.get()
            : preprocessing(options.preprocess(), scaling, err);
    return new ImageInputs(
        files, format, Choice.of(Preprocessing.byNames(), "preprocessing", name), keepsGoing);
  }

  private static String preprocessing(
      @Nullable String given, Optional<Layer> scaling, PrintWriter err) {
    String layer =
        scaling.map(l -> "layer '%s' (%s)".formatted(l.name(), l.className())).orElse("");
    if (given == null) {
      String name = scaling.isPresent() ? "none" : "unit";
      err.printf(
          "keralens: --preprocess %s, since the model %s%n",
          name,
          scaling.isPresent()
              ? "scales its input itself, by its " + layer
              : "does not begin with a Rescaling or Normalization layer");
      err.flush();
      return name;
    }
    if (scaling.isPresent() && !given.equalsIgnoreCase("none")) {
      err.printf(
          "keralens: --preprocess %s scales the input, and so does the model, by its %s%n",
          given, layer);
      err.flush();
    }
    return given;
  }

  /** What is explained of the output, at the size of the inputs. */
  Logits logits(ExplainOptions options) {
    try {
      return options.logits(network).ofImages();
    } catch (UnsupportedModelException e) {
      throw new UnsupportedModelException(model.name() + ": " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--two-classes: " + e.getMessage(), e);
    }
  }

  /** Whether the names are those of two classes, of which the one unit tells. */
  boolean areTwoClasses() {
    return classes.areTwo() && units(network.outputs().get(output).shape()) == 1;
  }

  /** Where the images lie in the output. */
  OutputRows rows() {
    return new OutputRows(network.outputs().get(output).shape());
  }

  /** What the numbers of the output are. */
  Logits.Ending ending() {
    return Logits.of(network, output).ending();
  }

  /** Whether the model ends in a softmax or sigmoid, so that its output is probabilities. */
  boolean endsInProbabilities() {
    return Logits.of(network, output).endsInProbabilities();
  }

  /** Whether the output is (batch, unit), or one number for each image. */
  boolean isClassifier() {
    Shape shape = network.outputs().get(output).shape();
    return shape.rank() <= 2 && shape.rank() >= 1 && shape.size(0) == Shape.BATCH;
  }

  /** The number of units of an output, which lie on its last axis; one where it has no other. */
  private static int units(Shape output) {
    return output.rank() < 2 ? 1 : output.size(-1);
  }

  @Override
  public void close() {
    model.close();
  }
}
