package dev.keralens;

import dev.keralens.file.FileStamp;
import dev.keralens.graph.InvalidModelException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files that a model was read from, as they were then.
 *
 * @param files the files; none for a model of no file, or a folder
 */
record Origin(List<FileStamp> files) {
  static final Origin NONE = new Origin(List.of());

  /** The files that a model is about to be read from. What cannot be read is told by the reader. */
  static Origin of(Path path, @Nullable Path weights) {
    List<FileStamp> files = new ArrayList<>();
    for (Path file : weights == null ? List.of(path) : List.of(path, weights)) {
      try {
        if (Files.isRegularFile(file)) {
          files.add(FileStamp.settled(file));
        }
      } catch (IOException e) {
        return NONE;
      }
    }
    return new Origin(List.copyOf(files));
  }

  /**
   * Refuses one of these files as a place to write to.
   *
   * @throws IllegalArgumentException if it is one of them
   */
  void checkApart(Path target) throws IOException {
    for (FileStamp stamp : files) {
      if (Files.exists(target)
          && Files.exists(stamp.file())
          && Files.isSameFile(stamp.file(), target)) {
        throw new IllegalArgumentException(
            "The export would overwrite %s, which the model was read from; name another file."
                .formatted(target));
      }
    }
  }

  /**
   * The SHA-256 of a file, in hexadecimal digits.
   *
   * @throws InvalidModelException if it is not as it was when the model was read
   */
  static String digest(FileStamp stamp) throws IOException {
    String text;
    try (DigestInputStream in =
        new DigestInputStream(open(stamp), MessageDigest.getInstance("SHA-256"))) {
      in.transferTo(OutputStream.nullOutputStream());
      text = HexFormat.of().formatHex(in.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Java always has SHA-256.", e);
    }
    if (!stamp.isUnchanged()) {
      throw changed(stamp);
    }
    return text;
  }

  private static InputStream open(FileStamp stamp) throws IOException {
    if (!stamp.isUnchanged()) {
      throw changed(stamp);
    }
    return Files.newInputStream(stamp.file());
  }

  private static InvalidModelException changed(FileStamp stamp) {
    return new InvalidModelException(
        "%s has changed since the model was read; read it again."
            .formatted(stamp.file().getFileName()));
  }
}
