package dev.keralens.app;

import dev.keralens.runtime.engine.Devices;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code keralens devices}: what this machine can compute on. */
@Command(
    name = "devices",
    header = "Lists what this machine can compute on.",
    description = {
      "Tries the processors, the GPUs of CUDA and Core ML with a small network, and says what is"
          + " missing where one does not work. --device takes the names."
    },
    footer = {
      "",
      "Example:",
      "  keralens explain photos --model resnet50v2 --device cuda:0,cuda:1 -o maps"
    })
final class DevicesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Table table = new Table("device", "state");
    List<String> missing = new ArrayList<>();
    for (Devices.State state : Devices.all()) {
      table.add(state.device().toString(), state.isReady() ? "ready" : "missing");
      if (state.missing() != null) {
        missing.add(state.device() + " is missing: " + state.missing());
      }
    }
    table.print(out);
    out.printf(
        "%n%s, %d processors.%n", Devices.engine(), Runtime.getRuntime().availableProcessors());
    missing.forEach(line -> out.println(Terminal.line(line)));
    out.flush();
    return 0;
  }
}
