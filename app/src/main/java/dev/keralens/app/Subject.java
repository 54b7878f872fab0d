package dev.keralens.app;

import dev.keralens.ExportedExplainer;
import dev.keralens.Model;
import dev.keralens.applications.Preprocessing;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.inspect.logits.Logits;
import dev.keralens.network.Network;
import dev.keralens.objective.Objective;
import dev.keralens.objective.ResolvedObjective;
import dev.keralens.runtime.CompiledGraph;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model that was opened, and what it is asked about.
 *
 * @param model the model; of an exported explainer, the model alone
 * @param exported the explainer, where the file is an exported one
 * @param network the model at the size of the inputs
 * @param pixels what pixels go through before the model
 * @param output the position of the output that is looked at
 * @param classes what its units are called
 */
record Subject(
    Model model,
    @Nullable ExportedExplainer exported,
    Inputs inputs,
    Network network,
    Pixels pixels,
    int output,
    ClassNames classes)
    implements AutoCloseable {

  /**
   * Opens a model and prepares its inputs.
   *
   * @param keepsGoing whether a file that is named and cannot be read is left out
   * @param named what class names are of
   * @param err is told how images are preprocessed, where the user did not say
   */
  @SuppressWarnings("MustBeClosed")
  static Subject open(
      ModelOptions options, InputFiles files, boolean keepsGoing, Objective named, PrintWriter err)
      throws IOException {
    CompiledGraph.preload();
    Model file = options.open(err);
    ExportedExplainer exported = ExportedExplainer.is(file) ? ExportedExplainer.of(file) : null;
    Model model = exported == null ? file : exported.model();
    try {
      ArrayInput array = ArrayInput.read(files.files(), model, options);
      InputFormat format = array == null ? InputFormat.of(model, options.size()) : null;
      if (format != null) {
        ImageInputs.checkSize(model.name(), format);
        InputFormat.noteOtherSize(model, options.size(), err);
      }
      Shape shape = array != null ? array.shape() : Objects.requireNonNull(format).shape();
      Network network = model.network(List.of(shape));
      Pixels pixels = Pixels.of(options, model, network);
      Inputs inputs =
          array != null
              ? array.preprocessed(pixels, err)
              : images(
                  files.files(),
                  Objects.requireNonNull(format),
                  pixels,
                  options.depth().depth(pixels, format.type()),
                  keepsGoing,
                  err);
      int outputs = network.outputs().size();
      if (options.output() >= outputs) {
        throw new UsageException(
            "--output-index %d: %s has %d outputs, counted from 0."
                .formatted(options.output(), model.name(), outputs));
      }
      int count = units(network, options.output(), named);
      Path classes = options.classes();
      return new Subject(
          model,
          exported,
          inputs,
          network,
          pixels,
          options.output(),
          classes == null
              ? classes(options, exported, count, err)
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
      ModelOptions options, @Nullable ExportedExplainer exported, int units, PrintWriter err)
      throws IOException {
    if (exported != null && exported.classes().size() == units) {
      return ClassNames.of(exported.classes());
    }
    Optional<NamedNetwork> named = options.named();
    return named.isPresent()
        ? named.get().classes(units, err, options.progress())
        : ClassNames.none();
  }

  private static Inputs images(
      List<InputFile> files,
      InputFormat format,
      Pixels pixels,
      Depth depth,
      boolean keepsGoing,
      PrintWriter err) {
    pixels.check(format.channels());
    pixels.print(err);
    Preprocessing after = depth.isSixteen() ? Preprocessing.NONE : pixels.preprocessing();
    return new ImageInputs(files, format, after, depth, keepsGoing);
  }

  /**
   * What is explained, at the size of the inputs.
   *
   * @throws UsageException if the model has nothing of the kind
   */
  ResolvedObjective objective(Objective objective) {
    try {
      return model.objective(objective, List.of(inputs.shape()));
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    } catch (UnsupportedModelException e) {
      throw new UnsupportedModelException(model.name() + ": " + e.getMessage(), e);
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
