package dev.keralens.app;

import dev.keralens.Explanation;
import dev.keralens.picture.Picture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a picture for each image, method and unit (or all units), of the image's own size. */
final class FolderWriter implements Writer {
  private final Path folder;
  private final Inputs inputs;
  private final Labels labels;
  private final Rendering rendering;
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
        String stem = inputs.stem(batch.first() + i) + "-" + method;
        if (rendering.joinsUnits()) {
          save(
              rendering.unitOverlay().draw(batch.pictures().get(i), batch.maps(m, i, labels)),
              stem);
        } else {
          addUnits(batch, i, m, stem);
        }
      }
    }
  }

  private void addUnits(Explained batch, int image, int method, String stem) throws IOException {
    Explanation explanation = batch.explanations().get(method);
    for (int k = 0; k < batch.unitsPerImage(); k++) {
      String unit = batch.unitsPerImage() == 1 ? "" : "-unit" + batch.unit(image, k);
      Picture picture = batch.pictures().get(image);
      boolean ofPixels = batch.ofPixels(method);
      save(rendering.draw(picture, explanation.map(image, k), ofPixels), stem + unit);
    }
  }

  private void save(Picture picture, String stem) throws IOException {
    Path file = folder.resolve(stem + ".png");
    Output.checkTarget(file, inputs.files());
    picture.save(file);
    written++;
  }

  @Override
  public String finish() {
    return "%s: %d %s".formatted(folder, written, written == 1 ? "picture" : "pictures");
  }
}
