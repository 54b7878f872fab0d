package dev.keralens.app;

import dev.keralens.Version;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code keralens}: 0 done, 1 failed, 2 wrong usage. */
@Command(
    name = "keralens",
    description = "Explains what Keras models see.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.VersionProvider.class)
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  Main() {}

  /**
   * Runs the command line and ends the process with its exit code.
   *
   * @param arguments what the user typed
   */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main());
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command? See 'keralens --help'.");
  }

  static final class VersionProvider implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"keralens " + Version.current()};
    }
  }
}
