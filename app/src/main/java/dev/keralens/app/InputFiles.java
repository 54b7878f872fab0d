package dev.keralens.app;

import dev.keralens.picture.ImageLoader;
import dev.keralens.text.Printable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;

/**
 * The files that are named on the command line, and those in the folders that are.
 *
 * @param files in the order of the arguments
 * @param others what lies in the folders and is no image
 * @param twice images that were there already, by the same name, another one or a link
 * @param maps images of folders that this program drew of others in them
 * @param unread why folders in the folders could not be read
 */
record InputFiles(
    List<InputFile> files,
    List<Path> others,
    List<Path> twice,
    List<Path> maps,
    List<String> unread) {
  private static final int MOST_NAMED = 3;

  /**
   * Finds the files, and checks before any work what can be checked: that every one is there and
   * has content, and that those that are named begin as images do.
   *
   * <p>A file that is named twice is taken once, and a folder adds those that are not there yet.
   *
   * @param recursive whether folders within folders are taken
   * @param keepsGoing whether images that cannot be read may be among them
   * @param output what is written, which is not taken from a folder
   */
  static InputFiles of(
      List<String> arguments, boolean recursive, boolean keepsGoing, @Nullable Path output)
      throws IOException {
    List<Path> paths = new ArrayList<>();
    for (String argument : arguments) {
      paths.addAll(expand(argument));
    }
    Set<Path> taken = new HashSet<>();
    for (Path path : paths) {
      if (!Files.isDirectory(path)) {
        check(path, keepsGoing, paths.size());
        taken.add(real(path));
      }
    }
    InputFiles all =
        new InputFiles(
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>());
    Set<Path> named = new HashSet<>();
    for (Path path : paths) {
      if (Files.isDirectory(path)) {
        all.addFolder(path, recursive, output, taken);
      } else if (named.add(real(path))) {
        all.files.add(InputFile.named(path));
      } else {
        all.twice.add(path);
      }
    }
    long arrays = all.files.stream().filter(file -> DataFile.is(file.path())).count();
    if (arrays > 0 && arrays < all.files.size()) {
      throw new UsageException(
          "The input is image files or arrays, got %d arrays and %d other files."
              .formatted(arrays, all.files.size() - arrays));
    }
    return all;
  }

  private void addFolder(Path folder, boolean recursive, @Nullable Path output, Set<Path> taken)
      throws IOException {
    if (output != null && Files.isDirectory(output) && Files.isSameFile(folder, output)) {
      throw new UsageException(
          "-o %s is a folder that is read: the next run would explain the pictures of this one. Name another, such as -o %s."
              .formatted(output, output.resolve("maps")));
    }
    ImageFolder found = ImageFolder.of(folder, recursive, output);
    unread.addAll(found.unread());
    if (found.images().isEmpty()) {
      throw new IOException(noImages(folder, found));
    }
    others.addAll(found.others());
    List<Path> drawn = DrawnMaps.among(found.images());
    maps.addAll(drawn);
    Set<Path> leftOut = Set.copyOf(drawn);
    for (Path image : found.images()) {
      if (leftOut.contains(image)) {
        continue;
      }
      if (!taken.add(real(image))) {
        twice.add(image);
      } else {
        files.add(new InputFile(image, folder.relativize(image), false));
      }
    }
  }

  /** Where a file really is, or where it seems to be if it is a link to nothing. */
  private static Path real(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException e) {
      return file.toAbsolutePath().normalize();
    }
  }

  private static String noImages(Path folder, ImageFolder found) {
    String others =
        found.others().isEmpty() ? "" : ", only " + count(found.others().size(), "other file");
    String folders =
        found.folders() == 0
            ? ""
            : "; --recursive looks into the %s in it".formatted(count(found.folders(), "folder"));
    String unread =
        found.unread().isEmpty()
            ? ""
            : "; %s in it could not be read: %s"
                .formatted(count(found.unread().size(), "folder"), found.unread().get(0));
    return "%s has no images%s%s%s.".formatted(folder, others, folders, unread);
  }

  private static String count(int count, String what) {
    return "%d %s%s".formatted(count, what, count == 1 ? "" : "s");
  }

  private static void check(Path file, boolean keepsGoing, int all) throws IOException {
    if (!Files.exists(file)) {
      throw MissingInput.of(file.toString());
    } else if (!Files.isReadable(file)) {
      throw new AccessDeniedException(file.toString());
    }
    boolean mayBeBad = keepsGoing && !DataFile.is(file);
    if (mayBeBad || !Files.isRegularFile(file)) {
      return;
    } else if (Files.size(file) == 0) {
      throw new IOException(file + " is empty.");
    } else if (!DataFile.is(file) && !ImageLoader.recognizes(file)) {
      try {
        ImageLoader.create().read(file); // It fails, and says why.
      } catch (IOException e) {
        throw ImageInputs.withAdvice(e, all);
      }
    }
  }

  /** Says which files of folders were left out. */
  void print(PrintWriter err) {
    if (!unread.isEmpty()) {
      err.printf("keralens: left out %s that cannot be read:%n", count(unread.size(), "folder"));
      unread.stream().limit(MOST_NAMED).forEach(reason -> err.println("  " + reason));
      err.print(unread.size() > MOST_NAMED ? "  ...%n".formatted() : "");
    }
    print(err, others, "1 file that is no image", "%d files that are no images");
    print(err, twice, "1 file that is there already", "%d files that are there already");
    print(
        err,
        maps,
        "1 picture that Keralens drew (name it to take it)",
        "%d pictures that Keralens drew (name them to take them)");
    err.flush();
  }

  private static void print(PrintWriter err, List<Path> files, String one, String several) {
    if (files.isEmpty()) {
      return;
    }
    String names =
        files.stream()
            .limit(MOST_NAMED)
            .map(path -> Printable.message(path.toString()))
            .collect(Collectors.joining(", "));
    err.printf(
        "keralens: left out %s: %s%s%n",
        files.size() == 1 ? one : several.formatted(files.size()),
        names,
        files.size() > MOST_NAMED ? ", ..." : "");
  }

  /** As for images of folders that cannot be read: a failure where there is such a folder. */
  int exitCode() {
    return unread.isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  /** Where the files are. */
  List<Path> paths() {
    return files.stream().map(InputFile::path).toList();
  }

  /** Whether a file is a NumPy array by its name. */
  static boolean isArray(Path file) {
    return ArrayFile.isArray(file);
  }

  private static List<Path> expand(String argument) throws IOException {
    int slash = Math.max(argument.lastIndexOf('/'), argument.lastIndexOf('\\'));
    String name = argument.substring(slash + 1);
    boolean pattern = name.contains("*") || name.contains("?");
    MissingInput.checkAddress(argument);
    if (argument.equals(StandardInput.NAME)) {
      return List.of(StandardInput.file());
    }
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
