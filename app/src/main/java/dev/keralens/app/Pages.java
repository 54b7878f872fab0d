package dev.keralens.app;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Cells that go on several pages where they are many; the names of the pages have numbers then. All
 * cells of an image are on one page.
 *
 * @param <C> a cell
 */
final class Pages<C> {
  /** Writes a page. */
  @FunctionalInterface
  interface Printer<C> {
    /** Writes the cells of a page to a file. */
    void print(List<C> cells, Path file) throws IOException;
  }

  private final Path file;
  private final Inputs inputs;
  private final int most;
  private final Printer<C> printer;
  private final List<C> page = new ArrayList<>();
  private int imagesOfPage = 1;
  private int open;
  private int images;

  /**
   * Pages.
   *
   * @param most how many rows a page should have at most
   */
  Pages(Path file, Inputs inputs, int most, Printer<C> printer) {
    this.file = file;
    this.inputs = inputs;
    this.most = most;
    this.printer = printer;
  }

  /** Says how many rows an image has. */
  void rowsOfImage(int rows) {
    imagesOfPage = Math.max(1, most / rows);
  }

  /**
   * Adds an image, on the next page where the open one is full.
   *
   * @param place the place of the image among all
   */
  void add(int place, List<C> cells) throws IOException {
    int number = place / imagesOfPage;
    if (number != open) {
      write();
    }
    open = number;
    page.addAll(cells);
    images++;
  }

  private void write() throws IOException {
    if (!page.isEmpty()) {
      Path target = numbered(open);
      Output.checkTarget(target, inputs.files());
      printer.print(page, target);
      page.clear();
    }
  }

  /** The file that an image is in. */
  Path file(int place) {
    return numbered(place / imagesOfPage);
  }

  private boolean areSeveral() {
    return inputs.count() > imagesOfPage;
  }

  private Path numbered(int number) {
    return areSeveral() ? GridWriter.numbered(file, number) : file;
  }

  /** Writes the last page, and says what there is. */
  String finish() throws IOException {
    write();
    String what = images == 1 ? "example" : "examples";
    return areSeveral()
        ? "%s and on: %d %s on %d pages".formatted(numbered(0), images, what, open + 1)
        : "%s: %d %s".formatted(file, images, what);
  }
}
