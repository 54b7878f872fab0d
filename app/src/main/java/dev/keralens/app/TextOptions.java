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
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** A text in the place of files. */
final class TextOptions {
  /** What a text heeds, beside what is refused by name. */
  private static final Set<String> HEEDED =
      Set.of(
          ("--text --pair --vocabulary --padding --model --weights --weights-by-name --classes"
               + " --output --output-index --threads --precision --scratch --device --no-progress"
               + " --method --layer --filter --rule --steps --samples --smooth --seed"
               + " --max-channels --units --top --all-units --of-output --probability --unit-axis"
               + " --versus --absence --sum --verbose")
              .split(" "));

  @Option(
      names = "--text",
      paramLabel = "TEXT",
      description =
          "Explain or predict this text in the place of files: its words as the model's tokenizer"
              + " splits them. A task of KerasHub has its tokenizer with it. Drawn as coloured"
              + " words where no -o is given. Default method: input_x_gradient, whose signs say"
              + " what a word speaks for.")
  private @Nullable String text;

  @Option(
      names = "--pair",
      paramLabel = "TEXT",
      description = "With --text: the second text of models that compare two.")
  private @Nullable String pair;

  @Option(
      names = "--vocabulary",
      paramLabel = "FILE",
      description =
          "With --text: the words that the model's numbers stand for, one a line from 0 on, or as"
              + " JSON (a list, or an object from word to number, or Keras' Tokenizer.to_json()),"
              + " or the folder or .keras file of a KerasHub model whose tokenizer is taken.")
  private @Nullable Path vocabulary;

  @Option(
      names = "--padding",
      paramLabel = "SIDE",
      description =
          "With --vocabulary, where the model takes texts of one length: zeros at the front or at"
              + " the end, as the model was trained with (pad_sequences: front; TextVectorization:"
              + " end).")
  private @Nullable String padding;

  boolean isAsked() {
    if (text == null && (pair != null || vocabulary != null || padding != null)) {
      throw new UsageException("--pair, --vocabulary and --padding have no effect without --text.");
    }
    return text != null;
  }

  /**
   * Refuses what does nothing to a text.
   *
   * @param given the options that were given
   */
  static void check(List<OptionSpec> given) {
    for (OptionSpec option : given) {
      if (!HEEDED.contains(option.longestName())) {
        throw new UsageException(option.longestName() + " has no effect with --text.");
      }
    }
  }

  private static long words(Sentence sentence) {
    return sentence.tokens().stream().filter(token -> !token.special()).count();
  }

  private static void tellCut(long all, long taken, PrintWriter err) {
    if (taken < all) {
      err.printf(
          "keralens: the text has %d tokens, and %d of them are cut off, as the model's"
              + " preprocessor does%n",
          all, all - taken);
      err.flush();
    }
  }

  /**
   * The text as the model takes it.
   *
   * @param err is told of what is cut off
   */
  Sentence sentence(Path file, Model model, PrintWriter err) throws IOException {
    Tokenizer tokenizer = tokenizer(file);
    String given = Objects.requireNonNull(text);
    String[] texts = pair == null ? new String[] {given} : new String[] {given, pair};
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
    try {
      if (tokenizer.hasLength()) {
        Sentence taken = tokenizer.encode(texts);
        tellCut(words(tokenizer.encode(0, texts)), words(taken), err);
        return taken;
      }
      if (fixed == null) {
        return tokenizer.encode(0, texts);
      }
      return filled(tokenizer, fixed, texts);
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    }
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

  private Sentence filled(Tokenizer tokenizer, int length, String... texts) {
    int count = tokenizer.encode(0, texts).length();
    if (count > length) {
      throw new UsageException(
          "--text has %d tokens, and the model takes %d; give a shorter text."
              .formatted(count, length));
    }
    if (count == length) {
      return tokenizer.encode(length, texts);
    }
    if (padding == null) {
      throw new UsageException(
          "--text has %d tokens, and the model takes %d: say by --padding front or --padding end where zeros go."
              .formatted(count, length));
    }
    String side = padding.toLowerCase(Locale.ROOT);
    if (!List.of("front", "end").contains(side)) {
      throw new UsageException("--padding is front or end, got " + padding + ".");
    }
    Sentence sentence = tokenizer.encode(length, texts);
    return side.equals("front") ? sentence.paddedInFront() : sentence;
  }

  private Tokenizer tokenizer(Path file) throws IOException {
    if (vocabulary != null) {
      return Tokenizer.of(vocabulary);
    }
    String name = file.toString();
    Path found = name.startsWith("hub:") ? Path.of(name.substring(4)) : file;
    return Tokenizer.find(found)
        .orElseThrow(
            () ->
                new UsageException(
                    "%s has no tokenizer with it; name its words by --vocabulary FILE."
                        .formatted(file)));
  }
}
