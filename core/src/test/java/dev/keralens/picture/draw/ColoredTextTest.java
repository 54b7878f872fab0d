package dev.keralens.picture.draw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.picture.Picture;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Words coloured by a map. */
class ColoredTextTest {
  private static final ColoredText TEXT =
      ColoredText.of(List.of(" a", " <good", ">", " \n film"), new float[] {0, 2, -1, -2});

  @Test
  void ansi_hasRedForWhatSpeaksForAndBlueForWhatSpeaksAgainst() {
    String text = TEXT.ansi(ColoredText.Depth.TRUE_COLOR);
    assertTrue(text.startsWith("\u001b[30;48;2;255;255;255ma\u001b[0m "), text);
    assertTrue(text.contains("\u001b[97;48;2;214;39;40m<good\u001b[0m\u001b["), text);
    assertTrue(text.contains("48;2;31;119;180m\u00b7 film"), text);
  }

  @Test
  void ansi_breaksLinesBeforeWordsAndNotWithinThem() {
    ColoredText text =
        ColoredText.of(List.of("a", " good", "ness", " of", " it"), new float[] {1, 2, 3, -1, 0});
    String lines = text.ansi(ColoredText.Depth.INDEXED, 8).replaceAll("\u001b\\[[0-9;]*m", "");
    assertEquals(List.of("a", "goodness", "of it"), lines.lines().map(String::strip).toList());
  }

  @Test
  void ansi_ofFewColorsTakesThoseOfTheCube() {
    String text = TEXT.ansi(ColoredText.Depth.INDEXED);
    assertTrue(text.startsWith("\u001b[30;48;5;231ma"), text);
    assertTrue(text.contains("48;5;160m<good"), text);
  }

  @Test
  void html_isEscapedAndSaysTheValues() {
    String html = TEXT.html();
    assertTrue(html.contains("title=\"2.000\">&lt;good</span><span"), html);
    assertTrue(html.contains("background:#1f77b4"), html);
  }

  @Test
  void picture_hasTheColorsAndBreaksLines() {
    Picture wide = TEXT.picture(900, "");
    Picture narrow = TEXT.picture(120, "caption");
    assertEquals(900, wide.width());
    assertTrue(narrow.height() > wide.height());
    assertThrows(IllegalArgumentException.class, () -> TEXT.picture(20, ""));
  }

  @Test
  void valuesThatAreNoNumbers_areRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> ColoredText.of(List.of("a"), new float[] {Float.NaN}));
    assertThrows(IllegalArgumentException.class, () -> ColoredText.of(List.of(), new float[] {1}));
  }
}
