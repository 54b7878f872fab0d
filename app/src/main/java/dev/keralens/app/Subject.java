package dev.keralens.app;

import dev.keralens.Model;
import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Layer;
import dev.keralens.graph.Network;
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
      int units = network.outputs().get(options.output()).shape().size(-1);
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
      options.depth().checkArray(first);
      return ArrayInput.read(first, model, options.size());
    }
    InputFormat format = InputFormat.of(model, options.size());
    InputFormat.noteOtherSize(model, options.size(), err);
    Network network = model.network(List.of(format.shape()));
    Optional<Layer> scaling = Preprocessing.ownScaling(network, network.inputs().get(0));
    Optional<String> deep = SixteenBitInput.ground(network, network.inputs().get(0));
    Optional<String> own = options.named().map(NamedNetwork::preprocessing);
    String name =
        options.preprocess() == null && own.isPresent()
            ? own.get()
            : preprocessing(
                options.givenPreprocess(deep.isPresent() && scaling.isEmpty()), scaling, err);
    Depth depth = options.depth().depth(name, deep, format.type());
    return new ImageInputs(
        files,
        format,
        Choice.of(Preprocessing.byNames(), "preprocessing", name),
        depth,
        keepsGoing);
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

  /** The value that is explained. */
  KerasTensor target(boolean ofOutput) {
    return ofOutput ? network.outputs().get(output) : Logits.of(network, output);
  }

  /** Whether the model ends in a softmax or sigmoid, so that its output is probabilities. */
  boolean endsInProbabilities() {
    return Logits.of(network, output).value() != network.outputs().get(output).value();
  }

  /** Whether the output is (batch, unit). */
  boolean isClassifier() {
    return network.outputs().get(output).shape().rank() == 2;
  }

  @Override
  public void close() {
    model.close();
  }
}
