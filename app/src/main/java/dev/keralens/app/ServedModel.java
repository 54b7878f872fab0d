package dev.keralens.app;

import dev.keralens.Model;
import dev.keralens.graph.Shape;
import dev.keralens.network.InputSpec;
import dev.keralens.objective.Objective;
import dev.keralens.tensor.Tensor;
import dev.keralens.tokenize.Sentence;
import dev.keralens.tokenize.Token;
import dev.keralens.web.PageModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model for the page, read and fed as the other commands do it.
 *
 * @param inputs how its inputs are fed
 * @param explained the position of the input that is explained
 * @param texts reads texts; null where the model takes files
 * @param objective what is explained
 */
record ServedModel(
    Model model,
    String given,
    String options,
    String sha256,
    List<ServedInput> inputs,
    int explained,
    @Nullable TextReader texts,
    Objective objective,
    ClassNames classes)
    implements PageModel {
  private static final int MOST_TEXT = 100_000;

  /** Takes an unmodifiable copy. */
  ServedModel {
    inputs = List.copyOf(inputs);
  }

  @Override
  public String unitName(int unit) {
    return classes.shortName(unit);
  }

  @Override
  public boolean hasNames() {
    return !classes.isEmpty();
  }

  private ServedInput shown() {
    return inputs.get(explained);
  }

  @Override
  public Shape shape() {
    return shown().shape();
  }

  @Override
  public List<Shape> shapes() {
    return inputs.stream().map(ServedInput::shape).toList();
  }

  @Override
  public List<String> parts() {
    return texts != null || inputs.size() == 1
        ? List.of()
        : inputs.stream().map(input -> input.spec().name()).toList();
  }

  @Override
  public PageModel explaining(String input) {
    int position = parts().indexOf(input);
    if (position < 0) {
      return PageModel.super.explaining(input);
    }
    return new ServedModel(
        model, given, options, sha256, inputs, position, texts, objective, classes);
  }

  @Override
  public boolean takesPictures() {
    return shown().format() != null;
  }

  @Override
  public boolean takesText() {
    return texts != null;
  }

  @Override
  public String preprocessing() {
    if (!takesPictures()) {
      return "";
    }
    Pixels pixels = shown().pixels();
    if (pixels.converter() != null) {
      return pixels.label();
    }
    String ground =
        pixels.isGiven() || pixels.scaling() == null ? "" : ", since " + pixels.scaling();
    return pixels.preprocessing().label() + ground;
  }

  @Override
  public Read read(byte[] content, String name, long mostPixels) throws IOException {
    Given file = new Given(name, content);
    if (texts != null) {
      return text(texts, content);
    } else if (inputs.size() == 1) {
      ServedInput.Fed fed = shown().read(file, mostPixels);
      return new Read(fed.picture(), fed.x());
    } else if (ArrayFile.isSeveral(Path.of("_" + name.replaceAll("[^\\w.]", "_")))) {
      return together(parts().stream().map(part -> file).toList(), mostPixels);
    }
    throw new IllegalArgumentException(
        "The model takes a file for each of its inputs, %s, or an .npz file with arrays of these names."
            .formatted(String.join(", ", parts())));
  }

  @Override
  public Read read(Map<String, Given> files, long mostPixels) throws IOException {
    List<Given> all = new ArrayList<>();
    for (String part : parts()) {
      Given file = files.get(part);
      if (file == null) {
        throw new IllegalArgumentException("There is no file for the input '%s'.".formatted(part));
      }
      all.add(file);
    }
    return together(all, mostPixels);
  }

  private Read together(List<Given> files, long mostPixels) throws IOException {
    List<ServedInput.Fed> all = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      all.add(inputs.get(i).read(files.get(i), mostPixels));
    }
    List<Tensor> rows = all.stream().map(ServedInput.Fed::x).toList();
    return new Read(all.get(explained).picture(), rows, List.of());
  }

  private Read text(TextReader reader, byte[] content) {
    String text = new String(content, StandardCharsets.UTF_8).strip();
    if (text.isEmpty() || text.length() > MOST_TEXT) {
      throw new IllegalArgumentException(
          "A text has from 1 to %d characters.".formatted(MOST_TEXT));
    }
    Sentence sentence = reader.read(text);
    List<InputSpec> specs = model.inputs();
    List<String> words = new ArrayList<>(Collections.nCopies(sentence.length(), ""));
    for (int i = 0; i < sentence.tokens().size(); i++) {
      Token token = sentence.tokens().get(i);
      // What the preprocessor adds is no word, and would often have the strongest colour.
      if (!token.special()) {
        boolean spaced = token.begins() && !token.text().startsWith(" ");
        words.set(sentence.place(i), (spaced ? " " : "") + token.text());
      }
    }
    return new Read(null, sentence.inputs(specs), words);
  }

  @Override
  public Tensor ofPixels(float value) {
    return shown().ofPixels(value);
  }

  /** The SHA-256 of a file; empty for what is none. */
  static String sha256(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return "";
    }
    try (InputStream in = Files.newInputStream(file)) {
      return sha256(in);
    }
  }

  /** The SHA-256 of what a file holds. */
  static String sha256(byte[] content) throws IOException {
    return sha256(new ByteArrayInputStream(content));
  }

  private static String sha256(InputStream source) throws IOException {
    try (DigestInputStream in =
        new DigestInputStream(source, MessageDigest.getInstance("SHA-256"))) {
      in.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(in.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Java always has SHA-256.", e);
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
