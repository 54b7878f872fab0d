package dev.keralens.app;

import dev.keralens.ExplainOptions;
import dev.keralens.Prefetch;
import dev.keralens.inspect.Logits;
import dev.keralens.runtime.GraphExecutionException;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
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
    description = "Prints the five highest units of each image, and writes all of them with -o.",
    footer = {
      "",
      "Examples:",
      "  keralens predict cat.jpg --model mobilenet.keras --preprocess tf --classes names.json",
      "  keralens predict photos --model mobilenet_v2 -o scores.npy",
      "  keralens predict x.npy --model model.h5 -o scores.npy"
    })
final class PredictCommand implements Callable<Integer> {
  private static final int SHOWN = 5;

  @Spec private CommandSpec spec;

  @Mixin private ModelOptions options = new ModelOptions();
  @Mixin private InputOptions inputOptions = new InputOptions();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE.npy",
      description = "Write the model's output to this file.")
  private @Nullable String output;

  @Override
  public Integer call() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    PrintWriter out = spec.commandLine().getOut();
    options.check();
    Output array = output == null ? null : Output.array(output);
    InputFiles files = inputOptions.files(array == null ? null : array.path(), err);
    if (array != null) {
      List<Path> sources = new ArrayList<>(files.paths());
      sources.add(options.file());
      array.check(sources);
    }
    try (Subject subject = Subject.open(options, files, inputOptions.keepGoing(), null, err)) {
      if (!subject.isClassifier() && array == null) {
        throw new UsageException(
            "The output of %s is %s, not scores of units; write it with -o scores.npy."
                .formatted(
                    subject.model().name(),
                    subject.network().outputs().get(subject.output()).shape()));
      }
      int images = subject.inputs().count();
      Unread unread = new Unread(images);
      List<Integer> places = new ArrayList<>();
      OutputRows rows = subject.rows();
      Tensor scores = predict(subject, rows, places, unread, err);
      Tensor all = rows.spread(scores, places, images);
      if (array != null) {
        Npy.write(array.path(), rows.asTheModelGives(all));
      }
      if (subject.isClassifier()) {
        print(subject, scores, places, out);
        out.flush();
      }
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

  /** The output for the images that can be read, whose places are added to a list. */
  private Tensor predict(
      Subject subject, OutputRows rows, List<Integer> places, Unread unread, PrintWriter err)
      throws IOException {
    ExplainOptions batches = ExplainOptions.defaults().withBatchSize(options.batchSize());
    int images = subject.inputs().count();
    List<Tensor> parts = new ArrayList<>();
    try (Prefetch<Inputs.Batch> read = subject.inputs().batches(options.batchSize());
        ProgressBar progress = new ProgressBar(err, options.progress(), images)) {
      while (read.hasNext()) {
        Inputs.Batch batch = read.next();
        unread.add(batch);
        if (!batch.isEmpty()) {
          List<Tensor> outputs = subject.model().predict(List.of(batch.x()), batches);
          parts.add(rows.imagesFirst(outputs.get(subject.output())));
          places.addAll(batch.images());
        }
        progress.update(batch.end());
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return rows.concat(parts, subject.model().name());
  }

  private static void print(Subject subject, Tensor scores, List<Integer> places, PrintWriter out) {
    boolean probabilities = subject.endsInProbabilities();
    boolean two = subject.areTwoClasses();
    Labels labels =
        subject.ending() == Logits.Ending.LOGARITHM
            ? new Labels(subject.classes(), false, "log probability")
            : new Labels(subject.classes(), probabilities);
    Report report = new Report(labels);
    for (int image = 0; image < scores.size(0); image++) {
      float[] one = scores.row(image).toFloatArray();
      float[] row = two ? classes(one[0], probabilities) : one;
      int[] highest = highest(row, SHOWN);
      for (int place = 0; place < highest.length; place++) {
        int unit = highest[place];
        report.add(subject.inputs().name(places.get(image)), place, unit, row[unit]);
      }
    }
    report.table().print(out);
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
