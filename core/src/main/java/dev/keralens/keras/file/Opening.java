package dev.keralens.keras.file;

import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.keras.storage.Architecture;
import dev.keralens.keras.storage.FileRegion;
import dev.keralens.keras.storage.Hdf5Group;
import dev.keralens.keras.storage.ModelFiles;
import dev.keralens.keras.storage.ZipArchive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds out what kind of file a path is, and opens it. */
final class Opening {
  private Opening() {}

  static KerasFile file(Path path) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    if (path.endsWith(SavedModelReader.MODEL) && folder != null) {
      return folder(folder);
    }
    return file(path, FileRegion.of(path));
  }

  /** As above, with the file's bytes. */
  static KerasFile file(Path path, FileRegion region) throws IOException {
    if (region.size() == 0) {
      throw new InvalidModelException(path + " is empty.");
    }
    return guard(
        path,
        () -> {
          if (ZipArchive.isZip(region)) {
            ZipArchive archive = ZipArchive.open(region);
            if (!archive.names().contains(ArchiveReader.CONFIG)) {
              ForeignFile.refuseZip(path, archive.names());
            }
            return new ArchiveReader(path, archive).read();
          }
          if (Hdf5Group.isHdf5(region)) {
            return Hdf5Reader.open(path, region);
          }
          ForeignFile.refuse(path, region);
          if (Architecture.isJson(region)) {
            throw new InvalidModelException(
                path
                    + " is JSON: an architecture without weights. Give the weights too (--weights;"
                    + " in Java Model.load(architecture, weights)), or save the whole model:"
                    + " model.save('model.keras').");
          }
          throw new InvalidModelException(
              path
                  + " is no Keras model: it is neither a .keras archive (zip) nor an HDF5 file."
                  + " Save the model again: model.save('model.keras').");
        });
  }

  static KerasFile folder(Path path) throws IOException {
    if (PresetReader.isTask(path)) {
      return guard(path, () -> new PresetReader(path).read());
    }
    if (!Files.exists(path.resolve(SavedModelReader.MODEL)) && !isUnpacked(path)) {
      ForeignFile.refuseFolder(path);
    }
    if (Files.exists(path.resolve(ArchiveReader.CONFIG))) {
      return guard(path, () -> new ArchiveReader(path, ModelFiles.in(path)).read());
    }
    if (Files.exists(path.resolve(SavedModelReader.MODEL))) {
      return guard(path, () -> new SavedModelReader(path, ModelFiles.in(path)).read());
    }
    throw new InvalidModelException(
        path
            + " is a folder without a Keras model: it has neither 'config.json' nor"
            + " 'saved_model.pb'.");
  }

  /** Whether a folder holds what a .keras archive does; others have a config.json too. */
  private static boolean isUnpacked(Path path) {
    return Files.exists(path.resolve(ArchiveReader.CONFIG))
        && Files.exists(path.resolve("metadata.json"));
  }

  /** Something that opens a file. */
  interface Open {
    KerasFile open() throws IOException;
  }

  /**
   * Lets nothing but our two exceptions and I/O errors escape. What jHDF throws has become one of
   * them before; so a surprise here is a mistake of ours, and says so.
   */
  static KerasFile guard(Path path, Open open) throws IOException {
    try {
      return open.open();
    } catch (InvalidModelException | UnsupportedModelException e) {
      throw e;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (StackOverflowError | OutOfMemoryError e) {
      throw ModelFiles.exhausted(path.toString(), e);
    } catch (RuntimeException e) {
      throw new InvalidModelException(
          "%s cannot be read (%s). If Keras reads it, this is a mistake of Keralens: please report it."
              .formatted(path, e),
          e);
    }
  }
}
