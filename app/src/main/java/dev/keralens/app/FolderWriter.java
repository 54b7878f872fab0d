package dev.keralens.app;

import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * Writes a picture for each image, method and unit (or all units), of the image's own size, while
 * the next images are explained. Images of folders within a folder have the same folders here.
 */
final class FolderWriter implements Writer {
  private final Path folder;
  private final Inputs inputs;
  private final Labels labels;
  private final Rendering rendering;
  private final WriteQueue queue = new WriteQueue(Runtime.getRuntime().availableProcessors());
  private int written;

  FolderWriter(Path folder, Inputs inputs, Labels labels, Rendering rendering) {
    this.folder = folder;
    this.inputs = inputs;
    this.labels = labels;
    this.rendering = rendering;
  }

  @Override
  public void add(Explained batch) throws IOException {
    Files.createDirectories(folder);
    for (int i = 0; i < batch.images(); i++) {
      for (int m = 0; m < batch.explanations().size(); m++) {
        String method = batch.name(m, "-").replaceAll("[^\\w.-]+", "-").replaceAll("-$", "");
        String stem = inputs.stem(batch.place(i)) + "-" + method;
        if (rendering.joinsUnits()) {
          addJoined(batch, i, m, stem);
        } else {
          addUnits(batch, i, m, stem);
        }
      }
    }
  }

  private void addJoined(Explained batch, int image, int method, String stem) throws IOException {
    Picture picture = batch.pictures().get(image);
    save(() -> rendering.unitOverlay().draw(picture, batch.maps(method, image, labels)), stem);
  }

  private void addUnits(Explained batch, int image, int method, String stem) throws IOException {
    Picture picture = batch.pictures().get(image);
    boolean ofPixels = batch.ofPixels(method);
    for (int k = 0; k < batch.unitsPerImage(); k++) {
      String unit = batch.unitsPerImage() == 1 ? "" : "-unit" + batch.unit(image, k);
      Tensor map = batch.explanations().get(method).map(image, k);
      save(() -> rendering.draw(picture, map, ofPixels), stem + unit);
    }
  }

  private void save(Supplier<Picture> drawing, String stem) throws IOException {
    Path file = folder.resolve(stem + ".png");
    queue.add(
        () -> {
          Path parent = file.getParent();
          if (parent != null) {
            Files.createDirectories(parent);
          }
          Output.checkTarget(file, inputs.files());
          drawing.get().save(file);
        });
    written++;
  }

  @Override
  public String finish() throws IOException {
    queue.finish();
    return "%s: %d %s".formatted(folder, written, written == 1 ? "picture" : "pictures");
  }

  @Override
  public void close() throws IOException {
    queue.close();
  }
}
