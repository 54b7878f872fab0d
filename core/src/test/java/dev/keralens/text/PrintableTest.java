package dev.keralens.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {
  @Test
  void message_plainStaysAsItIs() {
    String text = "Layer 'conv' (Conv2D) in cat.keras: it takes 3 channels, got 4.";
    assertSame(text, Printable.message(text));
    assertEquals("Ebene 'Größe' 層", Printable.message("Ebene 'Größe' 層"));
  }

  @Test
  void message_isOneLine() {
    assertEquals("a b c", Printable.message(" a\r\n  b\n\n\tc\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u202e", "\u200f", "\u0007", "\u001b", "\ufeff", "\u2066", "\u0085x"})
  void message_showsHiddenCharacters(String hidden) {
    String shown = Printable.message("a" + hidden + "b");
    assertTrue(shown.chars().allMatch(c -> c >= ' ' && c < 0x7f), shown);
    String name = Printable.name("a" + hidden + "b");
    assertTrue(name.startsWith("a\\u") && name.endsWith("b"), name);
  }

  @ParameterizedTest
  @ValueSource(ints = {257, 60_000, 1_000_000})
  void message_cutsLongWords(int length) {
    String shown = Printable.message("The data of '" + "a".repeat(length) + "' lies elsewhere.");
    assertTrue(shown.startsWith("The data of 'aaa") && shown.endsWith("aaa' lies elsewhere."));
    assertTrue(shown.contains("...(" + (length + 2) + " characters)..."), shown);
    assertTrue(shown.length() < 256, shown);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ab ", "(, ", "\ud83d\ude00 ", "\ud83d\ude00"})
  void message_cutsLongTexts(String word) {
    String shown = Printable.message("begin " + word.repeat(50_000) + " end");
    assertTrue(shown.length() <= 1200, shown);
    assertTrue(shown.startsWith("begin ") && shown.endsWith(" end"), shown);
    assertTrue(shown.codePoints().noneMatch(c -> c >= 0xd800 && c < 0xe000), shown);
  }

  @Test
  void reason_isNeverNull() {
    assertEquals("why", Printable.reason(new IllegalStateException(null, new Exception("why"))));
    assertEquals("NullPointerException", Printable.reason(new NullPointerException()));
    assertEquals("it is nested in itself, or too deep", Printable.reason(new StackOverflowError()));
  }
}
