package dev.keralens.app;

import dev.keralens.text.Printable;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what went wrong in one line, without a stack trace unless {@code --verbose} asks for it. */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
  @Override
  public int handleExecutionException(
      Exception exception, CommandLine commandLine, @Nullable ParseResult parsed) {
    PrintWriter err = commandLine.getErr();
    if (commandLine.getCommandSpec().root().userObject() instanceof Main main && main.verbose()) {
      exception.printStackTrace(err);
    }
    err.println("keralens: " + message(exception));
    return exception instanceof UsageException ? ExitCode.USAGE : ExitCode.SOFTWARE;
  }

  @Override
  public int handleParseException(ParameterException exception, String[] arguments) {
    CommandLine commandLine = exception.getCommandLine();
    PrintWriter err = commandLine.getErr();
    if (exception instanceof MissingParameterException) {
      List<String> unknown = unknown(commandLine.getCommandSpec(), arguments);
      if (!unknown.isEmpty()) {
        return handleParseException(
            new UnmatchedArgumentException(commandLine, unknown), arguments);
      }
    }
    err.println("keralens: " + message(exception) + model(exception, arguments));
    UnmatchedArgumentException.printSuggestions(exception, err);
    err.println("See '" + commandLine.getCommandSpec().qualifiedName() + " --help'.");
    return ExitCode.USAGE;
  }

  /** Which of the words looks like the model that is missing. */
  private static String model(ParameterException exception, String[] arguments) {
    boolean missing =
        exception instanceof MissingParameterException
            && String.valueOf(exception.getMessage()).contains("--model");
    return missing
        ? Arrays.stream(arguments)
            .filter(word -> word.matches("(?i)[^-].*\\.(keras|h5|hdf5|onnx)"))
            .findFirst()
            .map(word -> "; if %s is the model: --model %1$s".formatted(Printable.message(word)))
            .orElse("")
        : "";
  }

  /** The words that look like options and are none: a slip there is why one is missing. */
  private static List<String> unknown(CommandSpec command, String[] arguments) {
    return Arrays.stream(arguments)
        .takeWhile(word -> !word.equals("--"))
        .filter(word -> word.startsWith("--"))
        .map(word -> word.split("=", 2)[0])
        .filter(word -> command.findOption(word) == null)
        .toList();
  }

  /**
   * The exception in one line, of a length that can be read; the messages of file exceptions are
   * often the bare path.
   */
  static String message(Throwable exception) {
    if (exception instanceof FileSystemException failed && failed.getReason() == null) {
      String file = Printable.message(String.valueOf(failed.getFile()));
      if (exception instanceof NoSuchFileException) {
        return "No such file: " + file;
      } else if (exception instanceof AccessDeniedException) {
        return "No permission: " + file;
      } else if (exception instanceof FileAlreadyExistsException) {
        return "Exists already: " + file;
      } else if (exception instanceof NotDirectoryException) {
        return "Not a folder: " + file;
      }
    }
    boolean ours =
        !(exception instanceof ArithmeticException
            || exception instanceof IndexOutOfBoundsException
            || exception instanceof NegativeArraySizeException
            || exception instanceof NullPointerException
            || exception instanceof ClassCastException);
    return ours
        ? Printable.reason(exception)
        : "This is an error of Keralens, and --verbose shows where: %s (%s)."
            .formatted(exception.getClass().getSimpleName(), Printable.reason(exception));
  }
}
