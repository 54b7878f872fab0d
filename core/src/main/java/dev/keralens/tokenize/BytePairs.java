package dev.keralens.tokenize;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Byte-pair encoding as KerasHub's tokenizers have it where they are called.
 *
 * <p>A text is taken apart at its special tokens, and the pairs of each part's bytes are joined, in
 * the order of the merges. KerasHub does not split a part into words before; only CLIP's tokenizer
 * does, which lowers letters, too, and marks the end of each word.
 */
final class BytePairs implements Splitter {
  private static final String WORD_END = "</w>";
  private static final String CONTRACTION = "'s|'t|'re|'ve|'m|'ll|'d|";
  private static final String VISIBLE = "[^\\p{IsWhite_Space}\\p{L}\\p{N}]+";
  private static final Pattern SPACES = Pattern.compile("\\p{IsWhite_Space}+");
  private static final Pattern CLIP_WORD =
      Pattern.compile(
          "<\\|startoftext\\|>|<\\|endoftext\\|>|" + CONTRACTION + "\\p{L}+|\\p{N}|" + VISIBLE);
  private static final Pattern WORD =
      Pattern.compile(
          CONTRACTION
              + " ?\\p{L}+| ?\\p{N}+| ?"
              + VISIBLE
              + "|\\p{IsWhite_Space}+(?!\\P{IsWhite_Space})|\\p{IsWhite_Space}+");

  private final Map<String, Integer> vocabulary;
  private final Map<String, Integer> ranks = new HashMap<>();
  private final boolean prefixSpace;
  private final boolean clip;
  private final int unknown;
  private final int size;
  private final Pattern specials;

  /**
   * @param merges pairs with a space between, the first to join first
   * @param specials tokens that stay whole
   * @param unknown the number of what the vocabulary does not have, or -1: then it is left out
   */
  BytePairs(
      Map<String, Integer> vocabulary,
      List<String> merges,
      List<String> specials,
      boolean prefixSpace,
      boolean clip,
      int unknown) {
    this.vocabulary = vocabulary;
    this.prefixSpace = prefixSpace;
    this.clip = clip;
    this.unknown = unknown;
    size = vocabulary.values().stream().mapToInt(id -> id + 1).max().orElse(0);
    for (int i = 0; i < merges.size(); i++) {
      ranks.put(merges.get(i), i);
    }
    // Of two that begin alike the longer one is found.
    String any =
        specials.stream()
            .filter(token -> !token.isEmpty())
            .sorted((a, b) -> b.length() - a.length())
            .map(Pattern::quote)
            .collect(Collectors.joining("|"));
    this.specials = Pattern.compile(any.isEmpty() ? "(?!)" : any);
  }

  @Override
  public int id(String token) {
    return vocabulary.getOrDefault(token, -1);
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public List<Token> split(String text) {
    List<Token> tokens = new ArrayList<>();
    int position = 0;
    Matcher matcher = specials.matcher(text);
    while (matcher.find()) {
      addPart(text.substring(position, matcher.start()), tokens);
      tokens.add(Token.of(id(matcher.group()), matcher.group(), true));
      position = matcher.end();
    }
    addPart(text.substring(position), tokens);
    return tokens;
  }

  private void addPart(String part, List<Token> tokens) {
    if (part.isEmpty()) {
      return;
    }
    if (!clip) {
      addWord(spaced(part), tokens);
      return;
    }
    String plain = SPACES.matcher(Normalizer.normalize(part, Normalizer.Form.NFC)).replaceAll(" ");
    StringBuilder small = new StringBuilder();
    plain.codePoints().forEach(c -> small.append(Character.toString(c).toLowerCase(Locale.ROOT)));
    Matcher words = CLIP_WORD.matcher(small);
    while (words.find()) {
      Matcher again = WORD.matcher(spaced(words.group()));
      while (again.find()) {
        addWord(again.group(), tokens);
      }
    }
  }

  private String spaced(String part) {
    return prefixSpace && !part.startsWith(" ") ? " " + part : part;
  }

  private void addWord(String word, List<Token> tokens) {
    String letters = ByteAlphabet.letters(word);
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < letters.length(); i++) {
      String letter = letters.substring(i, i + 1);
      String part = clip && i == letters.length() - 1 ? letter + WORD_END : letter;
      if (vocabulary.containsKey(part)) {
        parts.add(part);
      } else if (unknown >= 0) {
        parts.add("");
      }
    }
    boolean begins = true;
    for (String part : joined(parts)) {
      if (part.isEmpty()) {
        tokens.add(Token.of(unknown, "\ufffd", begins));
      } else {
        boolean ends = clip && part.endsWith(WORD_END);
        String piece = ends ? part.substring(0, part.length() - WORD_END.length()) : part;
        String shown = ByteAlphabet.text(piece);
        boolean first = clip ? begins : begins || shown.startsWith(" ");
        tokens.add(Token.of(id(part), shown, first));
      }
      begins = false;
    }
  }

  /** Joins what lies between unknown letters. */
  private List<String> joined(List<String> parts) {
    List<String> joined = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= parts.size(); i++) {
      if (i == parts.size() || parts.get(i).isEmpty()) {
        joined.addAll(Merging.merge(parts.subList(start, i), this::rank));
        if (i < parts.size()) {
          joined.add("");
        }
        start = i + 1;
      }
    }
    return joined;
  }

  private double rank(String left, String right) {
    Integer rank = ranks.get(left + " " + right);
    return rank == null || !vocabulary.containsKey(left + right) ? Merging.NONE : rank;
  }
}
