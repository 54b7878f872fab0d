package dev.keralens.app;

import dev.keralens.Model;
import dev.keralens.network.InputSpec;
import dev.keralens.tokenize.Sentence;
import dev.keralens.tokenize.Tokenizer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes texts to what a model takes.
 *
 * @param length how many tokens the model takes; null where it takes any number
 * @param padding where zeros go, as the user said it
 */
record TextReader(Tokenizer tokenizer, @Nullable Integer length, @Nullable String padding) {
  /**
   * The reader of a model.
   *
   * @param file the model's file
   * @param vocabulary its words, where the user names them
   */
  static TextReader of(Path file, Model model, @Nullable Path vocabulary, @Nullable String padding)
      throws IOException {
    Tokenizer tokenizer =
        vocabulary != null
            ? Tokenizer.of(vocabulary)
            : own(file)
                .orElseThrow(
                    () ->
                        new UsageException(
                            "%s has no tokenizer with it; name its words by --vocabulary FILE."
                                .formatted(file)));
    List<InputSpec> inputs = model.inputs();
    Integer fixed = inputs.get(tokens(inputs)).sizes().get(0);
    if (padding != null && (tokenizer.hasLength() || fixed == null)) {
      throw new UsageException(
          "--padding has no effect: %s."
              .formatted(
                  fixed == null
                      ? "the model takes a text of any length"
                      : "the tokenizer itself fills texts up"));
    }
    return new TextReader(tokenizer, fixed, padding);
  }

  /** The tokenizer that a model has with it. */
  static Optional<Tokenizer> own(Path file) throws IOException {
    String name = file.toString();
    return Tokenizer.find(name.startsWith("hub:") ? Path.of(name.substring(4)) : file);
  }

  /** The position of the input that takes the words. */
  static int tokens(List<InputSpec> inputs) {
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i).name().equals("token_ids")) {
        return i;
      }
    }
    if (inputs.size() > 1) {
      throw new UsageException(
          "--text: the model has the inputs %s, and none is called token_ids; give them as arrays."
              .formatted(inputs.stream().map(InputSpec::name).toList()));
    }
    return 0;
  }

  /** A text, or a pair of texts, as the model takes it. */
  Sentence read(String... texts) {
    try {
      if (tokenizer.hasLength()) {
        return tokenizer.encode(texts);
      }
      return length == null ? tokenizer.encode(0, texts) : filled(length, texts);
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Says how many tokens of a text that was read are cut off, where some are. */
  void tellCut(Sentence taken, PrintWriter err, String... texts) {
    long all = tokenizer.hasLength() ? words(tokenizer.encode(0, texts)) : words(taken);
    if (words(taken) < all) {
      err.printf(
          "keralens: the text has %d tokens, and %d of them are cut off, as the model's"
              + " preprocessor does%n",
          all, all - words(taken));
      err.flush();
    }
  }

  private static long words(Sentence sentence) {
    return sentence.tokens().stream().filter(token -> !token.special()).count();
  }

  private Sentence filled(int wanted, String... texts) {
    int count = tokenizer.encode(0, texts).length();
    if (count > wanted) {
      throw new UsageException(
          "--text has %d tokens, and the model takes %d; give a shorter text."
              .formatted(count, wanted));
    }
    if (count == wanted) {
      return tokenizer.encode(wanted, texts);
    }
    if (padding == null) {
      throw new UsageException(
          "--text has %d tokens, and the model takes %d: say by --padding front or --padding end where zeros go."
              .formatted(count, wanted));
    }
    String side = padding.toLowerCase(Locale.ROOT);
    if (!List.of("front", "end").contains(side)) {
      throw new UsageException("--padding is front or end, got " + padding + ".");
    }
    Sentence sentence = tokenizer.encode(wanted, texts);
    return side.equals("front") ? sentence.paddedInFront() : sentence;
  }
}
