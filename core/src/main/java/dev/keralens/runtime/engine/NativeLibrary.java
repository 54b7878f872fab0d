package dev.keralens.runtime.engine;

import dev.keralens.runtime.GraphExecutionException;
import java.io.File;
import java.nio.file.FileSystemException;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.logging.Filter;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The loading of ONNX Runtime's native library, which is unpacked from its jar into a temporary
 * folder, and what is said where that fails.
 */
final class NativeLibrary {
  private static final String FOLDER = "onnxruntime.native.path";

  /** ONNX Runtime reports here that it could not unpack the library, and goes on without it. */
  private static final Logger REPORTS = Logger.getLogger("ai.onnxruntime.OnnxRuntime");

  private NativeLibrary() {}

  /**
   * {@return what is given by code that loads the library}
   *
   * @param loading is called once
   * @throws GraphExecutionException if the library cannot be unpacked or loaded
   */
  static <T> T load(Supplier<T> loading) {
    AtomicReference<@Nullable Throwable> reported = new AtomicReference<>();
    Filter usual = REPORTS.getFilter();
    REPORTS.setFilter(
        entry -> {
          reported.compareAndSet(null, entry.getThrown());
          return entry.getThrown() == null && (usual == null || usual.isLoggable(entry));
        });
    try {
      return loading.get();
    } catch (LinkageError | IllegalStateException e) {
      Throwable unpacking = reported.get();
      throw new GraphExecutionException(message(unpacking == null ? root(e) : unpacking), e);
    } finally {
      REPORTS.setFilter(usual);
    }
  }

  private static Throwable root(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  /** Where the linker of musl lies, on systems that have it instead of glibc. */
  private static boolean hasMusl() {
    String[] linkers = new File("/lib").list((folder, name) -> name.startsWith("ld-musl-"));
    return linkers != null
        && linkers.length > 0
        && !new File("/lib64/ld-linux-x86-64.so.2").exists();
  }

  /** Whether ONNX Runtime's artifact has a library for a system on a processor. */
  static boolean has(String system, String processor) {
    String name = system.toLowerCase(Locale.ROOT);
    boolean intel = processor.equals("amd64") || processor.equals("x86_64");
    boolean arm = processor.equals("aarch64") || processor.equals("arm64");
    return name.startsWith("linux")
        ? intel || arm
        : name.startsWith("windows") ? intel : name.startsWith("mac") && arm;
  }

  private static String message(Throwable reason) {
    String system = System.getProperty("os.name", "");
    String processor = System.getProperty("os.arch", "");
    if (!has(system, processor) && System.getProperty(FOLDER) == null) {
      return "ONNX Runtime's native library cannot be loaded: its artifact has none for %s on %s. It has some for Linux on x64 and aarch64 (with glibc), Windows on x64, and macOS on Apple silicon: run there, or in a container of Linux; or build ONNX Runtime and name its folder with -D%s."
          .formatted(system, processor, FOLDER);
    }
    if (hasMusl()) {
      return "ONNX Runtime's native library cannot be loaded: it needs glibc, and this system has"
          + " musl (as Alpine Linux does). Use a system with glibc, such as Debian or Ubuntu. (%s)"
              .formatted(reason(reason));
    }
    String folder = System.getProperty(FOLDER);
    String temporary = System.getProperty("java.io.tmpdir");
    String source =
        folder == null
            ? "It is unpacked into the temporary folder %s, which needs 30 MB and must allow programs in it."
                .formatted(temporary)
            : "It is read from %s, which Java's option -D%s names, but the temporary folder %s is needed too."
                .formatted(folder, FOLDER, temporary);
    String remedy =
        "Java's option -Djava.io.tmpdir=FOLDER chooses another, for the script keralens"
            + " TMPDIR=FOLDER.";
    return "ONNX Runtime's native library cannot be loaded: %s. %s %s"
        .formatted(reason(reason), source, remedy);
  }

  /** The messages of file exceptions are often the bare path. */
  private static String reason(Throwable e) {
    String message = e.getMessage();
    return message == null || (e instanceof FileSystemException file && file.getReason() == null)
        ? e.getClass().getSimpleName() + " " + message
        : message;
  }
}
