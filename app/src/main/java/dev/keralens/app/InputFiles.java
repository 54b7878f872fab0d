package dev.keralens.app;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.StreamSupport;

/** The files that are named on the command line. */
final class InputFiles {
  private InputFiles() {}

  /**
   * Checks that every file is there and has content, before any work; expands patterns that the
   * shell left as they are.
   */
  static List<Path> check(List<String> arguments) throws IOException {
    List<Path> files = new ArrayList<>();
    for (String argument : arguments) {
      files.addAll(expand(argument));
    }
    for (Path file : files) {
      if (Files.isDirectory(file)) {
        throw new IOException(
            "%s is a folder; name the images in it: %s".formatted(file, in(file)));
      } else if (!Files.exists(file)) {
        throw new NoSuchFileException(file.toString());
      } else if (!Files.isReadable(file)) {
        throw new AccessDeniedException(file.toString());
      } else if (Files.isRegularFile(file) && Files.size(file) == 0) {
        throw new IOException(file + " is empty.");
      }
    }
    long arrays = files.stream().filter(InputFiles::isArray).count();
    if (arrays > 0 && files.size() > 1) {
      throw new UsageException(
          "The input is image files or one .npy array, got %d arrays and %d other files."
              .formatted(arrays, files.size() - arrays));
    }
    return files;
  }

  /** Whether a file is a NumPy array by its name. */
  static boolean isArray(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".npy");
  }

  private static String in(Path folder) {
    return folder.resolve("*").toString();
  }

  private static List<Path> expand(String argument) throws IOException {
    int slash = Math.max(argument.lastIndexOf('/'), argument.lastIndexOf('\\'));
    String name = argument.substring(slash + 1);
    boolean pattern = name.contains("*") || name.contains("?");
    try {
      if (!pattern || Files.exists(Path.of(argument))) {
        return List.of(Path.of(argument));
      }
    } catch (InvalidPathException e) {
      if (!pattern) {
        throw new NoSuchFileException(argument);
      }
    }
    Path folder = Path.of(slash < 0 ? "." : argument.substring(0, slash + 1));
    if (!Files.isDirectory(folder)) {
      throw new NoSuchFileException(argument);
    }
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, name)) {
      List<Path> files =
          StreamSupport.stream(found.spliterator(), false)
              .filter(Files::isRegularFile)
              .map(file -> slash < 0 ? file.normalize() : file)
              .sorted()
              .toList();
      if (files.isEmpty()) {
        throw new NoSuchFileException(argument);
      }
      return files;
    }
  }
}
