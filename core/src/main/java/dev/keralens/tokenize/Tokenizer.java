package dev.keralens.tokenize;

import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.tensor.Tensor;
import dev.keralens.tokenize.Preprocessors.Preparation;
import dev.keralens.tokenize.TokenizerTable.Special;
import dev.keralens.tokenize.TokenizerTable.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Splits a text into the tokens of a model, and makes the model's inputs of them.
 *
 * <p>A task of KerasHub has its tokenizer in its file, as has a preset's folder. Their numbers are
 * those that KerasHub's tokenizer gives where it is called. For other models there is a list of
 * words.
 */
public final class Tokenizer {
  /** What tokens that stand for any word are called. */
  private static final List<String> MASKS = List.of("[MASK]", "<mask>");

  /** No vocabulary has this word: its number is that of unknown ones, where there is one. */
  private static final String UNHEARD = "\u0000";

  private final Vocabulary vocabulary;
  private final Preparation preparation;
  private final boolean packs;

  Tokenizer(Vocabulary vocabulary, Preparation preparation, boolean packs) {
    this.vocabulary = vocabulary;
    this.preparation = preparation;
    this.packs = packs;
  }

  /**
   * {@return the tokenizer that a model of KerasHub has with it, or nothing where it has none}
   *
   * @param model a {@code .keras} file, the folder it unpacks to, or the folder of a preset
   * @throws IOException if a file cannot be read
   * @throws InvalidModelException if a tokenizer's files are damaged
   * @throws UnsupportedModelException if the tokenizer is of a class or has settings that are not
   *     known
   */
  public static Optional<Tokenizer> find(Path model) throws IOException {
    return TokenizerFile.find(model);
  }

  /**
   * {@return a tokenizer for any model, of a list of words or of a tokenizer's own file}
   *
   * @param file a text with one word a line, the first of which has the number 0; a JSON object
   *     from word to number, or a JSON list; what Keras' {@code Tokenizer.to_json()} gives; a
   *     preset's folder or a {@code .keras} file with a tokenizer
   * @throws IOException if the file cannot be read
   * @throws InvalidModelException if it is none of these
   * @throws UnsupportedModelException if a tokenizer is of a class or has settings that are not
   *     known
   */
  public static Tokenizer of(Path file) throws IOException {
    return TokenizerFile.vocabulary(file);
  }

  /**
   * {@return the tokens of a text, without those that a preprocessor adds}
   *
   * @param text any text
   */
  public List<Token> tokenize(String text) {
    return List.copyOf(vocabulary.splitter().split(text));
  }

  /** {@return how many numbers the vocabulary has: each token's is below it} */
  public int size() {
    return vocabulary.splitter().size();
  }

  /**
   * {@return texts as the model takes them: packed, cut and padded as the preprocessor does}
   *
   * @param texts one text, or the parts of a pair that a preprocessor joins
   * @throws IllegalArgumentException if there is no text, or more than one where one is taken
   */
  public Sentence encode(String... texts) {
    if (!packs) {
      throw new IllegalArgumentException(
          "There is no preprocessor that says how long an input is; give its length.");
    }
    return encode(preparation.packing(), texts);
  }

  /**
   * {@return texts as a model of one length takes them}
   *
   * @param length how many tokens the model takes, or 0 for as many as there are
   * @param texts as in {@link #encode(String...)}
   */
  public Sentence encode(int length, String... texts) {
    Packing usual = preparation.packing();
    int needed = length;
    if (length == 0) {
      int tokens = 0;
      for (String text : texts) {
        tokens += split(text).size();
      }
      needed = Math.max(1, tokens + (packs ? 2 + (texts.length - 1) * usual.separators() : 0));
    }
    return encode(usual.ofLength(needed), texts);
  }

  /** {@return whether a preprocessor says how long an input is} */
  public boolean hasLength() {
    return packs;
  }

  /** The mask token, or padding. */
  private int standIn() {
    for (String mask : MASKS) {
      int id = vocabulary.splitter().id(mask);
      boolean known = id >= 0 && id != vocabulary.splitter().id(UNHEARD);
      if (known) {
        return id;
      }
    }
    return Math.max(0, vocabulary.pad().id());
  }

  private List<Token> split(String text) {
    return vocabulary.splitter().split(preparation.text().apply(text));
  }

  private Sentence encode(Packing packing, String... texts) {
    if (texts.length == 0 || (texts.length > 1 && !packing.several())) {
      throw new IllegalArgumentException(
          "%d texts were given; this tokenizer takes %s."
              .formatted(texts.length, packing.several() ? "one or more" : "one"));
    }
    List<List<Token>> segments = new ArrayList<>();
    for (String text : texts) {
      segments.add(split(text));
    }
    Packing.Row row = packing.pack(vocabulary, segments);
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    for (String input : packing.inputs()) {
      arrays.put(input, array(input, row));
    }
    return new Sentence(row.tokens(), row.used(), false, standIn(), arrays);
  }

  private Tensor array(String input, Packing.Row row) {
    int length = row.tokens().size();
    long[] values = new long[length];
    Special pad = vocabulary.pad();
    for (int i = 0; i < length; i++) {
      values[i] =
          switch (input) {
            case Preprocessors.IDS -> row.tokens().get(i).id();
            case Preprocessors.SEGMENTS -> row.segments()[i];
            // Texts that are packed together are padded where the number is padding's.
            default ->
                preparation.packing().several()
                    ? (row.tokens().get(i).id() == pad.id() ? 0 : 1)
                    : (i < row.used() ? 1 : 0);
          };
    }
    return Tensor.of(values, 1, length);
  }
}
