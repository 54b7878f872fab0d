package dev.keralens.app;

import dev.keralens.Explanation;
import dev.keralens.app.Rendering.Style;
import dev.keralens.picture.Interpolation;
import dev.keralens.picture.Picture;
import dev.keralens.picture.draw.Grid;
import dev.keralens.picture.draw.Overlay;
import dev.keralens.picture.draw.Pictures;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Writes captioned pictures of everything: for each image a block of cells, a column a method.
 *
 * <p>Beside an image stands what a segmentation predicts of it. Of one method and several units,
 * the columns are the units, over several rows where they are many. Of several methods and units,
 * each unit has a row. Where units are drawn into one picture, the columns are the methods. Of one
 * image and many methods, the methods are wrapped. Blocks lie on a page as {@link PageLayout} says;
 * where there are several pages, their names have numbers.
 */
final class GridWriter implements Writer {
  private static final int MOST_UNIT_COLUMNS = 8;

  /** More methods of one image are wrapped. */
  private static final int MOST_METHOD_COLUMNS = 4;

  /** Larger pictures are made smaller when they come: cells are not wider. */
  private static final int WIDEST = 448;

  /** Smaller pictures are enlarged before lines are drawn into them: cells are not narrower. */
  private static final int NARROWEST = 224;

  /** Maps of pixels are drawn over dark copies of pictures. */
  private static final int DARK = 0x303030;

  /** The cells of an image, row by row. */
  private record Block(Picture picture, List<UnaryOperator<Grid>> cells) {}

  private final Path file;
  private final Inputs inputs;
  private final Labels labels;
  private final Rendering rendering;
  private final List<Block> page = new ArrayList<>();
  private @Nullable PageLayout layout;
  private List<String> titles = List.of();

  /** Whether the maps are of single pixels. */
  private boolean ofPixels;

  /** How many cells stand in front of maps: the image, and what is predicted. */
  private int lead = 1;

  /** The number of the page that is being filled, from 0. */
  private int open;

  private int written;
  private int images;

  GridWriter(Path file, Inputs inputs, Labels labels, Rendering rendering) {
    this.file = file;
    this.inputs = inputs;
    this.labels = labels;
    this.rendering = rendering;
  }

  @Override
  public void add(Explained batch) throws IOException {
    PageLayout pages = layout(batch);
    layout = pages;
    titles = titles(batch);
    ofPixels = batch.ofPixels(0);
    for (int i = 0; i < batch.images(); i++) {
      int number = batch.place(i) / pages.imagesOfPage();
      if (number != open && !page.isEmpty()) {
        writePage();
      }
      open = number;
      Picture picture = sized(batch.pictures().get(i));
      String name = inputs.name(batch.place(i));
      List<UnaryOperator<Grid>> cells =
          rendering.joinsUnits()
              ? joined(batch, i, picture, name)
              : unitsInColumns(batch)
                  ? units(batch, i, picture, name)
                  : isWrapped(batch)
                      ? wrapped(batch, i, picture, name)
                      : methods(batch, i, picture, name);
      page.add(new Block(picture, cells));
      images++;
    }
  }

  private boolean unitsInColumns(Explained batch) {
    return batch.unitsPerImage() > 1 && batch.explanations().size() == 1 && !rendering.joinsUnits();
  }

  /** Whether the methods of one image would be a strip. */
  private boolean isWrapped(Explained batch) {
    return inputs.count() == 1
        && batch.unitsPerImage() == 1
        && batch.explanations().size() > MOST_METHOD_COLUMNS;
  }

  private PageLayout layout(Explained batch) {
    int methods = batch.explanations().size();
    int k = batch.unitsPerImage();
    lead = batch.masks().isEmpty() ? 1 : 2;
    if (unitsInColumns(batch)) {
      return new PageLayout(
          lead + Math.min(k, MOST_UNIT_COLUMNS), (k + MOST_UNIT_COLUMNS - 1) / MOST_UNIT_COLUMNS);
    }
    return new PageLayout(lead + methods, rendering.joinsUnits() ? 1 : k);
  }

  /** The titles of a block's columns. */
  private List<String> titles(Explained batch) {
    List<String> all = new ArrayList<>(Collections.nCopies(lead, ""));
    for (int i = 0; i < batch.explanations().size(); i++) {
      all.add(batch.title(i, "\n"));
    }
    return all;
  }

  /** What stands in front of a row of maps: the image and what is predicted, in its first row. */
  private List<UnaryOperator<Grid>> leading(
      Explained batch, int image, int row, Picture picture, String caption) {
    if (row > 0) {
      return Collections.nCopies(lead, Grid::addEmpty);
    } else if (lead == 1) {
      return List.of(grid -> grid.add(picture, caption));
    }
    Map<String, Tensor> mask = batch.masks().get(image);
    return List.of(
        grid -> grid.add(picture, caption),
        grid -> grid.add(Rendering.gray(picture), mask, "prediction"));
  }

  private List<UnaryOperator<Grid>> units(
      Explained batch, int image, Picture picture, String name) {
    List<UnaryOperator<Grid>> cells = new ArrayList<>();
    int columns = Math.min(batch.unitsPerImage(), MOST_UNIT_COLUMNS);
    int places = (batch.unitsPerImage() + columns - 1) / columns * columns;
    for (int place = 0; place < places; place++) {
      if (place % columns == 0) {
        cells.addAll(leading(batch, image, place, picture, name));
      }
      cells.add(
          place < batch.unitsPerImage()
              ? map(batch, 0, image, place, picture, "")
              : Grid::addEmpty);
    }
    return cells;
  }

  private List<UnaryOperator<Grid>> joined(
      Explained batch, int image, Picture picture, String name) {
    List<UnaryOperator<Grid>> cells = new ArrayList<>(leading(batch, image, 0, picture, name));
    for (int method = 0; method < batch.explanations().size(); method++) {
      Map<String, Tensor> maps = batch.maps(method, image, labels);
      cells.add(grid -> grid.add(Rendering.gray(picture), maps, ""));
    }
    return cells;
  }

  private List<UnaryOperator<Grid>> methods(
      Explained batch, int image, Picture picture, String name) {
    List<UnaryOperator<Grid>> cells = new ArrayList<>();
    for (int place = 0; place < batch.unitsPerImage(); place++) {
      cells.addAll(leading(batch, image, place, picture, name));
      for (int method = 0; method < batch.explanations().size(); method++) {
        cells.add(map(batch, method, image, place, picture, ""));
      }
    }
    return cells;
  }

  /** The unit's name stands under the image alone: it is that of all methods. */
  private List<UnaryOperator<Grid>> wrapped(
      Explained batch, int image, Picture picture, String name) {
    String unit = labels.caption(batch.unit(image, 0), batch.score(image, 0));
    List<UnaryOperator<Grid>> cells =
        new ArrayList<>(leading(batch, image, 0, picture, name + "\n" + unit));
    for (int method = 0; method < batch.explanations().size(); method++) {
      cells.add(map(batch, method, image, 0, picture, titles.get(lead + method)));
    }
    return cells;
  }

  /**
   * A map of an image.
   *
   * @param title what is said under it in place of the unit's name; nothing for that
   */
  private UnaryOperator<Grid> map(
      Explained batch, int method, int image, int place, Picture picture, String title) {
    Explanation explanation = batch.explanations().get(method);
    String caption =
        title.isEmpty()
            ? labels.caption(batch.unit(image, place), batch.score(image, place))
            : title;
    String said = caption + (explanation.isEmpty(image, place) ? "\n(empty map)" : "");
    Tensor map = explanation.map(image, place);
    boolean ofPixels = batch.ofPixels(method);
    if (ofPixels || rendering.style() != Style.HEAT) {
      Picture drawn = rendering.draw(picture, map, ofPixels);
      return grid -> grid.add(drawn, said);
    }
    return grid -> grid.add(picture, map, said);
  }

  /** Writes the images that wait. */
  private void writePage() throws IOException {
    Path target = file(open);
    Output.checkTarget(target, inputs.files());
    save(drawPage(), target, rendering.figure());
    page.clear();
    written++;
  }

  /**
   * Writes a page.
   *
   * @throws UsageException if the width that was asked for has no room for it
   */
  static void save(Grid grid, Path target, Figure figure) throws IOException {
    try {
      grid.save(target, figure.notes());
    } catch (IllegalStateException e) {
      String option = figure.width() > 0 ? "--width %d: ".formatted(figure.width()) : "";
      throw new UsageException(option + e.getMessage(), e);
    }
  }

  private Grid drawPage() {
    PageLayout cells = Objects.requireNonNull(layout);
    Grid grid = Pictures.grid().overlay(barColors());
    grid = grid.unitOverlay(rendering.unitOverlay());
    grid = withBar(grid);
    boolean units = titles.size() == lead + 1 && cells.width() > lead + 1;
    boolean wrapped = inputs.count() == 1 && cells.height() == 1 && isStrip(cells);
    if (wrapped) {
      for (UnaryOperator<Grid> cell : page.get(0).cells()) {
        grid = cell.apply(grid);
      }
      int across = rendering.figure().columns() > 0 ? rendering.figure().columns() : 0;
      return grid.columns(across).width(rendering.figure().width());
    }
    int blocks =
        rendering.figure().columns() > 0
            ? Math.min(rendering.figure().columns(), page.size())
            : cells.blocks(page.stream().map(Block::picture).toList());
    List<String> all = new ArrayList<>();
    for (int i = 0; i < blocks; i++) {
      all.addAll(titles);
    }
    grid = units ? grid.title(titles.get(lead)) : grid.columnTitles(all);
    grid = grid.columns(blocks * cells.width());
    grid = grid.width(rendering.figure().width());
    for (int from = 0; from < page.size(); from += blocks) {
      for (int row = 0; row < cells.height(); row++) {
        for (int i = from; i < from + blocks; i++) {
          for (int column = 0; column < cells.width(); column++) {
            grid =
                i < page.size()
                    ? page.get(i).cells().get(row * cells.width() + column).apply(grid)
                    : grid.addEmpty();
          }
        }
      }
    }
    return grid;
  }

  /** The colours that a bar explains, which are those of maps that the grid itself draws. */
  private Overlay barColors() {
    return rendering.style() == Style.CONTOURS
        ? rendering.lineColors()
        : ofPixels ? rendering.pixelColors() : rendering.overlay();
  }

  /** Lines of a level have its colour, which nobody knows without a bar. */
  private Grid withBar(Grid grid) {
    if (rendering.style() == Style.CONTOURS) {
      return grid.solidColorBar("share of the maximum");
    } else if (!rendering.figure().colorBar()) {
      return grid;
    }
    return ofPixels
        ? grid.colorBar("evidence, 1 is the 99th percentile", DARK)
        : grid.colorBar("evidence");
  }

  private boolean isStrip(PageLayout cells) {
    return titles.size() == cells.width()
        && titles.size() - lead > MOST_METHOD_COLUMNS
        && !rendering.joinsUnits();
  }

  @Override
  public Path file(Explained batch, int image, int explanation, int place) {
    return file(batch.place(image) / layout(batch).imagesOfPage());
  }

  /** The file of a page; where there is one page, the file that was named. */
  private Path file(int page) {
    if (inputs.count() <= Objects.requireNonNull(layout).imagesOfPage()) {
      return file;
    }
    return numbered(file, page);
  }

  /** The file of one of several pages. */
  static Path numbered(Path file, int page) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    return file.resolveSibling(
        "%s-%d%s".formatted(name.substring(0, dot), page + 1, name.substring(dot)));
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
  public String finish() throws IOException {
    if (!page.isEmpty()) {
      writePage();
    }
    String count = "%d %s".formatted(images, images == 1 ? "image" : "images");
    return inputs.count() <= pageSize()
        ? "%s: %s".formatted(file, count)
        : "%s and on: %s on %d pages".formatted(file(0), count, written);
  }

  private int pageSize() {
    return Objects.requireNonNull(layout).imagesOfPage();
  }
}
