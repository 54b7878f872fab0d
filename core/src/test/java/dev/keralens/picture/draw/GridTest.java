package dev.keralens.picture.draw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.picture.ColorMode;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class GridTest {
  private static final Picture RED = plain(30, 40, 255, 0, 0);
  private static final Picture BLUE = plain(50, 20, 0, 0, 255);
  private static final Tensor MAP = Tensor.of(new float[] {0, 1, 0.5f, 0.25f}, 2, 2);

  @TempDir Path folder;

  private static Picture plain(int height, int width, int red, int green, int blue) {
    byte[] samples = new byte[height * width * 3];
    for (int i = 0; i < samples.length; i += 3) {
      samples[i] = (byte) red;
      samples[i + 1] = (byte) green;
      samples[i + 2] = (byte) blue;
    }
    return Picture.ofBytes(ColorMode.RGB, height, width, samples);
  }

  /** Notes where text is drawn, and leaves the drawing to another. */
  private static final class Recorder implements Lettering {
    final List<Rectangle2D> places = new ArrayList<>();
    final List<String> texts = new ArrayList<>();
    private final Lettering lettering;

    Recorder(Lettering lettering) {
      this.lettering = lettering;
    }

    @Override
    public double width(String line, double size) {
      return lettering.width(line, size);
    }

    @Override
    public void draw(Graphics2D graphics, String line, double x, double baseline, double size) {
      texts.add(line);
      places.add(new Rectangle2D.Double(x, baseline - size * 0.75, width(line, size), size));
      lettering.draw(graphics, line, x, baseline, size);
    }
  }

  static Stream<Lettering> letterings() {
    return Stream.of(new FontLettering(), new StrokeLettering());
  }

  @ParameterizedTest
  @CsvSource({"1,1", "2,2", "5,5", "6,3", "8,4", "9,3", "12,4", "16,4", "24,6", "50,8"})
  void columns_areChosenByTheNumberOfCells(int cells, int columns) {
    Grid grid = Pictures.grid(Collections.nCopies(cells, RED), List.of(), List.of());
    assertEquals(columns, GridLayout.of(grid, new StrokeLettering()).columns);
  }

  @Test
  void columns_followRowsAndTitles() {
    Grid grid = Pictures.grid(Collections.nCopies(7, RED), List.of(), List.of());
    assertEquals(4, GridLayout.of(grid.rows(2), new StrokeLettering()).columns);
    assertEquals(
        2, GridLayout.of(grid.columnTitles(List.of("a", "b")), new StrokeLettering()).columns);
    assertEquals(6, GridLayout.of(grid.columns(6), new StrokeLettering()).columns);
    assertThrows(IllegalStateException.class, () -> grid.columns(3).rows(2).draw());
    assertThrows(IllegalStateException.class, () -> Pictures.grid().draw());
  }

  @Test
  void draw_placesPicturesInOrder() {
    Picture drawn =
        Pictures.grid()
            .cellWidth(40)
            .padding(5)
            .columns(2)
            .add(RED)
            .add(BLUE)
            .addEmpty()
            .add(RED)
            .draw();
    // A 50 x 20 picture may be 60 high, so it is 24 wide.
    assertEquals(5 + 60 + 5 + 30 + 5, drawn.height());
    assertEquals(5 + 40 + 5 + 40 + 5, drawn.width());
    assertEquals(255, drawn.sample(35, 25, 0));
    assertEquals(0, drawn.sample(35, 25, 2));
    assertEquals(0, drawn.sample(35, 70, 0));
    assertEquals(255, drawn.sample(35, 51, 0), "left of the narrow picture");
    assertEquals(255, drawn.sample(85, 25, 1), "the empty cell");
    assertEquals(0, drawn.sample(85, 70, 1));
  }

  @Test
  void draw_laysMapsOverPictures() {
    Picture drawn = Pictures.grid().cellWidth(40).padding(0).add(RED, MAP, "").draw();
    assertEquals(Overlay.create().draw(RED, MAP), drawn);
  }

  @Test
  void draw_laysUnitsOverPictures_theLegendBelow() {
    Map<String, Tensor> units = new LinkedHashMap<>();
    units.put("first", MAP);
    units.put("second", MAP);
    UnitOverlay overlay = UnitOverlay.create().alpha(0).colors(List.of(0x00FF00, 0x00FFFF));
    Grid grid = Pictures.grid().cellWidth(200).padding(0).unitOverlay(overlay);
    Picture drawn = grid.add(BLUE, "").add(BLUE, units, "").draw();
    int height = 300;
    for (int x : new int[] {100, 300}) {
      assertEquals(255, drawn.sample(0, x, 2), "both pictures begin at the top");
      assertEquals(0, drawn.sample(height - 1, x, 0), "both pictures end above the legend");
    }
    assertTrue(contains(drawn, height, 200, 0x00FF00), "the first unit's colour");
    assertTrue(contains(drawn, height, 200, 0x00FFFF), "the second unit's colour");
    assertFalse(contains(drawn, height, 0, 200, 0x00FF00), "no legend under the other picture");
    Picture bare = grid.unitOverlay(overlay.legend(false)).add(BLUE, units, "").draw();
    assertEquals(height, bare.height());
  }

  private static boolean contains(Picture picture, int top, int left, int color) {
    return contains(picture, top, left, picture.width(), color);
  }

  private static boolean contains(Picture picture, int top, int left, int right, int color) {
    for (int y = top; y < picture.height(); y++) {
      for (int x = left; x < right; x++) {
        if (Colors.red(color) == picture.sample(y, x, 0)
            && Colors.green(color) == picture.sample(y, x, 1)
            && Colors.blue(color) == picture.sample(y, x, 2)) {
          return true;
        }
      }
    }
    return false;
  }

  @Test
  void draw_shrinksAndGrowsPictures() {
    assertEquals(224, Pictures.grid().padding(0).add(plain(24, 24, 9, 9, 9)).draw().width());
    assertEquals(640, Pictures.grid().padding(0).add(plain(900, 2000, 9, 9, 9)).draw().width());
    assertEquals(288, Pictures.grid().padding(0).add(plain(900, 2000, 9, 9, 9)).draw().height());
  }

  @Test
  void draw_hasTheBackground() {
    Picture drawn = Pictures.grid().background(0x102030).add(RED, "a").draw();
    assertEquals(0x20, drawn.sample(0, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> Pictures.grid().background(0x1000000));
  }

  @ParameterizedTest
  @MethodSource("letterings")
  void draw_textsNeverOverlapNorLeaveThePicture(Lettering lettering) {
    String longText = "A long title of many words, with-hyphens_and_underscores.and.points 0.99";
    for (int cells : new int[] {1, 2, 12, 50}) {
      for (int cellWidth : new int[] {0, 48, 300}) {
        Grid grid =
            Pictures.grid(
                    IntStream.range(0, cells).mapToObj(i -> i % 2 == 0 ? RED : BLUE).toList(),
                    Collections.nCopies(cells, longText),
                    Collections.nCopies(cells, MAP))
                .cellWidth(cellWidth)
                .columns(Math.min(cells, 7))
                .title(longText + longText)
                .columnTitles(Collections.nCopies(7, longText))
                .rowTitles(Collections.nCopies(8, longText))
                .colorBar(longText);
        Recorder recorder = new Recorder(lettering);
        Picture drawn = grid.draw(recorder);
        Rectangle2D whole = new Rectangle2D.Double(-1, -1, drawn.width() + 2, drawn.height() + 2);
        for (int i = 0; i < recorder.places.size(); i++) {
          Rectangle2D place = recorder.places.get(i);
          assertTrue(whole.contains(place), () -> place + " in " + drawn);
          for (int j = 0; j < i; j++) {
            if (place.intersects(recorder.places.get(j))) {
              throw new AssertionError(
                  "'%s' over '%s' in %d cells of %d"
                      .formatted(recorder.texts.get(i), recorder.texts.get(j), cells, cellWidth));
            }
          }
        }
      }
    }
  }

  private static List<String> ticks(Grid grid) {
    Recorder recorder = new Recorder(new StrokeLettering());
    grid.colorBar("").draw(recorder);
    return recorder.texts;
  }

  @Test
  void colorBar_hasNumbersWhereAllMapsShareARange() {
    Grid grid = Pictures.grid().add(RED, MAP, "");
    assertEquals(List.of("0", "0.25", "0.5", "0.75", "1"), ticks(grid.add(RED, MAP, "")));
    Tensor twice = Tensor.of(new float[] {0, 2}, 1, 2);
    assertEquals(List.of("0", "max"), ticks(grid.add(RED, twice, "")));
    assertEquals(
        List.of("0", "2", "4", "6"),
        ticks(grid.add(RED, twice, "").overlay(Overlay.create().range(0, 7))));
    assertEquals(
        List.of("−max", "0", "max"),
        ticks(grid.add(RED, twice, "").overlay(Overlay.create().colorMap(ColorMap.COOLWARM))));
    assertEquals(
        List.of("−1e−6", "−5e−7", "0", "5e−7", "1e−6"),
        ticks(grid.overlay(Overlay.create().range(-1e-6, 1e-6))));
    assertEquals(List.of("0", "0.25", "0.5", "0.75", "1"), ticks(Pictures.grid().add(RED)));
  }

  @Test
  void colorBar_isDrawn() {
    Grid grid = Pictures.grid().add(RED, MAP, "");
    assertTrue(grid.colorBar("").draw().width() > grid.draw().width());
  }

  @Test
  void add_leavesTheGridAsItWas() {
    Grid grid = Pictures.grid().add(RED);
    Picture before = grid.draw();
    grid.add(BLUE).columns(1).background(0).title("t");
    assertEquals(before, grid.draw());
    assertNotEquals(before, grid.add(RED).draw());
  }

  @Test
  void grid_refusesMoreMapsThanPictures() {
    assertThrows(
        IllegalArgumentException.class,
        () -> Pictures.grid(List.of(RED), List.of(), List.of(MAP, MAP)));
    assertThrows(
        IllegalArgumentException.class,
        () -> Pictures.grid(List.of(RED), List.of("a", "b"), List.of()));
    assertThrows(
        IllegalArgumentException.class,
        () -> Pictures.grid().add(RED, Tensor.of(new float[8], 2, 2, 2), ""));
  }

  @Test
  void draw_refusesMorePixelsThanAPictureHas() {
    Grid grid = Pictures.grid(Collections.nCopies(64, RED), List.of(), List.of()).cellWidth(9000);
    assertTrue(
        String.valueOf(assertThrows(IllegalStateException.class, grid::draw).getMessage())
            .startsWith("The grid would have 74430 x"));
  }

  @Test
  void save_writesTheFile() throws IOException {
    Path file = folder.resolve("why.png");
    Pictures.grid().add(RED, MAP, "a").save(file);
    assertEquals(Pictures.grid().add(RED, MAP, "a").draw(), Picture.read(file));
    assertTrue(Files.size(file) > 0);
  }

  @Test
  void machineWithoutFonts_stillHasLetters() {
    Picture drawn = Pictures.grid().add(RED, "Kéras −1 … 東").draw(new StrokeLettering());
    int dark = 0;
    for (int row = 170; row < drawn.height(); row++) {
      for (int column = 0; column < drawn.width(); column++) {
        dark += drawn.sample(row, column, 1) < 128 && drawn.sample(row, column, 0) < 128 ? 1 : 0;
      }
    }
    assertTrue(dark > 50, "dark pixels: " + dark);
  }

  @Test
  void width_isThatOfTheWhole() {
    Picture photo = Picture.ofTensor(Tensor.of(new float[30 * 40 * 3], 30, 40, 3));
    Grid grid = Pictures.grid().add(photo, "one").add(photo, "two").add(photo, "three");
    for (int width : new int[] {300, 1200, 1201}) {
      assertEquals(width, grid.width(width).draw().width());
      assertEquals(width, grid.width(width).colorBar("evidence").draw().width());
      assertEquals(width, grid.width(width).rowTitles(List.of("a row")).draw().width());
    }
    Grid narrow = grid.width(40);
    IllegalStateException e = assertThrows(IllegalStateException.class, narrow::draw);
    assertTrue(e.toString().contains("no room in 40 pixels"), e::toString);
    assertThrows(IllegalArgumentException.class, () -> grid.width(-1));
  }
}
