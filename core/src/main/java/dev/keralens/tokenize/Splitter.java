package dev.keralens.tokenize;

import java.util.List;

/** Splits a text into the tokens of a vocabulary. */
sealed interface Splitter permits BytePairs, SentencePieces, ShiftedPieces, WordList, WordPieces {
  List<Token> split(String text);

  /** {@return a token's number, or -1 where the vocabulary does not have it} */
  int id(String token);

  /** {@return how many numbers there are: each is below it} */
  int size();
}
