package dev.keralens.app;

import dev.keralens.Model;
import dev.keralens.applications.Preprocessing;
import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Network;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.inspect.Logits;
import dev.keralens.inspect.UnitAxis;
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
 * @param network the model at the size of the inputs
 * @param pixels what pixels go through before the model
 * @param output the position of the output that is looked at
 * @param classes what its units are called
 */
record Subject(
    Model model, Inputs inputs, Network network, Pixels pixels, int output, ClassNames classes)
    implements AutoCloseable {

  /**
   * Opens a model and prepares its inputs.
   *
   * @param keepsGoing whether a file that is named and cannot be read is left out
   * @param unitAxis the axis of the units that is named; null for the one that the model proves
   * @param err is told how images are preprocessed, where the user did not say
   */
  @SuppressWarnings("MustBeClosed")
  static Subject open(
      ModelOptions options,
      InputFiles files,
      boolean keepsGoing,
      @Nullable Integer unitAxis,
      PrintWriter err)
      throws IOException {
    CompiledGraph.preload();
    Model model = options.open(err);
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
      int units = units(network, network.outputs().get(options.output()), unitAxis);
      Path classes = options.classes();
      return new Subject(
          model,
          inputs,
          network,
          pixels,
          options.output(),
          classes == null ? classes(options, units, err) : ClassNames.read(classes, units));
    } catch (IOException | RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /** How many units there are to name; the last axis is as good as any where it is not known. */
  private static int units(Network network, KerasTensor output, @Nullable Integer unitAxis) {
    try {
      return UnitAxis.of(network, output, unitAxis).units(output);
    } catch (IllegalArgumentException | UnsupportedModelException e) {
      return output.shape().size(-1);
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

  /** Says after the results what may be wrong with them. */
  void printDoubt(PrintWriter err) {
    if (inputs instanceof ImageInputs) {
      pixels.printDoubt(err);
    }
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
