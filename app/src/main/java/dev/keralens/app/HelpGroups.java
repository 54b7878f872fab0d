package dev.keralens.app;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * The options of a command's help under headings, those that are always given first.
 *
 * <p>To add an option, add its longest name to {@link #GROUPS}; {@code HelpTest} says where it is
 * missing.
 */
final class HelpGroups {
  private static final String MORE = "More";

  private static final Map<String, List<String>> GROUPS = groups();

  private HelpGroups() {}

  private static Map<String, List<String>> groups() {
    Map<String, List<String>> groups = new LinkedHashMap<>();
    groups.put(
        "Model and output", names("model weights weights-by-name output json csv resume force"));
    groups.put(
        "Images and arrays",
        names(
            "input explain-input preprocess size fit shape depth image-bits classes recursive"
                + " keep-going output-name output-index"));
    groups.put("Texts", names("text pair vocabulary padding"));
    groups.put("Methods", names("method smooth tta no-flip seed max-channels"));
    groups.put("Passes of methods", names("steps rule baseline window stride samples pieces"));
    groups.put(
        "What of the output is explained",
        names(
            "top units units-from all-units two-classes of-output probability versus absence sum"
                + " unit-axis region similar-to box box-form box-scores box-background"));
    groups.put("Layers and maps", names("layer fuse tokens filter resize"));
    groups.put(
        "Pictures",
        names("draw threshold colormap alpha color-bar interpolation columns width dpi features"));
    groups.put(
        "Files for other programs",
        names("opset open-size external-data embed-preprocessing float16 check"));
    groups.put("The page", names("images port host no-browser"));
    groups.put(
        "Speed and memory", names("batch-size threads device tf32 precision scratch no-progress"));
    groups.put(MORE, names("verbose help version"));
    return groups;
  }

  private static List<String> names(String words) {
    return Arrays.stream(words.split(" ")).map(word -> "--" + word).toList();
  }

  /** Groups the options of all commands. */
  static CommandLine apply(CommandLine commands) {
    for (CommandLine command : commands.getSubcommands().values()) {
      command
          .getHelpSectionMap()
          .put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, HelpGroups::options);
    }
    return commands;
  }

  /** The options of a command by heading; those without a place come last, under none. */
  static Map<String, List<OptionSpec>> of(List<OptionSpec> options) {
    Map<String, OptionSpec> left = new LinkedHashMap<>();
    for (OptionSpec option : options) {
      if (!option.hidden()) {
        left.put(option.longestName(), option);
      }
    }
    Map<String, List<OptionSpec>> grouped = new LinkedHashMap<>();
    GROUPS.forEach(
        (heading, names) -> {
          List<OptionSpec> found = new ArrayList<>();
          for (String name : names) {
            OptionSpec option = left.remove(name);
            if (option != null) {
              found.add(option);
            }
          }
          if (!found.isEmpty()) {
            grouped.put(heading, found);
          }
        });
    if (!left.isEmpty()) {
      grouped.put("", List.copyOf(left.values()));
    }
    return grouped;
  }

  private static String options(Help help) {
    List<OptionSpec> all = help.commandSpec().options();
    Map<String, List<OptionSpec>> grouped = of(all);
    StringBuilder text = new StringBuilder();
    grouped.forEach(
        (heading, options) -> {
          Help.Layout layout =
              help.createDefaultLayout(
                  all, help.commandSpec().positionalParameters(), help.colorScheme());
          layout.addOptions(options, help.parameterLabelRenderer());
          if (grouped.size() > 2) {
            text.append("%n%s%n".formatted(heading.isEmpty() ? "" : heading + ":"));
          }
          text.append(layout);
        });
    return text.toString();
  }
}
