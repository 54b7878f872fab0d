package dev.keralens.app;

import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes a picture for each image, method and unit (or all units), of the image's own size, while
 * the next images are explained. Images of folders within a folder have the same folders here.
 */
final class FolderWriter implements Writer {
  private final Path folder;
  private final Inputs inputs;
  private final Labels labels;
  private final Rendering rendering;
  private final @Nullable Views views;
  private final List<@Nullable Views> each;
  private final WriteQueue queue = new WriteQueue(Runtime.getRuntime().availableProcessors());
  private int written;

  /**
   * A writer.
   *
   * @param views how what is no picture is drawn; null for pictures
   * @param each the same of each input, where every one is explained; else empty
   */
  FolderWriter(
      Path folder,
      Inputs inputs,
      Labels labels,
      Rendering rendering,
      @Nullable Views views,
      List<@Nullable Views> each) {
    this.folder = folder;
    this.inputs = inputs;
    this.labels = labels;
    this.rendering = rendering;
    this.views = views;
    this.each = each;
  }

  @Override
  public void add(Explained batch) throws IOException {
    Files.createDirectories(folder);
    for (int i = 0; i < batch.images(); i++) {
      for (int m = 0; m < batch.explanations().size(); m++) {
        if (!each.isEmpty()) {
          addOver(batch, i, m);
        } else if (views != null) {
          addDrawn(batch, views, i, m);
        } else if (rendering.joinsUnits()) {
          addJoined(batch, i, m);
        } else {
          addUnits(batch, i, m);
        }
      }
    }
  }

  @Override
  public Path file(Explained batch, int image, int explanation, int place) {
    String method = inFileNames(batch.name(explanation, "-"));
    boolean one = batch.unitsPerImage() == 1 || rendering.joinsUnits();
    String unit = one ? "" : "-unit" + batch.unit(image, place);
    return folder.resolve(inputs.stem(batch.place(image)) + "-" + method + unit + ".png");
  }

  /** A method, with its layer where it explains several, as it stands in names of files. */
  static String inFileNames(String method) {
    return method.replaceAll("[^\\w.-]+", "-").replaceAll("-$", "");
  }

  private void addJoined(Explained batch, int image, int method) throws IOException {
    Picture picture = batch.pictures().get(image);
    save(
        () ->
            rendering
                .unitOverlay()
                .draw(Rendering.gray(picture), batch.maps(method, image, labels)),
        file(batch, image, method, 0));
  }

  private void addDrawn(Explained batch, Views how, int image, int method) throws IOException {
    for (int k = 0; k < batch.unitsPerImage(); k++) {
      int place = k;
      save(() -> batch.draw(how, method, image, place, rendering), file(batch, image, method, k));
    }
  }

  private void addOver(Explained batch, int image, int method) throws IOException {
    for (int k = 0; k < batch.unitsPerImage(); k++) {
      int place = k;
      save(
          () -> batch.drawOver(each, method, image, place, rendering),
          file(batch, image, method, k));
    }
  }

  private void addUnits(Explained batch, int image, int method) throws IOException {
    Picture picture = batch.pictures().get(image);
    boolean ofPixels = batch.ofPixels(method);
    for (int k = 0; k < batch.unitsPerImage(); k++) {
      Tensor map = batch.explanations().get(method).map(image, k);
      save(() -> rendering.draw(picture, map, ofPixels), file(batch, image, method, k));
    }
  }

  private void save(Supplier<Picture> drawing, Path file) throws IOException {
    queue.add(
        () -> {
          Path parent = file.getParent();
          if (parent != null) {
            Files.createDirectories(parent);
          }
          Output.checkTarget(file, inputs.files());
          drawing.get().save(file, rendering.figure().notes());
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
