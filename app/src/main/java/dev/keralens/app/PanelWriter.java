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

  private final Path file;
  private final Inputs inputs;
  private final Labels labels;
  private final Rendering rendering;
  private final Views views;
  private final List<Panel> page = new ArrayList<>();
  private int open;
  private int panelsOfImage = 1;
  private int images;

  PanelWriter(Path file, Inputs inputs, Labels labels, Rendering rendering, Views views) {
    this.file = file;
    this.inputs = inputs;
    this.labels = labels;
    this.rendering = rendering;
    this.views = views;
  }

  @Override
  public void add(Explained batch) throws IOException {
    panelsOfImage = batch.explanations().size() * batch.unitsPerImage();
    for (int i = 0; i < batch.images(); i++) {
      int number = batch.place(i) / imagesOfPage();
      if (number != open && !page.isEmpty()) {
        writePage();
      }
      open = number;
      for (int place = 0; place < batch.unitsPerImage(); place++) {
        for (int method = 0; method < batch.explanations().size(); method++) {
          page.add(
              new Panel(
                  batch.draw(views, method, i, place, rendering),
                  caption(batch, method, i, place)));
        }
      }
      images++;
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

  private int imagesOfPage() {
    return Math.max(1, MOST_PANELS / panelsOfImage);
  }

  private int columns() {
    boolean alike = panelsOfImage == 1 && views.kind() == Views.Kind.SIGNAL;
    int usual = alike ? 1 : views.kind().columns();
    int most = rendering.figure().columns() > 0 ? rendering.figure().columns() : usual;
    return Math.max(1, Math.min(most, page.size()));
  }

  private void writePage() throws IOException {
    Path target = file(open);
    Output.checkTarget(target, inputs.files());
    int width = page.stream().mapToInt(panel -> panel.picture().width()).max().orElse(16);
    Grid grid =
        Pictures.grid().columns(columns()).cellWidth(width).textSize(Math.round(width * 0.021f));
    for (Panel panel : page) {
      grid = grid.add(panel.picture(), panel.caption());
    }
    int wanted = rendering.figure().width();
    if (wanted > 0) {
      grid = grid.width(wanted).textSize(Math.max(8, Math.round(wanted * 0.021f / columns())));
    }
    GridWriter.save(grid, target, rendering.figure());
    page.clear();
  }

  @Override
  public Path file(Explained batch, int image, int explanation, int place) {
    return file(batch.place(image) / imagesOfPage());
  }

  private Path file(int number) {
    return inputs.count() <= imagesOfPage() ? file : GridWriter.numbered(file, number);
  }

  @Override
  public String finish() throws IOException {
    if (!page.isEmpty()) {
      writePage();
    }
    String what = images == 1 ? "example" : "examples";
    return inputs.count() <= imagesOfPage()
        ? "%s: %d %s".formatted(file, images, what)
        : "%s and on: %d %s on %d pages".formatted(file(0), images, what, open + 1);
  }
}
