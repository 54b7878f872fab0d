package dev.keralens.spark;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.SparkFiles;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * How a model comes to the executors: by its path, or by a broadcast of its content. A file of
 * Hadoop's file systems is copied once for each process.
 */
final class ModelFile implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final long LARGEST_BROADCAST = 1_000_000_000;

  /** Of Hadoop's file systems; one letter is a drive of Windows. */
  private static final String ADDRESS = "[A-Za-z][A-Za-z0-9+.-]+:.*";

  /** What has been copied, by path and stamp. */
  private static final Map<String, Path> COPIES = new ConcurrentHashMap<>();

  /**
   * A model on this machine.
   *
   * @param path where it lies
   * @param stamp changes with the file
   */
  record Local(Path path, String stamp) {}

  private final String path;
  private final @Nullable SerializableConfiguration hadoop;
  private final @Nullable Broadcast<byte[]> content;
  private final String digest;

  private ModelFile(
      String path,
      @Nullable SerializableConfiguration hadoop,
      @Nullable Broadcast<byte[]> content,
      String digest) {
    this.path = path;
    this.hadoop = hadoop;
    this.content = content;
    this.digest = digest;
  }

  /** A model that every machine reads from its path. */
  static ModelFile at(String path, SparkSession session) {
    Configuration configuration = session.sparkContext().hadoopConfiguration();
    return new ModelFile(path, new SerializableConfiguration(configuration), null, "");
  }

  /**
   * A model that the driver reads and sends.
   *
   * @throws IllegalArgumentException if it is a folder, or too large
   */
  static ModelFile broadcast(SparkSession session, String path) {
    try {
      Path file = at(path, session).local().path();
      if (Files.isDirectory(file) || Files.size(file) > LARGEST_BROADCAST) {
        throw new IllegalArgumentException(
            "%s is a folder, or larger than 1 GB; set broadcast to false, and put it where every"
                    .formatted(path)
                + " executor reads it (addFile, HDFS, S3).");
      }
      byte[] bytes = Files.readAllBytes(file);
      Broadcast<byte[]> sent =
          JavaSparkContext.fromSparkContext(session.sparkContext()).broadcast(bytes);
      return new ModelFile(path, null, sent, digest(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String digest(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** {@return the model on this machine} */
  Local local() throws IOException {
    if (content != null) {
      return new Local(copied(digest, to -> Files.write(to, content.value())), digest);
    }
    if (!path.matches(ADDRESS) || path.startsWith("file:")) {
      return onThisMachine();
    }
    URI uri = URI.create(path.replace(" ", "%20"));
    Configuration configuration = Objects.requireNonNull(hadoop).value();
    FileSystem system = FileSystem.get(uri, configuration);
    org.apache.hadoop.fs.Path remote = new org.apache.hadoop.fs.Path(uri);
    FileStatus status = system.getFileStatus(remote);
    String stamp = status.getLen() + " " + status.getModificationTime();
    Path copy =
        copied(
            path + "\n" + stamp,
            to ->
                system.copyToLocalFile(
                    false, remote, new org.apache.hadoop.fs.Path(to.toUri()), true));
    return new Local(copy, stamp);
  }

  private Local onThisMachine() throws IOException {
    Path file =
        path.startsWith("file:")
            ? Path.of(URI.create(path.replace(" ", "%20")).getPath())
            : Path.of(path);
    Path given = Files.exists(file) || file.isAbsolute() ? file : Path.of(SparkFiles.get(path));
    if (!Files.exists(given)) {
      throw new IOException(
          ("There is no model at %s on this machine. Put it there on every machine, send it"
                  + " (SparkContext.addFile, or broadcast), or name an address of HDFS or S3.")
              .formatted(given));
    }
    return new Local(given, Files.size(given) + " " + Files.getLastModifiedTime(given));
  }

  /** Fills a new file. */
  @FunctionalInterface
  private interface Filling {
    void fill(Path file) throws IOException;
  }

  private Path copied(String key, Filling filling) throws IOException {
    synchronized (COPIES) {
      Path known = COPIES.get(key);
      if (known != null && Files.exists(known)) {
        return known;
      }
      Path folder = Files.createTempDirectory("keralens-model-");
      String name = path.replaceAll("/+$", "").replaceAll(".*[/\\\\]", "");
      Path file = folder.resolve(name);
      filling.fill(file);
      COPIES.put(key, file);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
      return file;
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> inside = Files.walk(folder)) {
      for (Path path : inside.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      // The system cleans its temporary folder.
    }
  }
}
