package dev.keralens.tokenize;

import dev.keralens.graph.InvalidModelException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Prepares a text as SentencePiece does: replaces characters by the map of the model, removes
 * spaces that stand together, adds one in front, and marks each.
 *
 * <pre>
 * map = length of the trie (4 bytes) trie replacements, each ended by a zero
 * </pre>
 */
final class SentenceNormalizer {
  static final String SPACE = "\u2581";
  private static final byte[] MARK = SPACE.getBytes(StandardCharsets.UTF_8);

  private final SentenceModel model;
  private final DoubleArray trie;
  private final byte[] replacements;
  private final List<byte[]> whole;

  /**
   * @param whole pieces that are kept as they are, the longest first
   */
  SentenceNormalizer(String name, SentenceModel model, List<String> whole) {
    this.model = model;
    this.whole = whole.stream().map(piece -> piece.getBytes(StandardCharsets.UTF_8)).toList();
    ByteBuffer map = model.map.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int length = map.remaining() < 4 ? 0 : map.getInt();
    if (length < 0 || length > map.remaining()) {
      throw new InvalidModelException(name + " has a map of characters that is cut short.");
    }
    trie = new DoubleArray(map.slice(map.position(), length));
    replacements = new byte[map.remaining() - length];
    map.position(map.position() + length).get(replacements);
  }

  /** The bytes that stand for the begin of what is left, and how many of them they stand for. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Prefix(byte[] bytes, int from, int to, int length) {
    boolean isSpace() {
      return to - from == 1 && bytes[from] == ' ';
    }
  }

  String normalize(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int position = 0;
    while (model.spacesRemoved && position < bytes.length) {
      Prefix prefix = prefix(bytes, position);
      if (!prefix.isSpace()) {
        break;
      }
      position += prefix.length;
    }
    if (position == bytes.length) {
      return "";
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(2 * bytes.length);
    if (model.spaceAdded && !model.spaceBehind) {
      addSpace(out);
    }
    boolean afterSpace = model.spacesRemoved;
    while (position < bytes.length) {
      Prefix prefix = prefix(bytes, position);
      int from = prefix.from;
      while (afterSpace && from < prefix.to && prefix.bytes[from] == ' ') {
        from++;
      }
      for (int i = from; i < prefix.to; i++) {
        if (prefix.bytes[i] == ' ') {
          addSpace(out);
        } else {
          out.write(prefix.bytes[i]);
        }
      }
      if (from < prefix.to) {
        afterSpace = model.spacesRemoved && prefix.bytes[prefix.to - 1] == ' ';
      }
      position += prefix.length;
    }
    String normal = out.toString(StandardCharsets.UTF_8);
    String space = model.spacesMarked ? SPACE : " ";
    while (model.spacesRemoved && normal.endsWith(space)) {
      normal = normal.substring(0, normal.length() - 1);
    }
    return model.spaceAdded && model.spaceBehind ? normal + space : normal;
  }

  private void addSpace(ByteArrayOutputStream out) {
    if (model.spacesMarked) {
      out.writeBytes(MARK);
    } else {
      out.write(' ');
    }
  }

  private Prefix prefix(byte[] bytes, int from) {
    for (byte[] piece : whole) {
      if (startsWith(bytes, from, piece)) {
        return new Prefix(bytes, from, from + piece.length, piece.length);
      }
    }
    DoubleArray.Found found = trie.longest(bytes, from);
    if (found.length() > 0 && found.value() < replacements.length) {
      int end = found.value();
      while (end < replacements.length && replacements[end] != 0) {
        end++;
      }
      return new Prefix(replacements, found.value(), end, found.length());
    }
    int end = from + 1;
    while (end < bytes.length && (bytes[end] & 0xc0) == 0x80) {
      end++;
    }
    return new Prefix(bytes, from, end, end - from);
  }

  private static boolean startsWith(byte[] bytes, int from, byte[] piece) {
    if (from + piece.length > bytes.length) {
      return false;
    }
    for (int i = 0; i < piece.length; i++) {
      if (bytes[from + i] != piece[i]) {
        return false;
      }
    }
    return true;
  }
}
