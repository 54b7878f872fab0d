package dev.keralens.app;

import dev.keralens.ExplainOptions;
import dev.keralens.Explanation;
import dev.keralens.Prefetch;
import dev.keralens.Resize;
import dev.keralens.explain.Method;
import dev.keralens.filter.Filters;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.inspect.ActivationChoice;
import dev.keralens.network.Network;
import dev.keralens.objective.Objective;
import dev.keralens.objective.ResolvedObjective;
import dev.keralens.picture.Picture;
import dev.keralens.runtime.GraphExecutionException;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keralens explain}: maps of where the evidence lies. */
@Command(
    name = "explain",
    header = "Shows why a model predicts what it does.",
    customSynopsis = "keralens explain INPUT... -m FILE -o OUT [OPTIONS]",
    sortOptions = false,
    description =
        "Makes a map of where the evidence lies, for each image, method and unit; prints what was"
            + " explained with its scores.",
    footer = {
      "",
      "Examples:",
      "  keralens explain *.jpg --model mobilenet.keras --preprocess tf \\",
      "           --classes names.json --method gradcam,gradients -o why.png",
      "  keralens explain cat.jpg --model resnet50v2 --method all -o why.png",
      "  keralens explain cat.jpg --model model.h5 --top 3 -o why.png",
      "  keralens explain photos --model model.keras --method all -o maps/",
      "  keralens explain photos --model model.keras --method all -o report.html",
      "  keralens explain cat.jpg --model model.keras --method gradients --smooth 50:15%% \\",
      "           -o why.png",
      "  keralens explain cat.jpg --model model.keras --layer conv3,conv5 -o why.png",
      "  keralens explain cat.jpg --model model.keras --top 3 --draw units -o why.png",
      "  keralens explain x.npy --model model.keras --units-from y.npy \\",
      "           --filter none --resize none -o gradcam.npy",
      "  keralens explain --text \"a good film\" --model bert.keras -o why.html",
      "",
      "Exit codes: 0 done, 1 failed, 2 wrong usage."
    })
final class ExplainCommand implements Callable<Integer> {
  private static final int MOST_CELLS = 5000;

  @Spec private CommandSpec spec;

  @Mixin private ModelOptions options = new ModelOptions();
  @Mixin private InputOptions inputOptions = new InputOptions();
  @Mixin private ExplainedInput explainedInput = new ExplainedInput();
  @Mixin private TextOptions textOptions = new TextOptions();

  @Option(
      names = "--method",
      split = ",",
      paramLabel = "NAME",
      defaultValue = "gradcam",
      description =
          "The methods, such as gradcam or scorecam:paper, or 'all' for all that apply to the"
              + " model; 'keralens methods' lists them (default: ${DEFAULT-VALUE}).")
  private List<String> methods = List.of();

  @Mixin private MethodOptions methodOptions = new MethodOptions();
  @Mixin private UnitOptions unitOptions = new UnitOptions();
  @Mixin private ObjectiveOptions objectiveOptions = new ObjectiveOptions();
  @Mixin private PictureObjective pictureObjective = new PictureObjective();
  @Mixin private MapOptions mapOptions = new MapOptions();
  @Mixin private DrawOptions drawOptions = new DrawOptions();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUT",
      description =
          "What is written: .png, .jpg, .svg or .pdf, a captioned grid of all; .npy, the maps of"
              + " one method (batch, height, width, unit); .npz, those of every method by its name,"
              + " with units, scores, outputs, names; .html, a report to send: one file with the"
              + " controls of the page; a folder, a picture for each image and method; -, a PNG to"
              + " the standard output.")
  private String output = "";

  /** The picture that goes to the standard output, if one does. */
  private Path standardOutput = Path.of("");

  @Mixin private FolderOptions folderOptions = new FolderOptions();
  @Mixin private TableOptions tables = new TableOptions();

  /** What is done with the open model. */
  private record Plan(
      MethodChoice methods,
      int maps,
      ExplainOptions options,
      UnitOptions.Selection units,
      Labels labels,
      boolean drawn,
      @Nullable Views views,
      @Nullable PredictedMasks masks,
      List<@Nullable Views> each,
      String explained,
      Results results,
      ResolvedObjective objective,
      ChoiceNotes choices) {}

  @Override
  public Integer call() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    options.check();
    unitOptions.check();
    pictureObjective.check(objectiveOptions);
    if (textOptions.isAsked()) {
      return explainText();
    } else if (output.isEmpty()) {
      throw new UsageException("Missing required option: '--output=OUT'");
    }
    MethodChoice choice = methodOptions.choice(methods, null);
    ExplainOptions explainOptions = mapOptions.explainOptions().withBatchSize(options.batchSize());
    Rendering rendering = drawOptions.rendering(mapOptions.isSigned());
    Output target = Output.of(output);
    if (target.kind() == Output.Kind.ARRAY && (choice.all() || maps(choice) > 1)) {
      throw new UsageException(
          "-o %s: an array holds the maps of one method and layer; a .npz file holds all, or choose"
                  .formatted(output)
              + " one with --method and --layer.");
    }
    drawOptions.check(target, output);
    folderOptions.check(target);
    if (drawOptions.figure().enlargesMaps()) {
      explainOptions = mapOptions.unresized(explainOptions);
    }
    NamedInputs files = explainedInput.of(inputOptions.files(target.path(), err));
    List<Path> sources = new ArrayList<>(files.paths());
    sources.add(options.file());
    target.check(sources);
    tables.check(sources, target.path());
    if (output.equals(Output.STANDARD)) {
      tables.refuseStandardOutput();
      standardOutput = target.path();
    }
    try (Subject subject =
        Subject.open(options, files, inputOptions.keepGoing(), this::named, err)) {
      choice = StoredMaps.choice(methodOptions.choice(methods, subject), subject.exported(), spec);
      if (isRaw(target, subject)) {
        explainOptions = explainOptions.withFilter(Filters::none).withResize(Resize.none());
      }
      Plan plan = plan(subject, choice, explainOptions, target);
      MethodChoice made = applying(subject, plan, target);
      rendering =
          rendering.with(
              Provenance.of(
                  rendering.figure().notes(),
                  spec,
                  subject,
                  options.file(),
                  made.methods(),
                  plan.explained()));
      if (skips(subject, target, rendering, made, plan)) {
        return files.exitCode();
      }
      try (Writer writer = writer(target, subject, plan, rendering)) {
        return Math.max(files.exitCode(), explain(subject, plan, writer));
      }
    }
  }

  /** A text in the place of files. */
  private int explainText() throws IOException {
    inputOptions.refuse("--text");
    TextOptions.check(spec.commandLine().getParseResult().matchedOptions());
    boolean usual = !spec.commandLine().getParseResult().hasMatchedOption("--method");
    MethodChoice choice = methodOptions.choice(usual ? List.of("input_x_gradient") : methods, null);
    if (choice.all()) {
      throw new UsageException("--text: name the methods; all of them do not apply to words.");
    }
    PrintWriter err = spec.commandLine().getErr();
    try (TextRun run = TextRun.open(options, textOptions, err)) {
      List<TextOutput.Shown> shown =
          run.explain(
              choice, mapOptions, unitOptions, objectiveOptions, methodOptions.standIn(), err);
      TextOutput.print(shown, spec.commandLine().getOut(), System.getenv());
      if (!output.isEmpty()) {
        TextOutput.write(shown, Path.of(output));
        err.printf("Wrote %s%n", output);
        err.flush();
      }
    }
    return 0;
  }

  private Writer writer(Output target, Subject subject, Plan plan, Rendering rendering)
      throws IOException {
    Inputs inputs = subject.inputs();
    Labels labels = plan.labels();
    Views views = plan.views();
    return switch (target.kind()) {
      case ARRAY -> new ArrayWriter(target.path(), inputs.count());
      case ARRAYS, TABLE -> new NpzWriter(target.path(), inputs, labels);
      case FOLDER -> new FolderWriter(target.path(), inputs, labels, rendering, views, plan.each());
      case REPORT -> report(target, subject, plan);
      case GRID ->
          !plan.each().isEmpty()
              ? new InputsWriter(
                  target.path(), inputs, subject.inputNames(), labels, rendering, plan.each())
              : views == null
                  ? new GridWriter(target.path(), inputs, labels, rendering)
                  : new PanelWriter(target.path(), inputs, labels, rendering, views);
    };
  }

  /** The methods that apply to the model, where they name files; else as they were asked for. */
  private MethodChoice applying(Subject subject, Plan plan, Output target) {
    boolean named =
        plan.methods().all() && plan.each().isEmpty() && target.kind() == Output.Kind.FOLDER;
    PrintWriter silent = new PrintWriter(java.io.Writer.nullWriter());
    return named
        ? plan.methods()
            .applying(subject.model(), plan.options(), subject.inputs().shapes(), silent)
        : plan.methods();
  }

  /** Looks at what lies in the folder already; says whether nothing is left to do. */
  private boolean skips(
      Subject subject, Output target, Rendering rendering, MethodChoice made, Plan plan)
      throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    Inputs inputs = subject.inputs();
    List<String> names =
        made.methods().stream()
            .map(Method::name)
            .map(FolderWriter::inFileNames)
            .distinct()
            .toList();
    int perImage = rendering.joinsUnits() ? 1 : plan.units().perImage();
    Set<Integer> done =
        folderOptions.done(
            target, inputs, rendering.figure().notes(), names, perImage, plan.maps() > 1, err);
    if (inputs instanceof ImageInputs images) {
      images.skip(done);
    }
    return done.size() == inputs.count();
  }

  private ReportWriter report(Output target, Subject subject, Plan plan) throws IOException {
    return new ReportWriter(
        target.path(),
        subject,
        plan.labels(),
        plan.explained(),
        ServedModel.sha256(options.file()),
        ReportWriter.command(spec.root().commandLine().getParseResult().originalArgs()),
        isRaw(target, subject));
  }

  /** Whether maps come as methods give them: a report filters and resizes them by itself. */
  private boolean isRaw(Output target, Subject subject) {
    return target.kind() == Output.Kind.REPORT
        && mapOptions.isAsUsual()
        && subject.exported() == null;
  }

  /** How many maps there are of each image and unit. */
  private int maps(MethodChoice choice) {
    return choice.ofExplanations(mapOptions.maps()).size();
  }

  /** Checks against the model what can be checked without running it. */
  private Plan plan(Subject subject, MethodChoice choice, ExplainOptions given, Output target)
      throws IOException {
    Inputs images = subject.inputs();
    boolean twoClasses =
        !pictureObjective.isAsked() && (unitOptions.twoClasses() || subject.areTwoClasses());
    Objective objective = objective(subject, twoClasses);
    ResolvedObjective explained = subject.objective(objective);
    ClassNames names =
        explained.unitNames().isEmpty()
            ? subject.classes()
            : ClassNames.of(explained.unitNames().stream().map(subject.classes()::named).toList());
    int available = explained.units();
    UnitOptions.Selection units =
        unitOptions.select(
            names, subject.model().name(), available, images.count(), spec.commandLine().getErr());
    if (!StoredMaps.are(choice)) {
      mapOptions.checkLayers(explained, choice.methods());
      mapOptions.checkTokens(explained, choice.methods(), subject.explainedInput());
    }
    if (!pictureObjective.isAsked()) {
      objectiveOptions.check(subject.model(), images.shapes(), subject.output());
      ObjectiveOptions.tellOutput(subject, options.output(), spec.commandLine().getErr());
      objectiveOptions.tellPlaces(explained, spec.commandLine().getErr());
    }
    tellActivation(explained, choice);
    TokenNotes.print(explained, choice.methods(), given.tokens(), spec.commandLine().getErr());
    boolean report = target.kind() == Output.Kind.REPORT;
    boolean every = explainedInput.isEvery(subject.model());
    if (every) {
      checkEvery(target);
    }
    boolean drawn =
        report || target.kind() == Output.Kind.GRID || target.kind() == Output.Kind.FOLDER;
    Views views = drawn && !every ? drawOptions.views(subject) : null;
    if (report && views != null) {
      throw new UsageException(
          "The input %s is no picture, and a report shows pictures; write a .png, or maps as .npz."
              .formatted(images.shape()));
    }
    // Bars have two sides, for what speaks for and against.
    ExplainOptions filtered =
        views != null && views.kind() == Views.Kind.FEATURES ? mapOptions.unfiltered(given) : given;
    if (drawn && drawOptions.joinsUnits() && units.perImage() > DrawOptions.MOST_JOINED) {
      throw new UsageException(
          "--draw units tells %d units apart, and there are %d; take fewer with --top or --units."
              .formatted(DrawOptions.MOST_JOINED, units.perImage()));
    }
    checkColorBar(choice);
    if (drawn && !report && !every && views == null) {
      drawOptions.checkMaps(choice.methods().stream().anyMatch(m -> !m.info().showsPixels()));
    }
    long cells = (long) images.count() * (1 + (long) units.perImage() * maps(choice));
    if (target.kind() == Output.Kind.GRID && cells > MOST_CELLS) {
      throw new UsageException(
          "A picture of %d cells cannot be read; write to a folder, -o maps/.".formatted(cells));
    }
    boolean probabilities =
        explained.isUnits() && subject.isClassifier() && subject.endsInProbabilities();
    Labels labels = new Labels(names, probabilities);
    return new Plan(
        choice,
        mapOptions.maps(),
        filtered.withObjective(objective).withInputs(subject.explained()),
        units,
        labels,
        drawn,
        views,
        !every && target.kind() == Output.Kind.GRID && views == null
            ? PredictedMasks.of(subject, explained, labels)
            : null,
        every ? drawOptions.eachView(subject, drawn) : List.of(),
        dev.keralens.web.Report.explained(
            explained, subject.model().outputNames(subject.inputs().shapes())),
        Results.of(subject, names, explained, objectiveOptions.ofOutput()),
        explained,
        new ChoiceNotes(
            subject,
            explained,
            twoClasses || objectiveOptions.ofOutput(),
            pictureObjective.isBox()));
  }

  /** Refuses what maps of every input are not written or made with. */
  private void checkEvery(Output target) {
    String vain =
        target.kind() == Output.Kind.REPORT || target.kind() == Output.Kind.ARRAY
            ? "-o %s; a picture (.png, .jpg, .svg, .pdf), .npz or a folder has maps of all inputs"
                .formatted(output)
            : !mapOptions.layers().isEmpty()
                ? "--layer; name the input whose layer it is"
                : folderOptions.isResumed() ? "--resume" : drawOptions.ofOneInput();
    if (vain != null) {
      throw new UsageException("--explain-input all is not for %s.".formatted(vain));
    }
  }

  /** Maps of pixels and of activations have colours of their own. */
  private void checkColorBar(MethodChoice choice) {
    long kinds = choice.methods().stream().map(m -> m.info().showsPixels()).distinct().count();
    if (drawOptions.figure().hasColorBar() && kinds > 1) {
      throw new UsageException(
          "--color-bar: maps of pixels and of activations have colours of their own; take methods"
              + " of one kind.");
    }
  }

  /** What names of classes are of. */
  private Objective named(Network network, List<String> outputs, int output) {
    Objective base = objectiveOptions.base();
    if (!pictureObjective.isAsked()) {
      ObjectiveOptions.checkUnits(base.withOutput(output), network, outputs);
    }
    return pictureObjective.classes(base);
  }

  /** What is explained; says which the axis of the units is where that is no matter of course. */
  private Objective objective(Subject subject, boolean twoClasses) throws IOException {
    Objective base =
        pictureObjective.isAsked()
            ? pictureObjective.of(subject)
            : objectiveOptions.base().withOutput(subject.output());
    base = twoClasses ? base.asTwoClasses() : base;
    ResolvedObjective units = subject.objective(base);
    ObjectiveOptions.tellUnitAxis(units, spec.commandLine().getErr());
    Objective whole = objectiveOptions.of(base, units, subject.classes());
    return pictureObjective.isAsked() ? whole : whole.withUnitAxis(units.unitAxis().axis());
  }

  /** Says which activation is explained where that is no matter of course. */
  private void tellActivation(ResolvedObjective explained, MethodChoice choice) {
    boolean explainsLayers = choice.methods().stream().anyMatch(Method::explainsActivations);
    if (mapOptions.layers().isEmpty()
        && !StoredMaps.are(choice)
        && explainsLayers
        && ActivationChoice.of(explained.network(), explained.source(), 0)
            instanceof ActivationChoice.Found found
        && !found.usual()) {
      PrintWriter err = spec.commandLine().getErr();
      err.printf("keralens: explained activation: %s%n", found.reason());
      err.flush();
    }
  }

  private int explain(Subject subject, Plan plan, Writer writer) throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    Inputs images = subject.inputs();
    MethodChoice choice = plan.methods();
    if (choice.all() && plan.each().isEmpty()) {
      choice = choice.applying(subject.model(), plan.options(), images.shapes(), err);
    }
    plan.choices().printBefore(err);
    Unread unread = new Unread(images.count());
    ScoreTable table =
        new ScoreTable(images, plan.labels().classes(), plan.labels().probabilities());
    Notes notes = new Notes();
    GapNotes gaps = new GapNotes();
    CostNotes costs = new CostNotes(err, images.count(), options.batchSize());
    ExplainOptions told = plan.options().withPasses(costs);
    int[] places = subject.explainedInput().places();
    BoxNotes boxes = BoxNotes.of(plan.objective(), pictureObjective.asked(), places, plan.drawn());
    try (boxes;
        StoredMaps.Giver explainer =
            plan.each().isEmpty()
                ? StoredMaps.giver(subject, choice, told)
                : EachInput.of(subject, choice, told, plan.each(), mapOptions.isFiltered(), err);
        Prefetch<Inputs.Batch> batches = images.batches(options.batchSize());
        Prefetch<Step> steps = steps(subject, plan, choice, explainer, boxes, batches);
        ProgressBar progress = new ProgressBar(err, options.progress(), images.count())) {
      while (steps.hasNext()) {
        Step step = steps.next();
        unread.add(step.read());
        pictureObjective.check(images, step.read());
        Explained batch = step.explained();
        if (batch != null) {
          writer.add(batch);
          table.add(batch);
          if (tables.isAsked()) {
            plan.results().add(batch, writer);
          }
          notes.add(images, batch);
          gaps.add(images, batch);
          plan.choices().add(batch);
          boxes.add(images, step.read(), step.boxes());
        }
        progress.update(step.read().end());
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (UnsupportedModelException e) {
      throw new UnsupportedModelException(
          "%s: %s".formatted(subject.model().name(), e.getMessage()), e);
    } catch (GraphExecutionException e) {
      throw new IOException("%s: %s".formatted(subject.model().name(), e.getMessage()), e);
    }
    String written = writer.finish();
    boolean piped = output.equals(Output.STANDARD);
    PrintWriter out = piped ? err : spec.commandLine().getOut();
    if (!tables.takesStandardOutput()) {
      table.print(out, err);
    }
    boxes.print(err);
    notes.print(err);
    gaps.print(err);
    plan.choices().printAfter(err);
    if (piped) {
      if (!Files.exists(standardOutput)) {
        throw new UsageException(
            "-o -: one picture goes to the standard output, and here are several.");
      }
      Files.copy(standardOutput, System.out);
      System.out.flush();
    } else {
      err.printf("Wrote %s%n", written);
      err.flush();
    }
    tables.write(plan.results().all(), out, err);
    images.print(err);
    unread.print(err);
    return unread.exitCode();
  }

  /** A batch, and what was explained of it; null where none of its images could be read. */
  private record Step(
      Inputs.Batch read, @Nullable Explained explained, List<BoxNotes.Found> boxes) {}

  /** Explains ahead: threads that have nothing left to do of one batch begin with the next. */
  private static Prefetch<Step> steps(
      Subject subject,
      Plan plan,
      MethodChoice choice,
      StoredMaps.Giver explainer,
      BoxNotes boxes,
      Prefetch<Inputs.Batch> batches) {
    return Prefetch.of(
        new Iterator<Prefetch.Reader<Step>>() {
          @Override
          public boolean hasNext() {
            return batches.hasNext();
          }

          @Override
          public Prefetch.Reader<Step> next() {
            Inputs.Batch read = batches.next();
            return () -> {
              List<BoxNotes.Found> found = boxes.find(read);
              List<Picture> pictures = boxes.draw(subject.inputs(), read, found);
              return new Step(
                  read,
                  read.isEmpty() ? null : batch(plan, choice, explainer, read, pictures),
                  found);
            };
          }
        });
  }

  private static Explained batch(
      Plan plan,
      MethodChoice choice,
      StoredMaps.Giver explainer,
      Inputs.Batch batch,
      List<Picture> pictures) {
    List<Explanation> maps = explainer.explainAll(batch.all(), plan.units().of(batch.images()));
    Tensor units = maps.get(0).units();
    Tensor scores = plan.labels().probabilities() ? maps.get(0).outputs() : maps.get(0).scores();
    EachInput each = explainer instanceof EachInput ofAll ? ofAll : null;
    List<Method> methods = each == null ? choice.ofExplanations(plan.maps()) : each.methods();
    PredictedMasks masks = plan.masks();
    return new Explained(
        batch.images(),
        pictures,
        batch.x(),
        maps,
        methods,
        units,
        scores,
        each == null ? null : new Explained.OfInputs(each.over(), batch.all(), batch.ofEach()),
        masks == null ? List.of() : masks.of(batch));
  }
}
