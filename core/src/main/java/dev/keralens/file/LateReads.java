package dev.keralens.file;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * When files that are read late are looked at again. A change must be seen after the last read and
 * before anything is made of what was read. By itself each read is followed by a look; work with
 * hundreds of reads looks once, at its end.
 */
public final class LateReads {
  private static final ThreadLocal<@Nullable LateReads> CURRENT = new ThreadLocal<>();

  private final Set<StableFile> files = ConcurrentHashMap.newKeySet();

  private LateReads() {}

  /**
   * Something that reads.
   *
   * @param <T> what it makes of it
   * @param <X> how it fails
   */
  @FunctionalInterface
  public interface Work<T, X extends Exception> {
    /**
     * {@return what was made}
     *
     * @throws X if that fails
     */
    T run() throws X;
  }

  /**
   * Does work that reads, and then looks whether a file has changed meanwhile.
   *
   * @param <T> what the work makes
   * @param <X> how it fails
   * @param work the work
   * @param undo takes back what the work made, where a file has changed
   * @return what it made
   * @throws X if the work fails
   */
  public static <T, X extends Exception> T together(Work<T, X> work, Consumer<T> undo) throws X {
    if (CURRENT.get() != null) {
      return work.run();
    }
    LateReads all = new LateReads();
    CURRENT.set(all);
    T made;
    try {
      made = work.run();
    } catch (Exception e) {
      // What looks like a damaged file may be one that another program is writing.
      all.check(e);
      throw e;
    } finally {
      CURRENT.remove();
    }
    try {
      all.check(null);
    } catch (RuntimeException e) {
      undo.accept(made);
      throw e;
    }
    return made;
  }

  /** {@return the work that this thread does, for threads that help it; null for none} */
  public static @Nullable LateReads current() {
    return CURRENT.get();
  }

  /**
   * Helps with work of another thread.
   *
   * @param all the work, as {@link #current} gave it
   * @param part what to do of it
   */
  public static void help(@Nullable LateReads all, Runnable part) {
    LateReads own = CURRENT.get();
    CURRENT.set(all);
    try {
      part.run();
    } finally {
      CURRENT.set(own);
    }
  }

  /** Looks at a file that was read, now or when the work is done. */
  static void done(StableFile file) {
    LateReads all = CURRENT.get();
    if (all == null) {
      file.check();
    } else {
      all.files.add(file);
    }
  }

  private void check(@Nullable Exception failure) {
    for (StableFile file : files) {
      try {
        file.check();
      } catch (RuntimeException e) {
        if (failure != null) {
          e.addSuppressed(failure);
        }
        throw e;
      }
    }
  }
}
