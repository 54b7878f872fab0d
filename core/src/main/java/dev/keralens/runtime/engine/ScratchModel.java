package dev.keralens.runtime.engine;

import dev.keralens.onnx.write.OnnxModel;
import dev.keralens.runtime.GraphExecutionException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;

/**
 * A model in files that are there while ONNX Runtime reads them, in a folder of their own. If the
 * program ends meanwhile, as by Ctrl-C, they are deleted, too.
 */
final class ScratchModel implements AutoCloseable {
  private final Path folder;
  private final Thread hook = new Thread(this::delete, "keralens-delete-scratch");

  private ScratchModel(Path folder) {
    this.folder = folder;
  }

  /**
   * Writes a model.
   *
   * @param model the model; its constants are read, one at a time
   * @param scratch the folder to make the model's folder in
   * @throws GraphExecutionException if the files cannot be written
   * @throws CancellationException if the thread is interrupted; it stays so
   */
  static ScratchModel write(OnnxModel model, Path scratch) {
    ScratchModel files;
    try {
      files = new ScratchModel(Files.createTempDirectory(scratch, "keralens-"));
    } catch (IOException e) {
      throw failure(scratch, e);
    }
    boolean written = false;
    try {
      Runtime.getRuntime().addShutdownHook(files.hook);
      model.write(files.model());
      written = true;
      return files;
    } catch (ClosedByInterruptException e) {
      throw new CancellationException("The work was cancelled: its thread is interrupted.");
    } catch (IOException e) {
      throw failure(scratch, e);
    } finally {
      if (!written) {
        files.close();
      }
    }
  }

  private static GraphExecutionException failure(Path scratch, IOException e) {
    String reason =
        e instanceof NoSuchFileException
            ? "there is no such folder"
            : String.valueOf(e.getMessage());
    return new GraphExecutionException(
        "Cannot write the weights to the scratch folder %s: %s. Name a folder that has room for them."
            .formatted(scratch, reason),
        e);
  }

  /** {@return the file to give to ONNX Runtime; the constants are beside it} */
  Path model() {
    return folder.resolve("model.onnx");
  }

  /** Deletes the files; what ONNX Runtime has mapped of them stays in its memory. */
  @Override
  public void close() {
    delete();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The program is ending: the hook runs, and finds nothing.
    }
  }

  private void delete() {
    for (Path path : new Path[] {model(), OnnxModel.constants(model()), folder}) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        // Windows deletes nothing that is mapped.
        path.toFile().deleteOnExit();
      }
    }
  }
}
