package dev.keralens.app;

import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes the maps of one method as a NumPy array (batch, height, width, unit). */
final class ArrayWriter implements Writer {
  private final Path file;
  private final List<Tensor> maps = new ArrayList<>();

  ArrayWriter(Path file) {
    this.file = file;
  }

  @Override
  public void add(Explained batch) {
    maps.add(batch.explanations().get(0).maps());
  }

  @Override
  public String finish() throws IOException {
    Tensor all = Tensor.concat(maps);
    Npy.write(file, all);
    return "%s: maps %s".formatted(file, Tensor.describe(all.shape()));
  }
}
