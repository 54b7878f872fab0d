package dev.keralens.tokenize;

import static java.util.Map.entry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.keras.storage.Architecture;
import dev.keralens.keras.storage.FileRegion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * KerasHub's tokenizers: class to reader. To add one, add a row here and a case to
 * parity/text/make_tokenizers.py, whose data {@code TokenizerGoldenTest} asks for each row.
 */
final class TokenizerTable {
  /** A file of a tokenizer, by its name. */
  interface Assets {
    FileRegion get(String name) throws IOException;
  }

  /** Reads a tokenizer from its settings and its files. */
  private interface Reader {
    Vocabulary read(Settings settings, Assets assets) throws IOException;
  }

  /**
   * A splitter and the numbers of the tokens that are put around a text; -1 for one that there is
   * not.
   */
  record Vocabulary(Splitter splitter, Special start, Special end, Special pad) {}

  record Special(String text, int id) {
    static final Special NONE = new Special("", -1);
  }

  /** More than any vocabulary has. */
  private static final long LARGEST = 64 << 20;

  static final Map<String, Reader> ROWS =
      Map.ofEntries(
          entry("AlbertTokenizer", (s, a) -> pieces(s, a, "[CLS]", "[SEP]", "<pad>")),
          entry("BertTokenizer", TokenizerTable::wordPieces),
          entry("CLIPTokenizer", TokenizerTable::clip),
          entry("DebertaV3Tokenizer", (s, a) -> pieces(s, a, "[CLS]", "[SEP]", "[PAD]")),
          entry("DistilBertTokenizer", TokenizerTable::wordPieces),
          entry("ElectraTokenizer", TokenizerTable::wordPieces),
          entry("FNetTokenizer", (s, a) -> pieces(s, a, "[CLS]", "[SEP]", "<pad>")),
          entry("GPT2Tokenizer", TokenizerTable::gpt2),
          entry("RobertaTokenizer", TokenizerTable::roberta),
          entry("SigLIPTokenizer", (s, a) -> pieces(s, a, "", "</s>", "</s>")),
          entry("WhisperTokenizer", TokenizerTable::whisper),
          entry("XLMRobertaTokenizer", TokenizerTable::shifted));

  private TokenizerTable() {}

  static Vocabulary read(Settings settings, Assets assets) throws IOException {
    Reader reader = ROWS.get(settings.className());
    if (reader == null) {
      throw settings.unsupported(
          "this tokenizer is not read yet. Read are %s."
              .formatted(ROWS.keySet().stream().sorted().toList()));
    }
    settings.absent("sequence_length", "a length belongs to the preprocessor");
    Vocabulary vocabulary = reader.read(settings, assets);
    settings.finish();
    return vocabulary;
  }

  private static FileRegion file(Settings settings, Assets assets, String name) throws IOException {
    FileRegion file = assets.get(name);
    if (file.size() > LARGEST) {
      throw settings.unsupported(
          "%s has %d bytes; at most %d are read.".formatted(name, file.size(), LARGEST));
    }
    return file;
  }

  private static Special special(Settings settings, Splitter splitter, String token) {
    int id = splitter.id(token);
    if (id < 0) {
      throw settings.invalid("its vocabulary has no token '%s'.".formatted(token));
    }
    return new Special(token, id);
  }

  private static Vocabulary wordPieces(Settings settings, Assets assets) throws IOException {
    FileRegion file = file(settings, assets, "vocabulary.txt");
    settings.absent("vocabulary", "a vocabulary is read from its file");
    List<String> specials = new ArrayList<>(List.of("[CLS]", "[SEP]", "[PAD]", "[MASK]"));
    List<String> more = settings.texts("special_tokens");
    specials.addAll(more == null ? List.of() : more);
    boolean splits = settings.flag("split", true);
    boolean whole = settings.flag("special_tokens_in_strings", false);
    WordPieces.Options options =
        new WordPieces.Options(
            settings.flag("lowercase", false),
            settings.flag("strip_accents", false),
            splits,
            settings.flag("split_on_cjk", true),
            settings.text("suffix_indicator", "##"),
            settings.text("oov_token", "[UNK]"),
            whole && splits ? specials : List.of());
    WordPieces pieces = new WordPieces(PythonText.lines(file.bytes(0, file.size())), options);
    special(settings, pieces, options.unknown());
    return new Vocabulary(
        pieces,
        special(settings, pieces, "[CLS]"),
        special(settings, pieces, "[SEP]"),
        special(settings, pieces, "[PAD]"));
  }

  private static Map<String, Integer> vocabulary(Settings settings, Assets assets)
      throws IOException {
    JsonNode words = Architecture.parse(file(settings, assets, "vocabulary.json"));
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> word : words.properties()) {
      if (!word.getValue().isInt() || word.getValue().intValue() < 0) {
        throw settings.invalid("vocabulary.json has no number for each token.");
      }
      vocabulary.put(word.getKey(), word.getValue().intValue());
    }
    return vocabulary;
  }

  private static List<String> merges(Settings settings, Assets assets) throws IOException {
    FileRegion file = file(settings, assets, "merges.txt");
    return PythonText.lines(file.bytes(0, file.size())).stream()
        .filter(line -> !line.contains("#version:"))
        .toList();
  }

  private static BytePairs pairs(
      Settings settings, Assets assets, Map<String, Integer> vocabulary, List<String> usual)
      throws IOException {
    List<String> whole = settings.texts("unsplittable_tokens");
    List<String> specials = whole == null ? usual : whole;
    for (String token : specials) {
      if (!vocabulary.containsKey(token)) {
        throw settings.invalid("its vocabulary has no token '%s'.".formatted(token));
      }
    }
    boolean prefix = settings.flag("add_prefix_space", false);
    return new BytePairs(vocabulary, merges(settings, assets), specials, prefix, false, -1);
  }

  private static Vocabulary roberta(Settings settings, Assets assets) throws IOException {
    List<String> usual = List.of("<s>", "</s>", "<pad>", "<mask>");
    BytePairs pairs = pairs(settings, assets, vocabulary(settings, assets), usual);
    return new Vocabulary(
        pairs,
        special(settings, pairs, "<s>"),
        special(settings, pairs, "</s>"),
        special(settings, pairs, "<pad>"));
  }

  private static Vocabulary gpt2(Settings settings, Assets assets) throws IOException {
    String end = "<|endoftext|>";
    BytePairs pairs = pairs(settings, assets, vocabulary(settings, assets), List.of(end));
    Special both = special(settings, pairs, end);
    return new Vocabulary(pairs, both, both, new Special("", 0));
  }

  private static Vocabulary whisper(Settings settings, Assets assets) throws IOException {
    Map<String, Integer> specials = settings.numbers("special_tokens");
    Map<String, Integer> vocabulary = vocabulary(settings, assets);
    vocabulary.putAll(settings.numbers("language_tokens"));
    String end = "<|endoftext|>";
    List<String> needed =
        List.of(
            "<|startoftranscript|>", end, "<|notimestamps|>", "<|translate|>", "<|transcribe|>");
    for (String token : needed) {
      Integer id = specials.get(token);
      if (id == null) {
        throw settings.invalid("special_tokens has no '%s'.".formatted(token));
      }
      vocabulary.put(token, id);
    }
    BytePairs pairs = pairs(settings, assets, vocabulary, List.copyOf(specials.keySet()));
    Special pad = special(settings, pairs, end);
    return new Vocabulary(pairs, special(settings, pairs, needed.get(0)), pad, pad);
  }

  private static Vocabulary clip(Settings settings, Assets assets) throws IOException {
    Map<String, Integer> vocabulary = vocabulary(settings, assets);
    List<String> specials = List.of("<|startoftext|>", "<|endoftext|>");
    boolean prefix = settings.flag("add_prefix_space", false);
    int unknown = vocabulary.getOrDefault(specials.get(1), -1);
    BytePairs pairs =
        new BytePairs(vocabulary, merges(settings, assets), specials, prefix, true, unknown);
    Special end = special(settings, pairs, specials.get(1));
    boolean padsWithEnd = settings.flag("pad_with_end_token", false);
    return new Vocabulary(
        pairs,
        special(settings, pairs, specials.get(0)),
        end,
        padsWithEnd ? end : new Special("", 0));
  }

  private static SentencePieces sentencePieces(Settings settings, Assets assets)
      throws IOException {
    settings.absent("proto", "the pieces are read from their file");
    FileRegion file = file(settings, assets, "vocabulary.spm");
    SentenceModel model = new SentenceModel(file.name(), file.bytes(0, file.size()));
    boolean bos = settings.flag("add_bos", false);
    boolean eos = settings.flag("add_eos", false);
    SentencePieces pieces = new SentencePieces(file.name(), model, bos, eos);
    if (bos) {
      special(settings, pieces, model.bos);
    }
    if (eos) {
      special(settings, pieces, model.eos);
    }
    return pieces;
  }

  private static Vocabulary pieces(
      Settings settings, Assets assets, String start, String end, String pad) throws IOException {
    SentencePieces pieces = sentencePieces(settings, assets);
    return new Vocabulary(
        pieces,
        start.isEmpty() ? Special.NONE : special(settings, pieces, start),
        special(settings, pieces, end),
        special(settings, pieces, pad));
  }

  private static Vocabulary shifted(Settings settings, Assets assets) throws IOException {
    return new Vocabulary(
        new ShiftedPieces(sentencePieces(settings, assets)),
        new Special("<s>", 0),
        new Special("</s>", 2),
        new Special("<pad>", 1));
  }
}
