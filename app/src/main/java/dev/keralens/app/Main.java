package dev.keralens.app;

import dev.keralens.Version;
import java.io.PrintWriter;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.HelpCommand;
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
    usageHelpWidth = 100,
    usageHelpAutoWidth = true,
    subcommands = {
      ExplainCommand.class,
      PredictCommand.class,
      ExportCommand.class,
      InspectCommand.class,
      MethodsCommand.class,
      ModelsCommand.class,
      DevicesCommand.class,
      ServeCommand.class,
      DemoCommand.class,
      CompletionCommand.class,
      HelpCommand.class
    },
    footer = {"", "Start with 'keralens demo'; 'keralens explain --help' has examples."},
    versionProvider = Main.VersionProvider.class)
public final class Main implements Runnable {
  /** What picocli can do. */
  private static final int NARROWEST_HELP = 55;

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
    StandardOutput output = StandardOutput.install();
    int code;
    try {
      code = run(arguments, output);
    } catch (OutOfMemoryError e) {
      System.err.println(
          "keralens: Java has not enough memory; take a smaller --batch-size, fewer images, or give"
              + " more: KERALENS_JAVA_OPTS=-Xmx8g");
      code = ExitCode.SOFTWARE;
    } catch (StackOverflowError e) {
      System.err.println(
          "keralens: The model is nested too deep for Java's stack; give it more:"
              + " KERALENS_JAVA_OPTS=-Xss16m");
      code = ExitCode.SOFTWARE;
    } catch (LinkageError e) {
      System.err.println("keralens: Java cannot load a class: " + Failures.message(e));
      code = ExitCode.SOFTWARE;
    }
    System.exit(code);
  }

  private static int run(String[] arguments, StandardOutput output) {
    CommandLine commands = commandLine(new Main());
    if (Terminal.isError()) {
      commands.setErr(new PrintWriter(new MessageWriter(commands.getErr()), true));
    }
    int code = commands.execute(arguments);
    commands.getOut().flush();
    System.out.flush();
    Optional<String> failure = output.failure();
    failure.ifPresent(
        reason ->
            commands
                .getErr()
                .println("keralens: The standard output could not be written: " + reason));
    return failure.isPresent() && code == ExitCode.OK ? ExitCode.SOFTWARE : code;
  }

  /**
   * The command line with its handling of failures.
   *
   * @param command what to run
   */
  static CommandLine commandLine(Object command) {
    Failures failures = new Failures();
    CommandLine commands =
        HelpGroups.apply(ServeCommand.withoutModel(new CommandLine(command)))
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setExecutionExceptionHandler(failures)
            .setParameterExceptionHandler(failures);
    // Else picocli asks the system, once it prints help.
    Terminal.helpWidth()
        .ifPresent(
            width ->
                commands
                    .setUsageHelpAutoWidth(false)
                    .setUsageHelpWidth(Math.max(width, NARROWEST_HELP)));
    return commands;
  }

  boolean verbose() {
    return verbose;
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Which command? " + String.join(", ", spec.subcommands().keySet()));
  }

  static final class VersionProvider implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"keralens " + Version.current()};
    }
  }
}
