package dev.keralens.tokenize;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.keras.storage.Architecture;
import dev.keralens.keras.storage.FileRegion;
import dev.keralens.keras.storage.ModelFiles;
import dev.keralens.keras.storage.ZipArchive;
import dev.keralens.tokenize.Preprocessors.Preparation;
import dev.keralens.tokenize.TokenizerTable.Special;
import dev.keralens.tokenize.TokenizerTable.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Finds a tokenizer among a model's files.
 *
 * <pre>
 * archive = config.json { "config": { "preprocessor": { "config": { "tokenizer": .. } } } }
 *           assets/preprocessor/tokenizer/FILE
 * preset  = [ preprocessor.json { "config": { "tokenizer": .. } } ] tokenizer.json
 *           assets/tokenizer/FILE
 * </pre>
 */
final class TokenizerFile {
  private static final long LARGEST = 64 << 20;

  private TokenizerFile() {}

  static Optional<Tokenizer> find(Path model) throws IOException {
    if (Files.isDirectory(model)) {
      ModelFiles files = ModelFiles.in(model);
      Optional<Tokenizer> preset = ofPreset(model, files);
      return preset.isPresent() ? preset : ofArchive(model, files);
    }
    FileRegion file = FileRegion.of(model);
    return ZipArchive.isZip(file) ? ofArchive(model, ZipArchive.open(file)) : Optional.empty();
  }

  private static Optional<Tokenizer> ofArchive(Path path, ModelFiles files) throws IOException {
    Optional<ObjectNode> config = json(path, files, "config.json");
    if (config.isEmpty()) {
      return Optional.empty();
    }
    JsonNode preprocessor = config.get().path("config").path("preprocessor");
    JsonNode tokenizer = preprocessor.path("config").path("tokenizer");
    if (!tokenizer.isObject()) {
      return Optional.empty();
    }
    return Optional.of(
        read(path, files, "assets/preprocessor/tokenizer/", preprocessor, tokenizer));
  }

  private static Optional<Tokenizer> ofPreset(Path path, ModelFiles files) throws IOException {
    Optional<ObjectNode> preprocessor = json(path, files, "preprocessor.json");
    Optional<ObjectNode> tokenizer = json(path, files, "tokenizer.json");
    if (tokenizer.isEmpty()) {
      return Optional.empty();
    }
    String folder = "assets/tokenizer/";
    JsonNode none = MissingNode.getInstance();
    return Optional.of(
        read(
            path,
            files,
            folder,
            preprocessor.<JsonNode>map(node -> node).orElse(none),
            tokenizer.get()));
  }

  private static Tokenizer read(
      Path path, ModelFiles files, String folder, JsonNode preprocessor, JsonNode tokenizer)
      throws IOException {
    Settings settings = new Settings(path.toString(), tokenizer);
    Vocabulary vocabulary =
        TokenizerTable.read(
            settings,
            name ->
                files
                    .entry(folder + name, LARGEST)
                    .orElseThrow(
                        () ->
                            settings.invalid(
                                "its file '%s%s' is missing.".formatted(folder, name))));
    return preprocessor.isObject()
        ? new Tokenizer(
            vocabulary, Preprocessors.read(new Settings(path.toString(), preprocessor)), true)
        : plain(vocabulary);
  }

  /** Without a preprocessor nothing is put around a text. */
  private static Tokenizer plain(Vocabulary vocabulary) {
    Packing packing =
        new Packing(
            0, false, 0, false, true, false, false, List.of(Preprocessors.IDS, Preprocessors.MASK));
    return new Tokenizer(vocabulary, new Preparation(UnaryOperator.identity(), packing), false);
  }

  private static Optional<ObjectNode> json(Path path, ModelFiles files, String name)
      throws IOException {
    return files
        .entry(name, Architecture.MAX_BYTES)
        .map(file -> Architecture.parse(path + ": " + name, file.bytes(0, file.size())));
  }

  static Tokenizer vocabulary(Path file) throws IOException {
    if (Files.isDirectory(file) || ZipArchive.isZip(FileRegion.of(file))) {
      return find(file)
          .orElseThrow(() -> new InvalidModelException(file + " has no tokenizer with it."));
    }
    return plain(
        new Vocabulary(
            WordLists.read(FileRegion.of(file)), Special.NONE, Special.NONE, new Special("", 0)));
  }
}
