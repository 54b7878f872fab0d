package dev.keralens.tokenize;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * WordPiece as KerasHub has it: a text is split at spaces, punctuation and ideographs, and each
 * word is taken apart from its begin, always by the longest piece of the vocabulary.
 *
 * <p>A word of which a part is not in the vocabulary is the unknown token as a whole. Spaces are
 * ASCII's, control characters and those of format; others, as the no-break space, are letters.
 */
final class WordPieces implements Splitter {
  private static final int LONGEST_WORD = 100;
  private static final String SPACE = "[ \\t\\n\\r\\f]|\\p{Cc}|\\p{Cf}";
  private static final String PUNCTUATION = "[!-/:-@\\[-`{-~]|\\p{P}";
  private static final String IDEOGRAPH =
      "[\\x{4E00}-\\x{9FFF}\\x{3400}-\\x{4DBF}\\x{20000}-\\x{2A6DF}\\x{2A700}-\\x{2B73F}"
          + "\\x{2B740}-\\x{2B81F}\\x{2B820}-\\x{2CEAF}\\x{F900}-\\x{FAFF}\\x{2F800}-\\x{2FA1F}]";

  /** How a text is prepared. */
  record Options(
      boolean lowercase,
      boolean stripsAccents,
      boolean splits,
      boolean splitsIdeographs,
      String suffix,
      String unknown,
      List<String> specials) {}

  private final List<String> vocabulary;
  private final Map<String, Integer> ids = new HashMap<>();
  private final Options options;
  private final Set<String> specials;
  private final Pattern delimiter;

  WordPieces(List<String> vocabulary, Options options) {
    this.vocabulary = vocabulary;
    this.options = options;
    for (int i = 0; i < vocabulary.size(); i++) {
      ids.put(vocabulary.get(i), i);
    }
    specials = Set.copyOf(options.specials);
    // The group is what stays; a special token comes first, so that it stays whole.
    String kept = options.splitsIdeographs ? PUNCTUATION + "|" + IDEOGRAPH : PUNCTUATION;
    String whole =
        options.specials.stream()
            .map(token -> Pattern.quote(token) + "|")
            .collect(Collectors.joining());
    // A sign of punctuation is no space and no ideograph, so their order is free.
    delimiter = Pattern.compile("(" + whole + kept + ")|" + SPACE);
  }

  @Override
  public int id(String token) {
    return ids.getOrDefault(token, -1);
  }

  @Override
  public int size() {
    return vocabulary.size();
  }

  @Override
  public List<Token> split(String text) {
    String plain = text;
    if (options.stripsAccents) {
      plain = Normalizer.normalize(text, Normalizer.Form.NFD).replaceAll("\\p{Mn}", "");
    }
    List<Token> tokens = new ArrayList<>();
    if (!options.splits) {
      addWord(plain, true, tokens);
      return tokens;
    }
    int position = 0;
    boolean begins = true;
    Matcher matcher = delimiter.matcher(plain);
    while (matcher.find()) {
      if (matcher.start() > position) {
        addWord(plain.substring(position, matcher.start()), begins, tokens);
        begins = false;
      }
      if (matcher.group(1) != null) {
        addWord(matcher.group(1), begins, tokens);
        begins = false;
      } else {
        begins = true;
      }
      position = matcher.end();
    }
    if (position < plain.length()) {
      addWord(plain.substring(position), begins, tokens);
    }
    return tokens;
  }

  private void addWord(String written, boolean begins, List<Token> tokens) {
    String word =
        options.lowercase && !specials.contains(written) ? CaseFolding.fold(written) : written;
    if (word.isEmpty()) {
      return;
    }
    int first = tokens.size();
    if (word.getBytes(StandardCharsets.UTF_8).length > LONGEST_WORD) {
      tokens.add(Token.of(id(options.unknown), written, begins));
      return;
    }
    int start = 0;
    while (start < word.length()) {
      int end = word.length();
      int id = -1;
      while (end > start && id < 0) {
        String piece = word.substring(start, end);
        id = id(start > 0 ? options.suffix + piece : piece);
        end = id < 0 ? word.offsetByCodePoints(end, -1) : end;
      }
      if (id < 0) {
        tokens.subList(first, tokens.size()).clear();
        tokens.add(Token.of(id(options.unknown), written, begins));
        return;
      }
      tokens.add(Token.of(id, word.substring(start, end), begins && start == 0));
      start = end;
    }
  }
}
