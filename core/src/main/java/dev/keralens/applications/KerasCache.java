package dev.keralens.applications;

import dev.keralens.file.FileStamp;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The folder in which Keras keeps what it has downloaded, shared with Keras: {@code models} in
 * {@code KERAS_HOME}, else in {@code .keras} in the user's home.
 *
 * <p>What is not there is downloaded from where Keras downloads it, through the proxy that the JVM
 * is told of ({@code -Dhttps.proxyHost} and so on). A download that broke off goes on where it
 * stopped, also in a later run. Its hash is checked before it gets its name in the cache, and each
 * time it is used. Several processes and threads may ask at once; one of them downloads.
 *
 * <p>Immutable. The system property {@code keralens.mirror} names another address than {@code
 * https://storage.googleapis.com/} for all caches.
 */
public final class KerasCache {
  /** The system property that names another address to download from. */
  public static final String MIRROR = "keralens.mirror";

  static final String ORIGIN = "https://storage.googleapis.com/";

  private static final Map<Path, Lock> LOCKS = new ConcurrentHashMap<>();
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);

  private final Path folder;
  private final String mirror;
  private final Duration patience;
  private final Duration pause;
  private final DownloadListener listener;

  private KerasCache(
      Path folder, String mirror, Duration patience, Duration pause, DownloadListener listener) {
    this.folder = folder;
    this.mirror = mirror.endsWith("/") ? mirror : mirror + "/";
    this.patience = patience;
    this.pause = pause;
    this.listener = listener;
  }

  /** {@return the cache that Keras uses} */
  public static KerasCache standard() {
    String home = System.getenv("KERAS_HOME");
    Path keras =
        home == null || home.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".keras")
            : Path.of(home);
    return in(keras.resolve("models"));
  }

  /**
   * {@return a cache in another folder}
   *
   * @param folder the folder; it is made when something is downloaded
   */
  public static KerasCache in(Path folder) {
    String mirror = System.getProperty(MIRROR, ORIGIN);
    return new KerasCache(folder, mirror, PATIENCE, FIRST_PAUSE, DownloadListener.NONE);
  }

  /**
   * {@return this cache, downloading from another address}
   *
   * @param base what takes the place of {@code https://storage.googleapis.com/}
   */
  public KerasCache mirror(URI base) {
    return new KerasCache(folder, base.toString(), patience, pause, listener);
  }

  /**
   * {@return this cache, with another time limit}
   *
   * @param limit how long to wait for a connection, and for each next piece of a file; 30 seconds
   *     by default
   */
  public KerasCache patience(Duration limit) {
    return new KerasCache(folder, mirror, limit, pause, listener);
  }

  /** This cache, with another pause before the second attempt; each later one is twice as long. */
  KerasCache pause(Duration first) {
    return new KerasCache(folder, mirror, patience, first, listener);
  }

  /**
   * {@return this cache, telling how downloads get on}
   *
   * @param progress is told
   */
  public KerasCache listener(DownloadListener progress) {
    return new KerasCache(folder, mirror, patience, pause, progress);
  }

  /** {@return the folder} */
  public Path folder() {
    return folder;
  }

  /**
   * {@return where a file lies or would lie}
   *
   * @param file the file
   */
  public Path path(PublishedFile file) {
    return folder.resolve(file.name());
  }

  /**
   * {@return the address that a file is downloaded from}
   *
   * @param file the file
   */
  public String address(PublishedFile file) {
    return file.address().startsWith(ORIGIN)
        ? mirror + file.address().substring(ORIGIN.length())
        : file.address();
  }

  /**
   * {@return a file, if it is in the cache; nothing is downloaded, and its hash is not checked}
   *
   * @param file the file
   */
  public Optional<Path> find(PublishedFile file) {
    Path path = path(file);
    return Files.isRegularFile(path) ? Optional.of(path) : Optional.empty();
  }

  /**
   * Gives a file, downloading it if it is not in the cache.
   *
   * @param file the file
   * @return where it lies; its hash was checked, if Keras publishes one
   * @throws DownloadException if it cannot be downloaded, or its hash is another one; the message
   *     says where to get it and where to put it
   * @throws IOException if the cache cannot be read or written
   */
  public Path get(PublishedFile file) throws IOException {
    return checked(file).file();
  }

  /** As {@link #get}; as long as the file has the stamp that this gives, its hash is right. */
  FileStamp checked(PublishedFile file) throws IOException {
    Path path = path(file);
    if (!Files.isRegularFile(path)) {
      download(file, path);
      return FileStamp.settled(path);
    }
    FileStamp stamp = FileStamp.settled(path);
    checkHash(file, path);
    return stamp;
  }

  private void download(PublishedFile file, Path path) throws IOException {
    Path locks = Files.createDirectories(folder.resolve(".locks"));
    Path lockFile = locks.resolve(file.name()).toAbsolutePath();
    // The file lock keeps other processes out, but not other threads of this one.
    Lock threads = LOCKS.computeIfAbsent(lockFile, unused -> new ReentrantLock());
    threads.lock();
    try (FileChannel channel =
            FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock processes = channel.lock()) {
      if (!processes.isValid()) {
        throw new IOException("The lock " + lockFile + " was lost.");
      }
      if (Files.isRegularFile(path)) {
        checkHash(file, path);
        return;
      }
      new Download(file, URI.create(address(file)), path, patience, pause, listener).run();
    } finally {
      threads.unlock();
    }
  }

  private void checkHash(PublishedFile file, Path path) throws IOException {
    String expected = file.hash();
    if (expected == null) {
      return;
    }
    String found = FileHash.of(path, file.algorithm());
    if (!found.equals(expected.toLowerCase(Locale.ROOT))) {
      throw new DownloadException(
          ("%s is not the file that Keras publishes: its %s is %s, expected %s. It is left as it is;"
                  + " move or delete it, and it is downloaded again from %s.")
              .formatted(path, file.algorithm(), found, expected, address(file)),
          null);
    }
  }
}
