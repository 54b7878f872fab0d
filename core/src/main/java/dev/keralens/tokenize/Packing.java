package dev.keralens.tokenize;

import dev.keralens.tokenize.TokenizerTable.Special;
import dev.keralens.tokenize.TokenizerTable.Vocabulary;
import java.util.ArrayList;
import java.util.List;

/**
 * How a preprocessor of KerasHub puts the tokens of one or more texts into a row of one length: a
 * token in front, some between two texts, one at the end, and padding.
 */
record Packing(
    int length,
    boolean start,
    int separators,
    boolean end,
    boolean waterfall,
    boolean several,
    boolean cutsLast,
    List<String> inputs) {

  Packing ofLength(int tokens) {
    return new Packing(tokens, start, separators, end, waterfall, several, cutsLast, inputs);
  }

  /** A row; the segments are what text each token is of. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Row(List<Token> tokens, int[] segments, int used) {}

  Row pack(Vocabulary vocabulary, List<List<Token>> texts) {
    boolean starts = start && vocabulary.start().id() >= 0;
    int around = (starts ? 1 : 0) + (texts.size() - 1) * separators + (end ? 1 : 0);
    // A model that says the next token is given one less than what was packed.
    int packed = cutsLast ? length + 1 : length;
    List<List<Token>> trimmed = trimmed(texts, Math.max(0, packed - around));
    List<Token> tokens = new ArrayList<>();
    List<Integer> segments = new ArrayList<>();
    if (starts) {
      add(special(vocabulary.start()), 0, tokens, segments);
    }
    for (int i = 0; i < trimmed.size(); i++) {
      for (Token token : trimmed.get(i)) {
        add(token, i, tokens, segments);
      }
      int behind = i < trimmed.size() - 1 ? separators : end ? 1 : 0;
      for (int k = 0; k < behind; k++) {
        add(special(vocabulary.end()), i, tokens, segments);
      }
    }
    int used = Math.min(length, tokens.size());
    while (tokens.size() < length) {
      add(special(vocabulary.pad()), 0, tokens, segments);
    }
    int[] rows = segments.stream().limit(length).mapToInt(Integer::intValue).toArray();
    return new Row(List.copyOf(tokens.subList(0, length)), rows, used);
  }

  private static void add(Token token, int segment, List<Token> tokens, List<Integer> segments) {
    tokens.add(token);
    segments.add(segment);
  }

  private static Token special(Special special) {
    return Token.special(special.id(), special.text());
  }

  private List<List<Token>> trimmed(List<List<Token>> texts, int room) {
    int[] counts = waterfall ? filled(texts, room) : shared(texts, room);
    List<List<Token>> trimmed = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      trimmed.add(texts.get(i).subList(0, counts[i]));
    }
    return trimmed;
  }

  /** The first text gets all that it needs, then the second. */
  private static int[] filled(List<List<Token>> texts, int room) {
    int[] counts = new int[texts.size()];
    int left = room;
    for (int i = 0; i < counts.length; i++) {
      counts[i] = Math.min(left, texts.get(i).size());
      left -= counts[i];
    }
    return counts;
  }

  /** Each text that needs more gets one place in turn. */
  private static int[] shared(List<List<Token>> texts, int room) {
    int[] counts = new int[texts.size()];
    int left = room;
    boolean given = true;
    while (left > 0 && given) {
      given = false;
      for (int i = 0; i < counts.length && left > 0; i++) {
        if (counts[i] < texts.get(i).size()) {
          counts[i]++;
          left--;
          given = true;
        }
      }
    }
    return counts;
  }
}
