package dev.keralens.app;

import dev.keralens.Version;
import dev.keralens.explain.Method;
import dev.keralens.picture.PictureNotes;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/** Says in a picture's file how it was made. */
final class Provenance {
  private Provenance() {}

  /**
   * The notes of a picture, with what it was made of.
   *
   * @param given what is noted already
   */
  static PictureNotes of(
      PictureNotes given, CommandSpec spec, Subject subject, List<Method> methods, String explained) {
    String description =
        "%s of %s by %s: %s; pixels %s; images %s"
            .formatted(
                methods.stream().map(Method::name).collect(Collectors.joining(", ")),
                subject.model().name(),
                subject.model().format(),
                explained,
                subject.pixels().preprocessing().label(),
                images(subject.inputs()));
    return given
        .text("Software", "Keralens " + Version.current())
        .text("Description", description)
        .text("Command", command(spec));
  }

  private static String images(Inputs inputs) {
    return inputs.count() == 1 ? inputs.name(0) : String.valueOf(inputs.count());
  }

  /** The command without the folders of files, which are nobody's business. */
  private static String command(CommandSpec spec) {
    List<String> words = spec.root().commandLine().getParseResult().originalArgs();
    return words.stream()
        .map(word -> word.startsWith("http") ? word : word.replaceAll("[^\\s=,]*[/\\\\](?=[^/\\\\])", ""))
        .map(word -> word.contains(" ") ? "'" + word + "'" : word)
        .collect(Collectors.joining(" ", spec.root().name() + " ", ""));
  }
}
