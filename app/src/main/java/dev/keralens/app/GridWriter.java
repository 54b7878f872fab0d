package dev.keralens.app;

import dev.keralens.Explanation;
import dev.keralens.app.Rendering.Style;
import dev.keralens.picture.Grid;
import dev.keralens.picture.Interpolation;
import dev.keralens.picture.Picture;
import dev.keralens.picture.Pictures;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes one captioned picture of everything: a row an image, a column a method.
 *
 * <p>Of one method and several units, the columns are the units, over several rows where they are
 * many. Of several methods and units, each unit has a row. Where units are drawn into one picture,
 * the columns are the methods.
 */
final class GridWriter implements Writer {
  private static final int MOST_UNIT_COLUMNS = 8;

  /** Larger pictures are made smaller when they come: cells are not wider. */
  private static final int WIDEST = 448;

  /** Smaller pictures are enlarged before lines are drawn into them: cells are not narrower. */
  private static final int NARROWEST = 224;

  private final Path file;
  private final Inputs inputs;
  private final Labels labels;
  private final Rendering rendering;
  private Grid grid;
  private int images;

  GridWriter(Path file, Inputs inputs, Labels labels, Rendering rendering) {
    this.file = file;
    this.inputs = inputs;
    this.labels = labels;
    this.rendering = rendering;
    grid = Pictures.grid().overlay(rendering.overlay()).unitOverlay(rendering.unitOverlay());
  }

  @Override
  public void add(Explained batch) {
    int k = batch.unitsPerImage();
    List<String> titles = new ArrayList<>(List.of(""));
    for (int i = 0; i < batch.explanations().size(); i++) {
      titles.add(batch.title(i, "\n"));
    }
    boolean unitsInColumns = k > 1 && batch.explanations().size() == 1 && !rendering.joinsUnits();
    if (unitsInColumns) {
      grid = grid.title(titles.get(1)).columns(1 + Math.min(k, MOST_UNIT_COLUMNS));
    } else {
      grid = grid.columnTitles(titles).columns(titles.size());
    }
    for (int i = 0; i < batch.images(); i++) {
      Picture picture = sized(batch.pictures().get(i));
      String name = inputs.name(batch.place(i));
      if (rendering.joinsUnits()) {
        addJoined(batch, i, picture, name);
      } else if (unitsInColumns) {
        addUnits(batch, i, picture, name);
      } else {
        addMethods(batch, i, picture, name);
      }
    }
    images += batch.images();
  }

  private void addUnits(Explained batch, int image, Picture picture, String name) {
    int columns = Math.min(batch.unitsPerImage(), MOST_UNIT_COLUMNS);
    int cells = (batch.unitsPerImage() + columns - 1) / columns * columns;
    for (int place = 0; place < cells; place++) {
      if (place % columns == 0) {
        grid = place == 0 ? grid.add(picture, name) : grid.addEmpty();
      }
      if (place < batch.unitsPerImage()) {
        addMap(batch, 0, image, place, picture);
      } else {
        grid = grid.addEmpty();
      }
    }
  }

  private void addJoined(Explained batch, int image, Picture picture, String name) {
    grid = grid.add(picture, name);
    for (int method = 0; method < batch.explanations().size(); method++) {
      grid = grid.add(picture, batch.maps(method, image, labels), "");
    }
  }

  private void addMethods(Explained batch, int image, Picture picture, String name) {
    for (int place = 0; place < batch.unitsPerImage(); place++) {
      grid = place == 0 ? grid.add(picture, name) : grid.addEmpty();
      for (int method = 0; method < batch.explanations().size(); method++) {
        addMap(batch, method, image, place, picture);
      }
    }
  }

  private void addMap(Explained batch, int method, int image, int place, Picture picture) {
    Explanation explanation = batch.explanations().get(method);
    String caption = labels.caption(batch.unit(image, place), batch.score(image, place));
    String empty = explanation.isEmpty(image, place) ? "\n(empty map)" : "";
    Tensor map = explanation.map(image, place);
    boolean ofPixels = batch.ofPixels(method);
    grid =
        ofPixels || rendering.style() != Style.HEAT
            ? grid.add(rendering.draw(picture, map, ofPixels), caption + empty)
            : grid.add(picture, map, caption + empty);
  }

  private Picture sized(Picture picture) {
    if (picture.width() > WIDEST) {
      return resized(picture, WIDEST);
    }
    boolean lines = rendering.style() == Style.CONTOURS || rendering.style() == Style.BOX;
    return lines && picture.width() < NARROWEST ? resized(picture, NARROWEST) : picture;
  }

  private static Picture resized(Picture picture, int width) {
    int height = Math.max(1, Math.round((float) picture.height() * width / picture.width()));
    return picture.resize(height, width, Interpolation.BICUBIC);
  }

  @Override
  public Path file(Explained batch, int image, int explanation, int place) {
    return file;
  }

  @Override
  public String finish() throws IOException {
    grid.save(file);
    return "%s: %d %s".formatted(file, images, images == 1 ? "image" : "images");
  }
}
