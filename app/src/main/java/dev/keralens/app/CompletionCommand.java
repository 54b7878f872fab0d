package dev.keralens.app;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints a script that completes commands, options and file names in a shell. */
@Command(
    name = "completion",
    header = "Prints a script that completes commands and options in a shell.",
    description = {
      "Prints a script that completes commands, options and file names. Once, for all later shells:",
      "",
      "  bash  keralens completion bash > ~/.local/share/bash-completion/completions/keralens",
      "  zsh   keralens completion zsh > ~/.keralens.zsh",
      "        echo 'source ~/.keralens.zsh' >> ~/.zshrc",
      "  fish  keralens completion fish > ~/.config/fish/completions/keralens.fish",
      ""
    })
final class CompletionCommand implements Runnable {
  /** A shell that can be completed. */
  enum Shell {
    BASH,
    ZSH,
    FISH
  }

  private static final String NO_COMMAND = "__fish_use_subcommand";

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish.")
  private Shell shell = Shell.BASH;

  @Override
  public void run() {
    CommandLine root = spec.root().commandLine();
    String script =
        shell == Shell.FISH ? fish(root) : AutoComplete.bash(root.getCommandName(), root);
    spec.commandLine().getOut().print(script);
    spec.commandLine().getOut().flush();
  }

  private static String fish(CommandLine root) {
    String program = root.getCommandName();
    StringBuilder script = new StringBuilder();
    root.getSubcommands()
        .forEach(
            (name, command) -> {
              CommandSpec commandSpec = command.getCommandSpec();
              line(script, program, NO_COMMAND, "-f -a " + name, header(commandSpec));
              for (OptionSpec option : commandSpec.options()) {
                line(
                    script,
                    program,
                    "__fish_seen_subcommand_from " + name,
                    names(option),
                    first(option.description()));
              }
            });
    return script.toString();
  }

  private static void line(
      StringBuilder script, String program, String condition, String what, String description) {
    script.append(
        "complete -c %s -n '%s' %s -d '%s'%n"
            .formatted(
                program, condition, what, description.replace("\\", "\\\\").replace("'", "\\'")));
  }

  /** As {@code -s m -l model -r}; -r where a value follows. */
  private static String names(OptionSpec option) {
    StringBuilder names = new StringBuilder();
    for (String name : option.names()) {
      names.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
    }
    return names.substring(1) + (option.arity().min() > 0 ? " -r" : "");
  }

  private static String header(CommandSpec command) {
    String[] header = command.usageMessage().header();
    return first(header.length > 0 ? header : command.usageMessage().description());
  }

  /** The first sentence, without its full stop. */
  private static String first(String[] text) {
    String whole = String.join(" ", text).replaceAll("\\s+", " ").strip();
    int end = whole.indexOf(". ");
    String sentence = end < 0 ? whole : whole.substring(0, end);
    sentence = sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
    return sentence.replace("%%", "%").replace("%n", " ");
  }
}
