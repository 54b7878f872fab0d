package dev.keralens.app;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which of several inputs is explained. */
final class ExplainedInput {
  @Option(
      names = "--explain-input",
      paramLabel = "NAME",
      description =
          "Which of several inputs is explained. Default: the only one that takes pictures, else"
              + " the first of numbers with fractions.")
  private @Nullable String name;

  /** The same files, with the input that is explained. */
  NamedInputs of(NamedInputs files) {
    return new NamedInputs(files.unnamed(), files.named(), name, true);
  }
}
