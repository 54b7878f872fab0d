package dev.keralens.app;

import dev.keralens.Version;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command {@code keralens}: 0 done, 1 failed, 2 wrong usage. */
@Command(
    name = "keralens",
    description = "Explains what Keras models see.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Main.VersionProvider.class)
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Print the stack trace of a failure.")
  private boolean verbose;

  Main() {}

  /**
   * Runs the command line and ends the process with its exit code.
   *
   * @param arguments what the user typed
   */
  public static void main(String[] arguments) {
    System.exit(commandLine(new Main()).execute(arguments));
  }

  /**
   * The command line with its handling of failures.
   *
   * @param command what to run
   */
  static CommandLine commandLine(Object command) {
    Failures failures = new Failures();
    return new CommandLine(command)
        .setExecutionExceptionHandler(failures)
        .setParameterExceptionHandler(failures);
  }

  boolean verbose() {
    return verbose;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command?");
  }

  static final class VersionProvider implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"keralens " + Version.current()};
    }
  }
}
