package dev.keralens.tokenize;

import dev.keralens.graph.InvalidModelException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * SentencePiece: a text is prepared as a whole, spaces too, and taken apart into pieces, those that
 * are most likely together (unigrams; T. Kudo, Subword Regularization, 2018) or those that joining
 * pairs of the best score leaves.
 */
final class SentencePieces implements Splitter {
  /** By how much an unknown character is less likely than the least likely piece. */
  private static final float UNKNOWN_PENALTY = 10;

  private final SentenceModel model;
  private final SentenceNormalizer normalizer;
  private final Map<String, Integer> ids = new HashMap<>();
  private final Map<String, Integer> reserved = new HashMap<>();
  private final List<String> whole;
  private final boolean addsBos;
  private final boolean addsEos;
  private int unknown = -1;
  private int longest = 1;
  private float least = Float.MAX_VALUE;
  private float most = Float.MIN_NORMAL;

  SentencePieces(String name, SentenceModel model, boolean addsBos, boolean addsEos) {
    this.model = model;
    this.addsBos = addsBos;
    this.addsEos = addsEos;
    List<String> kept = new ArrayList<>();
    for (int i = 0; i < model.pieces.size(); i++) {
      SentenceModel.Piece piece = model.pieces.get(i);
      switch (piece.kind()) {
        case NORMAL -> {
          least = Math.min(least, piece.score());
          most = Math.max(most, piece.score());
          ids.put(piece.text(), i);
        }
        case USER_DEFINED -> {
          kept.add(piece.text());
          ids.put(piece.text(), i);
        }
        case UNUSED -> ids.put(piece.text(), i);
        case UNKNOWN -> {
          unknown = i;
          reserved.put(piece.text(), i);
        }
        case CONTROL, BYTE -> reserved.put(piece.text(), i);
      }
      longest = Math.max(longest, piece.text().length());
    }
    if (unknown < 0) {
      throw new InvalidModelException(name + " has no piece for what is unknown.");
    }
    kept.removeIf(String::isEmpty);
    kept.sort((a, b) -> b.length() - a.length());
    whole = List.copyOf(kept);
    normalizer = new SentenceNormalizer(name, model, whole);
  }

  @Override
  public int id(String token) {
    return reserved.getOrDefault(token, ids.getOrDefault(token, -1));
  }

  /** {@return the number of what is unknown} */
  int unknown() {
    return unknown;
  }

  @Override
  public int size() {
    return model.pieces.size();
  }

  @Override
  public List<Token> split(String text) {
    String normal = normalizer.normalize(text);
    List<Token> tokens = new ArrayList<>();
    if (addsBos) {
      tokens.add(Token.special(id(model.bos), model.bos));
    }
    boolean begins = true;
    boolean unknownBefore = false;
    for (String piece : normal.isEmpty() ? List.<String>of() : pieces(normal)) {
      int id = id(piece) < 0 ? unknown : id(piece);
      String shown = piece.replace(SentenceNormalizer.SPACE, " ");
      boolean first = begins || shown.startsWith(" ");
      begins = model.spaceBehind && shown.endsWith(" ");
      boolean isUnknown = id == unknown;
      if (isUnknown && model.bytesForUnknown) {
        addBytes(piece, first, tokens);
      } else if (isUnknown && unknownBefore) {
        Token last = tokens.remove(tokens.size() - 1);
        tokens.add(Token.of(unknown, last.text() + shown, last.begins()));
      } else {
        tokens.add(Token.of(id, shown, first));
      }
      unknownBefore = isUnknown;
    }
    if (addsEos) {
      tokens.add(Token.special(id(model.eos), model.eos));
    }
    return tokens;
  }

  private void addBytes(String piece, boolean begins, List<Token> tokens) {
    boolean first = begins;
    for (byte value : piece.getBytes(StandardCharsets.UTF_8)) {
      String name = "<0x%02X>".formatted(value & 0xff);
      int id = id(name);
      tokens.add(Token.of(id < 0 ? unknown : id, name, first));
      first = false;
    }
  }

  private List<String> pieces(String normal) {
    return model.unigram ? unigrams(normal) : pairs(normal);
  }

  /**
   * The pieces of the highest sum of scores; of two, those that were found first. Sums are floats
   * as SentencePiece's: with doubles, a tenth of the words of one repeated letter is cut elsewhere.
   */
  private List<String> unigrams(String text) {
    int[] startOf = new int[text.length() + 1];
    float[] best = new float[text.length() + 1];
    boolean[] reached = new boolean[text.length() + 1];
    reached[0] = true;
    for (int start = 0; start < text.length(); start = text.offsetByCodePoints(start, 1)) {
      int one = text.offsetByCodePoints(start, 1);
      boolean single = false;
      int bytes = 0;
      int limit = Math.min(text.length(), start + longest);
      for (int end = one; end <= limit; end = text.offsetByCodePoints(end, 1)) {
        bytes += utf8(text.codePointBefore(end));
        Integer id = ids.get(text.substring(start, end));
        if (id != null && model.pieces.get(id).kind() != SentenceModel.Kind.UNUSED) {
          single |= end == one;
          offer(start, end, score(best[start], id, bytes), startOf, best, reached);
        }
        if (end == text.length()) {
          break;
        }
      }
      if (!single) {
        offer(start, one, least - UNKNOWN_PENALTY + best[start], startOf, best, reached);
      }
    }
    List<String> pieces = new ArrayList<>();
    for (int end = text.length(); end > 0; end = startOf[end]) {
      pieces.add(0, text.substring(startOf[end], end));
    }
    return pieces;
  }

  private static void offer(
      int start, int end, float score, int[] startOf, float[] best, boolean[] reached) {
    if (!reached[end] || score > best[end]) {
      reached[end] = true;
      best[end] = score;
      startOf[end] = start;
    }
  }

  /** A score with a piece behind it. A piece that users defined wins by its length. */
  private float score(float before, int id, int bytes) {
    SentenceModel.Piece piece = model.pieces.get(id);
    return piece.kind() == SentenceModel.Kind.USER_DEFINED
        ? (float) (bytes * most - 0.1) + before
        : piece.score() + before;
  }

  private static int utf8(int c) {
    return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  }

  private List<String> pairs(String text) {
    List<String> letters = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int start = at;
      String kept =
          whole.stream().filter(piece -> text.startsWith(piece, start)).findFirst().orElse("");
      at = kept.isEmpty() ? text.offsetByCodePoints(at, 1) : at + kept.length();
      letters.add(text.substring(start, at));
    }
    // What a joined piece was made of: an unused one is taken apart again.
    Map<String, List<String>> parts = new HashMap<>();
    List<String> merged = Merging.merge(letters, (left, right) -> rank(left, right, parts));
    List<String> pieces = new ArrayList<>();
    merged.forEach(piece -> addUsed(piece, parts, pieces));
    return pieces;
  }

  private double rank(String left, String right, Map<String, List<String>> parts) {
    Integer id = ids.get(left + right);
    if (id == null || whole.contains(left) || whole.contains(right)) {
      return Merging.NONE;
    }
    if (model.pieces.get(id).kind() == SentenceModel.Kind.UNUSED) {
      parts.put(left + right, List.of(left, right));
    }
    return -model.pieces.get(id).score();
  }

  private void addUsed(String piece, Map<String, List<String>> parts, List<String> pieces) {
    Integer id = ids.get(piece);
    List<String> made = parts.get(piece);
    if (id == null || made == null || model.pieces.get(id).kind() != SentenceModel.Kind.UNUSED) {
      pieces.add(piece);
    } else {
      made.forEach(part -> addUsed(part, parts, pieces));
    }
  }
}
