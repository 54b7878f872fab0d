package dev.keralens.app;

import dev.keralens.ExportedExplainer;
import dev.keralens.Model;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.inspect.Logits;
import dev.keralens.network.InputSpec;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.objective.Objective;
import dev.keralens.objective.ResolvedObjective;
import dev.keralens.runtime.engine.CompiledGraph;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model that was opened, and what it is asked about.
 *
 * @param model the model; of an exported explainer, the model alone
 * @param exported the explainer, where the file is an exported one
 * @param network the model at the size of the inputs
 * @param pixels what pixels go through before the explained input
 * @param explained the position of the input that is explained
 * @param output the position of the output that is looked at
 * @param classes what its units are called
 */
record Subject(
    Model model,
    @Nullable ExportedExplainer exported,
    Inputs inputs,
    Network network,
    Pixels pixels,
    int explained,
    int output,
    ClassNames classes)
    implements AutoCloseable {

  /** Says what class names are of. */
  @FunctionalInterface
  interface Naming {
    /**
     * What they are of.
     *
     * @param names what the outputs are called
     * @param output the position of the output that is looked at
     */
    Objective of(Network network, List<String> names, int output);
  }

  /**
   * Opens a model and prepares its inputs.
   *
   * @param keepsGoing whether a file that is named and cannot be read is left out
   * @param naming says what class names are of
   * @param err is told how images are preprocessed, where the user did not say
   */
  @SuppressWarnings("MustBeClosed")
  static Subject open(
      ModelOptions options, NamedInputs files, boolean keepsGoing, Naming naming, PrintWriter err)
      throws IOException {
    CompiledGraph.preload();
    Model file = options.open(err);
    ExportedExplainer exported = ExportedExplainer.is(file) ? ExportedExplainer.of(file) : null;
    Model model = exported == null ? file : exported.model();
    try {
      int explained = files.explained(model);
      OpenedInputs opened = OpenedInputs.of(options, files, keepsGoing, model, err);
      Network network = opened.network();
      Inputs inputs = opened.inputs(explained, files.isChosen(model), err);
      int output = output(options.output(), model, inputs.shapes());
      Objective named = naming.of(network, model.outputNames(inputs.shapes()), output);
      int count = units(network, output, named);
      Path classes = options.classes();
      return new Subject(
          model,
          exported,
          inputs,
          network,
          opened.pixels().get(explained),
          explained,
          output,
          classes == null
              ? classes(options, model, exported, count, err)
              : ClassNames.read(classes, count));
    } catch (IOException | RuntimeException e) {
      close(model, exported);
      throw e;
    }
  }

  /** How many units there are to name; the last axis is as good as any where it is not known. */
  private static int units(Network network, int position, Objective named) {
    Shape output = network.outputs().get(position).shape();
    try {
      return named.withOutput(position).resolve(network).units();
    } catch (IllegalArgumentException | UnsupportedModelException e) {
      return output.rank() < 2 ? 1 : output.size(-1);
    }
  }

  /** Published networks and exported files bring the names of their classes. */
  private static ClassNames classes(
      ModelOptions options,
      Model model,
      @Nullable ExportedExplainer exported,
      int units,
      PrintWriter err)
      throws IOException {
    if (exported != null && exported.classes().size() == units) {
      return ClassNames.of(exported.classes());
    }
    Optional<ClassNames> own = ClassNames.ofMetadata(model.metadata(), units);
    if (own.isPresent()) {
      return own.get();
    }
    Optional<NamedNetwork> named = options.named();
    return named.isPresent()
        ? named.get().classes(units, err, options.progress())
        : ClassNames.none();
  }

  /**
   * The position of the output of a name or number; the first where none is given.
   *
   * @throws UsageException if there is no such output
   */
  static int output(@Nullable String given, Model model, List<Shape> shapes) {
    List<String> names = model.outputNames(shapes);
    if (given == null || names.contains(given)) {
      return given == null ? 0 : names.indexOf(given);
    }
    if (given.matches("\\d{1,6}")) {
      int number = Integer.parseInt(given);
      if (number < names.size()) {
        return number;
      }
      throw new UsageException(
          "--output-name %s: %s has %d %s, counted from 0: %s."
              .formatted(
                  given,
                  model.name(),
                  names.size(),
                  names.size() == 1 ? "output" : "outputs",
                  String.join(", ", names)));
    }
    throw Choice.unknown(names, "output of " + model.name(), given);
  }

  /**
   * What is explained, at the size of the inputs.
   *
   * @throws UsageException if the model has nothing of the kind
   */
  ResolvedObjective objective(Objective objective) {
    try {
      return model.objective(objective, inputs.shapes());
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    } catch (UnsupportedModelException e) {
      throw new UnsupportedModelException(model.name() + ": " + e.getMessage(), e);
    }
  }

  /** The input that is explained, in the network. */
  KerasTensor explainedInput() {
    return network.inputs().get(explained);
  }

  /** What the model's inputs are called. */
  List<String> inputNames() {
    return model.inputs().stream().map(InputSpec::name).toList();
  }

  /** What the output is called that is looked at. */
  String outputName() {
    return model.outputNames(inputs.shapes()).get(output);
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
    close(model, exported);
  }

  private static void close(Model model, @Nullable ExportedExplainer exported) {
    if (exported == null) {
      model.close();
    } else {
      exported.close();
    }
  }
}
