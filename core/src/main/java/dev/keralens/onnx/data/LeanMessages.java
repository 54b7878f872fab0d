package dev.keralens.onnx.data;

import dev.keralens.file.StableFile;
import dev.keralens.graph.InvalidModelException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The messages of a large ONNX file without the bytes of its large constants, which stay in the
 * file until they are needed. Instead of them a constant says where they lie, as one with external
 * data does; its location is {@link #SELF}.
 *
 * <pre>
 * message   = { tag(varint) value }        tag = field * 8 + kind
 * value     = varint | 8 bytes | length(varint) bytes | 4 bytes           kinds 0, 1, 2, 5
 * model     = .. graph(7) ..
 * graph     = { node(1) | constant(5) | .. }
 * node      = { attribute(5) | .. }
 * attribute = { constant(5) | graph(6) | constant(10) | graph(11) | .. }
 * constant  = { raw bytes(9) | external data(13) | location of data(14) | .. }
 * </pre>
 */
final class LeanMessages {
  /** The location of what lies in the file itself: no name of a file. */
  static final String SELF = "\0";

  /** Smaller constants are read with the messages. */
  private static final int LARGE = 1 << 16;

  private static final int WINDOW = 1 << 16;
  private static final int MAX_DEPTH = 100;
  private static final int RAW_BYTES = 9;
  private static final int EXTERNAL_DATA = 13;
  private static final int DATA_LOCATION = 14;

  /** The messages that lead to constants. */
  private enum Kind {
    MODEL,
    GRAPH,
    NODE,
    ATTRIBUTE,
    CONSTANT,
    OTHER;

    Kind of(long field) {
      return switch (this) {
        case MODEL -> field == 7 ? GRAPH : OTHER;
        case GRAPH -> field == 1 ? NODE : field == 5 ? CONSTANT : OTHER;
        case NODE -> field == 5 ? ATTRIBUTE : OTHER;
        case ATTRIBUTE ->
            field == 5 || field == 10 ? CONSTANT : field == 6 || field == 11 ? GRAPH : OTHER;
        case CONSTANT, OTHER -> OTHER;
      };
    }
  }

  private final StableFile file;
  private ByteBuffer window = ByteBuffer.allocate(0);
  private long windowStart;
  private long at;

  private LeanMessages(StableFile file) {
    this.file = file;
  }

  /**
   * {@return the messages of a file}
   *
   * @throws InvalidModelException if they are cut short, or too large without their constants
   */
  static byte[] read(StableFile file) {
    return new LeanMessages(file).message(Kind.MODEL, file.size(), 0).toByteArray();
  }

  private ByteArrayOutputStream message(Kind kind, long end, int depth) {
    if (depth > MAX_DEPTH) {
      throw damaged("its messages are nested more than %d deep".formatted(MAX_DEPTH));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    while (at < end) {
      long start = at;
      long tag = varint(end);
      switch ((int) (tag & 7)) {
        case 0 -> varint(end);
        case 1 -> at += Long.BYTES;
        case 5 -> at += Integer.BYTES;
        case 2 -> {
          long length = varint(end);
          if (length < 0 || length > end - at) {
            throw damaged("a message of %d bytes reaches beyond its end".formatted(length));
          }
          if (field(kind, tag, length, out, depth)) {
            continue;
          }
          at += length;
        }
        default -> throw damaged("it has a field of an unknown kind");
      }
      if (at > end) {
        throw damaged("a field reaches beyond its message");
      }
      copy(start, at, out);
    }
    return out;
  }

  /** Writes a field with bytes, unless it stays as it is. */
  private boolean field(Kind kind, long tag, long length, ByteArrayOutputStream out, int depth) {
    long field = tag >>> 3;
    long from = at;
    if (kind == Kind.CONSTANT && field == RAW_BYTES && length >= LARGE) {
      entry("location", SELF, out);
      entry("offset", String.valueOf(from), out);
      entry("length", String.valueOf(length), out);
      varint(DATA_LOCATION * 8, out);
      varint(1, out);
      at = from + length;
      return true;
    }
    Kind inner = kind.of(field);
    if (inner == Kind.OTHER) {
      return false;
    }
    ByteArrayOutputStream content = message(inner, from + length, depth + 1);
    varint(tag, out);
    varint(content.size(), out);
    out.writeBytes(content.toByteArray());
    return true;
  }

  /** A field of external data: a message of a key (1) and a value (2). */
  private static void entry(String key, String value, ByteArrayOutputStream out) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    text(1, key, content);
    text(2, value, content);
    varint(EXTERNAL_DATA * 8 + 2, out);
    varint(content.size(), out);
    out.writeBytes(content.toByteArray());
  }

  private static void text(int field, String text, ByteArrayOutputStream out) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    varint(field * 8L + 2, out);
    varint(bytes.length, out);
    out.writeBytes(bytes);
  }

  private static void varint(long value, ByteArrayOutputStream out) {
    long rest = value;
    for (; (rest & ~0x7fL) != 0; rest >>>= 7) {
      out.write((int) (rest & 0x7f) | 0x80);
    }
    out.write((int) rest);
  }

  private long varint(long end) {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at >= end) {
        throw damaged("a number reaches beyond its message");
      }
      byte next = next();
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw damaged("a number has no end");
  }

  private byte next() {
    if (at < windowStart || at >= windowStart + window.limit()) {
      window = part(at, (int) Math.min(WINDOW, file.size() - at));
      windowStart = at;
    }
    return window.get((int) (at++ - windowStart));
  }

  private void copy(long from, long to, ByteArrayOutputStream out) {
    if (to - from > Integer.MAX_VALUE - 8 - out.size()) {
      throw damaged("its messages are too large");
    }
    int length = (int) (to - from);
    if (from >= windowStart && to <= windowStart + window.limit()) {
      out.write(window.array(), (int) (from - windowStart), length);
    } else {
      out.writeBytes(part(from, length).array());
    }
  }

  private ByteBuffer part(long from, int length) {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    file.read(from, bytes);
    return bytes.flip();
  }

  private InvalidModelException damaged(String what) {
    return new InvalidModelException(
        "%s is no ONNX model, or is damaged: %s.".formatted(file.path().getFileName(), what));
  }
}
