package dev.keralens.app;

import dev.keralens.file.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is written, and where: the name of the output decides.
 *
 * @param path the file or folder
 */
record Output(Kind kind, Path path) {
  /** What is written. */
  enum Kind {
    GRID,
    ARRAY,
    ARRAYS,
    TABLE,
    REPORT,
    FOLDER
  }

  /** What stands for the standard output. */
  static final String STANDARD = "-";

  private static final Map<String, Kind> BY_ENDING =
      Map.of(
          "png", Kind.GRID,
          "jpg", Kind.GRID,
          "jpeg", Kind.GRID,
          "svg", Kind.GRID,
          "pdf", Kind.GRID,
          "npy", Kind.ARRAY,
          "npz", Kind.ARRAYS,
          "html", Kind.REPORT);

  /**
   * The output of a name.
   *
   * @throws UsageException if the name does not tell
   */
  static Output of(String name) {
    if (name.equals(STANDARD)) {
      return standard();
    }
    Path path = path(name);
    if (WholeFile.isStream(path)) {
      throw new UsageException(
          "-o %s: the name has to say what is written; -o - writes a PNG to the standard output."
              .formatted(name));
    }
    boolean folder = name.endsWith("/") || name.endsWith("\\") || Files.isDirectory(path);
    String file = String.valueOf(path.getFileName());
    int dot = file.lastIndexOf('.');
    if (folder || dot < 0 || file.equals(".") || file.equals("..")) {
      return new Output(Kind.FOLDER, path);
    }
    Kind kind = BY_ENDING.get(file.substring(dot + 1).toLowerCase(Locale.ROOT));
    if (kind == null) {
      throw new UsageException(
          "-o %s: the name says what is written, a picture (.png, .jpg, .svg, .pdf), an array (.npy), arrays (.npz), a report (.html) or a folder"
                  .formatted(name)
              + " (ends in / or has no ending).");
    }
    return new Output(kind, path);
  }

  /** A picture that goes to the standard output in the end. */
  private static Output standard() {
    try {
      Path folder = Files.createTempDirectory("keralens");
      Path file = folder.resolve("stdout.png");
      folder.toFile().deleteOnExit();
      file.toFile().deleteOnExit();
      return new Output(Kind.GRID, file);
    } catch (IOException e) {
      throw new UsageException("-o -: no temporary file can be made: " + e.getMessage(), e);
    }
  }

  /**
   * The output of a name that has to be an array's.
   *
   * @throws UsageException if it is not
   */
  static Output array(String name) {
    Path path = path(name);
    if (!ArrayFile.isArray(path)) {
      throw new UsageException(
          "-o %s: the array is written to a .npy or .npz file; tables to --json or --csv FILE."
              .formatted(name));
    }
    return new Output(ArrayFile.isSeveral(path) ? Kind.ARRAYS : Kind.ARRAY, path);
  }

  /** The output of the name of a table's file. */
  static Output file(String name) {
    return new Output(Kind.TABLE, path(name));
  }

  private static Path path(String name) {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new UsageException("-o %s is no name of a file: %s.".formatted(name, e.getReason()), e);
    }
  }

  /**
   * Finds out now whether the output can be written later.
   *
   * @param sources the files that are read, none of which may be written
   * @throws IOException if it cannot be written
   */
  void check(List<Path> sources) throws IOException {
    if (WholeFile.isStream(path)) {
      return;
    }
    if (kind == Kind.FOLDER) {
      Path there = path.toAbsolutePath().normalize();
      while (there.getParent() != null && !Files.exists(there)) {
        there = there.getParent();
      }
      tryFolder(there);
      return;
    }
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null || !Files.exists(folder)) {
      throw new IOException("Cannot write %s: there is no folder %s.".formatted(path, folder));
    }
    if (Files.isDirectory(path)) {
      throw new IOException("Cannot write %s: it is a folder.".formatted(path));
    }
    tryFolder(folder);
    checkTarget(path, sources);
  }

  /** Finds out whether a file may be written. */
  static void checkTarget(Path target, List<Path> sources) throws IOException {
    if (!Files.exists(target)) {
      return;
    }
    if (!Files.isWritable(target)) {
      throw new IOException("Cannot write %s: it is write-protected.".formatted(target));
    }
    for (Path source : sources) {
      // The name of a published network is no file.
      if (Files.exists(source) && Files.isSameFile(source, target)) {
        throw new UsageException(
            "-o would overwrite %s, which is read; name another output.".formatted(target));
      }
    }
  }

  private void tryFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IOException("Cannot write %s: %s is no folder.".formatted(path, folder));
    }
    @Nullable Path probe = null;
    try {
      probe = Files.createTempFile(folder, ".keralens", ".part");
    } catch (IOException e) {
      throw new IOException(
          "Cannot write %s: the folder %s cannot be written.".formatted(path, folder), e);
    } finally {
      if (probe != null) {
        Files.deleteIfExists(probe);
      }
    }
  }
}
