package dev.keralens.app;

import dev.keralens.picture.Picture;
import dev.keralens.picture.draw.Grid;
import dev.keralens.picture.draw.Pictures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes captioned drawings of inputs that are no pictures: one for each of their maps. Where there
 * are many, they go on several pages, whose names have numbers.
 */
final class PanelWriter implements Writer {
  private static final int MOST_PANELS = 24;

  private record Panel(Picture picture, String caption) {}

  private final Inputs inputs;
  private final Labels labels;
  private final Rendering rendering;
  private final Views views;
  private final Pages<Panel> pages;
  private int panelsOfImage = 1;

  PanelWriter(Path file, Inputs inputs, Labels labels, Rendering rendering, Views views) {
    this.inputs = inputs;
    this.labels = labels;
    this.rendering = rendering;
    this.views = views;
    pages = new Pages<>(file, inputs, MOST_PANELS, this::print);
  }

  @Override
  public void add(Explained batch) throws IOException {
    panelsOfImage = batch.explanations().size() * batch.unitsPerImage();
    pages.rowsOfImage(panelsOfImage);
    for (int i = 0; i < batch.images(); i++) {
      List<Panel> panels = new ArrayList<>();
      for (int place = 0; place < batch.unitsPerImage(); place++) {
        for (int method = 0; method < batch.explanations().size(); method++) {
          panels.add(
              new Panel(
                  batch.draw(views, method, i, place, rendering),
                  caption(batch, method, i, place)));
        }
      }
      pages.add(batch.place(i), panels);
    }
  }

  private String caption(Explained batch, int method, int image, int place) {
    boolean empty = batch.explanations().get(method).isEmpty(image, place);
    return "%s, %s\n%s%s"
        .formatted(
            inputs.name(batch.place(image)),
            batch.title(method, " of "),
            labels.caption(batch.unit(image, place), batch.score(image, place)),
            empty ? " (empty map)" : "");
  }

  private int columns(int panels) {
    boolean alike = panelsOfImage == 1 && views.kind() == Views.Kind.SIGNAL;
    int usual = alike ? 1 : views.kind().columns();
    int most = rendering.figure().columns() > 0 ? rendering.figure().columns() : usual;
    return Math.max(1, Math.min(most, panels));
  }

  private void print(List<Panel> panels, Path target) throws IOException {
    int width = panels.stream().mapToInt(panel -> panel.picture().width()).max().orElse(16);
    int columns = columns(panels.size());
    Grid grid =
        Pictures.grid().columns(columns).cellWidth(width).textSize(Math.round(width * 0.021f));
    for (Panel panel : panels) {
      grid = grid.add(panel.picture(), panel.caption());
    }
    int wanted = rendering.figure().width();
    if (wanted > 0) {
      grid = grid.width(wanted).textSize(Math.max(8, Math.round(wanted * 0.021f / columns)));
    }
    GridWriter.save(grid, target, rendering.figure());
  }

  @Override
  public Path file(Explained batch, int image, int explanation, int place) {
    return pages.file(batch.place(image));
  }

  @Override
  public String finish() throws IOException {
    return pages.finish();
  }
}
