package dev.keralens.picture;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * What a picture's file says beside the picture: how large it is meant to be printed, and texts
 * such as how it was made. PNG files have both, as {@code pHYs} and {@code iTXt}; JPEG files have
 * them as density and comment.
 *
 * <p>Immutable: each setting returns other notes.
 */
public final class PictureNotes {
  private static final double METRES_OF_INCH = 0.0254;
  private static final int HEADER_END = 33;

  /** Of a text behind its key: an end, no compression, no language, no translated key. */
  private static final int FLAGS = 5;

  private static final int JPEG_BEGINS = 0xFFD8;
  private static final int JPEG_JFIF = 0xFFE0;
  private static final int JPEG_COMMENT = 0xFFFE;

  private static final int MOST_COMMENT = 65_000;
  private static final int MOST_DPI = 65_535;
  private static final Pattern KEY =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9 ]{0,77}[A-Za-z0-9]|[A-Za-z0-9]");

  private final int dpi;
  private final Map<String, String> texts;

  private PictureNotes(int dpi, Map<String, String> texts) {
    this.dpi = dpi;
    this.texts = Collections.unmodifiableMap(new LinkedHashMap<>(texts));
  }

  /** {@return no notes} */
  public static PictureNotes none() {
    return new PictureNotes(0, Map.of());
  }

  /**
   * {@return these notes with a density}
   *
   * @param pixels the pixels of an inch, 1 to 65535; 0 for none
   * @throws IllegalArgumentException if it is another
   */
  public PictureNotes dpi(int pixels) {
    if (pixels < 0 || pixels > MOST_DPI) {
      throw new IllegalArgumentException("A density is 1 to 65535 dpi, got " + pixels + ".");
    }
    return new PictureNotes(pixels, texts);
  }

  /**
   * {@return these notes with a text more}
   *
   * @param key what it is, such as {@code Software}: 1 to 79 Latin letters, digits and blanks
   * @param text the text
   * @throws IllegalArgumentException if the key is another
   */
  public PictureNotes text(String key, String text) {
    if (!KEY.matcher(key).matches()) {
      throw new IllegalArgumentException(
          "The key of a text is 1 to 79 letters, digits and blanks, got '" + key + "'.");
    }
    Map<String, String> more = new LinkedHashMap<>(texts);
    more.put(key, text);
    return new PictureNotes(dpi, more);
  }

  /**
   * {@return the notes of a PNG or JPEG file that was written with some; none of other files}
   *
   * @param file the file
   * @throws IOException if it cannot be read
   */
  public static PictureNotes read(Path file) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      in.mark(2);
      boolean jpeg = in.readUnsignedShort() == JPEG_BEGINS;
      in.reset();
      return jpeg ? readJpeg(in) : readPng(in);
    } catch (EOFException e) {
      return none();
    }
  }

  private static PictureNotes readPng(DataInputStream in) throws IOException {
    PictureNotes notes = none();
    in.skipNBytes(HEADER_END);
    while (true) {
      int size = in.readInt();
      String type = new String(in.readNBytes(4), StandardCharsets.ISO_8859_1);
      boolean wanted = type.equals("iTXt") || type.equals("pHYs");
      if (!wanted || size < 0 || size > MOST_COMMENT) {
        return notes;
      }
      byte[] content = in.readNBytes(size);
      in.skipNBytes(4);
      notes = type.equals("iTXt") ? notes.withText(content) : notes.withDensity(content);
    }
  }

  /**
   * The notes of a JPEG file stand in front of its tables: the density in JFIF's segment, a
   * comment.
   */
  private static PictureNotes readJpeg(DataInputStream in) throws IOException {
    PictureNotes notes = none();
    in.skipNBytes(2);
    while (true) {
      int marker = in.readUnsignedShort();
      int size = in.readUnsignedShort() - 2;
      boolean ours = marker == JPEG_JFIF || marker == JPEG_COMMENT;
      if (!ours || size < 0) {
        return notes;
      }
      byte[] content = in.readNBytes(size);
      notes = marker == JPEG_COMMENT ? notes.withComment(content) : notes.withJfifDensity(content);
    }
  }

  private PictureNotes withJfifDensity(byte[] segment) {
    int pixels = segment.length > 9 ? ByteBuffer.wrap(segment).getShort(8) & 0xFFFF : 0;
    return pixels > 0 && segment[7] == 1 ? dpi(pixels) : this;
  }

  /** A line for each text, as {@link #inJpeg} writes them. */
  private PictureNotes withComment(byte[] comment) {
    PictureNotes notes = this;
    for (String line : new String(comment, StandardCharsets.UTF_8).lines().toList()) {
      int colon = line.indexOf(": ");
      if (colon > 0 && KEY.matcher(line.substring(0, colon)).matches()) {
        notes = notes.text(line.substring(0, colon), line.substring(colon + 2));
      }
    }
    return notes;
  }

  private PictureNotes withText(byte[] chunk) {
    int end = 0;
    while (end < chunk.length && chunk[end] != 0) {
      end++;
    }
    String key = new String(chunk, 0, end, StandardCharsets.ISO_8859_1);
    int start = end + FLAGS;
    boolean plain =
        start <= chunk.length
            && Arrays.equals(chunk, end, start, new byte[FLAGS], 0, FLAGS)
            && KEY.matcher(key).matches();
    return plain
        ? text(key, new String(chunk, start, chunk.length - start, StandardCharsets.UTF_8))
        : this;
  }

  private PictureNotes withDensity(byte[] chunk) {
    long pixels =
        chunk.length == 9 ? Math.round(ByteBuffer.wrap(chunk).getInt() * METRES_OF_INCH) : 0;
    return pixels > 0 && pixels <= MOST_DPI ? dpi((int) pixels) : this;
  }

  /** {@return the pixels of an inch; 0 where none are noted} */
  public int dpi() {
    return dpi;
  }

  /** {@return all texts by what they are} */
  public Map<String, String> texts() {
    return texts;
  }

  /**
   * {@return a text, if there is one}
   *
   * @param key what it is
   */
  public Optional<String> text(String key) {
    return Optional.ofNullable(texts.get(key));
  }

  /** Whether there is nothing to note. */
  boolean isEmpty() {
    return dpi == 0 && texts.isEmpty();
  }

  /** A PNG file with the notes behind its header. */
  byte[] inPng(byte[] png) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(png.length + 512);
    out.write(png, 0, HEADER_END);
    if (dpi > 0) {
      int metre = (int) Math.round(dpi / METRES_OF_INCH);
      chunk(out, "pHYs", ByteBuffer.allocate(9).putInt(metre).putInt(metre).put((byte) 1).array());
    }
    texts.forEach(
        (key, text) -> {
          byte[] name = key.getBytes(StandardCharsets.ISO_8859_1);
          byte[] content = text.getBytes(StandardCharsets.UTF_8);
          chunk(
              out,
              "iTXt",
              ByteBuffer.allocate(name.length + FLAGS + content.length)
                  .put(name)
                  .put(new byte[FLAGS])
                  .put(content)
                  .array());
        });
    out.write(png, HEADER_END, png.length - HEADER_END);
    return out.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream out, String type, byte[] content) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 sum = new CRC32();
    sum.update(name);
    sum.update(content);
    out.writeBytes(ByteBuffer.allocate(4).putInt(content.length).array());
    out.writeBytes(name);
    out.writeBytes(content);
    out.writeBytes(ByteBuffer.allocate(4).putInt((int) sum.getValue()).array());
  }

  /** A JPEG file, which begins with JFIF's segment, with the notes in it and behind it. */
  byte[] inJpeg(byte[] jpeg) {
    boolean jfif = jpeg.length > 20 && jpeg[3] == (byte) 0xE0 && jpeg[6] == 'J' && jpeg[7] == 'F';
    if (!jfif) {
      return jpeg;
    }
    byte[] changed = jpeg.clone();
    if (dpi > 0) {
      ByteBuffer.wrap(changed)
          .put(13, (byte) 1)
          .putShort(14, (short) dpi)
          .putShort(16, (short) dpi);
    }
    int end = 4 + ByteBuffer.wrap(jpeg).getShort(4);
    ByteArrayOutputStream out = new ByteArrayOutputStream(jpeg.length + 512);
    out.write(changed, 0, end);
    StringBuilder all = new StringBuilder();
    texts.forEach((key, text) -> all.append(key).append(": ").append(text).append('\n'));
    byte[] comment = all.toString().strip().getBytes(StandardCharsets.UTF_8);
    if (comment.length > 0 && comment.length < MOST_COMMENT) {
      out.writeBytes(
          ByteBuffer.allocate(4)
              .putShort((short) 0xFFFE)
              .putShort((short) (comment.length + 2))
              .array());
      out.writeBytes(comment);
    }
    out.write(changed, end, changed.length - end);
    return out.toByteArray();
  }
}
