package dev.keralens.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is explained or predicted. */
final class InputOptions {
  @Parameters(
      arity = "1..*",
      paramLabel = "INPUT",
      description =
          "Image files, folders of them, or one .npy array, the images in its first axis. Of a"
              + " folder, all images are taken in the order of their names, hidden ones excepted,"
              + " and none twice.")
  private List<String> inputs = List.of();

  @Option(
      names = "--recursive",
      description = "Take the images of the folders within a folder, too.")
  private boolean recursive;

  @Option(
      names = "--keep-going",
      description =
          "Leave out an image that cannot be read, report it at the end, and exit with 1. So it is"
              + " always with those of folders; one that is named by itself ends the run without"
              + " this option.")
  private boolean keepGoing;

  /**
   * Finds the files; says what was left out.
   *
   * @param output what is written
   */
  InputFiles files(@Nullable Path output, PrintWriter err) throws IOException {
    InputFiles files = InputFiles.of(inputs, recursive, keepGoing, output);
    files.print(err);
    return files;
  }

  boolean keepGoing() {
    return keepGoing;
  }
}
