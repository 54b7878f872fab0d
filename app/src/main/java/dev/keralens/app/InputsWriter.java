package dev.keralens.app;

import dev.keralens.picture.draw.Grid;
import dev.keralens.picture.draw.Pictures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Writes captioned pictures of the maps of all inputs: a column for each input, and for each image
 * a row for each unit and method. Where a method does not fit an input, its place is empty.
 */
final class InputsWriter implements Writer {
  /** Bars and curves have letters of their own, which have to be read. */
  private static final int CELL = 640;

  private static final int MOST_ROWS = 24;

  private final Path file;
  private final Inputs inputs;
  private final List<String> names;
  private final Labels labels;
  private final Rendering rendering;
  private final List<@Nullable Views> views;
  private final List<UnaryOperator<Grid>> page = new ArrayList<>();
  private int rowsOfImage = 1;
  private int open;
  private int images;

  /**
   * A writer.
   *
   * @param names what the model's inputs are called
   * @param views how each input is drawn that is no picture
   */
  InputsWriter(
      Path file,
      Inputs inputs,
      List<String> names,
      Labels labels,
      Rendering rendering,
      List<@Nullable Views> views) {
    this.file = file;
    this.inputs = inputs;
    this.names = names;
    this.labels = labels;
    this.rendering = rendering;
    this.views = views;
  }

  @Override
  public void add(Explained batch) throws IOException {
    Map<String, Map<Integer, Integer>> rows = rows(batch);
    rowsOfImage = rows.size() * batch.unitsPerImage();
    for (int i = 0; i < batch.images(); i++) {
      int number = batch.place(i) / imagesOfPage();
      if (number != open && !page.isEmpty()) {
        writePage();
      }
      open = number;
      for (int k = 0; k < batch.unitsPerImage(); k++) {
        for (Map<Integer, Integer> ofInputs : rows.values()) {
          for (int input = 0; input < names.size(); input++) {
            page.add(cell(batch, i, k, ofInputs.get(input)));
          }
        }
      }
      images++;
    }
  }

  /** For each method, the explanation of each input that it fits. */
  private static Map<String, Map<Integer, Integer>> rows(Explained batch) {
    List<Integer> over = Objects.requireNonNull(batch.each()).over();
    Map<String, Map<Integer, Integer>> rows = new LinkedHashMap<>();
    for (int e = 0; e < over.size(); e++) {
      rows.computeIfAbsent(batch.methods().get(e).name(), name -> new LinkedHashMap<>())
          .put(over.get(e), e);
    }
    return rows;
  }

  private UnaryOperator<Grid> cell(
      Explained batch, int image, int place, @Nullable Integer explanation) {
    if (explanation == null) {
      return Grid::addEmpty;
    }
    boolean empty = batch.explanations().get(explanation).isEmpty(image, place);
    String caption =
        "%s, %s\n%s%s"
            .formatted(
                inputs.name(batch.place(image)),
                batch.methods().get(explanation).title(),
                labels.caption(batch.unit(image, place), batch.score(image, place)),
                empty ? " (empty map)" : "");
    var drawn = batch.drawOver(views, explanation, image, place, rendering);
    return grid -> grid.add(drawn, caption);
  }

  private int imagesOfPage() {
    return Math.max(1, MOST_ROWS / rowsOfImage);
  }

  private void writePage() throws IOException {
    Path target = file(open);
    Output.checkTarget(target, inputs.files());
    Grid grid = Pictures.grid().columns(names.size()).columnTitles(names).cellWidth(CELL);
    for (UnaryOperator<Grid> cell : page) {
      grid = cell.apply(grid);
    }
    GridWriter.save(grid.width(rendering.figure().width()), target, rendering.figure());
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
