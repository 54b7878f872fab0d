package dev.keralens.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is explained or predicted. */
final class InputOptions {
  @Parameters(
      arity = "0..*",
      paramLabel = "INPUT",
      description =
          "Image files, folders of them, or arrays (.npy, .npz), the images in their first axis;"
              + " numbers as .csv (a row for each image, or for each step of a signal), sound as"
              + " .wav, volumes as .nii. Of a folder, all images are taken in the order of their"
              + " names, hidden ones excepted, and none twice.")
  private List<String> inputs = List.of();

  @Option(
      names = "--input",
      paramLabel = "NAME=FILE",
      description =
          "Of a model of several inputs, what the input of this name gets, once for each; or an"
              + " .npz file as INPUT with arrays of these names.")
  private List<String> named = List.of();

  @Option(
      names = "--recursive",
      description = "Of a folder, take the images of the folders in it, too.")
  private boolean recursive;

  @Option(
      names = "--keep-going",
      description =
          "Leave out images that cannot be read, report them at the end, and exit with 1, as is"
              + " done with those of folders. Default: a file named here that cannot be read ends"
              + " the run.")
  private boolean keepGoing;

  /**
   * Finds the files; says what was left out.
   *
   * @param output what is written
   */
  NamedInputs files(@Nullable Path output, PrintWriter err) throws IOException {
    if (inputs.isEmpty() == named.isEmpty()) {
      throw new UsageException(
          inputs.isEmpty()
              ? "Which input? Name image files, folders, arrays; or --input NAME=FILE for each of"
                  + " several inputs; or a --text."
              : "Files are given either as INPUT, or each by the name of an input with --input.");
    }
    List<String> all = new ArrayList<>(inputs);
    Map<String, InputFiles> byName = new LinkedHashMap<>();
    for (String one : named) {
      int equals = one.indexOf('=');
      if (equals < 1 || equals == one.length() - 1) {
        throw new UsageException(
            "--input takes the name of an input and a file, NAME=FILE, got '%s'.".formatted(one));
      }
      String name = one.substring(0, equals);
      String file = one.substring(equals + 1);
      all.add(file);
      if (byName.put(name, InputFiles.of(List.of(file), recursive, keepGoing, output)) != null) {
        throw new UsageException("--input %s is given twice.".formatted(name));
      }
    }
    NamedInputs files =
        new NamedInputs(
            inputs.isEmpty() ? null : InputFiles.of(inputs, recursive, keepGoing, output),
            byName,
            null,
            false);
    if (recursive && all.stream().map(Path::of).noneMatch(Files::isDirectory)) {
      throw new UsageException("--recursive has no effect: none of what is named is a folder.");
    }
    files.print(err);
    return files;
  }

  /** Refuses files beside what takes their place. */
  void refuse(String other) {
    if (recursive || keepGoing) {
      throw new UsageException(
          "%s has no effect with %s.".formatted(recursive ? "--recursive" : "--keep-going", other));
    }
    if (!inputs.isEmpty() || !named.isEmpty()) {
      throw new UsageException("%s is given, and files too: %s.".formatted(other, inputs));
    }
  }

  boolean keepGoing() {
    return keepGoing;
  }
}
