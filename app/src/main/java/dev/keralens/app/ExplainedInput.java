package dev.keralens.app;

import dev.keralens.Model;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which of several inputs is explained. */
final class ExplainedInput {
  static final String EVERY = "all";

  @Option(
      names = "--explain-input",
      paramLabel = "NAME",
      description =
          "Which of several inputs is explained, or 'all': a picture then has a column for each."
              + " Default: the only one that takes pictures, else the first of numbers with"
              + " fractions.")
  private @Nullable String name;

  /** Whether a map of every input is asked for. */
  boolean isEvery(Model model) {
    return EVERY.equals(name)
        && model.inputs().size() > 1
        && model.inputs().stream().noneMatch(input -> input.name().equals(EVERY));
  }

  /** The same files, with the input that is explained. */
  NamedInputs of(NamedInputs files) {
    return new NamedInputs(files.unnamed(), files.named(), name, true);
  }
}
