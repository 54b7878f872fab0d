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

  private final Inputs inputs;
  private final List<String> names;
  private final Labels labels;
  private final Rendering rendering;
  private final List<@Nullable Views> views;
  private final Pages<UnaryOperator<Grid>> pages;

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
    this.inputs = inputs;
    this.names = names;
    this.labels = labels;
    this.rendering = rendering;
    this.views = views;
    pages = new Pages<>(file, inputs, MOST_ROWS, this::print);
  }

  @Override
  public void add(Explained batch) throws IOException {
    Map<String, Map<Integer, Integer>> rows = rows(batch);
    pages.rowsOfImage(rows.size() * batch.unitsPerImage());
    for (int i = 0; i < batch.images(); i++) {
      List<UnaryOperator<Grid>> cells = new ArrayList<>();
      for (int k = 0; k < batch.unitsPerImage(); k++) {
        for (Map<Integer, Integer> ofInputs : rows.values()) {
          for (int input = 0; input < names.size(); input++) {
            cells.add(cell(batch, i, k, ofInputs.get(input)));
          }
        }
      }
      pages.add(batch.place(i), cells);
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

  private void print(List<UnaryOperator<Grid>> cells, Path target) throws IOException {
    Grid grid = Pictures.grid().columns(names.size()).columnTitles(names).cellWidth(CELL);
    for (UnaryOperator<Grid> cell : cells) {
      grid = cell.apply(grid);
    }
    GridWriter.save(grid.width(rendering.figure().width()), target, rendering.figure());
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
