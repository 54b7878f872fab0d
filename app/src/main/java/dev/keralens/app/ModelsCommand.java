package dev.keralens.app;

import dev.keralens.applications.Application;
import dev.keralens.applications.Applications;
import dev.keralens.applications.KerasCache;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code keralens models}: the networks that have names. */
@Command(
    name = "models",
    header = "Lists the published networks.",
    description = {
      "Prints the networks of keras.applications, whose names --model takes in the place of a file:"
          + " the size of their pictures, their parameters, the range of their pixels (see"
          + " --preprocess), and whether their weights are in Keras' cache. Weights that are not"
          + " there are downloaded when they are first needed."
    },
    footer = {"", "Example:", "  keralens explain cat.jpg --model resnet50v2 --top 3 -o why.png"})
final class ModelsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    KerasCache cache = KerasCache.standard();
    Table table = new Table("name", ">input", ">parameters", "pixels", "cached");
    for (Application network : Applications.all()) {
      int size = network.inputSize();
      table.add(
          network.name(),
          size + "x" + size,
          String.format(Locale.ROOT, "%,d", network.definition().parameters()),
          network.preprocessing().name().toLowerCase(Locale.ROOT),
          cache.find(network.publishedWeights()).isPresent() ? "yes" : "-");
    }
    table.print(spec.commandLine().getOut());
    PrintWriter out = spec.commandLine().getOut();
    out.println();
    out.println(Terminal.line("The cache is " + cache.folder()));
    out.flush();
    return 0;
  }
}
