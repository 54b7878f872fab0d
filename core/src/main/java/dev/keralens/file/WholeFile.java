package dev.keralens.file;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Writes a file beside its place and moves it there when it is whole.
 *
 * <p>A failure leaves an old file as it was, and nothing beside it. So does the end of the program
 * while it writes, as by Ctrl-C: a shutdown hook, there only as long as the file is being written,
 * deletes what there is of it.
 */
public final class WholeFile {
  /** Writes the content to a file that is there and empty. */
  @FunctionalInterface
  public interface Content {
    /**
     * Writes the content.
     *
     * @param part the empty file to write to
     * @throws IOException if it cannot be written
     */
    void writeTo(Path part) throws IOException;
  }

  private static final List<Path> SYSTEM =
      Stream.of("/dev/fd", "/dev/stdout", "/dev/stderr", "/proc").map(Path::of).toList();

  private final Path file;
  private final Path part;
  private boolean ended;

  private WholeFile(Path file, Path part) {
    this.file = file;
    this.part = part;
  }

  /**
   * Writes a file, or replaces it. What a link points to is replaced, and the link stays. A device
   * or a pipe, such as {@code /dev/stdout}, is written to.
   *
   * @param file where it has to be; its folder has to be there
   * @param content writes it
   * @throws IOException if it cannot be written, or the program is ending
   */
  public static void write(Path file, Content content) throws IOException {
    if (isStream(file)) {
      writeStream(file, content);
    } else {
      writeWhole(
          Files.isSymbolicLink(file) && Files.exists(file) ? file.toRealPath() : file, content);
    }
  }

  /**
   * {@return whether what is written to a path goes on, as to a device or a pipe, and cannot be
   * replaced by a file}
   *
   * @param file a path
   */
  public static boolean isStream(Path file) {
    Path whole = file.toAbsolutePath().normalize();
    boolean special = Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file);
    // What /dev/stdout is may be a file, which others write to as well.
    return special || (Files.exists(file) && SYSTEM.stream().anyMatch(whole::startsWith));
  }

  private static void writeStream(Path file, Content content) throws IOException {
    Path part = Files.createTempFile("keralens", ".part");
    try {
      content.writeTo(part);
      try (OutputStream out = new FileOutputStream(file.toFile(), true)) {
        Files.copy(part, out);
      }
    } catch (IOException e) {
      throw new WholeFile(file, part).named(e);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static void writeWhole(Path file, Content content) throws IOException {
    // Not createTempFile: its files may be read by their owner only.
    String name = ".keralens-%s.part".formatted(UUID.randomUUID());
    WholeFile whole = new WholeFile(file, file.toAbsolutePath().resolveSibling(name));
    Thread hook = new Thread(whole::end, "keralens-delete-part");
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      throw whole.ending();
    }
    try {
      whole.create();
      content.writeTo(whole.part);
      whole.move();
    } catch (IOException e) {
      throw whole.named(e);
    } finally {
      try {
        Files.deleteIfExists(whole.part);
      } finally {
        remove(hook);
      }
    }
  }

  /** A failure that names the file, not its part: a full disk has a reason and no name. */
  private IOException named(IOException e) {
    if (e instanceof ClosedByInterruptException) {
      return e;
    }
    String text = String.valueOf(e.getMessage());
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null && !Files.isDirectory(folder)) {
      return new IOException("Cannot write %s: the folder %s is gone.".formatted(file, folder), e);
    }
    if (text.contains(file.toString()) && !text.contains(part.toString())) {
      return e;
    }
    String reason =
        e instanceof FileSystemException failed
            ? failed.getReason() == null ? e.getClass().getSimpleName() : failed.getReason()
            : e.getMessage() == null ? e.getClass().getSimpleName() : text;
    return new IOException("Cannot write %s: %s.".formatted(file, reason), e);
  }

  /** Begins the part, unless the program has ended before: then nobody would delete it. */
  private synchronized void create() throws IOException {
    if (ended) {
      throw ending();
    }
    Files.createFile(part);
  }

  private synchronized void move() throws IOException {
    if (ended) {
      throw ending();
    }
    try {
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private IOException ending() {
    return new IOException("Cannot write %s: the program is ending.".formatted(file));
  }

  private synchronized void end() {
    ended = true;
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      // The program is ending: there is nobody to tell, and nothing else to try.
    }
  }

  private static void remove(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The program is ending: the hook runs, and finds nothing.
    }
  }
}
