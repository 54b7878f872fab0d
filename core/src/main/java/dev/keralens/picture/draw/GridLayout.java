package dev.keralens.picture.draw;

import dev.keralens.picture.Picture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where everything of a grid stands, in pixels.
 *
 * <p>From the top: the title, the column titles, the rows; a row is its pictures, then its
 * captions. From the left: the row titles, the columns, the colour bar. All pictures of a column
 * are as wide as the cell; a row is as high as its highest picture.
 */
final class GridLayout {
  /** A rectangle of a grid: its first column and row, its width and height, in pixels. */
  record Place(int left, int top, int width, int height) {}

  private static final int MOST_COLUMNS = 8;
  private static final int NARROWEST_CELL = 16;

  /** A picture higher than this many times the cell's width is made narrower instead. */
  private static final double HIGHEST = 1.5;

  private static final int CAPTION_LINES = 3;
  private static final int TITLE_LINES = 3;

  final int rows;
  final int columns;
  final int cellWidth;
  final int padding;
  final double letters;
  final int rowTitlesWidth;

  /** What is left of a wanted width on either side, since cells have whole pixels. */
  final int margin;

  final int columnTitlesTop;
  final int[] rowTops;
  final int[] pictureHeights;
  final TextBlock title;
  final List<TextBlock> columnTitles = new ArrayList<>();
  final List<TextBlock> rowTitles = new ArrayList<>();
  final List<TextBlock> captions = new ArrayList<>();
  final List<Legend.Layout> legends = new ArrayList<>();
  final ColorBar colorBar;
  final int width;
  final int height;

  /** The layout of a grid: where it has a width of its own, with the widest cells that fit. */
  static GridLayout of(Grid grid, Lettering lettering) {
    int wanted = grid.wantedWidth();
    if (wanted == 0) {
      return new GridLayout(grid, lettering, 0);
    }
    int narrow = NARROWEST_CELL;
    int least = new GridLayout(grid.cellWidth(narrow), lettering, 0).width;
    if (least > wanted) {
      throw new IllegalStateException(
          "The grid has no room in %d pixels: it needs %d at least. Make it wider, or its columns fewer."
              .formatted(wanted, least));
    }
    int wide = wanted;
    while (wide - narrow > 1) {
      int middle = (narrow + wide) >>> 1;
      if (new GridLayout(grid.cellWidth(middle), lettering, 0).width <= wanted) {
        narrow = middle;
      } else {
        wide = middle;
      }
    }
    return new GridLayout(grid.cellWidth(narrow), lettering, wanted);
  }

  private GridLayout(Grid grid, Lettering lettering, int wanted) {
    int count = grid.cells().size();
    if (count == 0) {
      throw new IllegalStateException("A grid needs at least one cell.");
    }
    columns = columns(grid, count);
    rows = grid.wantedRows() > 0 ? grid.wantedRows() : (count + columns - 1) / columns;
    if (count > rows * columns) {
      throw new IllegalStateException(
          "%d cells do not fit into %d rows of %d columns.".formatted(count, rows, columns));
    }
    cellWidth = grid.wantedCellWidth() > 0 ? grid.wantedCellWidth() : cellWidth(grid, columns);
    padding =
        grid.wantedPadding() >= 0
            ? grid.wantedPadding()
            : Math.max(4, (int) Math.round(cellWidth * 0.03));
    letters =
        grid.wantedTextSize() > 0
            ? grid.wantedTextSize()
            : Math.max(10, Math.min(cellWidth * 0.058, 14 + cellWidth * 0.02));
    pictureHeights = pictureHeights(grid);
    double titleWidth = cellWidth - letters * 0.2;
    for (String text : grid.columnTitles()) {
      columnTitles.add(TextBlock.of(lettering, text, letters * 1.08, titleWidth, TITLE_LINES));
    }
    for (Grid.Cell cell : grid.cells()) {
      captions.add(TextBlock.of(lettering, cell.caption(), letters, titleWidth, CAPTION_LINES));
      legends.add(legend(grid, cell, lettering));
    }
    rowTitlesWidth = layRowTitles(grid, lettering);
    colorBar = ColorBar.of(grid, lettering, letters);
    int left = padding + rowTitlesWidth;
    int body = columns * (cellWidth + padding);
    int own = left + body + (colorBar.isPresent() ? colorBar.width() + padding : 0);
    width = Math.max(own, wanted);
    margin = (width - own) / 2;
    title =
        TextBlock.of(lettering, grid.title(), letters * 1.25, width - 2.0 * padding, TITLE_LINES);
    columnTitlesTop = padding + spaced(title.height());
    rowTops = new int[rows];
    int top = columnTitlesTop + spaced(highest(columnTitles));
    for (int row = 0; row < rows; row++) {
      rowTops[row] = top;
      top += pictureHeights[row] + captionHeight(row) + padding;
    }
    height = top;
    checkSize();
  }

  private Legend.Layout legend(Grid grid, Grid.Cell cell, Lettering lettering) {
    return cell.units().isEmpty() || !grid.unitOverlay().hasLegend()
        ? Legend.Layout.EMPTY
        : Legend.layout(List.copyOf(cell.units().keySet()), lettering, letters, cellWidth);
  }

  private void checkSize() {
    if ((long) width * height > Integer.MAX_VALUE / 4) {
      throw new IllegalStateException(
          "The grid would have %d x %d pixels: make its cells narrower than %d pixels or its cells fewer than %d."
              .formatted(width, height, cellWidth, rows * columns));
    }
  }

  private static int columns(Grid grid, int count) {
    if (grid.wantedColumns() > 0) {
      return grid.wantedColumns();
    }
    if (grid.wantedRows() > 0) {
      return (count + grid.wantedRows() - 1) / grid.wantedRows();
    }
    if (!grid.columnTitles().isEmpty()) {
      return grid.columnTitles().size();
    }
    if (count <= 5) {
      return count;
    }
    int best = MOST_COLUMNS;
    double least = Double.POSITIVE_INFINITY;
    for (int columns = 3; columns <= MOST_COLUMNS; columns++) {
      int rows = (count + columns - 1) / columns;
      double empty = (double) (rows * columns - count) / count;
      double shape = Math.abs(Math.log(columns / (1.4 * rows)));
      if (shape + 2 * empty < least) {
        least = shape + 2 * empty;
        best = columns;
      }
    }
    return best;
  }

  /** By the number of columns, but not more than the widest picture needs. */
  private static int cellWidth(Grid grid, int columns) {
    int most = columns == 1 ? 640 : columns == 2 ? 448 : columns <= 4 ? 320 : 224;
    int widest = 0;
    for (Grid.Cell cell : grid.cells()) {
      widest = cell.picture() == null ? widest : Math.max(widest, cell.picture().width());
    }
    return Math.max(224, Math.min(most, widest));
  }

  private int[] pictureHeights(Grid grid) {
    int[] heights = new int[rows];
    for (int i = 0; i < grid.cells().size(); i++) {
      Picture picture = grid.cells().get(i).picture();
      if (picture != null) {
        heights[i / columns] = Math.max(heights[i / columns], fitted(picture).height());
      }
    }
    int usual = Arrays.stream(heights).max().orElse(0);
    for (int row = 0; row < rows; row++) {
      heights[row] = heights[row] > 0 ? heights[row] : usual > 0 ? usual : cellWidth;
    }
    return heights;
  }

  /** The size of a picture in its cell. */
  Place fitted(Picture picture) {
    double scale =
        Math.min((double) cellWidth / picture.width(), HIGHEST * cellWidth / picture.height());
    return new Place(
        0,
        0,
        Math.max(1, Math.min(cellWidth, (int) Math.round(picture.width() * scale))),
        Math.max(1, (int) Math.round(picture.height() * scale)));
  }

  private int layRowTitles(Grid grid, Lettering lettering) {
    if (grid.rowTitles().isEmpty()) {
      return 0;
    }
    double widest = 0;
    for (int row = 0; row < Math.min(rows, grid.rowTitles().size()); row++) {
      int lines = Math.max(1, (int) (pictureHeights[row] / (letters * 1.08 * Lettering.LEADING)));
      TextBlock block =
          TextBlock.of(
              lettering, grid.rowTitles().get(row), letters * 1.08, cellWidth * 0.7, lines);
      rowTitles.add(block);
      widest = Math.max(widest, block.width(lettering));
    }
    return (int) Math.ceil(widest) + padding;
  }

  private int captionHeight(int row) {
    int first = Math.min(captions.size(), row * columns);
    double highest = 0;
    for (int i = first; i < Math.min(captions.size(), first + columns); i++) {
      highest = Math.max(highest, captions.get(i).height() + legends.get(i).height());
    }
    return spaced(highest);
  }

  private static double highest(List<TextBlock> blocks) {
    return blocks.stream().mapToDouble(TextBlock::height).max().orElse(0);
  }

  /** The room of text that has some, with a little air. */
  private int spaced(double textHeight) {
    return textHeight == 0 ? 0 : (int) Math.ceil(textHeight + letters * 0.4);
  }

  int columnLeft(int column) {
    return margin + padding + rowTitlesWidth + column * (cellWidth + padding);
  }

  /**
   * Where a picture begins below its row's top: down at its caption if the row has captions, else
   * in the middle.
   */
  int pictureTop(int row, int pictureHeight) {
    int free = pictureHeights[row] - pictureHeight;
    return captionHeight(row) > 0 ? free : free / 2;
  }

  /** Below the last row's pictures. */
  int bodyBottom() {
    return rowTops[rows - 1] + pictureHeights[rows - 1];
  }
}
