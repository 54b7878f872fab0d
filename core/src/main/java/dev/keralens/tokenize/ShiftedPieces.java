package dev.keralens.tokenize;

import java.util.List;

/**
 * The numbers of XLM-RoBERTa: those of SentencePiece and one, since padding is 1; what is unknown
 * is 3.
 */
final class ShiftedPieces implements Splitter {
  private static final int UNKNOWN = 3;

  private final SentencePieces pieces;

  ShiftedPieces(SentencePieces pieces) {
    this.pieces = pieces;
  }

  private static int shifted(int id) {
    return id == 0 ? UNKNOWN : id + 1;
  }

  @Override
  public List<Token> split(String text) {
    return pieces.split(text).stream()
        .map(t -> new Token(shifted(t.id()), t.text(), t.begins(), t.special()))
        .toList();
  }

  @Override
  public int id(String token) {
    int id = pieces.id(token);
    return id < 0 ? UNKNOWN : shifted(id);
  }

  /** With the mask, which is the last. */
  @Override
  public int size() {
    return pieces.size() + 2;
  }
}
