package dev.keralens.app;

import dev.keralens.Model;
import dev.keralens.PictureFormat;
import dev.keralens.applications.Preprocessing;
import dev.keralens.inspect.scaling.InputScaling;
import dev.keralens.network.Network;
import dev.keralens.objective.Objective;
import dev.keralens.runtime.CompiledGraph;
import dev.keralens.web.PageOptions;
import dev.keralens.web.PageOptions.Sample;
import dev.keralens.web.PageServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keralens serve}: the page in the browser of this machine. */
@Command(
    name = "serve",
    header = "Opens a page in the browser: drop pictures, see why.",
    customSynopsis = "keralens serve [-m FILE] [--images FOLDER] [OPTIONS]",
    sortOptions = false,
    description =
        "Serves a page on this machine alone, and opens it. Without a model, it shows the one that"
            + " is packed in, with its samples. Ctrl-C ends it.",
    footer = {
      "",
      "Examples:",
      "  keralens serve",
      "  keralens serve --model model.keras --images photos --classes names.json",
      "",
      "Exit codes: 0 done, 1 failed, 2 wrong usage."
    })
final class ServeCommand implements Callable<Integer> {
  private static final String EMBEDDED = "models/shapes/shapes.keras";

  @Spec private CommandSpec spec;

  @Mixin private ModelOptions options = new ModelOptions();

  @Option(
      names = "--images",
      paramLabel = "FOLDER",
      description =
          "Pictures that the page has from the start; those of the folders in it, too, whose names"
              + " count as the right class where they are the names of classes.")
  private @Nullable Path images;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "0",
      description = "The port, 0 to 65535. Default: one that is free.")
  private int port;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description =
          "Listen at another address of this machine than the loopback one, such as 0.0.0.0 for"
              + " all: whoever can reach it and has the token of the address sees the model, the"
              + " pictures and the folder of --images, over a connection that is not encrypted.")
  private @Nullable String host;

  @Option(names = "--no-browser", description = "Open no browser; the address is printed.")
  private boolean noBrowser;

  /** Lets {@code serve} go without a model, which every other command needs. */
  static CommandLine withoutModel(CommandLine commands) {
    CommandLine serve = commands.getSubcommands().get("serve");
    if (serve != null) {
      CommandSpec spec = serve.getCommandSpec();
      OptionSpec model = spec.findOption("--model");
      spec.remove(model);
      spec.addOption(OptionSpec.builder(model).required(false).build());
    }
    return commands;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    try (PageServer server = start()) {
      PrintWriter out = spec.commandLine().getOut();
      out.println(server.url());
      out.flush();
      if (host != null) {
        err.printf(
            "keralens: listens at %s: whoever reaches it and has this address sees the model and"
                + " the pictures; nothing is encrypted%n",
            host);
      }
      err.println("keralens: open this address; Ctrl-C ends it");
      err.flush();
      if (!noBrowser) {
        Browser.open(server.url(), err);
      }
      new CountDownLatch(1).await();
    }
    return 0;
  }

  /** Starts the server. */
  PageServer start() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    boolean embedded = options.file().toString().isEmpty();
    options.check();
    if (port < 0 || port > 65535) {
      throw new UsageException("--port is 0 to 65535, got " + port + ".");
    }
    InetAddress address = address();
    CompiledGraph.preload();
    ServedModel model = embedded ? embedded() : open(err);
    boolean started = false;
    try {
      PageOptions page =
          PageOptions.defaults()
              .withPort(port)
              .withAddress(address)
              .withSamples(samples(model.classes(), embedded, err));
      PageServer server = PageServer.start(model, ServeCommand::uploaded, page, this::log);
      started = true;
      return server;
    } finally {
      if (!started) {
        model.close();
      }
    }
  }

  private InetAddress address() {
    try {
      return host == null ? InetAddress.getLoopbackAddress() : InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new UsageException("--host %s is no address of this machine.".formatted(host), e);
    }
  }

  private void log(Throwable failure) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("keralens: " + Failures.message(failure));
    if (spec.root().userObject() instanceof Main main && main.verbose()) {
      failure.printStackTrace(err);
    }
    err.flush();
  }

  private static ServedModel embedded() throws IOException {
    return ofBytes(
        "shapes.keras",
        Scene.resource("shapes.keras"),
        EMBEDDED,
        " --classes models/shapes/classes.json",
        DemoCommand.classes());
  }

  /** A model that somebody uploads: it brings no names of classes. */
  private static ServedModel uploaded(String name, byte[] content) throws IOException {
    return ofBytes(name, content, name, "", ClassNames.none());
  }

  private static ServedModel ofBytes(
      String name, byte[] content, String given, String words, ClassNames classes)
      throws IOException {
    Model model = Model.load(name, content);
    try {
      PictureFormat format = ServedModel.format(model, null);
      InputScaling scaling = model.inputScaling().orElse(null);
      Preprocessing pixels = scaling == null ? Preprocessing.UNIT : scaling.preprocessing();
      return new ServedModel(
          model,
          given,
          words,
          ServedModel.sha256(content),
          format,
          format == null ? InputFormat.single(model).shape() : format.shape(),
          new Pixels(pixels, scaling, false, model.imageConverter().orElse(null)),
          Objective.logits(),
          classes);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private ServedModel open(PrintWriter err) throws IOException {
    Model model = options.open(err);
    try {
      return served(model, err);
    } catch (IOException | RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private ServedModel served(Model model, PrintWriter err) throws IOException {
    PictureFormat format = ServedModel.format(model, options.size());
    var shape = format == null ? InputFormat.single(model).shape() : format.shape();
    Network network = model.network(List.of(shape));
    Pixels pixels = Pixels.of(options, model, network, 0);
    if (format != null) {
      ImageInputs.checkSize(model.name(), format);
      pixels.check(format.channels());
      if (pixels.converter(format, options.size() != null) != null) {
        options.checkNotFitted();
      }
      pixels.print(err);
    }
    Objective base =
        Objective.logits().withOutput(Subject.output(options.output(), model, List.of(shape)));
    int units = model.objective(base, List.of(shape)).units();
    Path file = options.classes();
    Optional<NamedNetwork> named = options.named();
    ClassNames classes =
        file != null
            ? ClassNames.read(file, units)
            : named.isPresent()
                ? named.get().classes(units, err, options.progress())
                : ClassNames.none();
    boolean two = classes.areTwo() && units == 1;
    return new ServedModel(
        model,
        options.file().toString(),
        words(),
        ServedModel.sha256(options.file()),
        format,
        shape,
        pixels,
        two ? base.asTwoClasses() : base,
        classes);
  }

  /** What was said of how the model is fed, for commands that do the same. */
  private String words() {
    StringBuilder words = new StringBuilder();
    for (String name : List.of("--preprocess", "--size", "--classes", "--output-index")) {
      OptionSpec option = spec.findOption(name);
      if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
        words.append(' ').append(name).append(' ').append(option.<Object>getValue());
      }
    }
    return words.toString();
  }

  private List<Sample> samples(ClassNames classes, boolean embedded, PrintWriter err)
      throws IOException {
    List<Sample> samples = new ArrayList<>();
    Path folder = images;
    if (folder != null) {
      if (!Files.isDirectory(folder)) {
        throw new UsageException("--images %s is no folder.".formatted(folder));
      }
      ImageFolder found = ImageFolder.of(folder, true, null);
      for (Path file : found.images()) {
        Path within = folder.relativize(file);
        Path parent = within.getParent();
        String label = parent == null ? "" : String.valueOf(parent.getFileName());
        samples.add(
            new Sample(
                within.toString(),
                classes.isName(label) ? label : "",
                () -> Files.readAllBytes(file)));
      }
      found.unread().forEach(reason -> err.println("keralens: left out: " + reason));
    } else if (embedded) {
      for (Scene scene : Scene.samples()) {
        String picture = "samples/" + scene.name() + ".png";
        samples.add(
            new Sample(
                scene.name() + ".png",
                String.join(", ", scene.kinds()),
                () -> Scene.resource(picture)));
      }
    }
    return samples;
  }
}
