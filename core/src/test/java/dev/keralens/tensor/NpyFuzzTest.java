package dev.keralens.tensor;

import dev.keralens.Mutations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changed NumPy files; see {@link Mutations}. */
class NpyFuzzTest {
  @TempDir Path folder;

  @Test
  void read_changedFile() throws IOException {
    Path path = folder.resolve("x.npy");
    Npy.write(path, Tensor.of(new float[24], 2, 3, 4));
    Mutations.check(
        Files.readAllBytes(path),
        List.of(IOException.class),
        changed ->
            Npy.read(
                Files.write(folder.resolve(Thread.currentThread().getId() + ".npy"), changed)));
  }
}
