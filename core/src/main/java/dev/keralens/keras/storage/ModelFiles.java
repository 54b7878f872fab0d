package dev.keralens.keras.storage;

import dev.keralens.file.RegularFile;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The files that make up a model, in a zip file or in a folder. */
public interface ModelFiles {
  /**
   * {@return a file's bytes, or nothing where there is no such file}
   *
   * @param name its path in the archive or folder
   * @param limit the most bytes it may have
   * @throws InvalidModelException if it is larger or damaged
   * @throws IOException if it cannot be read
   */
  Optional<FileRegion> entry(String name, long limit) throws IOException;

  /**
   * {@return the files in a folder}
   *
   * @param folder an existing folder
   */
  static ModelFiles in(Path folder) {
    return (name, limit) -> {
      Path file = RegularFile.checkWithin(folder, folder.resolve(name));
      if (!Files.isRegularFile(file)) {
        return Optional.empty();
      }
      long size = Files.size(file);
      if (size > limit) {
        throw new InvalidModelException(
            "%s has %d bytes, allowed are %d.".formatted(file, size, limit));
      }
      return Optional.of(FileRegion.of(file));
    };
  }

  /** {@return what to say where a file needs more memory or a deeper stack than there is} */
  static RuntimeException exhausted(String file, VirtualMachineError e) {
    if (e instanceof StackOverflowError) {
      return new InvalidModelException(
          file + " is nested too deep to be read; no model of Keras is.", e);
    }
    return new UnsupportedModelException(
        "%s needs more memory to be read than Java may use, which is %d MB: give it more, by Java's option -Xmx."
            .formatted(file, Runtime.getRuntime().maxMemory() >> 20),
        e);
  }
}
