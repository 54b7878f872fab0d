package dev.keralens.app;

import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Npz;
import dev.keralens.tensor.Tensor;
import dev.keralens.text.Printable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A file of one array: {@code .npy}, or {@code .npz} that holds one. */
final class ArrayFile {
  private ArrayFile() {}

  /** Whether a file is a NumPy array, or several, by its name. */
  static boolean isArray(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".npy") || isSeveral(file);
  }

  /** Whether a file is several NumPy arrays, by its name. */
  static boolean isSeveral(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".npz");
  }

  /**
   * The one array of a file.
   *
   * @throws IOException if it cannot be read, or holds none or several
   */
  static Tensor read(Path file) throws IOException {
    return read(file, null);
  }

  /**
   * The array of a file that is for an input.
   *
   * @param name the name of the input; of several arrays, the one of this name is taken
   * @throws IOException if it cannot be read, holds none, or several and none of this name
   */
  static Tensor read(Path file, @Nullable String name) throws IOException {
    if (!isSeveral(file)) {
      return Npy.read(file);
    }
    Map<String, Tensor> arrays = Npz.read(file).arrays();
    Tensor named = name == null ? null : arrays.get(name);
    if (named != null) {
      return named;
    } else if (arrays.size() != 1 && name != null) {
      throw new IOException(
          "%s holds %d arrays of numbers%s, and none is called '%s' as the input is."
              .formatted(
                  file,
                  arrays.size(),
                  arrays.isEmpty()
                      ? ""
                      : " (" + Printable.name(String.join(", ", arrays.keySet())) + ")",
                  Printable.name(name)));
    } else if (arrays.size() != 1) {
      throw new IOException(
          "%s holds %d arrays of numbers%s, and which is meant is not known; save the one as .npy."
              .formatted(
                  file,
                  arrays.size(),
                  arrays.isEmpty()
                      ? ""
                      : " (" + Printable.name(String.join(", ", arrays.keySet())) + ")"));
    }
    return arrays.values().iterator().next();
  }
}
