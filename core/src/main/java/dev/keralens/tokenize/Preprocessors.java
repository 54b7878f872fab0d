package dev.keralens.tokenize;

import static java.util.Map.entry;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/** KerasHub's preprocessors of text: class to what they do before and after the tokenizer. */
final class Preprocessors {
  static final String IDS = "token_ids";
  static final String MASK = "padding_mask";
  static final String SEGMENTS = "segment_ids";

  /** What is done to a text before it is split, and how tokens are packed. */
  record Preparation(UnaryOperator<String> text, Packing packing) {}

  private interface Reader {
    Preparation read(Settings settings);
  }

  static final Map<String, Reader> ROWS =
      Map.ofEntries(
          entry("AlbertTextClassifierPreprocessor", s -> segments(s, 512, 1, IDS, MASK, SEGMENTS)),
          entry("BertTextClassifierPreprocessor", s -> segments(s, 512, 1, IDS, MASK, SEGMENTS)),
          entry("BertTextEmbedderPreprocessor", s -> segments(s, 256, 1, IDS, MASK, SEGMENTS)),
          entry("CLIPPreprocessor", Preprocessors::clip),
          entry("DebertaV3TextClassifierPreprocessor", s -> segments(s, 512, 1, IDS, MASK)),
          entry("DistilBertTextClassifierPreprocessor", s -> segments(s, 512, 1, IDS, MASK)),
          entry("FNetTextClassifierPreprocessor", s -> segments(s, 512, 1, IDS, SEGMENTS)),
          entry(
              "GPT2CausalLMPreprocessor", s -> ends(s, UnaryOperator.identity(), 1024, true, true)),
          entry("GPT2Preprocessor", s -> ends(s, UnaryOperator.identity(), 1024, true, false)),
          entry("RobertaTextClassifierPreprocessor", s -> segments(s, 512, 2, IDS, MASK)),
          entry("SigLIPPreprocessor", Preprocessors::sigLip),
          entry("XLMRobertaTextClassifierPreprocessor", s -> segments(s, 512, 2, IDS, MASK)),
          entry("XLMRobertaTextEmbedderPreprocessor", s -> segments(s, 256, 1, IDS, MASK)));

  private Preprocessors() {}

  static Preparation read(Settings settings) {
    Reader reader = ROWS.get(settings.className());
    if (reader == null) {
      throw settings.unsupported(
          "this preprocessor is not read yet. Read are %s."
              .formatted(ROWS.keySet().stream().sorted().toList()));
    }
    settings.skip("tokenizer", "image_converter");
    Preparation preparation = reader.read(settings);
    settings.finish();
    return preparation;
  }

  private static Preparation segments(
      Settings settings, int length, int separators, String... inputs) {
    String truncate = settings.text("truncate", "round_robin");
    if (!List.of("round_robin", "waterfall").contains(truncate)) {
      throw settings.unsupported("truncate='%s' is not known.".formatted(truncate));
    }
    Packing packing =
        new Packing(
            settings.integer("sequence_length", length),
            true,
            separators,
            true,
            truncate.equals("waterfall"),
            true,
            false,
            List.of(inputs));
    return new Preparation(UnaryOperator.identity(), packing);
  }

  private static Preparation ends(
      Settings settings, UnaryOperator<String> text, int length, boolean starts, boolean cuts) {
    Packing packing =
        new Packing(
            settings.integer("sequence_length", length),
            settings.flag("add_start_token", starts),
            0,
            settings.flag("add_end_token", true),
            true,
            false,
            cuts,
            List.of(IDS, MASK));
    return new Preparation(text, packing);
  }

  private static Preparation clip(Settings settings) {
    boolean lower = settings.flag("to_lower", true);
    return ends(settings, lower ? Preprocessors::small : UnaryOperator.identity(), 77, true, false);
  }

  private static Preparation sigLip(Settings settings) {
    boolean plain = settings.flag("canonicalize_text", true);
    return ends(
        settings, plain ? Preprocessors::plain : UnaryOperator.identity(), 64, false, false);
  }

  /** ASCII's letters alone become small. */
  private static String small(String text) {
    StringBuilder small = new StringBuilder(text);
    for (int i = 0; i < small.length(); i++) {
      char c = small.charAt(i);
      if (c < 128) {
        small.setCharAt(i, Character.toString(c).toLowerCase(Locale.ROOT).charAt(0));
      }
    }
    return small.toString();
  }

  /** Without punctuation, and with single spaces; spaces are ASCII's. */
  private static String plain(String text) {
    String bare = small(text).replaceAll("[!\"#$%&\\\\'()*+,\\-./:;<=>?@\\[\\]^_`{|}~]", "");
    return bare.replaceAll("[ \\t\\n\\f\\r]+", " ")
        .replaceAll("^[ \\t\\n\\x0b\\f\\r]+|[ \\t\\n\\x0b\\f\\r]+$", "");
  }
}
