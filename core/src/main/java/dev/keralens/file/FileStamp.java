package dev.keralens.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a file system says about a file's content without showing it: if the stamp of a file is the
 * same as before, so are its bytes.
 *
 * <p>That holds where {@link #isTelling} does. The time of the last change ({@code ctime}) cannot
 * be set back, as that of the last modification can; but it is counted in steps of some
 * milliseconds, so two changes within one step have the same time. A stamp is therefore not given
 * out before the step is over.
 *
 * @param file the file
 * @param size its number of bytes
 * @param modified when its content was written last, as the writer says
 * @param changed when it was changed last, as the system says; null where the system does not
 * @param key which file of its file system it is; null where the system does not say
 */
public record FileStamp(
    Path file, long size, FileTime modified, @Nullable FileTime changed, @Nullable Object key) {
  /** Longer than one step of the clocks that file systems use, which is at most 10 ms on Linux. */
  private static final long STEP_MILLIS = 20;

  private static final int WAITS = 5;

  /** Times in whole seconds come from file systems that know no smaller ones. */
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /**
   * {@return the stamp of a file, once a later change would give it another one; a file that is
   * changed all the time gets one, too}
   *
   * @param file an existing file
   * @throws IOException if the file system cannot say it
   */
  public static FileStamp settled(Path file) throws IOException {
    FileStamp stamp = now(file);
    for (int i = 0; i < WAITS && stamp.isFresh(); i++) {
      pause();
      stamp = now(file);
    }
    return stamp;
  }

  /** {@return whether a change that comes at once could leave the stamp as it is} */
  boolean isFresh() {
    long age = System.currentTimeMillis() - (changed == null ? modified : changed).toMillis();
    return age >= 0 && age < STEP_MILLIS;
  }

  private static void pause() {
    boolean interrupted = Thread.interrupted();
    try {
      Thread.sleep(STEP_MILLIS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** {@return the stamp of a file as it is now} */
  static FileStamp now(Path file) throws IOException {
    Map<String, Object> all;
    try {
      all = Files.readAttributes(file, "unix:size,lastModifiedTime,ctime,fileKey");
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      BasicFileAttributes some = Files.readAttributes(file, BasicFileAttributes.class);
      return new FileStamp(file, some.size(), some.lastModifiedTime(), null, some.fileKey());
    }
    return new FileStamp(
        file,
        (Long) Objects.requireNonNull(all.get("size")),
        (FileTime) Objects.requireNonNull(all.get("lastModifiedTime")),
        (FileTime) Objects.requireNonNull(all.get("ctime")),
        all.get("fileKey"));
  }

  /** {@return whether every change of the file gives it another stamp} */
  public boolean isTelling() {
    return changed != null && changed.to(TimeUnit.NANOSECONDS) % SECOND != 0;
  }

  /** {@return whether the file is still there and has this stamp} */
  public boolean isUnchanged() {
    try {
      return now(file).equals(this);
    } catch (IOException e) {
      return false;
    }
  }
}
