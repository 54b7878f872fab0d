package dev.keralens.app;

import dev.keralens.ExportedExplainer;
import dev.keralens.Model;
import dev.keralens.PictureFormat;
import dev.keralens.applications.Preprocessing;
import dev.keralens.converter.ImageConverter;
import dev.keralens.graph.Shape;
import dev.keralens.inspect.InputScaling;
import dev.keralens.network.InputSpec;
import dev.keralens.network.Network;
import dev.keralens.objective.DetectedBoxes;
import dev.keralens.objective.Objective;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Opens models for the page: the one of the command line, the one that is packed in, uploads. */
final class ServedModels {
  private static final String EMBEDDED = "models/shapes/shapes.keras";

  /**
   * What is said of texts.
   *
   * @param text the first text; null for none
   */
  record Texts(@Nullable String text, @Nullable Path vocabulary, @Nullable String padding) {
    boolean isAsked() {
      return text != null || vocabulary != null || padding != null;
    }

    String first() {
      return text == null ? "a" : text;
    }
  }

  private ServedModels() {}

  /** The model that is packed in. */
  static ServedModel embedded() throws IOException {
    return ofBytes(
        "shapes.keras",
        Scene.resource("shapes.keras"),
        EMBEDDED,
        " --classes models/shapes/classes.json",
        DemoCommand.classes());
  }

  /** A model that somebody uploads: it brings no names of classes, unless they are in its file. */
  static ServedModel uploaded(String name, byte[] content) throws IOException {
    return ofBytes(name, content, name, "", ClassNames.none());
  }

  private static ServedModel ofBytes(
      String name, byte[] content, String given, String words, ClassNames classes)
      throws IOException {
    Model file = Model.load(name, content);
    try {
      ExportedExplainer exported = ExportedExplainer.is(file) ? ExportedExplainer.of(file) : null;
      Model model = exported == null ? file : exported.model();
      List<ServedInput> inputs = new ArrayList<>();
      InputScaling scaling = model.inputs().size() > 1 ? null : model.inputScaling().orElse(null);
      Preprocessing pixels = scaling == null ? Preprocessing.UNIT : scaling.preprocessing();
      ImageConverter converter = model.imageConverter().orElse(null);
      for (InputSpec spec : model.inputs()) {
        PictureFormat format = ServedInput.format(model, spec, null);
        Shape shape = ServedInput.shape(spec, format);
        inputs.add(new ServedInput(spec, format, shape, new Pixels(pixels, scaling, converter)));
      }
      ClassNames known =
          exported == null || !classes.isEmpty() ? classes : ClassNames.of(exported.classes());
      return new ServedModel(
          model,
          given,
          words,
          ServedModel.sha256(content),
          inputs,
          explained(model, null),
          null,
          objective(model, inputs.stream().map(ServedInput::shape).toList(), 0),
          known);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static int explained(Model model, @Nullable String input) {
    return new NamedInputs(null, Map.of(), input, true).explained(model);
  }

  /** The model of the command line. */
  static ServedModel open(
      ModelOptions options, @Nullable String input, Texts texts, CommandSpec spec, PrintWriter err)
      throws IOException {
    Model file = options.open(err);
    try {
      return served(file, options, input, texts, spec, err);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static ServedModel served(
      Model file,
      ModelOptions options,
      @Nullable String input,
      Texts texts,
      CommandSpec spec,
      PrintWriter err)
      throws IOException {
    ExportedExplainer exported = ExportedExplainer.is(file) ? ExportedExplainer.of(file) : null;
    Model model = exported == null ? file : exported.model();
    if (exported != null) {
      err.printf(
          "keralens: %s is an exported explainer (%s); the page shows the model in it, and computes"
              + " maps itself%n",
          options.file(),
          String.join(
              ", ", exported.maps().stream().map(ExportedExplainer.StoredMap::method).toList()));
    }
    TextReader reader = reader(model, options, texts);
    int explained = reader != null ? TextReader.tokens(model.inputs()) : explained(model, input);
    List<PictureFormat> formats = new ArrayList<>();
    List<Shape> shapes = new ArrayList<>();
    if (reader != null) {
      for (Tensor x : reader.read(texts.first()).inputs(model.inputs())) {
        formats.add(null);
        shapes.add(Shape.of(Shape.BATCH, x.size(1)));
      }
    } else {
      for (InputSpec one : model.inputs()) {
        PictureFormat format = ServedInput.format(model, one, options.size());
        formats.add(format);
        shapes.add(ServedInput.shape(one, format));
      }
    }
    Network network = model.network(shapes);
    List<ServedInput> inputs = new ArrayList<>();
    for (int i = 0; i < shapes.size(); i++) {
      PictureFormat format = formats.get(i);
      Pixels pixels = Pixels.of(options, model, network, i);
      if (format != null) {
        ImageInputs.checkSize(model.name(), format);
        pixels.check(format.channels());
        if (pixels.converter(format, options.size() != null) != null) {
          options.checkNotFitted();
        }
        pixels.print(err);
      }
      inputs.add(new ServedInput(model.inputs().get(i), format, shapes.get(i), pixels));
    }
    int output =
        options.output() == null && exported != null
            ? exported.output()
            : Subject.output(options.output(), model, shapes);
    Objective base = objective(model, shapes, output);
    int units = model.objective(base, shapes).units();
    ClassNames classes = classes(options, exported, units, err);
    return new ServedModel(
        model,
        options.file().toString(),
        words(spec),
        ServedModel.sha256(options.file()),
        inputs,
        explained,
        reader,
        classes.areTwo() && units == 1 ? base.asTwoClasses() : base,
        classes);
  }

  /** What is explained: of a detector its strongest box, whose units are classes. */
  private static Objective objective(Model model, List<Shape> shapes, int output) {
    boolean boxes =
        DetectedBoxes.of(model.network(shapes), model.outputNames(shapes), output, null)
            .filter(found -> !found.hasBackground())
            .isPresent();
    return boxes ? Objective.strongestBox(null) : Objective.logits().withOutput(output);
  }

  /** Reads texts where the model takes them, and its tokenizer is there; null where files go in. */
  private static @Nullable TextReader reader(Model model, ModelOptions options, Texts texts)
      throws IOException {
    boolean possible = model.inputs().stream().allMatch(spec -> spec.sizes().size() == 1);
    if (texts.isAsked() && !possible) {
      throw new UsageException(
          "--text, --vocabulary and --padding are for models of words; %s takes %s."
              .formatted(model.name(), model.inputs()));
    } else if (texts.isAsked()) {
      return TextReader.of(options.file(), model, texts.vocabulary(), texts.padding());
    }
    boolean numbers = model.inputs().stream().allMatch(spec -> spec.type().isFloating());
    return possible && !numbers && TextReader.own(options.file()).isPresent()
        ? TextReader.of(options.file(), model, null, null)
        : null;
  }

  private static ClassNames classes(
      ModelOptions options, @Nullable ExportedExplainer exported, int units, PrintWriter err)
      throws IOException {
    Path file = options.classes();
    if (file != null) {
      return ClassNames.read(file, units);
    }
    Optional<NamedNetwork> named = options.named();
    if (named.isPresent()) {
      return named.get().classes(units, err, options.progress());
    }
    return exported == null || exported.classes().isEmpty()
        ? ClassNames.none()
        : ClassNames.of(exported.classes());
  }

  /** What was said of how the model is fed, for commands that do the same. */
  private static String words(CommandSpec spec) {
    StringBuilder words = new StringBuilder();
    for (String name :
        List.of(
            "--preprocess", "--size", "--classes", "--output-index", "--vocabulary", "--padding")) {
      OptionSpec option = spec.findOption(name);
      if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
        words.append(' ').append(name).append(' ').append(option.<Object>getValue());
      }
    }
    return words.toString();
  }
}
