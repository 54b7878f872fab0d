package dev.keralens.app;

import dev.keralens.Explanation;
import dev.keralens.picture.Picture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a picture for each image, method and unit, of the image's own size. */
final class FolderWriter implements Writer {
  private final Path folder;
  private final Inputs inputs;
  private final Rendering rendering;
  private int written;

  FolderWriter(Path folder, Inputs inputs, Rendering rendering) {
    this.folder = folder;
    this.inputs = inputs;
    this.rendering = rendering;
  }

  @Override
  public void add(Explained batch) throws IOException {
    Files.createDirectories(folder);
    for (int i = 0; i < batch.images(); i++) {
      Picture picture = batch.pictures().get(i);
      for (int m = 0; m < batch.explanations().size(); m++) {
        Explanation explanation = batch.explanations().get(m);
        for (int k = 0; k < batch.unitsPerImage(); k++) {
          String unit = batch.unitsPerImage() == 1 ? "" : "-unit" + batch.unit(i, k);
          String stem = inputs.stem(batch.first() + i);
          String method = batch.title(m, "-").replaceAll("[^\\w.-]+", "-").replaceAll("-$", "");
          Path file = folder.resolve(stem + "-" + method + unit + ".png");
          Output.checkTarget(file, inputs.files());
          rendering.draw(picture, explanation.map(i, k), batch.ofPixels().get(m)).save(file);
          written++;
        }
      }
    }
  }

  @Override
  public String finish() {
    return "%s: %d %s".formatted(folder, written, written == 1 ? "picture" : "pictures");
  }
}
