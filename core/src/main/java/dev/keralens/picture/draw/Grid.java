package dev.keralens.picture.draw;

import dev.keralens.file.WholeFile;
import dev.keralens.picture.Picture;
import dev.keralens.picture.PictureNotes;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Pictures in rows and columns, with maps over them, titles, captions and a colour bar.
 *
 * <p>Cells are filled row by row, in the order in which they are added. Without further settings
 * the grid chooses its columns and the size of its cells; long texts are broken into lines and
 * shortened, and never overlap.
 *
 * <p>Immutable: each setting returns another grid.
 *
 * <pre>{@code
 * Picture grid =
 *     Pictures.grid()
 *         .add(photo, "the photo")
 *         .add(photo, map, "dalmatian 0.88")
 *         .colorBar("evidence")
 *         .draw();
 * }</pre>
 */
public final class Grid {
  /**
   * A cell.
   *
   * @param picture the picture; null leaves the cell empty
   * @param map the map over it
   * @param units the maps of several units over it, by their names; the legend stands under it
   */
  record Cell(
      @Nullable Picture picture, @Nullable Tensor map, Map<String, Tensor> units, String caption) {
    Cell(@Nullable Picture picture, @Nullable Tensor map, String caption) {
      this(picture, map, Map.of(), caption);
    }
  }

  /** Where the colour bar does not fade. */
  static final int SOLID = -2;

  private static final int BACKGROUND = -1;

  private List<Cell> cells = List.of();
  private int rows;
  private int columns;
  private String title = "";
  private List<String> columnTitles = List.of();
  private List<String> rowTitles = List.of();
  private Overlay overlay = Overlay.create();
  private UnitOverlay unitOverlay = UnitOverlay.create();
  private @Nullable String colorBar;
  private int colorBarOver = BACKGROUND;
  private int cellWidth;
  private int width;
  private int textSize;
  private int padding = -1;
  private int background = 0xFFFFFF;

  Grid() {}

  private Grid(Grid other) {
    cells = other.cells;
    rows = other.rows;
    columns = other.columns;
    title = other.title;
    columnTitles = other.columnTitles;
    rowTitles = other.rowTitles;
    overlay = other.overlay;
    unitOverlay = other.unitOverlay;
    colorBar = other.colorBar;
    colorBarOver = other.colorBarOver;
    cellWidth = other.cellWidth;
    width = other.width;
    textSize = other.textSize;
    padding = other.padding;
    background = other.background;
  }

  /**
   * {@return a grid with one more cell}
   *
   * @param picture the cell's picture
   */
  public Grid add(Picture picture) {
    return with(new Cell(picture, null, ""));
  }

  /**
   * {@return a grid with one more cell}
   *
   * @param picture the cell's picture
   * @param caption the text under it
   */
  public Grid add(Picture picture, String caption) {
    return with(new Cell(picture, null, caption));
  }

  /**
   * {@return a grid with one more cell}
   *
   * @param picture the cell's picture
   * @param map what is laid over it, (height, width) or (height, width, 1), of any size
   * @param caption the text under it
   * @throws IllegalArgumentException if the map's shape is another or a value is NaN or infinite
   */
  public Grid add(Picture picture, Tensor map, String caption) {
    MapValues.ofMap(map);
    return with(new Cell(picture, map, caption));
  }

  /**
   * {@return a grid with one more cell}
   *
   * @param picture the cell's picture
   * @param units the name and the map of each unit, as in {@link UnitOverlay#draw}; their legend
   *     stands under the picture
   * @param caption the text under it
   * @throws IllegalArgumentException if a map's shape is another or a value is NaN or infinite
   */
  public Grid add(Picture picture, Map<String, Tensor> units, String caption) {
    units.values().forEach(MapValues::ofMap);
    return with(
        new Cell(picture, null, Collections.unmodifiableMap(new LinkedHashMap<>(units)), caption));
  }

  /** {@return a grid with one more cell, an empty one} */
  public Grid addEmpty() {
    return with(new Cell(null, null, ""));
  }

  private Grid with(Cell cell) {
    List<Cell> more = new ArrayList<>(cells);
    more.add(cell);
    Grid copy = new Grid(this);
    copy.cells = Collections.unmodifiableList(more);
    return copy;
  }

  /**
   * {@return a grid of so many columns}
   *
   * @param count the number of columns; 0, the default, chooses them: up to 8, wider than high
   * @throws IllegalArgumentException if it is negative
   */
  public Grid columns(int count) {
    Grid copy = new Grid(this);
    copy.columns = notNegative("columns", count);
    return copy;
  }

  /**
   * {@return a grid of so many rows} The columns follow from the number of cells, unless they are
   * given too; then the grid must be large enough.
   *
   * @param count the number of rows; 0, the default, takes as many as needed
   * @throws IllegalArgumentException if it is negative
   */
  public Grid rows(int count) {
    Grid copy = new Grid(this);
    copy.rows = notNegative("rows", count);
    return copy;
  }

  /**
   * {@return a grid with a title above all}
   *
   * @param text the title
   */
  public Grid title(String text) {
    Grid copy = new Grid(this);
    copy.title = text;
    return copy;
  }

  /**
   * {@return a grid with titles over the columns}
   *
   * @param titles the titles, from the left; there may be fewer than columns. They say how many
   *     columns there are, unless that is given
   */
  public Grid columnTitles(List<String> titles) {
    Grid copy = new Grid(this);
    copy.columnTitles = List.copyOf(titles);
    return copy;
  }

  /**
   * {@return a grid with titles before the rows}
   *
   * @param titles the titles, from the top; there may be fewer than rows
   */
  public Grid rowTitles(List<String> titles) {
    Grid copy = new Grid(this);
    copy.rowTitles = List.copyOf(titles);
    return copy;
  }

  /**
   * {@return a grid that draws maps in another way}
   *
   * @param how colours, opacity, range; {@link Overlay#create} by default
   */
  public Grid overlay(Overlay how) {
    Grid copy = new Grid(this);
    copy.overlay = how;
    return copy;
  }

  /**
   * {@return a grid that draws the maps of several units in another way}
   *
   * @param how colours, opacity, whether there is a legend; {@link UnitOverlay#create} by default
   */
  public Grid unitOverlay(UnitOverlay how) {
    Grid copy = new Grid(this);
    copy.unitOverlay = how;
    return copy;
  }

  /**
   * {@return a grid with a colour bar} Its ends have the values of the overlay's range, or of the
   * maps' if all have the same; else they say "max", which is each map's own largest value.
   *
   * @param label what the colours stand for; may be empty
   */
  public Grid colorBar(String label) {
    Grid copy = new Grid(this);
    copy.colorBar = label;
    return copy;
  }

  /**
   * {@return a grid with a colour bar over another colour than the background}
   *
   * @param label what the colours stand for; may be empty
   * @param over the colour, 0xRRGGBB, of the pictures over which maps are drawn
   * @throws IllegalArgumentException if it is no such colour
   */
  public Grid colorBar(String label, int over) {
    Grid copy = colorBar(label);
    copy.colorBarOver = Colors.check(over);
    return copy;
  }

  /**
   * {@return a grid with a colour bar that does not fade} as suits lines, which have the colour of
   * their level and hide what is below
   *
   * @param label what the colours stand for; may be empty
   */
  public Grid solidColorBar(String label) {
    Grid copy = colorBar(label);
    copy.colorBarOver = SOLID;
    return copy;
  }

  /**
   * {@return a grid with cells of another size} Letters grow with it, so a larger width is a higher
   * resolution.
   *
   * @param pixels the width of a cell's picture; 0, the default, chooses 224 to 640 by the number
   *     of columns
   * @throws IllegalArgumentException if it is not 0 and below 16
   */
  public Grid cellWidth(int pixels) {
    if (pixels != 0 && pixels < 16) {
      throw new IllegalArgumentException("A cell is at least 16 pixels wide, got " + pixels + ".");
    }
    Grid copy = new Grid(this);
    copy.cellWidth = pixels;
    return copy;
  }

  /**
   * {@return a grid that is so wide in all} with its titles and the colour bar: its cells are as
   * wide as there is room. This takes the place of the width of cells.
   *
   * @param pixels the width; 0, the default, follows from that of the cells
   * @throws IllegalArgumentException if it is negative
   */
  public Grid width(int pixels) {
    Grid copy = new Grid(this);
    copy.width = notNegative("pixels of width", pixels);
    return copy;
  }

  /**
   * {@return a grid with letters of another size}
   *
   * @param pixels the height of captions' letters; 0, the default, follows from the width of cells
   * @throws IllegalArgumentException if it is negative
   */
  public Grid textSize(int pixels) {
    Grid copy = new Grid(this);
    copy.textSize = notNegative("pixels of text", pixels);
    return copy;
  }

  /**
   * {@return a grid with another distance between cells and around all}
   *
   * @param pixels the distance; 3 % of a cell's width by default
   * @throws IllegalArgumentException if it is negative
   */
  public Grid padding(int pixels) {
    Grid copy = new Grid(this);
    copy.padding = notNegative("padding pixels", pixels);
    return copy;
  }

  /**
   * {@return a grid on another background} Letters are black on a light one and white on a dark
   * one.
   *
   * @param color the colour, 0xRRGGBB; white by default
   * @throws IllegalArgumentException if it is no such colour
   */
  public Grid background(int color) {
    Grid copy = new Grid(this);
    copy.background = Colors.check(color);
    return copy;
  }

  private static int notNegative(String what, int count) {
    if (count < 0) {
      throw new IllegalArgumentException("There cannot be " + count + " " + what + ".");
    }
    return count;
  }

  /**
   * {@return the grid as one picture, in RGB}
   *
   * @throws IllegalStateException if there is no cell, more cells than rows times columns, more
   *     pixels than a picture can have, or a width with no room for the columns
   */
  public Picture draw() {
    return draw(Lettering.ofMachine());
  }

  Picture draw(Lettering lettering) {
    return new GridPainter(this, GridLayout.of(this, lettering), lettering).paint();
  }

  /**
   * Draws the grid and writes it.
   *
   * @param file the target, {@code .png}, {@code .jpg}, {@code .jpeg}, {@code .svg} or {@code .pdf}
   * @throws IllegalArgumentException if the name has another ending
   * @throws IllegalStateException as {@link #draw} does
   * @throws IOException if it cannot be written
   */
  public void save(Path file) throws IOException {
    save(file, PictureNotes.none());
  }

  /**
   * Draws the grid and writes it with notes. As {@code .svg} or {@code .pdf} its letters are text,
   * and may be enlarged.
   *
   * @param file the target, {@code .png}, {@code .jpg}, {@code .jpeg}, {@code .svg} or {@code .pdf}
   * @param notes how large it is printed, how it was made
   * @throws IllegalArgumentException if the name has another ending
   * @throws IllegalStateException as {@link #draw} does
   * @throws IOException if it cannot be written
   */
  public void save(Path file, PictureNotes notes) throws IOException {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    if (name.endsWith(".svg") || name.endsWith(".pdf")) {
      byte[] content = VectorFigure.of(this, notes, name.endsWith(".svg"));
      WholeFile.write(file, part -> Files.write(part, content));
    } else {
      draw().save(file, notes);
    }
  }

  List<Cell> cells() {
    return cells;
  }

  int wantedRows() {
    return rows;
  }

  int wantedColumns() {
    return columns;
  }

  String title() {
    return title;
  }

  List<String> columnTitles() {
    return columnTitles;
  }

  List<String> rowTitles() {
    return rowTitles;
  }

  Overlay overlay() {
    return overlay;
  }

  UnitOverlay unitOverlay() {
    return unitOverlay;
  }

  @Nullable String colorBar() {
    return colorBar;
  }

  int colorBarOver() {
    return colorBarOver == BACKGROUND ? background : colorBarOver;
  }

  int wantedCellWidth() {
    return cellWidth;
  }

  int wantedWidth() {
    return width;
  }

  int wantedTextSize() {
    return textSize;
  }

  int wantedPadding() {
    return padding;
  }

  int background() {
    return background;
  }
}
