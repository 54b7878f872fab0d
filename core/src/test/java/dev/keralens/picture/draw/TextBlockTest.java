package dev.keralens.picture.draw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Graphics2D;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TextBlockTest {
  /** Every character is as wide as the size. */
  private static final Lettering SQUARES =
      new Lettering() {
        @Override
        public double width(String line, double size) {
          return line.codePointCount(0, line.length()) * size;
        }

        @Override
        public void draw(
            Graphics2D graphics, String line, double x, double baseline, double size) {}
      };

  private static List<String> lines(String text, int width, int maxLines) {
    return TextBlock.of(SQUARES, text, 1, width, maxLines).lines();
  }

  @Test
  void of_breaksBetweenWords() {
    assertEquals(List.of("one two", "three"), lines("one two three", 8, 3));
    assertEquals(List.of("one", "two"), lines(" one\n two ", 20, 3));
    assertEquals(List.of(), lines("  ", 20, 3));
  }

  @Test
  void of_breaksLongWordsAfterSeparators() {
    assertEquals(List.of("conv_", "pw_", "13_", "relu"), lines("conv_pw_13_relu", 5, 4));
    assertEquals(List.of("abcde", "fgh"), lines("abcdefgh", 5, 4));
    assertEquals(List.of("a", "b"), lines("ab", 0, 4));
  }

  @Test
  void of_endsWithAnEllipsis() {
    assertEquals(List.of("one two", "three f…"), lines("one two three four five", 8, 2));
  }

  @Test
  void of_keepsTheScore() {
    assertEquals(List.of("brown", "b… 0.27"), lines("brown bear or bruin 0.27", 7, 2));
    assertEquals(List.of("b… 27%"), lines("brown bear 27%", 6, 1));
  }

  @Test
  void of_dropsAScoreThatLeavesNoRoom() {
    assertEquals(List.of("brow…"), lines("brown bear 0.27", 5, 1));
  }

  @Test
  void of_keepsCharactersWhole() {
    assertEquals(List.of("👍🏽👍🏽", "👍🏽"), lines("👍🏽👍🏽👍🏽", 4, 3));
  }

  static Stream<Lettering> letterings() {
    return Stream.of(new FontLettering(), new StrokeLettering(), SQUARES);
  }

  @ParameterizedTest
  @MethodSource("letterings")
  void of_neverIsTooWide(Lettering lettering) {
    for (String text :
        List.of(
            "a quick brown fox 0.99",
            "Pneumonoultramicroscopicsilicovolcanoconiosis",
            "a/b/c-d_e.f 12 ü ß 東京")) {
      for (int width = 60; width < 200; width += 7) {
        for (int maxLines = 1; maxLines < 4; maxLines++) {
          TextBlock block = TextBlock.of(lettering, text, 12, width, maxLines);
          assertTrue(block.lines().size() <= maxLines);
          assertTrue(block.width(lettering) <= width, block + " in " + width);
        }
      }
    }
  }
}
