package dev.keralens.tokenize;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A piece of a text, as a tokenizer splits it. */
public final class Token {
  private final int id;
  private final String text;
  private final boolean begins;
  private final boolean special;

  Token(int id, String text, boolean begins, boolean special) {
    this.id = id;
    this.text = text;
    this.begins = begins;
    this.special = special;
  }

  /** {@return its number in the vocabulary} */
  public int id() {
    return id;
  }

  /**
   * {@return what it stands for, without the marks of its vocabulary; a part of a character is
   * shown as {@code �}}
   */
  public String text() {
    return text;
  }

  /** {@return whether a word begins with it: a space may stand before it} */
  public boolean begins() {
    return begins;
  }

  /**
   * {@return whether the tokenizer added it, as {@code [CLS]} or padding; it stands for nothing of
   * the text}
   */
  public boolean special() {
    return special;
  }

  static Token of(int id, String text, boolean begins) {
    return new Token(id, text, begins, false);
  }

  static Token special(int id, String text) {
    return new Token(id, text, true, true);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Token that
        && id == that.id
        && text.equals(that.text)
        && begins == that.begins
        && special == that.special;
  }

  @Override
  public int hashCode() {
    return Objects.hash(id, text, begins, special);
  }

  @Override
  public String toString() {
    return "Token[id=%s, text=%s, begins=%s, special=%s]".formatted(id, text, begins, special);
  }
}
