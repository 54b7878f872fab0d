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
    description =
        "Prints the name of each method, what its maps show, and the paper; then the options of"
            + " 'keralens explain' that go around a method.",
    footer = {
      "",
      "A name after a colon is a variant: --method scorecam:paper",
      "Several: --method gradcam,gradients; all that apply to a model: --method all"
    })
final class MethodsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Table table = new Table("method", "maps show", "paper");
    for (Methods.Row row : Methods.byNames().values()) {
      table.add(row.name(), row.summary(), row.paper());
    }
    table.add(
        "--smooth",
        "around any of them: the mean over copies of the input with noise",
        "Smilkov et al., 2017, https://arxiv.org/abs/1706.03825");
    table.add(
        "--tta",
        "around any of them: the mean over several scales, also mirrored",
        "test-time augmentation");
    table.print(spec.commandLine().getOut());
    return 0;
  }
}
