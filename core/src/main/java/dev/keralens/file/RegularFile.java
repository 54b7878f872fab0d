package dev.keralens.file;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Tells files from devices and pipes, which may have no end or may never begin: opening one could
 * wait for ever, and reading one take all memory.
 */
public final class RegularFile {
  private RegularFile() {}

  /**
   * Refuses devices and pipes; what is not there is left to who opens it.
   *
   * @param path a path
   * @return the path
   * @throws FileSystemException if it is a device or a pipe
   * @throws IOException if it cannot be looked at
   */
  public static Path check(Path path) throws IOException {
    if (Files.exists(path) && Files.readAttributes(path, BasicFileAttributes.class).isOther()) {
      throw new FileSystemException(
          path.toString(),
          null,
          "it is a device or a pipe, not a file; save its content to a file");
    }
    return path;
  }

  /**
   * Refuses a file of a folder that is a link to a file outside of it.
   *
   * @param folder the folder
   * @param file a file below it
   * @return the file
   * @throws FileSystemException if it lies elsewhere
   * @throws IOException if it cannot be looked at
   */
  public static Path checkWithin(Path folder, Path file) throws IOException {
    if (Files.exists(file) && !file.toRealPath().startsWith(folder.toRealPath())) {
      throw new FileSystemException(
          file.toString(), null, "it is a link to a file outside of the model's folder");
    }
    return check(file);
  }
}
