package dev.keralens.tokenize;

/**
 * A piece of a text, as a tokenizer splits it.
 *
 * @param id its number in the vocabulary
 * @param text what it stands for, without the marks of its vocabulary; a part of a character is
 *     shown as {@code �}
 * @param begins whether a word begins with it: a space may stand before it
 * @param special whether the tokenizer added it, as {@code [CLS]} or padding; it stands for nothing
 *     of the text
 */
public record Token(int id, String text, boolean begins, boolean special) {
  static Token of(int id, String text, boolean begins) {
    return new Token(id, text, begins, false);
  }

  static Token special(int id, String text) {
    return new Token(id, text, true, true);
  }
}
