package dev.keralens.app;

import dev.keralens.method.Methods;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code keralens methods}: what there is. */
@Command(
    name = "methods",
    header = "Lists the explanation methods.",
    description = "Prints the name of each method, what its maps show, and the paper.")
final class MethodsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Table table = new Table("method", "maps show", "paper");
    for (Methods.Row row : Methods.byNames().values()) {
      table.add(row.name(), row.summary(), row.paper());
    }
    table.print(spec.commandLine().getOut());
    return 0;
  }
}
