package dev.keralens.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is explained or predicted. */
final class InputOptions {
  @Parameters(
      arity = "0..*",
      paramLabel = "INPUT",
      description =
          "Image files, folders of them, or one .npy array, the images in its first axis. Of a"
              + " folder, all images are taken in the order of their names, hidden ones excepted,"
              + " and none twice.")
  private List<String> inputs = List.of();

  @Option(
      names = "--recursive",
      description = "Of a folder, take the images of the folders in it, too.")
  private boolean recursive;

  @Option(
      names = "--keep-going",
      description =
          "Leave out images that cannot be read, report them at the end, and exit with 1, as is done"
              + " with those of folders. Default: a file named here that cannot be read ends the"
              + " run.")
  private boolean keepGoing;

  /**
   * Finds the files; says what was left out.
   *
   * @param output what is written
   */
  InputFiles files(@Nullable Path output, PrintWriter err) throws IOException {
    if (inputs.isEmpty()) {
      throw new UsageException("Which input? Name image files, folders, arrays; or a --text.");
    }
    InputFiles files = InputFiles.of(inputs, recursive, keepGoing, output);
    if (recursive && inputs.stream().map(Path::of).noneMatch(Files::isDirectory)) {
      throw new UsageException("--recursive has no effect: none of what is named is a folder.");
    }
    files.print(err);
    return files;
  }

  /** Refuses files beside what takes their place. */
  void refuse(String other) {
    if (!inputs.isEmpty() || recursive) {
      throw new UsageException("%s is given, and files too: %s.".formatted(other, inputs));
    }
  }

  boolean keepGoing() {
    return keepGoing;
  }
}
