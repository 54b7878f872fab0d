package dev.keralens.tokenize;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A list of words, each with a number.
 *
 * <p>A text is split at spaces. Signs of punctuation around a word are words of their own where the
 * list has them, and are left out where not. A word is looked up as it is written, then in small
 * letters, then without signs inside it, as Keras' TextVectorization writes words; what is not
 * found is taken apart at its signs.
 */
final class WordList implements Splitter {
  static final List<String> UNKNOWN = List.of("[UNK]", "<unk>", "<UNK>", "<OOV>", "[OOV]", "UNK");
  private static final Pattern PARTS =
      Pattern.compile("^([^\\p{L}\\p{M}\\p{N}]*)(.*?)([^\\p{L}\\p{M}\\p{N}]*)$", Pattern.DOTALL);
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{M}\\p{N}]+");

  private final Map<String, Integer> ids;
  private final int unknown;
  private final boolean drops;
  private final int size;

  /**
   * @param unknown the number of words that are not in the list, -1 where there is none
   * @param drops whether such words are left out where they have no number
   */
  WordList(Map<String, Integer> ids, int unknown, boolean drops) {
    this.ids = ids;
    this.unknown = unknown;
    this.drops = drops;
    size = Math.max(unknown, ids.values().stream().mapToInt(id -> id).max().orElse(-1)) + 1;
  }

  @Override
  public int id(String token) {
    return ids.getOrDefault(token, -1);
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public List<Token> split(String text) {
    List<Token> tokens = new ArrayList<>();
    for (String part : text.split("\\p{IsWhite_Space}+", -1)) {
      int first = tokens.size();
      if (id(part) >= 0) {
        add(part, id(part), first, tokens);
        continue;
      }
      Matcher parts = PARTS.matcher(part);
      if (parts.matches()) {
        addSigns(parts.group(1), first, tokens);
        addWord(parts.group(2), first, tokens);
        addSigns(parts.group(3), first, tokens);
      }
    }
    return tokens;
  }

  private static void add(String text, int id, int first, List<Token> tokens) {
    tokens.add(Token.of(id, text, tokens.size() == first));
  }

  private void addSigns(String signs, int first, List<Token> tokens) {
    if (id(signs) >= 0) {
      add(signs, id(signs), first, tokens);
      return;
    }
    signs
        .codePoints()
        .mapToObj(Character::toString)
        .filter(sign -> id(sign) >= 0)
        .forEach(sign -> add(sign, id(sign), first, tokens));
  }

  private void addWord(String word, int first, List<Token> tokens) {
    if (word.isEmpty()) {
      return;
    }
    int whole = known(word);
    if (whole < 0) {
      whole = known(word.replaceAll("[^\\p{L}\\p{M}\\p{N}]", ""));
    }
    if (whole >= 0) {
      add(word, whole, first, tokens);
      return;
    }
    Matcher parts = WORD.matcher(word);
    while (parts.find()) {
      String part = parts.group();
      int id = known(part);
      if (id >= 0 || !drops || unknown >= 0) {
        add(part, id >= 0 ? id : unknownId(part), first, tokens);
      }
    }
  }

  private int known(String word) {
    int id = id(word);
    return id >= 0 ? id : id(word.toLowerCase(Locale.ROOT));
  }

  private int unknownId(String word) {
    if (unknown < 0) {
      throw new IllegalArgumentException(
          "The vocabulary has no word '%s', and none of %s for unknown words."
              .formatted(word, UNKNOWN));
    }
    return unknown;
  }
}
