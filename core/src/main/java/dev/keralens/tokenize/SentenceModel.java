package dev.keralens.tokenize;

import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.keras.storage.ProtoFields;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A vocabulary of SentencePiece: its pieces and how a text is prepared.
 *
 * <pre>
 * model      = pieces(1)* trainer(2) normalizer(3)
 * pieces     = text(1) score(2) kind(3)
 * trainer    = kind of model(3) space behind words(24) bytes for what is unknown(35) bos(46) eos(47)
 * normalizer = map(2) space in front(3) spaces removed(4) spaces marked(5)
 * </pre>
 */
final class SentenceModel {
  /** What a piece is, by its number in the file. */
  enum Kind {
    NORMAL,
    UNKNOWN,
    CONTROL,
    USER_DEFINED,
    UNUSED,
    BYTE
  }

  record Piece(String text, float score, Kind kind) {}

  final List<Piece> pieces = new ArrayList<>();
  boolean unigram = true;
  boolean spaceBehind;
  boolean bytesForUnknown;
  boolean spaceAdded = true;
  boolean spacesRemoved = true;
  boolean spacesMarked = true;
  String bos = "<s>";
  String eos = "</s>";
  ByteBuffer map = ByteBuffer.allocate(0);
  private final String name;

  /**
   * @param name what the file is, for messages
   */
  SentenceModel(String name, ByteBuffer bytes) {
    this.name = name;
    ProtoFields.read(
        name,
        bytes,
        field -> {
          switch (field.number()) {
            case 1 -> pieces.add(piece(field.bytes()));
            case 2 -> readTrainer(field.bytes());
            case 3 -> readNormalizer(field.bytes());
            default -> {}
          }
        });
  }

  private Piece piece(ByteBuffer bytes) {
    Object[] found = {"", 0f, Kind.NORMAL};
    ProtoFields.read(
        name,
        bytes,
        field -> {
          switch (field.number()) {
            case 1 -> found[0] = field.text();
            case 2 -> found[1] = Float.intBitsToFloat((int) field.value());
            case 3 -> found[2] = kind(field.value());
            default -> {}
          }
        });
    return new Piece((String) found[0], (float) found[1], (Kind) found[2]);
  }

  private Kind kind(long number) {
    if (number < 1 || number > Kind.values().length) {
      throw new UnsupportedModelException(
          "%s has pieces of the kind %d, which is not known.".formatted(name, number));
    }
    return Kind.values()[(int) number - 1];
  }

  private void readTrainer(ByteBuffer bytes) {
    ProtoFields.read(
        name,
        bytes,
        field -> {
          switch (field.number()) {
            case 3 -> unigram = isUnigram(field.value());
            case 24 -> spaceBehind = field.value() != 0;
            case 35 -> bytesForUnknown = field.value() != 0;
            case 46 -> bos = field.text();
            case 47 -> eos = field.text();
            default -> {}
          }
        });
  }

  private boolean isUnigram(long kind) {
    if (kind != 1 && kind != 2) {
      throw new UnsupportedModelException(
          "%s is of SentencePiece's kind %d; read are unigrams (1) and pairs (2)."
              .formatted(name, kind));
    }
    return kind == 1;
  }

  private void readNormalizer(ByteBuffer bytes) {
    ProtoFields.read(
        name,
        bytes,
        field -> {
          switch (field.number()) {
            case 2 -> map = field.bytes();
            case 3 -> spaceAdded = field.value() != 0;
            case 4 -> spacesRemoved = field.value() != 0;
            case 5 -> spacesMarked = field.value() != 0;
            default -> {}
          }
        });
  }
}
