package dev.keralens.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables in a width. */
class TextTableTest {
  private static TextTable layers() {
    TextTable table = new TextTable(">#", "layer (class)", "output shape", ">params", "reads", "");
    table.add("0", "input (InputLayer)", "(None, 224, 224, 3)", "0", "", "");
    table.add("1", "conv (DepthwiseConv2D)", "(None, 112, 112, 8)", "1,216", "input", "<- logits");
    return table;
  }

  private static TextTable methods() {
    TextTable table = new TextTable("method", "maps show", "paper");
    table.add("one", "what it shows, in a sentence of some length", "https://example.org/a/b/c");
    table.add("another", "something else", "Somebody, 2020");
    return table;
  }

  @Test
  void whatFits_isAsWithoutAWidth() {
    assertEquals(layers().lines(), layers().lines(100));
  }

  @Test
  void text_goesOnInFurtherLinesOfItsRow() {
    assertEquals(
        List.of(
            "#  layer (class)         output shape         params  reads",
            "0  input (InputLayer)    (None, 224, 224, 3)       0",
            "1  conv                  (None, 112, 112, 8)   1,216  input  <- logits",
            "   (DepthwiseConv2D)"),
        layers().lines(70));
  }

  @Test
  void lastColumns_lieBelowThoseBeforeThem() {
    assertEquals(
        List.of(
            "method   maps show",
            "         paper",
            "one      what it shows, in a sentence of",
            "         some length",
            "         https://example.org/a/b/c",
            "another  something else",
            "         Somebody, 2020"),
        methods().lines(41));
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 50, 60, 80, 100, 200})
  void noLineIsLonger_andNoTextIsLost(int width) {
    for (TextTable table : List.of(layers(), methods())) {
      List<String> lines = table.lines(width);
      assertTrue(lines.stream().allMatch(line -> Wrapping.width(line) <= width), lines::toString);
      assertEquals(letters(table.lines()), letters(lines));
    }
  }

  /** The letters of lines, whatever their order. */
  private static String letters(List<String> lines) {
    return String.join("", lines)
        .chars()
        .filter(c -> c != ' ')
        .sorted()
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }

  @Test
  void longWord_isBrokenBehindAJoint() {
    assertEquals(
        List.of("see", "Garter-", "Snake.jpg", "xxxxxxxxxx", "xx"),
        Wrapping.lines("see Garter-Snake.jpg xxxxxxxxxxxx", 10));
  }

  @Test
  void paragraph_keepsTheNamesOfFilesWhole() {
    assertEquals(
        "Cannot write\n  /a/long/name/of/a/file.png:\n  no room.",
        Wrapping.paragraph("Cannot write /a/long/name/of/a/file.png: no room.", 20, 2));
  }
}
