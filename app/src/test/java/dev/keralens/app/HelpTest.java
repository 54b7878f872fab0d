package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** What {@code --help} shows. */
class HelpTest {
  private static CommandLine commands() {
    return Main.commandLine(new Main());
  }

  private static CommandLine command(String name) {
    return Objects.requireNonNull(commands().getSubcommands().get(name));
  }

  static Stream<String> names() {
    return commands().getSubcommands().keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyOption_hasAPlace(String name) {
    List<OptionSpec> options = command(name).getCommandSpec().options();
    List<OptionSpec> without = HelpGroups.of(options).getOrDefault("", List.of());
    assertEquals(List.of(), without.stream().map(OptionSpec::longestName).toList());
  }

  @ParameterizedTest
  @MethodSource("names")
  void help_showsEveryOptionOnce(String name) {
    CommandLine command = command(name);
    List<String> lines = command.getUsageMessage().lines().map(String::strip).toList();
    for (OptionSpec option : command.getCommandSpec().options()) {
      long shown =
          lines.stream()
              .filter(line -> line.startsWith("-"))
              .filter(line -> line.matches(".*" + option.longestName() + "([=,\\[ ].*)?"))
              .count();
      assertTrue(shown >= 1, () -> option.longestName() + " is not shown by " + name);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh", "fish"})
  void completion_knowsEveryCommandAndOption(String shell) {
    StringWriter out = new StringWriter();
    CommandLine commands = commands().setOut(new PrintWriter(out));
    assertEquals(0, commands.execute("completion", shell));
    String script = out.toString();
    commands
        .getSubcommands()
        .forEach(
            (name, command) -> {
              assertTrue(script.contains(name), name);
              for (OptionSpec option : command.getCommandSpec().options()) {
                String longest = option.longestName();
                String written = shell.equals("fish") ? "-l " + longest.substring(2) : longest;
                assertTrue(script.contains(written), () -> name + " " + longest);
              }
            });
  }

  @Test
  void completion_loadsInBash(@TempDir Path folder) throws Exception {
    StringWriter out = new StringWriter();
    commands().setOut(new PrintWriter(out)).execute("completion", "bash");
    Path script = Files.writeString(folder.resolve("keralens"), out.toString());
    String typed =
        "source %s; COMP_WORDS=(keralens explain --mod); COMP_CWORD=2; %s; echo ${COMPREPLY[@]}"
            .formatted(script, "_complete_keralens");
    Process bash;
    try {
      bash =
          new ProcessBuilder("bash", "-c", typed)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      Assumptions.abort("no bash here");
      return;
    }
    String printed = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals("--model", printed.strip());
  }

  @Test
  void explain_showsTheOutputBesideTheModel() {
    String help = command("explain").getUsageMessage();
    int model = help.indexOf("--model=");
    int output = help.indexOf("--output=");
    int size = help.indexOf("--size=");
    assertTrue(0 < model && model < output && output < size, help);
  }

  @ParameterizedTest
  @ValueSource(ints = {60, 80, 120})
  void help_fitsTheTerminal(int width) {
    CommandLine command = command("explain");
    command.setUsageHelpWidth(width).setUsageHelpAutoWidth(false);
    List<String> wide =
        command.getUsageMessage().lines().filter(line -> line.length() > width).toList();
    assertEquals(List.of(), wide);
  }
}
