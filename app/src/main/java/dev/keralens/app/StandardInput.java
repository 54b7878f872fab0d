package dev.keralens.app;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A picture or an array that comes through the standard input. */
final class StandardInput {
  /** What stands for it in the place of a file. */
  static final String NAME = "-";

  private static final int START = 6;

  private static @Nullable Path read;

  private StandardInput() {}

  /**
   * The file that holds what came; it is deleted when the program ends.
   *
   * @throws UsageException if it is asked for twice
   */
  static synchronized Path file() throws IOException {
    if (read != null && Files.exists(read)) {
      throw new UsageException("- is the standard input, which is read once.");
    }
    read = file(System.in);
    return read;
  }

  /** The file that holds a stream, called as what it begins with is. */
  static Path file(InputStream in) throws IOException {
    byte[] start = in.readNBytes(START);
    if (start.length == 0) {
      throw new IOException("The standard input is empty.");
    }
    boolean array = start.length == START && start[0] == (byte) 0x93 && start[1] == 'N';
    boolean arrays = start[0] == 'P' && start.length > 1 && start[1] == 'K';
    Path folder = Files.createTempDirectory("keralens");
    Path file = folder.resolve("stdin" + (array ? ".npy" : arrays ? ".npz" : ""));
    folder.toFile().deleteOnExit();
    file.toFile().deleteOnExit();
    try (var out = Files.newOutputStream(file)) {
      out.write(start);
      in.transferTo(out);
    }
    return file;
  }
}
