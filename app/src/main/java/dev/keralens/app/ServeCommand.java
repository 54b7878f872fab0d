package dev.keralens.app;

import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.web.PageOptions;
import dev.keralens.web.PageOptions.Sample;
import dev.keralens.web.PageServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
      names = "--explain-input",
      paramLabel = "NAME",
      description =
          "Which of several inputs is explained first. Default: the only one that takes pictures,"
              + " else the first of numbers with fractions.")
  private @Nullable String input;

  @Option(
      names = "--text",
      paramLabel = "TEXT",
      description = "Of a model of words: the text that the page shows first.")
  private @Nullable String text;

  @Option(
      names = "--vocabulary",
      paramLabel = "FILE",
      description =
          "Of a model of words that has no tokenizer with it: the words that its numbers stand for,"
              + " as 'keralens explain' takes them.")
  private @Nullable Path vocabulary;

  @Option(
      names = "--padding",
      paramLabel = "SIDE",
      description =
          "With --vocabulary, where the model takes texts of one length: zeros at the front or at"
              + " the end.")
  private @Nullable String padding;

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
    var texts = new ServedModels.Texts(text, vocabulary, padding);
    if (embedded && (texts.isAsked() || input != null)) {
      throw new UsageException(
          "--text, --vocabulary, --padding and --explain-input need a --model.");
    }
    ServedModel model =
        embedded ? ServedModels.embedded() : ServedModels.open(options, input, texts, spec, err);
    boolean started = false;
    try {
      PageOptions page =
          PageOptions.defaults()
              .withPort(port)
              .withAddress(address)
              .withSamples(samples(model.classes(), embedded, err));
      PageServer server = PageServer.start(model, ServedModels::uploaded, page, this::log);
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

  private List<Sample> samples(ClassNames classes, boolean embedded, PrintWriter err)
      throws IOException {
    List<Sample> samples = new ArrayList<>();
    Path folder = images;
    String first = text;
    if (first != null) {
      samples.add(new Sample(first, "", () -> first.getBytes(StandardCharsets.UTF_8)));
    }
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
