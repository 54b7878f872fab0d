package dev.keralens.app;

import dev.keralens.Version;
import dev.keralens.explain.Method;
import dev.keralens.picture.PictureNotes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/** Says in a picture's file how it was made. */
final class Provenance {
  /** Options that change nothing about the pictures. */
  private static final Set<String> PASSING =
      Set.of("--resume", "--force", "--no-progress", "--verbose", "--keep-going");

  /** The same, with a value behind. */
  private static final Set<String> VALUED =
      Set.of("--batch-size", "--threads", "--scratch", "--json", "--csv");

  private Provenance() {}

  /**
   * The notes of a picture, with what it was made of.
   *
   * @param given what is noted already
   */
  static PictureNotes of(
      PictureNotes given,
      CommandSpec spec,
      Subject subject,
      Path file,
      List<Method> methods,
      String explained)
      throws IOException {
    String description =
        "%s of %s by %s: %s; pixels %s; images %s"
            .formatted(
                methods.stream().map(Method::name).collect(Collectors.joining(", ")),
                subject.model().name(),
                subject.model().format(),
                explained,
                subject.pixels().label(),
                images(subject.inputs()));
    return given
        .text("Software", "Keralens " + Version.current())
        .text("Description", description)
        .text("Command", command(spec))
        .text("Model", model(file));
  }

  /** The model's file, so that a picture of a changed one is told apart. */
  private static String model(Path file) throws IOException {
    String name = String.valueOf(file.getFileName());
    return Files.isRegularFile(file)
        ? "%s, %d bytes, of %s"
            .formatted(name, Files.size(file), Files.getLastModifiedTime(file).toInstant())
        : name;
  }

  private static String images(Inputs inputs) {
    return inputs.count() == 1 ? inputs.name(0) : String.valueOf(inputs.count());
  }

  /** The command without the folders of files, which are nobody's business. */
  private static String command(CommandSpec spec) {
    List<String> words = spec.root().commandLine().getParseResult().originalArgs();
    List<String> kept = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (VALUED.contains(word)) {
        i++;
      } else if (!PASSING.contains(word) && !VALUED.contains(word.split("=", 2)[0])) {
        kept.add(word);
      }
    }
    return kept.stream()
        .map(
            word ->
                word.startsWith("http")
                    ? word
                    : word.replaceAll("[^\\s=,]*[/\\\\](?=[^/\\\\])", ""))
        .map(word -> word.contains(" ") ? "'" + word + "'" : word)
        .collect(Collectors.joining(" ", spec.root().name() + " ", ""));
  }
}
