package dev.keralens.app;

import dev.keralens.Model;
import dev.keralens.tokenize.Sentence;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
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
                  + " --method --layer --filter --rule --steps --samples --baseline --window --stride"
                  + " --smooth --seed --max-channels --units --top --all-units --of-output"
                  + " --probability --unit-axis --versus --absence --sum --verbose")
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

  /**
   * The text as the model takes it.
   *
   * @param err is told of what is cut off
   */
  Sentence sentence(Path file, Model model, PrintWriter err) throws IOException {
    String given = Objects.requireNonNull(text);
    TextReader reader = TextReader.of(file, model, vocabulary, padding);
    String[] texts = pair == null ? new String[] {given} : new String[] {given, pair};
    Sentence taken = reader.read(texts);
    reader.tellCut(taken, err, texts);
    return taken;
  }
}
