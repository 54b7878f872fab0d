package dev.keralens.app;

import dev.keralens.ExplainOptions;
import dev.keralens.Model;
import dev.keralens.Prefetch;
import dev.keralens.inspect.Logits;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.objective.BoxForm;
import dev.keralens.objective.DetectedBoxes;
import dev.keralens.objective.Objective;
import dev.keralens.runtime.GraphExecutionException;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Npz;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keralens predict}: the model's output. */
@Command(
    name = "predict",
    header = "Says what a model predicts.",
    description =
        "Prints the highest units of each image; of other outputs the highest unit of each step, in"
            + " how much of a map each unit is the highest, the boxes of a detector, or the range."
            + " Writes all with -o.",
    footer = {
      "",
      "Examples:",
      "  keralens predict cat.jpg --model mobilenet.keras --preprocess tf --classes names.json",
      "  keralens predict photos --model mobilenet_v2 -o scores.npy",
      "  keralens predict x.npy --model model.h5 -o scores.npy",
      "  keralens predict photos --model mobilenet_v2 --top 3 --csv scores.csv"
    })
final class PredictCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ModelOptions options = new ModelOptions();
  @Mixin private InputOptions inputOptions = new InputOptions();
  @Mixin private TextOptions textOptions = new TextOptions();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description =
          "Write the model's output to this file: .npy, or .npz with outputs, logits where they are"
              + " known, and names.")
  private @Nullable String output;

  @Mixin private TableOptions tables = new TableOptions();

  @Option(
      names = "--top",
      paramLabel = "K",
      defaultValue = "5",
      description = "How many units of each image are shown (default: ${DEFAULT-VALUE}).")
  private int top;

  @Option(
      names = "--box-form",
      paramLabel = "FORM",
      description =
          "What the numbers of a detector's boxes are, as 'explain' has it. Default: what the model"
              + " proves.")
  private @Nullable String form;

  @Option(
      names = "--box-background",
      paramLabel = "UNIT",
      description =
          "The class of a detector's boxes that stands for no object, which are left out.")
  private @Nullable Integer background;

  @Override
  public Integer call() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    PrintWriter out = spec.commandLine().getOut();
    options.check();
    if (top < 1) {
      throw new UsageException("--top is at least 1, got " + top + ".");
    }
    if (textOptions.isAsked()) {
      inputOptions.refuse("--text");
      TextOptions.check(spec.commandLine().getParseResult().matchedOptions());
      if (output != null) {
        throw new UsageException("-o has no effect with --text: the units are printed.");
      }
      try (TextRun run = TextRun.open(options, textOptions, err)) {
        run.predict(top, out);
      }
      return 0;
    }
    Output array = output == null ? null : Output.array(output);
    NamedInputs files = inputOptions.files(array == null ? null : array.path(), err);
    List<Path> sources = new ArrayList<>(files.paths());
    sources.add(options.file());
    if (array != null) {
      array.check(sources);
    }
    tables.check(sources, array == null ? null : array.path());
    BoxForm boxForm = PictureObjective.form(form);
    try (Subject subject =
        Subject.open(
            options,
            files,
            inputOptions.keepGoing(),
            (network, names, at) ->
                DetectedBoxes.of(network, names, at, boxForm).isPresent()
                    ? PictureObjective.classes(boxForm)
                    : Objective.output(),
            err)) {
      boolean boxes = OutputTable.areBoxes(subject, boxForm);
      if (form != null && !boxes) {
        throw new UsageException(
            "--box-form %s has no effect: the outputs of %s are no such boxes."
                .formatted(form, subject.model().name()));
      }
      if (background != null && !boxes) {
        throw new UsageException(
            "--box-background has no effect: the outputs of %s are no boxes."
                .formatted(subject.model().name()));
      }
      boolean units = subject.isClassifier() && !boxes;
      OutputTable other = units ? null : OutputTable.of(subject, boxForm, background, top);
      int images = subject.inputs().count();
      Unread unread = new Unread(images);
      List<Integer> places = new ArrayList<>();
      OutputRows rows = subject.rows();
      Predicted predicted = predict(subject, rows, places, unread, other, err);
      Tensor all = rows.spread(predicted.outputs(), places, images);
      if (array != null) {
        write(array, subject, rows.asTheModelGives(all), predicted, places);
      }
      if (other == null) {
        print(subject, predicted, places, out, err);
      } else {
        print(subject, other, out, err);
      }
      out.flush();
      if (array != null) {
        err.printf("Wrote %s: scores %s%n", array.path(), rows.describe(all, places));
      }
      subject.inputs().print(err);
      unread.print(err);
      return Math.max(files.exitCode(), unread.exitCode());
    } catch (GraphExecutionException e) {
      throw new IOException("%s: %s".formatted(options.file(), e.getMessage()), e);
    }
  }

  /**
   * What a model gives.
   *
   * @param logits what its outputs are made of; null where that is not known
   */
  private record Predicted(Tensor outputs, @Nullable Tensor logits) {}

  /** The output for the images that can be read, whose places are added to a list. */
  private Predicted predict(
      Subject subject,
      OutputRows rows,
      List<Integer> places,
      Unread unread,
      @Nullable OutputTable other,
      PrintWriter err)
      throws IOException {
    ExplainOptions batches = ExplainOptions.defaults().withBatchSize(options.batchSize());
    int images = subject.inputs().count();
    List<Tensor> parts = new ArrayList<>();
    List<Tensor> logits = new ArrayList<>();
    int output = other == null ? 0 : subject.output();
    try (Model model =
            other == null ? withLogits(subject) : subject.model().expose(Network::outputs);
        Prefetch<Inputs.Batch> read = subject.inputs().batches(options.batchSize());
        ProgressBar progress = new ProgressBar(err, options.progress(), images)) {
      while (read.hasNext()) {
        Inputs.Batch batch = read.next();
        unread.add(batch);
        if (!batch.isEmpty()) {
          List<Tensor> outputs = model.predict(batch.all(), batches);
          parts.add(rows.imagesFirst(outputs.get(output)));
          if (other == null) {
            logits.addAll(outputs.subList(1, outputs.size()));
          } else {
            other.add(batch, outputs);
          }
          places.addAll(batch.images());
        }
        progress.update(batch.end());
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return new Predicted(
        rows.concat(parts, subject.model().name()),
        logits.isEmpty() ? null : Tensor.concat(logits));
  }

  /** The model with the one output, and with its logits, where they lie in it as they are. */
  @SuppressWarnings("ReferenceEquality") // The very network: nothing was added to it.
  private static Model withLogits(Subject subject) {
    int output = subject.output();
    boolean classifier = subject.isClassifier();
    return subject
        .model()
        .expose(
            network -> {
              Logits logits = Logits.of(network, output);
              KerasTensor given = network.outputs().get(output);
              boolean within =
                  classifier
                      && logits.isFound()
                      && logits.network() == network
                      && logits.tensor().shape().equals(given.shape());
              return within ? List.of(given, logits.tensor()) : List.of(given);
            });
  }

  private static void write(
      Output file, Subject subject, Tensor outputs, Predicted predicted, List<Integer> places)
      throws IOException {
    if (file.kind() == Output.Kind.ARRAY) {
      Npy.write(file.path(), outputs);
      return;
    }
    int images = subject.inputs().count();
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    arrays.put("outputs", outputs);
    if (predicted.logits() != null) {
      arrays.put("logits", ArrayWriter.spread(predicted.logits(), places, images));
    }
    List<String> names = IntStream.range(0, images).mapToObj(subject.inputs()::name).toList();
    new Npz(arrays, Map.of("names", names)).write(file.path());
  }

  private void print(Subject subject, OutputTable other, PrintWriter out, PrintWriter err)
      throws IOException {
    if (!tables.takesStandardOutput()) {
      other.table().print(out);
    }
    err.printf(
        "keralens: the output %s of %s is %s: %s%n",
        subject.outputName(),
        subject.model().name(),
        subject.network().outputs().get(subject.output()).shape(),
        other.note());
    err.flush();
    tables.writeRows(other.rows(), out, err);
  }

  private void print(
      Subject subject, Predicted predicted, List<Integer> places, PrintWriter out, PrintWriter err)
      throws IOException {
    boolean probabilities = subject.endsInProbabilities();
    Logits.Ending ending = subject.ending();
    Tensor logits = ending == Logits.Ending.SCORE ? predicted.outputs() : predicted.logits();
    boolean beside = predicted.logits() != null;
    String title =
        ending == Logits.Ending.LOGARITHM
            ? "log probability"
            : probabilities ? "probability" : "score";
    Report report =
        new Report(subject.classes(), beside ? List.of("score", title) : List.of(title));
    Results results =
        new Results(
            subject.inputs(),
            subject.classes(),
            true,
            logits != null,
            probabilities,
            new ArrayList<>());
    for (int image = 0; image < places.size(); image++) {
      float[] row = row(subject, predicted.outputs(), image, probabilities);
      float[] below = logits == null ? row : row(subject, logits, image, false);
      int[] highest = highest(row, top);
      for (int place = 0; place < highest.length; place++) {
        int unit = highest[place];
        results.add(places.get(image), null, unit, below[unit], row[unit]);
        report.add(
            subject.inputs().name(places.get(image)),
            place,
            unit,
            beside ? List.of(below[unit], row[unit]) : List.of(row[unit]));
      }
    }
    if (!tables.takesStandardOutput()) {
      report.table().print(out);
    }
    tables.write(results.all(), out, err);
  }

  private static float[] row(Subject subject, Tensor all, int image, boolean probabilities) {
    float[] one = all.row(image).toFloatArray();
    return subject.areTwoClasses() ? classes(one[0], probabilities) : one;
  }

  /** The scores of the two classes that one unit tells of. */
  private static float[] classes(float unit, boolean probability) {
    return new float[] {probability ? 1 - unit : -unit, unit};
  }

  /** The places of the highest elements, the highest first; of equal ones the first first. */
  static int[] highest(float[] row, int count) {
    return IntStream.range(0, row.length)
        .boxed()
        .sorted(Comparator.comparing((Integer unit) -> -row[unit]))
        .limit(count)
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
